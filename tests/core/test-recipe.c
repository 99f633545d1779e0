/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recipes and presets: JSON, ranges, errors. */

#include <cjson/cJSON.h>
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
  "{\"model\": \"slim\\u0000x\"}",
  "{\"alpha\\u0000x\": 1}",
  "{\"style_layers\": {\"conv1_1\\u0000\": 1}}",
  "{\"style_layers\": {\"conv1_1\": 1, \"conv\xff\": 1}}",
  "{\"model\": \"\xc3(\"}",
  "{\"\xff\": 1}",
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

/* The values of the five published recipes. test-recipes.py compares their losses with the original scripts.
 */
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
      g_assert_cmpstr (recipe.content_layers.layers[0].layer, ==, sources[i].content);
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
  g_assert_cmpfloat (recipe.beta, ==, 7); /* the preset is applied first, wherever its key is */
  g_assert_cmpint (recipe.optimizer, ==, NST_OPTIMIZER_ADAM);
  g_assert_cmpint (recipe.style_layers.n, ==, 1);
  g_assert_cmpstr (recipe.style_layers.layers[0].layer, ==, "conv3_1");
  g_assert_cmpfloat (recipe.alpha, ==, base.alpha);

  recipe.iterations = 0;
  g_assert_false (nst_recipe_validate (&recipe, NULL));
}

/* presets.json: names are unique, every key is known, every picture that is named exists. */
static void
test_presets_file (void)
{
  static const char *const keys[] = { "name", "title", "caption", "picture", "source", "base", "recipe" };
  const char              *source = g_getenv ("SRCDIR") != NULL ? g_getenv ("SRCDIR") : ".";
  g_autofree char         *path = g_build_filename (source, "core", "recipe", "presets.json", NULL);
  g_autoptr (GHashTable)   names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError)       error = NULL;
  g_autofree char         *text = NULL;
  const cJSON             *entry, *item;
  cJSON                   *json;
  int                      n = 0;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  json = cJSON_Parse (text);
  g_assert_true (cJSON_IsArray (json));
  cJSON_ArrayForEach (entry, json)
    {
      const char *name = cJSON_GetStringValue (cJSON_GetObjectItem (entry, "name"));
      const char *picture = cJSON_GetStringValue (cJSON_GetObjectItem (entry, "picture"));
      const char *base = cJSON_GetStringValue (cJSON_GetObjectItem (entry, "base"));

      g_assert_nonnull (name);
      g_test_message ("%s", name);
      g_assert_true (n == 0 ? base == NULL : g_hash_table_contains (names, base));
      g_assert_true (g_hash_table_add (names, (char *) name));
      cJSON_ArrayForEach (item, entry)
        {
          gboolean known = FALSE;

          for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
            known |= strcmp (keys[i], item->string) == 0;
          g_assert_true (known);
        }
      if (picture != NULL)
        {
          g_autofree char *file = g_build_filename (source, "ui", "presets", picture, NULL);

          g_assert_true (g_file_test (file, G_FILE_TEST_IS_REGULAR));
        }
      g_assert_cmpstr (nst_presets ()[n++].name, ==, name);
    }
  g_assert_null (nst_presets ()[n].name);
  cJSON_Delete (json);
}

/* Recipes that earlier versions kept with a layer mean what they meant; a short text changes what it names.
 */
static void
test_old_recipe (void)
{
  const char *whole
      = "{\"alpha\": 1, \"beta\": 30, \"content_layers\": {\"conv4_2\": 1}, \"style_layers\": "
        "{\"conv1_1\": 0.2, \"conv5_1\": 0.2}, \"style_formula\": \"normalised\", \"iterations\": "
        "60, \"keep_colours\": true}";
  NstRecipe recipe, other;

  nst_recipe_init (&recipe);
  recipe.detail = recipe.freedom = recipe.coarse_iterations = 0.3;
  other = recipe;
  g_assert_true (nst_recipe_merge_json (&recipe, whole, NULL));
  g_assert_cmpint (recipe.style_loss, ==, NST_STYLE_GRAM);
  g_assert_cmpfloat (recipe.palette, ==, 0);
  g_assert_cmpfloat (recipe.match_colours, ==, 0);
  g_assert_cmpfloat (recipe.detail, ==, 0.5);
  g_assert_cmpfloat (recipe.freedom, ==, 0);
  g_assert_cmpfloat (recipe.coarse_iterations, ==, 0);
  g_assert_false (recipe.no_lattice);

  g_assert_true (nst_recipe_merge_json (&other, "{\"keep_colours\": true}", NULL));
  g_assert_cmpint (other.style_loss, ==, NST_STYLE_WASSERSTEIN);
  g_assert_cmpfloat (other.palette, ==, 0);
  g_assert_cmpfloat (other.match_colours, ==, 1);
  g_assert_cmpfloat (other.freedom, ==, 0.3);
  g_assert_true (nst_recipe_merge_json (&other, "{\"keep_colours\": false}", NULL));
  g_assert_cmpfloat (other.palette, ==, 1);
}

