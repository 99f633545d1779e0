/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/base/error.h"
#include "core/recipe/recipe.h"

static const char *const bad[] = {
  "",
  "[]",
  "3",
  "{",
  "{\"alpha\": 1} x",
  "{\"alpha\": \"1\"}",
  "{\"alpha\": -1}",
  "{\"alpha\": 1e10}",
  "{\"alpha\": null}",
  "{\"iterations\": 1.5}",
  "{\"iterations\": 0}",
  "{\"iterations\": 1e99}",
  "{\"seed\": -1}",
  "{\"nonsense\": 1}",
  "{\"Alpha\": 1}",
  "{\"pooling\": \"median\"}",
  "{\"pooling\": 1}",
  "{\"keep_colours\": 1}",
  "{\"preset\": \"no such\"}",
  "{\"preset\": 7}",
  "{\"content_layers\": [\"conv4_2\"]}",
  "{\"content_layers\": {\"conv4_2\": \"1\"}}",
  "{\"content_layers\": {\"conv4_2\": -1}}",
  "{\"content_layers\": {\"\": 1}}",
  "{\"content_layers\": {\"a_name_that_is_far_too_long\": 1}}",
  "{\"content_layers\": {\"conv4_2\": 1, \"conv4_2\": 2}}",
  "{\"content_layers\": {}, \"style_layers\": {}}",
  "{\"style_layers\": "
  "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,"
  "\"n\":1,\"o\":1,\"p\":1,\"q\":1}}",
  "{\"size\": 5}",
  "{\"size\": 40000}",
  "{\"scale_ratio\": 1.05}",
  "{\"scale_ratio\": 0.5}",
  "{\"history\": 0}",
  "{\"noise\": 2}",
  "{\"model\": \"\"}",
  "{\"model\": 7}",
  "{\"evaluations\": -1}",
  "{\"adam_beta1\": 1}",
  "{\"adam_epsilon\": 0}",
  "{\"style_fit\": \"tile\"}",
  "{\"learning_rate\": 0}",
  "{\"style_scale\": 11}",
  "{\"alpha\": 1, \"alpha\": 2}",
  "{\"preset\": \"keras\", \"preset\": \"gentle\"}",
  "{\"alpha\": 1e999}",
  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
};

static void
test_bad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      NstRecipe          recipe, before;

      nst_recipe_init (&recipe);
      before = recipe;
      g_test_message ("%s", bad[i]);
      g_assert_false (nst_recipe_merge_json (&recipe, bad[i], &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
      g_assert_cmpmem (&recipe, sizeof recipe, &before, sizeof before);
    }
}

static void
test_round_trip (void)
{
  for (const NstPresetInfo *info = nst_presets (); info->name != NULL; info++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char   *text = NULL, *again = NULL;
      NstRecipe          recipe, other;

      g_assert_true (nst_recipe_set_preset (&recipe, info->name, &error));
      g_assert_true (
          nst_recipe_merge_json (&recipe, "{\"alpha\": 0.123456789012345, \"seed\": 2147483647}", &error));
      text = nst_recipe_to_json (&recipe);
      nst_recipe_init (&other);
      g_assert_true (nst_recipe_merge_json (&other, text, &error));
      again = nst_recipe_to_json (&other);
      g_assert_cmpstr (text, ==, again);
      g_assert_cmpfloat (other.alpha, ==, recipe.alpha);
      g_assert_true (nst_recipe_validate (&other, NULL));
    }
}

/* What the sources of the five recipes say of them; their losses themselves are held against scripts in
 * test-recipes.py. */
