/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON side of settings: the recipe and the pictures that they ask for, and the text that is attached to
 * a painted layer. */
#include "host/settings.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/scene/scene.h"
#include "host/references.h"
#include "weights/store.h"

#define LONGEST_LIST 200 /* characters of the names of missing files */
#define MAX_DEPTH 8      /* settings need 3 */

/* Keys of NstMorePictures, which are not fields of a recipe. */
static const char *const more_keys[] = { "more_styles", "start_file", "first_style", "protect",
                                         "strength_map" };

static void
delete_more (cJSON *object)
{
  for (gsize i = 0; i < G_N_ELEMENTS (more_keys); i++)
    cJSON_DeleteItemFromObjectCaseSensitive (object, more_keys[i]);
}

/* The JSON text of object, owned by the caller; NULL if object is NULL. */
static char *
print (const cJSON *object)
{
  char *printed = cJSON_PrintUnformatted (object);
  char *text = g_strdup (printed);

  cJSON_free (printed);

  return text;
}

/* Pictures */

/* JSON is UTF-8; a file name need not be. The JSON of any other name is its file: URI. Owned by the caller.
 */
static char *
file_to_json (const char *name)
{
  g_autofree char *uri = NULL;

  if (g_utf8_validate (name, -1, NULL))
    return g_strdup (name);
  uri = g_filename_to_uri (name, NULL, NULL);

  return uri != NULL ? g_steal_pointer (&uri) : g_utf8_make_valid (name, -1); /* a relative name has no URI */
}

static char *
file_from_json (const char *text)
{
  char *name = g_str_has_prefix (text, "file://") ? g_filename_from_uri (text, NULL, NULL) : NULL;

  return name != NULL ? name : g_strdup (text);
}

/* json without the keys of NstMorePictures. Text that is not one JSON object is returned unchanged:
 * nst_recipe_merge_json () reports what is wrong with it. */
static char *
recipe_text (const char *json)
{
  g_autoptr (cJSON) object = nst_json_parse (json, MAX_DEPTH, NULL);

  if (object == NULL)
    return g_strdup (json);
  delete_more (object);

  return print (object);
}

gboolean
nst_mask_is_file (const char *name)
{
  return strcmp (name, NST_MASK_SELECTION) != 0 && strcmp (name, NST_MASK_OUTSIDE) != 0
         && strcmp (name, NST_MASK_LAYER_MASK) != 0 && strcmp (name, NST_MASK_ALPHA) != 0
         && !g_str_has_prefix (name, NST_MASK_CHANNEL);
}

/* The mask with this key, owned, or NULL if there is none. */
static gboolean
read_mask (const cJSON *object, const char *key, char **mask, GError **error)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive (object, key);

  *mask = NULL;
  if (item == NULL)
    return TRUE;
  if (!cJSON_IsString (item) || *item->valuestring == '\0')
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("%s must be a mask's name in quotes"), key);
      return FALSE;
    }
  *mask = file_from_json (item->valuestring);

  return TRUE;
}

static gboolean
read_where (const cJSON *object, NstStyleWhere *where, GError **error)
{
  const cJSON *scale = cJSON_GetObjectItemCaseSensitive (object, "scale");

  if (!read_mask (object, "mask", &where->mask, error) || !read_mask (object, "part", &where->part, error))
    return FALSE;
  if (scale == NULL)
    return TRUE;
  if (!cJSON_IsNumber (scale)
      || !(scale->valuedouble >= NST_SCENE_LEAST_SCALE && scale->valuedouble <= NST_SCENE_MOST_SCALE))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("scale of a style: it must be a number from %g to %g"), NST_SCENE_LEAST_SCALE,
                   NST_SCENE_MOST_SCALE);
      return FALSE;
    }
  where->scale = scale->valuedouble;

  return TRUE;
}

static gboolean
check_weight (const cJSON *weight, const char *file, GError **error)
{
  g_autofree char *name = nst_text_quote (file);

  if (!cJSON_IsNumber (weight))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("more_styles: the weight of %s must be a number"),
                   name);
      return FALSE;
    }
  if (!(weight->valuedouble > 0 && weight->valuedouble <= 1e6))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("more_styles: the weight of %s is %g; it must be above 0 and at most 1e6"), name,
                   weight->valuedouble);
      return FALSE;
    }

  return TRUE;
}

