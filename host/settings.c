/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/settings.h"

#include <cjson/cJSON.h>
#include <glib/gi18n-lib.h>

#include "core/base/error.h"

/* The fields in the order of the struct. A file's name is bytes, which need not be UTF-8. */
#define SAVED_TYPE "(iayddiisisd)"
#define SAVED_FORMAT "(i^ayddiisisd)"

NstSettings *
nst_settings_new (void)
{
  NstSettings *settings = g_new0 (NstSettings, 1);

  settings->style_drawable = -1;
  settings->style_file = g_strdup ("");
  settings->alpha = settings->beta = -1.0;
  settings->size = -1;
  settings->preset = g_strdup ("");
  settings->json = g_strdup ("");
  settings->strength = 1.0;

  return settings;
}

void
nst_settings_free (NstSettings *settings)
{
  if (!settings)
    return;

  g_free (settings->style_file);
  g_free (settings->preset);
  g_free (settings->json);
  g_free (settings);
}

static const char *const more_keys[] = { "more_styles", "start_file" };

/* The JSON text without what is no part of a recipe. Broken JSON passes through, so that the recipe's reader
 * can say what is wrong with it. */
static char *
recipe_text (const char *json)
{
  cJSON *object = cJSON_ParseWithOpts (json, NULL, TRUE);
  char  *printed = NULL, *text;

  for (gsize i = 0; i < G_N_ELEMENTS (more_keys); i++)
    cJSON_DeleteItemFromObjectCaseSensitive (object, more_keys[i]);
  if (cJSON_IsObject (object))
    printed = cJSON_PrintUnformatted (object);
  text = g_strdup (printed ? printed : json);
  cJSON_free (printed);
  cJSON_Delete (object);

  return text;
}

static gboolean
take_styles (const cJSON *list, NstMorePictures *more, GError **error)
{
  int          n = cJSON_GetArraySize (list), i = 0;
  const cJSON *item;

  more->files = g_new0 (char *, n + 1);
  more->weights = g_new0 (double, n + 1);
  cJSON_ArrayForEach (item, list)
    {
      if (!cJSON_IsNumber (item) || !(item->valuedouble > 0 && item->valuedouble <= 1e6))
        {
          g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                       _ ("more_styles: expected a weight above 0, at most 1e6, for %s"), item->string);
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
  gboolean     good = TRUE;

  *more = (NstMorePictures){ NULL };
  if ((styles && !cJSON_IsObject (styles)) || (start && !cJSON_IsString (start)))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("Expected \"more_styles\": {\"file\": weight, ...} and \"start_file\": \"file\""));
      good = FALSE;
    }
  if (good)
    {
      more->start = g_strdup (cJSON_GetStringValue (start));
      good = take_styles (styles, more, error);
    }
  cJSON_Delete (object);
  if (!good)
    nst_more_pictures_clear (more);

  return good;
}

void
nst_settings_set_more (NstSettings *settings, const NstMorePictures *more)
{
  cJSON   *object = cJSON_Parse (settings->json);
  gboolean some = more->files != NULL && more->files[0] != NULL;
  char    *printed;

  if (!cJSON_IsObject (object))
    {
      cJSON_Delete (object);
      object = cJSON_CreateObject ();
    }
  for (gsize i = 0; i < G_N_ELEMENTS (more_keys); i++)
    cJSON_DeleteItemFromObjectCaseSensitive (object, more_keys[i]);
  if (some)
    {
      cJSON *styles = cJSON_AddObjectToObject (object, "more_styles");

      for (int i = 0; more->files[i] != NULL; i++)
        cJSON_AddNumberToObject (styles, more->files[i], more->weights[i]);
    }
  if (more->start != NULL)
    cJSON_AddStringToObject (object, "start_file", more->start);
  printed = cJSON_PrintUnformatted (object);
  g_free (settings->json);
  settings->json = g_strdup (printed);
  cJSON_free (printed);
  cJSON_Delete (object);
}

void
nst_more_pictures_clear (NstMorePictures *more)
{
  g_clear_pointer (&more->files, g_strfreev);
  g_clear_pointer (&more->weights, g_free);
  g_clear_pointer (&more->start, g_free);
}

