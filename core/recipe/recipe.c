/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recipes from JSON texts, which may start from a preset. */
#include "core/recipe/recipe.h"

#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/recipe/fields.h"

#define MAX_DEPTH 8 /* a recipe needs 2; what is deeper gets the message of its field */

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
  g_autoptr (GError) own = NULL;
  g_autoptr (cJSON)  json = nst_json_parse (text, MAX_DEPTH, &own);
  NstRecipe          changed = *recipe;

  if (json == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("The recipe: %s"), own->message);
      return FALSE;
    }
  if (!merge (&changed, json, error))
    return FALSE;
  *recipe = changed;

  return TRUE;
}