/* The styles of a list, or of an object of files with weights. */
static gboolean
read_styles (const cJSON *list, NstMorePictures *more, GError **error)
{
  const int    n = cJSON_GetArraySize (list);
  int          i = 0;
  const cJSON *item;

  more->files = g_new0 (char *, n + 1);
  more->weights = g_new0 (double, n + 1);
  more->where = g_new0 (NstStyleWhere, n + 1);
  more->n_where = n + 1;
  cJSON_ArrayForEach (item, list)
    {
      const cJSON *weight = cJSON_IsArray (list) ? cJSON_GetObjectItemCaseSensitive (item, "weight") : item;
      const char  *file = cJSON_IsArray (list)
                              ? cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (item, "file"))
                              : item->string;

      if (file == NULL)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                       _ ("more_styles: style %d of the list has no \"file\" in quotes"), i + 1);
          return FALSE;
        }
      if (weight != NULL && !check_weight (weight, file, error))
        return FALSE;
      more->weights[i] = weight != NULL ? weight->valuedouble : 1;
      more->files[i++] = file_from_json (file);
      if (cJSON_IsArray (list) && !read_where (item, &more->where[i], error))
        return FALSE;
    }

  return TRUE;
}

gboolean
nst_settings_get_more (const NstSettings *settings, NstMorePictures *more, GError **error)
{
  g_autoptr (cJSON) object = nst_json_parse (settings->json, MAX_DEPTH, NULL);
  const cJSON      *styles = cJSON_GetObjectItemCaseSensitive (object, "more_styles");
  const cJSON      *start = cJSON_GetObjectItemCaseSensitive (object, "start_file");
  const cJSON      *first = cJSON_GetObjectItemCaseSensitive (object, "first_style");
  gboolean          good = FALSE;

  *more = (NstMorePictures){ NULL };
  if (styles != NULL && !cJSON_IsObject (styles) && !cJSON_IsArray (styles))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("more_styles must name files with weights: {\"file\": weight, ...}, or be a list of "
                    "styles: "
                    "[{\"file\": \"file\", \"weight\": weight, \"mask\": \"mask\"}, ...]"));
  else if (first != NULL && !cJSON_IsObject (first))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("first_style must say where the style goes: {\"mask\": \"mask\", \"part\": \"mask\", "
                    "\"scale\": number}"));
  else if (start != NULL && !cJSON_IsString (start))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("start_file must be a file name in quotes"));
  else
    {
      more->start = start != NULL ? file_from_json (start->valuestring) : NULL;
      good = read_styles (styles, more, error) && read_where (first, &more->where[0], error)
             && read_mask (object, "protect", &more->protect, error)
             && read_mask (object, "strength_map", &more->strength, error);
    }
  if (!good)
    nst_more_pictures_clear (more);

  return good;
}

static gboolean
says_anything (const NstStyleWhere *where)
{
  return where->mask != NULL || where->part != NULL || where->scale > 0;
}

gboolean
nst_more_pictures_have_masks (const NstMorePictures *more)
{
  for (int i = 0; i < more->n_where; i++)
    if (says_anything (&more->where[i]))
      return TRUE;

  return more->protect != NULL || more->strength != NULL;
}

/* Adds a file's name as write makes it; NULL: nothing. */
static void
add_file (cJSON *object, const char *key, const char *file, char *(*write) (const char *file))
{
  g_autofree char *text = file != NULL ? write (file) : NULL;

  if (text != NULL)
    cJSON_AddStringToObject (object, key, text);
}

static void
add_mask (cJSON *object, const char *key, const char *mask, char *(*write) (const char *file))
{
  add_file (object, key, mask, mask != NULL && nst_mask_is_file (mask) ? write : g_strdup);
}

static void
add_where (cJSON *object, const NstStyleWhere *where, char *(*write) (const char *file))
{
  add_mask (object, "mask", where->mask, write);
  add_mask (object, "part", where->part, write);
  if (where->scale > 0)
    cJSON_AddNumberToObject (object, "scale", where->scale);
}

/* Adds all pictures to object; write makes the text of a file's name, owned. Styles of which nothing is said
 * are an object of weights. */
static void
write_more (cJSON *object, const NstMorePictures *more, char *(*write) (const char *file))
{
  const int n = more->files != NULL ? (int) g_strv_length (more->files) : 0;
  gboolean  plain = TRUE;
  cJSON    *styles;

  for (int i = 1; i < more->n_where; i++)
    plain &= !says_anything (&more->where[i]);
  styles = n == 0  ? NULL
           : plain ? cJSON_AddObjectToObject (object, "more_styles")
                   : cJSON_AddArrayToObject (object, "more_styles");
  for (int i = 0; i < n; i++)
    {
      cJSON *style = plain ? NULL : cJSON_CreateObject ();

      if (plain)
        {
          g_autofree char *file = write (more->files[i]);

          cJSON_AddNumberToObject (styles, file, more->weights[i]);
          continue;
        }
      add_file (style, "file", more->files[i], write);
      cJSON_AddNumberToObject (style, "weight", more->weights[i]);
      add_where (style, &more->where[i + 1], write);
      cJSON_AddItemToArray (styles, style);
    }
  if (more->n_where > 0 && says_anything (&more->where[0]))
    add_where (cJSON_AddObjectToObject (object, "first_style"), &more->where[0], write);
  add_file (object, "start_file", more->start, write);
  add_mask (object, "protect", more->protect, write);
  add_mask (object, "strength_map", more->strength, write);
}

