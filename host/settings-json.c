/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON side of settings: the recipe and the pictures that they ask for, and the text that is attached to
 * a painted layer. */
#include "host/settings.h"

#include <cjson/cJSON.h>
#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/base/text.h"

/* Keys of NstMorePictures, which are not fields of a recipe. */
static const char *const more_keys[] = { "more_styles", "start_file" };

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

/* json without the keys of NstMorePictures. Text that is not one JSON object is returned unchanged:
 * nst_recipe_merge_json () reports what is wrong with it. */
static char *
recipe_text (const char *json)
{
  cJSON *object = cJSON_ParseWithOpts (json, NULL, TRUE);
  char  *text;

  delete_more (object);
  text = cJSON_IsObject (object) ? print (object) : NULL;
  cJSON_Delete (object);
  if (text == NULL)
    text = g_strdup (json);

  return text;
}

static gboolean
read_styles (const cJSON *list, NstMorePictures *more, GError **error)
{
  int          n = cJSON_GetArraySize (list), i = 0;
  const cJSON *item;

  more->files = g_new0 (char *, n + 1);
  more->weights = g_new0 (double, n + 1);
  cJSON_ArrayForEach (item, list)
    {
      g_autofree char *name = nst_text_quote (item->string);

      if (!cJSON_IsNumber (item))
        {
          g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                       _ ("more_styles: the weight of %s must be a number"), name);
          return FALSE;
        }
      if (!(item->valuedouble > 0 && item->valuedouble <= 1e6))
        {
          g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                       _ ("more_styles: the weight of %s is %g; it must be above 0 and at most 1e6"), name,
                       item->valuedouble);
          return FALSE;
        }
      more->weights[i] = item->valuedouble;
      more->files[i++] = g_strdup (item->string);
    }

  return TRUE;
}

gboolean
nst_settings_get_more (const NstSettings *settings, NstMorePictures *more, GError **error)
{
  cJSON       *object = cJSON_Parse (settings->json);
  const cJSON *styles = cJSON_GetObjectItemCaseSensitive (object, "more_styles");
  const cJSON *start = cJSON_GetObjectItemCaseSensitive (object, "start_file");
  gboolean     good = FALSE;

  *more = (NstMorePictures){ NULL };
  if (styles != NULL && !cJSON_IsObject (styles))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("more_styles must name files with weights: {\"file\": weight, ...}"));
  else if (start != NULL && !cJSON_IsString (start))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("start_file must be a file name in quotes"));
  else
    {
      more->start = g_strdup (cJSON_GetStringValue (start));
      good = read_styles (styles, more, error);
    }
  cJSON_Delete (object);
  if (!good)
    nst_more_pictures_clear (more);

  return good;
}

void
nst_settings_set_more (NstSettings *settings, const NstMorePictures *more)
{
  cJSON *object = cJSON_Parse (settings->json);

  if (!cJSON_IsObject (object))
    {
      cJSON_Delete (object);
      object = cJSON_CreateObject ();
    }
  delete_more (object);
  if (more->files != NULL && more->files[0] != NULL)
    {
      cJSON *styles = cJSON_AddObjectToObject (object, "more_styles");

      for (int i = 0; more->files[i] != NULL; i++)
        cJSON_AddNumberToObject (styles, more->files[i], more->weights[i]);
    }
  if (more->start != NULL)
    cJSON_AddStringToObject (object, "start_file", more->start);
  g_free (settings->json);
  settings->json = print (object);
  cJSON_Delete (object);
}

void
nst_more_pictures_clear (NstMorePictures *more)
{
  g_clear_pointer (&more->files, g_strfreev);
  g_clear_pointer (&more->weights, g_free);
  g_clear_pointer (&more->start, g_free);
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

char *
nst_settings_to_json (const NstSettings *settings, const NstRecipe *recipe, const char *style_name)
{
  g_autofree char *json = nst_recipe_to_json (recipe);
  cJSON *object = cJSON_CreateObject (), *whole = cJSON_Parse (json), *asked = cJSON_Parse (settings->json);
  char  *text;

  for (gsize i = 0; i < G_N_ELEMENTS (more_keys); i++)
    {
      cJSON *item = cJSON_DetachItemFromObjectCaseSensitive (asked, more_keys[i]);

      if (item != NULL)
        cJSON_AddItemToObject (whole, more_keys[i], item);
    }
  cJSON_Delete (asked);

  cJSON_AddStringToObject (object, "preset", settings->preset);
  cJSON_AddNumberToObject (object, "strength", settings->strength);
  cJSON_AddStringToObject (object, "style_file", settings->style_file);
  if (style_name != NULL)
    cJSON_AddStringToObject (object, "style", style_name);
  cJSON_AddItemToObject (object, "recipe", whole);
  text = print (object);
  cJSON_Delete (object);

  return text;
}

/* The string with this key; "" if there is none. Owned by the caller. */
static char *
read_string (const cJSON *object, const char *name)
{
  const char *value = cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (object, name));

  return g_strdup (value != NULL ? value : "");
}

NstSettings *
nst_settings_from_json (const char *text, GError **error)
{
  cJSON       *object = cJSON_Parse (text);
  cJSON       *recipe = cJSON_GetObjectItemCaseSensitive (object, "recipe");
  const cJSON *strength = cJSON_GetObjectItemCaseSensitive (object, "strength");
  NstSettings *settings = NULL;

  if (cJSON_IsObject (recipe))
    {
      settings = g_new0 (NstSettings, 1);
      settings->style_drawable = -1;
      settings->style_file = read_string (object, "style_file");
      settings->preset = read_string (object, "preset");
      settings->strength = cJSON_IsNumber (strength) ? CLAMP (strength->valuedouble, 0.0, 1.0) : 1.0;
      settings->alpha = settings->beta = -1.0;
      settings->size = -1;
      settings->json = print (recipe);
    }
  else
    g_set_error_literal (error, NST_ERROR, NST_ERROR_ARGUMENT,
                         _ ("These settings were not written by Pastiche"));
  cJSON_Delete (object);

  return settings;
}
