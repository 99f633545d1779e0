/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "nst-error.h"
#include "nst-recipe.h"

/* Presets are recipes in JSON: each says only what differs from the base. */

static const char base[] =
  "{\"alpha\": 1, \"beta\": 30, \"tv\": 4,"
  " \"content_layers\": {\"conv4_2\": 1},"
  " \"style_layers\": {\"conv1_1\": 0.2, \"conv2_1\": 0.2, \"conv3_1\": 0.2, \"conv4_1\": 0.2, \"conv5_1\": 0.2},"
  " \"content_formula\": \"normalised\", \"style_formula\": \"normalised\", \"tv_formula\": \"squared\","
  " \"pooling\": \"model\", \"init\": \"content\", \"noise\": 0, \"seed\": 1,"
  " \"optimizer\": \"lbfgs\", \"iterations\": 60, \"history\": 10, \"learning_rate\": 0.02,"
  " \"size\": 0, \"first_size\": 192, \"scale_ratio\": 1.4142135623730951, \"style_scale\": 1, \"keep_colours\": false}";

static const NstPresetInfo infos[] = {
  { "default", N_("A balance of photograph and painting") },
  { "gentle", N_("The photograph with a breath of the painting") },
  { "strong", N_("Mostly the painting; the photograph is hinted at") },
  { "keep-colours", N_("Brush strokes of the painting, colours of the photograph") },
  { NULL, NULL }
};

static const char *const texts[] = {
  "{}",
  "{\"beta\": 6}",
  "{\"beta\": 200}",
  "{\"keep_colours\": true}",
};

const NstPresetInfo *
nst_presets (void)
{
  return infos;
}

/* The texts above are ours: the recipe is empty before, so that even the base goes through the same checks as any other text. */
static void
apply (NstRecipe  *recipe,
       const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!nst_recipe_merge_json (recipe, text, &error))
    g_error ("preset: %s", error->message);
}

gboolean
nst_recipe_set_preset (NstRecipe  *recipe,
                       const char *name,
                       GError    **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (int i = 0; infos[i].name != NULL; i++)
    {
      if (strcmp (infos[i].name, name) == 0)
        {
          memset (recipe, 0, sizeof *recipe);
          apply (recipe, base);
          apply (recipe, texts[i]);
          return TRUE;
        }
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", infos[i].name);
    }
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "There is no preset \"%s\"; there are %s", name, names->str);

  return FALSE;
}

void
nst_recipe_init (NstRecipe *recipe)
{
  nst_recipe_set_preset (recipe, infos[0].name, NULL);
}