static void
test_sources (void)
{
  static const struct
  {
    const char       *name, *model, *content;
    int               style_layers;
    double            alpha, beta;
    NstContentFormula content_formula;
    NstStyleFormula   style_formula;
    NstRecipePooling  pooling;
    NstInit           init;
    NstOptimizer      optimizer;
  } sources[] = {
    { "gatys-2015", "vgg19-normalised", "conv4_2", 5, 1, 1e3, NST_CONTENT_HALF_SUM, NST_STYLE_GATYS,
      NST_RECIPE_POOLING_AVERAGE, NST_INIT_NOISE, NST_OPTIMIZER_LBFGS },
    { "keras", "vgg19-keras", "conv5_2", 5, 0.025, 1, NST_CONTENT_SUM, NST_STYLE_KERAS,
      NST_RECIPE_POOLING_MAX, NST_INIT_CONTENT, NST_OPTIMIZER_LBFGS },
    { "theano-columbia", "vgg19-matconvnet", "conv4_2", 5, 0.2, 1e-6, NST_CONTENT_HALF_SUM, NST_STYLE_MEAN,
      NST_RECIPE_POOLING_MAX, NST_INIT_NOISE, NST_OPTIMIZER_LBFGS },
    { "tensorflow-vgg16", "vgg16-npz", "conv3_3", 7, 1, 1e-10, NST_CONTENT_MEAN, NST_STYLE_MEAN,
      NST_RECIPE_POOLING_AVERAGE, NST_INIT_CONTENT, NST_OPTIMIZER_ADAM },
    { "pytorch-vgg19", "vgg19-torchvision", "conv4_2", 5, 1, 1e6, NST_CONTENT_MEAN, NST_STYLE_MEAN_SHARED,
      NST_RECIPE_POOLING_MAX, NST_INIT_CONTENT, NST_OPTIMIZER_ADAM },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      NstRecipe recipe;

      g_assert_true (nst_recipe_set_preset (&recipe, sources[i].name, NULL));
      g_assert_cmpstr (recipe.model, ==, sources[i].model);
      g_assert_cmpint (recipe.content_layers.n, ==, 1);
      g_assert_cmpstr (recipe.content_layers.taps[0].layer, ==, sources[i].content);
      g_assert_cmpint (recipe.style_layers.n, ==, sources[i].style_layers);
      g_assert_cmpfloat (recipe.alpha, ==, sources[i].alpha);
      g_assert_cmpfloat (recipe.beta, ==, sources[i].beta);
      g_assert_cmpint (recipe.content_formula, ==, sources[i].content_formula);
      g_assert_cmpint (recipe.style_formula, ==, sources[i].style_formula);
      g_assert_cmpint (recipe.pooling, ==, sources[i].pooling);
      g_assert_cmpint (recipe.init, ==, sources[i].init);
      g_assert_cmpint (recipe.optimizer, ==, sources[i].optimizer);
      g_assert_cmpfloat (recipe.scale_ratio, ==, 1);
    }
}

static void
test_merge (void)
{
  NstRecipe recipe, base;

  nst_recipe_init (&base);
  nst_recipe_init (&recipe);
  g_assert_true (nst_recipe_merge_json (&recipe,
                                        "{\"beta\": 7, \"preset\": \"gentle\", \"optimizer\": \"adam\", "
                                        "\"style_layers\": {\"conv3_1\": 2}}",
                                        NULL));
  g_assert_cmpfloat (recipe.beta, ==, 7); /* the preset is taken first, wherever it stands */
  g_assert_cmpint (recipe.optimizer, ==, NST_OPTIMIZER_ADAM);
  g_assert_cmpint (recipe.style_layers.n, ==, 1);
  g_assert_cmpstr (recipe.style_layers.taps[0].layer, ==, "conv3_1");
  g_assert_cmpfloat (recipe.alpha, ==, base.alpha);

  recipe.iterations = 0;
  g_assert_false (nst_recipe_validate (&recipe, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/recipe/bad", test_bad);
  g_test_add_func ("/core/recipe/round-trip", test_round_trip);
  g_test_add_func ("/core/recipe/sources", test_sources);
  g_test_add_func ("/core/recipe/merge", test_merge);

  return g_test_run ();
}