gboolean
nst_settings_get_recipe (const NstSettings *settings, NstRecipe *recipe, GError **error)
{
  g_autofree char *json = recipe_text (settings->json);

  nst_recipe_init (recipe);

  if (*settings->preset && !nst_recipe_set_preset (recipe, settings->preset, error))
    return FALSE;

  if (*json && !nst_recipe_merge_json (recipe, json, error))
    return FALSE;

  if (settings->iterations < 0 || settings->size < -1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("iterations is %d and the size %d: expected iterations from 0, a size from -1"),
                   settings->iterations, settings->size);
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

char *
nst_settings_to_json (const NstSettings *settings, const NstRecipe *recipe, const char *style_name)
{
  g_autofree char *json = nst_recipe_to_json (recipe);
  cJSON *object = cJSON_CreateObject (), *whole = cJSON_Parse (json), *asked = cJSON_Parse (settings->json);
  char  *printed, *text;

  for (gsize i = 0; i < G_N_ELEMENTS (more_keys); i++)
    {
      cJSON *item = cJSON_DetachItemFromObjectCaseSensitive (asked, more_keys[i]);

      if (item)
        cJSON_AddItemToObject (whole, more_keys[i], item);
    }
  cJSON_Delete (asked);

  cJSON_AddStringToObject (object, "preset", settings->preset);
  cJSON_AddNumberToObject (object, "strength", settings->strength);
  cJSON_AddStringToObject (object, "style_file", settings->style_file);
  if (style_name)
    cJSON_AddStringToObject (object, "style", style_name);
  cJSON_AddItemToObject (object, "recipe", whole);
  printed = cJSON_PrintUnformatted (object);
  text = g_strdup (printed);
  cJSON_free (printed);
  cJSON_Delete (object);

  return text;
}

static char *
take_string (const cJSON *object, const char *name)
{
  const char *value = cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (object, name));

  return g_strdup (value ? value : "");
}

NstSettings *
nst_settings_from_json (const char *text, GError **error)
{
  cJSON       *object = cJSON_Parse (text);
  cJSON       *recipe = cJSON_GetObjectItemCaseSensitive (object, "recipe");
  const cJSON *strength = cJSON_GetObjectItemCaseSensitive (object, "strength");
  NstSettings *settings = NULL;
  char        *printed;

  if (cJSON_IsObject (recipe))
    {
      settings = g_new0 (NstSettings, 1);
      settings->style_drawable = -1;
      settings->style_file = take_string (object, "style_file");
      settings->preset = take_string (object, "preset");
      settings->strength = cJSON_IsNumber (strength) ? CLAMP (strength->valuedouble, 0.0, 1.0) : 1.0;
      settings->alpha = settings->beta = -1.0;
      settings->size = -1;
      printed = cJSON_PrintUnformatted (recipe);
      settings->json = g_strdup (printed ? printed : "");
      cJSON_free (printed);
    }
  else
    g_set_error_literal (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("These are no settings of Pastiche"));
  cJSON_Delete (object);

  return settings;
}

GBytes *
nst_settings_save (const NstSettings *settings)
{
  g_autoptr (GVariant) variant = NULL;

  variant = g_variant_ref_sink (g_variant_new (SAVED_FORMAT, settings->style_drawable, settings->style_file,
                                               settings->alpha, settings->beta, settings->iterations,
                                               settings->size, settings->preset, (int) settings->output,
                                               settings->json, settings->strength));
  return g_variant_get_data_as_bytes (variant);
}

NstSettings *
nst_settings_load (GBytes *bytes)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (SAVED_TYPE), bytes, FALSE));
  NstSettings *settings;
  int          output;

  if (!g_variant_is_normal_form (variant))
    return NULL;

  settings = g_new0 (NstSettings, 1);
  g_variant_get (variant, SAVED_FORMAT, &settings->style_drawable, &settings->style_file, &settings->alpha,
                 &settings->beta, &settings->iterations, &settings->size, &settings->preset, &output,
                 &settings->json, &settings->strength);
  settings->strength = CLAMP (settings->strength, 0.0, 1.0);
  settings->output = output >= 0 && output <= NST_OUTPUT_NEW_IMAGE ? (NstOutput) output
                                                                   : NST_OUTPUT_NEW_LAYER;

  return settings;
}
