/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/nst-engine.h"
#include "core/nst-error.h"
#include "test-support.h"

/* A run that starts over with targets that were kept paints what a run of its own paints, to the bit. */

static const int channels[] = { 4, 6, 6 };

static NstRecipe
recipe_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  NstRecipe recipe;

  nst_recipe_init (&recipe);
  nst_recipe_merge_json (&recipe, "{\"content_layers\": {\"conv2_2\": 1}, \"style_layers\": {\"conv1_1\": 1, \"conv2_1\": 1},"
                         " \"iterations\": 4, \"first_size\": 16}", &error);
  g_assert_no_error (error);
  nst_recipe_merge_json (&recipe, text, &error);
  g_assert_no_error (error);

  return recipe;
}

static NstImage *
finish (NstEngine *engine)
{
  g_autoptr (GError) error = NULL;
  NstStatus status;
  NstImage *image;
  int       steps = 0;

  do
    {
      nst_engine_step (engine, &status, &error);
      g_assert_no_error (error);
      steps++;
    }
  while (!status.finished);
  g_assert_cmpint (status.n_scales, >, 1);
  g_assert_cmpint (status.evaluations, >=, steps);
  image = nst_engine_get_image (engine, &error);
  g_assert_no_error (error);

  return image;
}

static void
assert_same (const NstImage *a,
             const NstImage *b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (a->data, nst_image_bytes (a), b->data, nst_image_bytes (b));
}

static void
test_same (void)
{
  static const char *const texts[] = {
    "{\"beta\": 3}", "{\"alpha\": 0, \"tv\": 1}", "{\"optimizer\": \"adam\", \"init\": \"noise\"}",
    "{\"style_layers\": {\"conv2_1\": 0, \"conv1_1\": 2}}", "{\"style_formula\": \"gatys\", \"content_formula\": \"mean\"}"
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (NstModel) model = test_model (channels, 3, 0, NST_PADDING_ZERO);
  g_autoptr (NstImage) content = test_image (70, 60);
  g_autoptr (NstImage) style = test_image (30, 40);
  NstRecipe recipe = recipe_of ("{}");
  g_autoptr (NstEngine) shared = nst_engine_new (model, &recipe, content, style, NULL, NULL, &error);

  g_assert_no_error (error);
  nst_engine_keep_targets (shared);
  nst_image_free (finish (shared));
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (NstEngine) fresh = NULL;
      g_autoptr (NstImage) expected = NULL;
      g_autoptr (NstImage) found = NULL;

      g_test_message ("%s", texts[i]);
      recipe = recipe_of (texts[i]);
      g_assert_true (nst_engine_restart (shared, &recipe, &error));
      fresh = nst_engine_new (model, &recipe, content, style, NULL, NULL, &error);
      expected = finish (fresh);
      found = finish (shared);
      assert_same (found, expected);
    }
}

/* In the middle of a run, too; and what was not reached yet is looked at then. */
static void
test_early (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NstModel) model = test_model (channels, 3, 0, NST_PADDING_ZERO);
  g_autoptr (NstImage) content = test_image (70, 60);
  NstRecipe recipe = recipe_of ("{}");
  g_autoptr (NstEngine) shared = nst_engine_new (model, &recipe, content, content, NULL, NULL, &error);
  g_autoptr (NstEngine) fresh = nst_engine_new (model, &recipe, content, content, NULL, NULL, &error);
  g_autoptr (NstImage) expected = finish (fresh);
  g_autoptr (NstImage) found = NULL;
  NstStatus status;

  nst_engine_keep_targets (shared);
  nst_engine_step (shared, &status, &error);
  g_assert_true (nst_engine_restart (shared, &recipe, &error));
  found = finish (shared);
  assert_same (found, expected);
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "{\"style_layers\": {\"conv1_1\": 1}}", "{\"content_layers\": {\"conv2_1\": 1}}", "{\"size\": 50}", "{\"style_scale\": 2}",
    "{\"scale_ratio\": 1}", "{\"pooling\": \"average\"}"
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (NstModel) model = test_model (channels, 3, 0, NST_PADDING_ZERO);
  g_autoptr (NstImage) content = test_image (70, 60);
  NstRecipe recipe = recipe_of ("{}");
  g_autoptr (NstEngine) engine = nst_engine_new (model, &recipe, content, content, NULL, NULL, &error);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      recipe = recipe_of (texts[i]);
      g_assert_false (nst_engine_restart (engine, &recipe, &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
      g_clear_error (&error);
    }
  nst_image_free (finish (engine));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/restart/same", test_same);
  g_test_add_func ("/core/restart/early", test_early);
  g_test_add_func ("/core/restart/refused", test_refused);

  return g_test_run ();
}