void
nst_settings_set_more (NstSettings *settings, const NstMorePictures *more)
{
  g_autoptr (cJSON) object = nst_json_parse (settings->json, MAX_DEPTH, NULL);

  if (object == NULL)
    object = cJSON_CreateObject ();
  delete_more (object);
  write_more (object, more, file_to_json);
  g_free (settings->json);
  settings->json = print (object);
}

void
nst_more_pictures_clear (NstMorePictures *more)
{
  g_clear_pointer (&more->files, g_strfreev);
  g_clear_pointer (&more->weights, g_free);
  g_clear_pointer (&more->start, g_free);
  for (int i = 0; i < more->n_where; i++)
    {
      g_free (more->where[i].mask);
      g_free (more->where[i].part);
    }
  g_clear_pointer (&more->where, g_free);
  more->n_where = 0;
  g_clear_pointer (&more->protect, g_free);
  g_clear_pointer (&more->strength, g_free);
}

void
nst_more_pictures_remove (NstMorePictures *more, int i)
{
  const int n = g_strv_length (more->files);

  g_free (more->files[i]);
  memmove (more->files + i, more->files + i + 1, (n - i) * sizeof more->files[0]);
  memmove (more->weights + i, more->weights + i + 1, (n - i - 1) * sizeof more->weights[0]);
  if (i + 1 >= more->n_where)
    return;

  g_free (more->where[i + 1].mask);
  g_free (more->where[i + 1].part);
  more->n_where--;
  memmove (more->where + i + 1, more->where + i + 2, (more->n_where - i - 1) * sizeof more->where[0]);
}

/* Recipe */

gboolean
nst_settings_get_recipe (const NstSettings *settings, NstRecipe *recipe, GError **error)
{
  g_autofree char *json = recipe_text (settings->json);

  nst_recipe_init (recipe);

  if (*settings->preset != '\0' && !nst_recipe_set_preset (recipe, settings->preset, error))
    return FALSE;

  if (*json != '\0' && !nst_recipe_merge_json (recipe, json, error))
    return FALSE;

  if (settings->iterations < 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("iterations is %d; it must be at least 1, or 0 to use the preset's value"),
                   settings->iterations);
      return FALSE;
    }
  if (settings->size < -1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("size is %d; it must be at least 16, 0 for the layer's size, or -1 for the preset's "
                      "value"),
                   settings->size);
      return FALSE;
    }

  if (settings->alpha >= 0.0)
    recipe->alpha = settings->alpha;
  if (settings->beta >= 0.0)
    recipe->beta = settings->beta;
  if (settings->iterations > 0)
    recipe->iterations = settings->iterations;
  if (settings->size >= 0)
    recipe->size = settings->size;

  return nst_recipe_validate (recipe, error);
}

void
nst_settings_set_recipe (NstSettings *settings, const NstRecipe *recipe)
{
  g_free (settings->json);
  settings->json = nst_recipe_to_json (recipe);
  settings->alpha = settings->beta = -1.0;
  settings->iterations = 0;
  settings->size = -1;
}

/* Text of a painted layer */

/* The text leaves this computer with the picture: it holds references instead of paths. */

/* Whether the model is a file of the user, not one that is built in or in the store. */
static gboolean
is_model_file (const char *model)
{
  g_autofree char *stored = nst_store_find (model);

  return strchr (model, '/') != NULL
         || (stored == NULL && strchr (model, '.') != NULL && g_file_test (model, G_FILE_TEST_EXISTS));
}

static void
add_reference (cJSON *object, const char *key, const char *file)
{
  g_autofree char *reference = *file != '\0' ? nst_reference_new (file) : g_strdup ("");

  cJSON_AddStringToObject (object, key, reference);
}

/* Adds the pictures that only json names to object. */
static void
add_more (cJSON *object, const NstSettings *settings)
{
  g_auto (NstMorePictures) more = { NULL };

  if (nst_settings_get_more (settings, &more, NULL))
    write_more (object, &more, nst_reference_new);
}

char *
nst_settings_to_json (const NstSettings *settings, const NstRecipe *recipe, const char *style_name)
{
  g_autofree char  *json = nst_recipe_to_json (recipe);
  g_autoptr (cJSON) object = cJSON_CreateObject ();
  cJSON            *whole = cJSON_Parse (json);

  if (is_model_file (recipe->model))
    {
      cJSON_DeleteItemFromObjectCaseSensitive (whole, "model");
      add_reference (whole, "model", recipe->model);
    }
  add_more (whole, settings);
  cJSON_AddStringToObject (object, "preset", settings->preset);
  cJSON_AddNumberToObject (object, "strength", settings->strength);
  add_reference (object, "style_file", settings->style_file);
  if (style_name != NULL)
    cJSON_AddStringToObject (object, "style", style_name);
  cJSON_AddItemToObject (object, "recipe", whole);

  return print (object);
}

