/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cjson/cJSON.h>

#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* For core/recipe only. Change the fields that a JSON object names (keys once each), and check the whole
 * recipe. except: a key to skip, or NULL. On failure recipe is undefined; errors as for nst_recipe_merge_json
 * (). */
gboolean nst_recipe_merge_fields (NstRecipe *recipe, const cJSON *object, const char *except, GError **error);

G_END_DECLS
