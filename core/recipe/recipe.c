/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recipes from JSON texts, which may start from a preset. */
#include "core/recipe/recipe.h"

#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/recipe/fields.h"

static gboolean
merge (NstRecipe *recipe, const cJSON *object, GError **error)
{
  const cJSON *preset = cJSON_GetObjectItemCaseSensitive (object, "preset");

  if (preset != NULL && !cJSON_IsString (preset))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("preset: expected a name"));
      return FALSE;
    }
  if (preset != NULL && !nst_recipe_set_preset (recipe, preset->valuestring, error))
    return FALSE;

  return nst_recipe_merge_fields (recipe, object, "preset", error);
}

gboolean
nst_recipe_merge_json (NstRecipe *recipe, const char *text, GError **error)
{
  const char *end = NULL;
  cJSON      *json = cJSON_ParseWithOpts (text, &end, TRUE);
  NstRecipe   changed = *recipe;
  gboolean    good = FALSE;

  if (cJSON_IsObject (json))
    good = merge (&changed, json, error);
  else
    {
      g_autofree char *rest = nst_text_cut (end != NULL ? end : text, 20);

      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The recipe is not a JSON object; reading stops at character %ld: \"%s\""),
                   (long) (end != NULL ? end - text : 0), rest);
    }
  cJSON_Delete (json);
  if (good)
    *recipe = changed;

  return good;
}