/* The string with this key; "" if there is none. Owned by the caller. */
static char *
read_string (const cJSON *object, const char *name)
{
  const char *value = cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (object, name));

  return g_strdup (value != NULL ? value : "");
}

/* The path of the file that reference stands for; owned by the caller. NULL: it is not known here, and its
 * name is added to missing. */
static char *
find_file (const char *reference, GString *missing)
{
  char            *path = nst_reference_find (reference);
  g_autofree char *name = nst_reference_name (reference);

  if (path == NULL)
    g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", name);

  return path;
}

/* The same in place; where there is no file it becomes NULL. */
static void
replace_file (char **file, GString *missing)
{
  g_autofree char *reference = *file;

  if (reference != NULL)
    *file = find_file (reference, missing);
}

static void
replace_mask (char **mask, GString *missing)
{
  if (*mask != NULL && nst_mask_is_file (*mask))
    replace_file (mask, missing);
}

/* Puts paths into settings instead of the references in style_file and json. */
static gboolean
find_pictures (NstSettings *settings, GString *missing, GError **error)
{
  g_auto (NstMorePictures) more = { NULL };

  if (*settings->style_file != '\0')
    {
      g_autofree char *reference = settings->style_file;

      settings->style_file = find_file (reference, missing);
      if (settings->style_file == NULL)
        settings->style_file = g_strdup ("");
    }
  if (!nst_settings_get_more (settings, &more, error))
    return FALSE;

  for (int i = 0; more.files[i] != NULL;)
    {
      char *path = find_file (more.files[i], missing);

      if (path == NULL)
        {
          nst_more_pictures_remove (&more, i);
          continue;
        }
      g_free (more.files[i]);
      more.files[i++] = path;
    }
  replace_file (&more.start, missing);
  for (int i = 0; i < more.n_where; i++)
    {
      replace_mask (&more.where[i].mask, missing);
      replace_mask (&more.where[i].part, missing);
    }
  replace_mask (&more.protect, missing);
  replace_mask (&more.strength, missing);
  nst_settings_set_more (settings, &more);

  return TRUE;
}

/* Puts the path of a model file into recipe instead of its reference. */
static gboolean
find_model (cJSON *recipe, GError **error)
{
  const char      *model = cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (recipe, "model"));
  g_autofree char *path = NULL;

  if (model == NULL || (strchr (model, '#') == NULL && strchr (model, '/') == NULL))
    return TRUE;

  path = nst_reference_find (model);
  if (path == NULL)
    {
      g_autofree char *name = nst_reference_name (model);

      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("These settings need the model file %s, which is not known on this computer"), name);
      return FALSE;
    }
  cJSON_ReplaceItemInObjectCaseSensitive (recipe, "model", cJSON_CreateString (path));

  return TRUE;
}

static NstSettings *
read_settings (const cJSON *object, const cJSON *recipe)
{
  const cJSON *strength = cJSON_GetObjectItemCaseSensitive (object, "strength");
  NstSettings *settings = g_new0 (NstSettings, 1);

  settings->style_drawable = -1;
  settings->style_file = read_string (object, "style_file");
  settings->preset = read_string (object, "preset");
  settings->strength = cJSON_IsNumber (strength) ? CLAMP (strength->valuedouble, 0.0, 1.0) : 1.0;
  settings->alpha = settings->beta = -1.0;
  settings->size = -1;
  settings->json = print (recipe);

  return settings;
}

NstSettings *
nst_settings_from_json (const char *text, char **missing, GError **error)
{
  g_autoptr (cJSON)       object = nst_json_parse (text, MAX_DEPTH, NULL);
  cJSON                  *recipe = cJSON_GetObjectItemCaseSensitive (object, "recipe");
  g_autoptr (GString)     names = g_string_new (NULL);
  g_autoptr (NstSettings) settings = NULL;

  if (!cJSON_IsObject (recipe))
    g_set_error_literal (error, NST_ERROR, NST_ERROR_ARGUMENT,
                         _ ("These settings were not written by Pastiche"));
  else if (find_model (recipe, error))
    settings = read_settings (object, recipe);
  if (settings == NULL || !find_pictures (settings, names, error))
    return NULL;

  if (missing != NULL)
    *missing = names->len > 0 ? nst_text_cut (names->str, LONGEST_LIST) : NULL;

  return g_steal_pointer (&settings);
}