/* The cost of a change of each field. The test fails for a field that is not listed. */
static void
test_changes (void)
{
  static const struct
  {
    const char *field, *text;
    NstChange   change;
  } cases[] = {
    { "model", "{\"model\": \"other\"}", NST_CHANGE_TARGETS },
    { "alpha", "{\"alpha\": 2}", NST_CHANGE_BALANCE },
    { "beta", "{\"beta\": 2}", NST_CHANGE_BALANCE },
    { "tv", "{\"tv\": 2}", NST_CHANGE_BALANCE },
    { "content_layers", "{\"content_layers\": {\"conv4_2\": 2}}", NST_CHANGE_RUN },
    { "content_layers", "{\"content_layers\": {\"conv4_1\": 1}}", NST_CHANGE_TARGETS },
    { "style_layers",
      "{\"style_layers\": {\"conv5_1\": 0.2, \"conv1_1\": 0.2, \"conv2_1\": 0.2, \"conv3_1\": 0.2, "
      "\"conv4_1\": 0.2}}",
      NST_CHANGE_NONE },
    { "style_layers", "{\"style_layers\": {\"conv1_1\": 0.2}}", NST_CHANGE_TARGETS },
    { "style_layers",
      "{\"style_layers\": {\"conv1_1\": 0, \"conv2_1\": 0.2, \"conv3_1\": 0.2, \"conv4_1\": 0.2, "
      "\"conv5_1\": 0.2}}",
      NST_CHANGE_RUN },
    { "content_formula", "{\"content_formula\": \"sum\"}", NST_CHANGE_RUN },
    { "style_loss", "{\"style_loss\": \"centred\"}", NST_CHANGE_RUN },
    { "style_formula", "{\"style_formula\": \"gatys\"}", NST_CHANGE_RUN },
    { "tv_formula", "{\"tv_formula\": \"absolute\"}", NST_CHANGE_RUN },
    { "pooling", "{\"pooling\": \"max\"}", NST_CHANGE_TARGETS },
    { "precision", "{\"precision\": \"fast\"}", NST_CHANGE_TARGETS },
    { "init", "{\"init\": \"noise\"}", NST_CHANGE_RUN },
    { "noise", "{\"noise\": 0.5}", NST_CHANGE_RUN },
    { "seed", "{\"seed\": 7}", NST_CHANGE_RUN },
    { "optimizer", "{\"optimizer\": \"adam\"}", NST_CHANGE_RUN },
    { "iterations", "{\"iterations\": 7}", NST_CHANGE_RUN },
    { "evaluations", "{\"evaluations\": 7}", NST_CHANGE_RUN },
    { "history", "{\"history\": 7}", NST_CHANGE_RUN },
    { "learning_rate", "{\"learning_rate\": 7}", NST_CHANGE_RUN },
    { "adam_beta1", "{\"adam_beta1\": 0.5}", NST_CHANGE_RUN },
    { "adam_beta2", "{\"adam_beta2\": 0.5}", NST_CHANGE_RUN },
    { "adam_epsilon", "{\"adam_epsilon\": 0.5}", NST_CHANGE_RUN },
    { "size", "{\"size\": 77}", NST_CHANGE_TARGETS },
    { "enlarge", "{\"enlarge\": true}", NST_CHANGE_TARGETS },
    { "first_size", "{\"first_size\": 77}", NST_CHANGE_TARGETS },
    { "scale_ratio", "{\"scale_ratio\": 1}", NST_CHANGE_TARGETS },
    { "style_scale", "{\"style_scale\": 2}", NST_CHANGE_TARGETS },
    { "style_fit", "{\"style_fit\": \"crop\"}", NST_CHANGE_TARGETS },
    { "detail", "{\"detail\": 0.7}", NST_CHANGE_RUN },
    { "freedom", "{\"freedom\": 0.7}", NST_CHANGE_TARGETS },
    { "coarse_iterations", "{\"coarse_iterations\": 0.7}", NST_CHANGE_RUN },
    { "match_colours", "{\"match_colours\": 0.7}", NST_CHANGE_RUN },
    { "no_lattice", "{\"no_lattice\": false}", NST_CHANGE_TARGETS },
    { "palette", "{\"palette\": 0.7}", NST_CHANGE_FINISH },
  };
  NstRecipe        first, second;
  g_autofree char *text = NULL;
  cJSON           *json, *item;

  nst_recipe_init (&first);
  g_assert_true (
      nst_recipe_merge_json (&first,
                             "{\"content_layers\": {\"conv4_2\": 1}, \"style_layers\": {\"conv1_1\": 0.2, "
                             "\"conv2_1\": 0.2, \"conv3_1\": 0.2, \"conv4_1\": 0.2, \"conv5_1\": 0.2}}",
                             NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      second = first;
      g_assert_true (nst_recipe_merge_json (&second, cases[i].text, &error));
      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (nst_recipe_compare (&first, &second), ==, cases[i].change);
      g_assert_cmpint (nst_recipe_compare (&second, &first), ==, cases[i].change);
    }

  /* Several changes cost as much as the most expensive one. */
  nst_recipe_merge_json (&second, "{\"alpha\": 2, \"seed\": 5}", NULL);
  g_assert_cmpint (nst_recipe_compare (&first, &second), ==, NST_CHANGE_RUN);

  text = nst_recipe_to_json (&first);
  json = cJSON_Parse (text);
  cJSON_ArrayForEach (item, json)
    {
      gboolean listed = FALSE;

      for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
        listed |= strcmp (cases[i].field, item->string) == 0;
      if (!listed)
        g_error ("the field \"%s\" is not in this test", item->string);
    }
  cJSON_Delete (json);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/recipe/changes", test_changes);
  g_test_add_func ("/core/recipe/old", test_old_recipe);
  g_test_add_func ("/core/recipe/presets-file", test_presets_file);
  g_test_add_func ("/core/recipe/bad", test_bad);
  g_test_add_func ("/core/recipe/round-trip", test_round_trip);
  g_test_add_func ("/core/recipe/sources", test_sources);
  g_test_add_func ("/core/recipe/merge", test_merge);

  return g_test_run ();
}
