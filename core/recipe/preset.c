/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/recipe/recipe.h"

/* Presets are recipes in JSON: each says only what differs from the base. The first ones are Pastiche's own,
 * made for the embedded model; the others do what a source that this program builds on does, with that
 * source's network, formulas and constants. Where a source leaves something open (iterations, a size), it is
 * said here. */

static const char base[]
    = "{\"model\": \"slim\", \"alpha\": 1, \"beta\": 30, \"tv\": 4,"
      " \"content_layers\": {\"conv4_2\": 1},"
      " \"style_layers\": {\"conv1_1\": 0.2, \"conv2_1\": 0.2, \"conv3_1\": 0.2, \"conv4_1\": 0.2, "
      "\"conv5_1\": 0.2},"
      " \"content_formula\": \"normalised\", \"style_formula\": \"normalised\", \"tv_formula\": \"squared\","
      " \"pooling\": \"model\", \"init\": \"content\", \"noise\": 0, \"seed\": 1,"
      " \"optimizer\": \"lbfgs\", \"iterations\": 60, \"evaluations\": 0, \"history\": 10, "
      "\"learning_rate\": 0.02,"
      " \"adam_beta1\": 0.9, \"adam_beta2\": 0.999, \"adam_epsilon\": 1e-8,"
      " \"size\": 0, \"first_size\": 192, \"scale_ratio\": 1.4142135623730951, \"style_scale\": 1, "
      "\"style_fit\": \"own\", \"keep_colours\": false}";

static const NstPresetInfo infos[] = {
  { "default", N_ ("A balance of photograph and painting") },
  { "gentle", N_ ("The photograph with a breath of the painting") },
  { "strong", N_ ("Mostly the painting; the photograph is hinted at") },
  { "fine-strokes", N_ ("Small brush strokes: the painting looked at from afar") },
  { "bold-strokes", N_ ("Large brush strokes: the painting looked at from near") },
  { "keep-colours", N_ ("Brush strokes of the painting, colours of the photograph") },
  { "gatys-2015", N_ ("Gatys, Ecker and Bethge 2015: from white noise, normalised VGG-19") },
  { "keras", N_ ("The Keras example: 20 rounds from the photograph, VGG-19") },
  { "theano-columbia", N_ ("The Theano version of Columbia University: from white noise, VGG-19") },
  { "tensorflow-vgg16", N_ ("The TensorFlow version: seven layers of VGG-16, Adam") },
  { "pytorch-vgg19", N_ ("The PyTorch version: from the photograph, VGG-19, Adam") },
  { NULL, NULL }
};

#define FIVE_LAYERS                                                                                          \
  "\"style_layers\": {\"conv1_1\": 0.2, \"conv2_1\": 0.2, \"conv3_1\": 0.2, \"conv4_1\": 0.2, \"conv5_1\": " \
  "0.2}"
#define ONE_SCALE "\"scale_ratio\": 1, \"tv\": 0"

static const char *const texts[] = {
  "{}",
  "{\"beta\": 6}",
  "{\"beta\": 200}",
  "{\"style_scale\": 0.55}",
  "{\"style_scale\": 1.8}",
  "{\"keep_colours\": true}",

  /* arXiv 1508.06576: equations 1, 4 and 5, alpha / beta 1e-3, average pooling; 512 pixels and 500 iterations
     are ours. */
  "{\"model\": \"vgg19-normalised\", \"alpha\": 1, \"beta\": 1000, \"content_layers\": {\"conv4_2\": "
  "1}, " FIVE_LAYERS ","
  " \"content_formula\": \"half-sum\", \"style_formula\": \"gatys\", \"pooling\": \"average\", \"init\": "
  "\"noise\","
  " \"iterations\": 500, \"size\": 512, " ONE_SCALE "}",

  /* Content 0.025, style 1; its total variation, 1e-4, is of values up to 255: times 255^2.5 for ours. The
   * style is stretched to the photograph's size. A picture after each round: --save-every 1. 512 pixels are
   * ours. */
  "{\"model\": \"vgg19-keras\", \"alpha\": 0.025, \"beta\": 1, \"content_layers\": {\"conv5_2\": "
  "1}, " FIVE_LAYERS ","
  " \"content_formula\": \"sum\", \"style_formula\": \"keras\", \"tv_formula\": \"power\", \"pooling\": "
  "\"max\","
  " \"style_fit\": \"stretch\", \"iterations\": 20, \"evaluations\": 20, \"size\": 512, \"scale_ratio\": 1, "
  "\"tv\": 103.8}",

  /* alpha 0.2, beta 1e-6 (1e-5 the other); weights that small are for Gram matrices that are divided by
   * nothing. 512 pixels and 300 iterations are ours. */
  "{\"model\": \"vgg19-matconvnet\", \"alpha\": 0.2, \"beta\": 1e-6, \"content_layers\": {\"conv4_2\": "
  "1}, " FIVE_LAYERS ","
  " \"content_formula\": \"half-sum\", \"style_formula\": \"mean\", \"pooling\": \"max\", \"init\": "
  "\"noise\","
  " \"iterations\": 300, \"size\": 512, " ONE_SCALE "}",

  /* Seven layers, uniform weights, the content at the last of them. beta, the learning rate (2 of 255), 1000
   * iterations and 512 pixels are ours: beta takes the place of the positions, squared, which the formula
   * does not divide by. */
  "{\"model\": \"vgg16-npz\", \"alpha\": 1, \"beta\": 1e-10, \"content_layers\": {\"conv3_3\": 1},"
  " \"style_layers\": {\"conv1_1\": 1, \"conv1_2\": 1, \"conv2_1\": 1, \"conv2_2\": 1, \"conv3_1\": 1, "
  "\"conv3_2\": 1, \"conv3_3\": 1},"
  " \"content_formula\": \"mean\", \"style_formula\": \"mean\", \"pooling\": \"average\", \"style_fit\": "
  "\"crop\","
  " \"optimizer\": \"adam\", \"learning_rate\": 0.008, \"iterations\": 1000, \"size\": 512, " ONE_SCALE "}",

  /* The first two layers weigh most; at most 400 pixels; several beta side by side (\"pastiche grid\"). The
   * step of 0.003 is of values divided by a deviation of about 0.226. 2000 iterations are ours. */
  "{\"model\": \"vgg19-torchvision\", \"alpha\": 1, \"beta\": 1e6, \"content_layers\": {\"conv4_2\": 1},"
  " \"style_layers\": {\"conv1_1\": 1, \"conv2_1\": 0.75, \"conv3_1\": 0.2, \"conv4_1\": 0.2, \"conv5_1\": "
  "0.2},"
  " \"content_formula\": \"mean\", \"style_formula\": \"mean-shared\", \"pooling\": \"max\", \"style_fit\": "
  "\"stretch\","
  " \"optimizer\": \"adam\", \"learning_rate\": 0.00068, \"iterations\": 2000, \"size\": 400, " ONE_SCALE "}",
};

const NstPresetInfo *
nst_presets (void)
{
  return infos;
}

/* The texts above are ours: the recipe is empty before, so that even the base goes through the same checks as
 * any other text. */
static void
apply (NstRecipe *recipe, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!nst_recipe_merge_json (recipe, text, &error))
    g_error ("preset: %s", error->message);
}

gboolean
nst_recipe_set_preset (NstRecipe *recipe, const char *name, GError **error)
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
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "There is no preset \"%s\"; there are %s", name,
               names->str);

  return FALSE;
}

void
nst_recipe_init (NstRecipe *recipe)
{
  nst_recipe_set_preset (recipe, infos[0].name, NULL);
}
