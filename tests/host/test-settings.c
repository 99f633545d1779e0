/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings: which of several values counts, what is refused, saving and loading as bytes and as JSON. */
#include "host/settings.h"

#include <string.h>

#include "core/base/error.h"

static NstSettings *
make_settings (const char *preset, const char *json)
{
  NstSettings *settings = nst_settings_new ();

  g_free (settings->preset);
  g_free (settings->json);
  settings->preset = g_strdup (preset);
  settings->json = g_strdup (json);

  return settings;
}

/* Loading gives what was saved, also for a file name that is not UTF-8. */
static void
test_bytes (void)
{
  g_autoptr (NstSettings) settings = make_settings ("sketch", "{\"tv\": 2}");
  g_autoptr (NstSettings) loaded = NULL;
  g_autoptr (GBytes)      bytes = NULL;

  g_free (settings->style_file);
  settings->style_file = g_strdup ("/pictures/M\xfcnster-\xff\xfe.png");
  settings->style_drawable = 5;
  settings->alpha = 2;
  settings->beta = 3;
  settings->iterations = 7;
  settings->size = 300;
  settings->output = NST_OUTPUT_NEW_IMAGE;
  settings->strength = 0.25;
  bytes = nst_settings_save (settings);
  g_assert_nonnull (bytes);
  loaded = nst_settings_load (bytes);
  g_assert_nonnull (loaded);
  g_assert_cmpstr (loaded->style_file, ==, settings->style_file);
  g_assert_cmpint (loaded->style_drawable, ==, 5);
  g_assert_cmpfloat (loaded->alpha, ==, 2);
  g_assert_cmpfloat (loaded->beta, ==, 3);
  g_assert_cmpint (loaded->iterations, ==, 7);
  g_assert_cmpint (loaded->size, ==, 300);
  g_assert_cmpstr (loaded->preset, ==, "sketch");
  g_assert_cmpint (loaded->output, ==, NST_OUTPUT_NEW_IMAGE);
  g_assert_cmpstr (loaded->json, ==, "{\"tv\": 2}");
  g_assert_cmpfloat (loaded->strength, ==, 0.25);
}

/* Truncated bytes, and bytes of another program, are refused. */
static void
test_foreign_bytes (void)
{
  g_autoptr (NstSettings) settings = nst_settings_new ();
  g_autoptr (GBytes)      bytes = nst_settings_save (settings);
  g_autoptr (GBytes)      cut = g_bytes_new_from_bytes (bytes, 0, g_bytes_get_size (bytes) - 1);
  g_autoptr (GBytes)      foreign = g_bytes_new_static ("P5 640 480 255", 15);

  g_assert_null (nst_settings_load (cut));
  g_assert_null (nst_settings_load (foreign));
}

/* A field of the JSON text overrides the preset. A single value overrides both. */
static void
test_order (void)
{
  g_autoptr (NstSettings) settings = nst_settings_new ();
  NstRecipe               plain, recipe;

  g_assert_true (nst_settings_get_recipe (settings, &plain, NULL));
  g_free (settings->json);
  settings->json = g_strdup ("{\"alpha\": 11, \"beta\": 12, \"iterations\": 13}");
  g_assert_true (nst_settings_get_recipe (settings, &recipe, NULL));
  g_assert_cmpfloat (recipe.alpha, ==, 11);
  g_assert_cmpfloat (recipe.beta, ==, 12);
  g_assert_cmpint (recipe.iterations, ==, 13);
  g_assert_cmpfloat (recipe.tv, ==, plain.tv);
  g_assert_cmpint (recipe.size, ==, plain.size);

  settings->alpha = 21;
  settings->iterations = 23;
  settings->size = 24;
  g_assert_true (nst_settings_get_recipe (settings, &recipe, NULL));
  g_assert_cmpfloat (recipe.alpha, ==, 21);
  g_assert_cmpfloat (recipe.beta, ==, 12);
  g_assert_cmpint (recipe.iterations, ==, 23);
  g_assert_cmpint (recipe.size, ==, 24);
}

/* get_recipe () returns the recipe that was set. Setting it drops single values and other pictures. */
static void
test_set_recipe (void)
{
  g_autoptr (NstSettings)  settings = make_settings ("", "{\"start_file\": \"s.png\"}");
  g_auto (NstMorePictures) more = { NULL };
  NstRecipe                recipe, again;

  nst_recipe_init (&recipe);
  recipe.alpha = 31;
  recipe.size = 32;
  settings->alpha = settings->size = 99;
  nst_settings_set_recipe (settings, &recipe);
  g_assert_true (nst_settings_get_recipe (settings, &again, NULL));
  g_assert_cmpfloat (again.alpha, ==, 31);
  g_assert_cmpint (again.size, ==, 32);
  g_assert_true (nst_settings_get_more (settings, &more, NULL));
  g_assert_null (more.start);
}

static void
assert_pictures (const NstSettings *settings)
{
  g_auto (NstMorePictures) more = { NULL };

  g_assert_true (nst_settings_get_more (settings, &more, NULL));
  g_assert_cmpuint (g_strv_length (more.files), ==, 2);
  g_assert_cmpstr (more.files[0], ==, "a.png");
  g_assert_cmpfloat (more.weights[0], ==, 2.5);
  g_assert_cmpstr (more.files[1], ==, "b.png");
  g_assert_cmpfloat (more.weights[1], ==, 0.5);
  g_assert_cmpstr (more.start, ==, "s.png");
}

/* The text of a painted layer holds all settings except the output and the id of the style's layer. */
static void
test_json (void)
{
  g_autoptr (NstSettings) settings = make_settings (nst_presets ()->name,
                                                    "{\"beta\": 1, \"more_styles\": {\"a.png\": 2.5, "
                                                    "\"b.png\": 0.5}, \"start_file\": \"s.png\"}");
  g_autoptr (NstSettings) again = NULL;
  g_autoptr (GError)      error = NULL;
  g_autofree char        *text = NULL;
  NstRecipe               recipe, read;

  nst_recipe_init (&recipe);
  recipe.beta = 41;
  settings->style_drawable = 7;
  settings->strength = 0.75;
  g_free (settings->style_file);
  settings->style_file = g_strdup ("style.png");
  text = nst_settings_to_json (settings, &recipe, "Starry Night");
  g_assert_nonnull (strstr (text, "Starry Night"));
  again = nst_settings_from_json (text, &error);
  g_assert_no_error (error);
  g_assert_true (nst_settings_get_recipe (again, &read, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (read.beta, ==, 41);
  g_assert_cmpint (again->style_drawable, ==, -1);
  g_assert_cmpstr (again->style_file, ==, "style.png");
  g_assert_cmpstr (again->preset, ==, nst_presets ()->name);
  g_assert_cmpfloat (again->strength, ==, 0.75);
  assert_pictures (again);
}

static void
test_foreign_json (void)
{
  static const char *const texts[] = { "", "hello", "[1]", "{\"preset\": \"sketch\"}", "{\"recipe\": 3}" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (nst_settings_from_json (texts[i], &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
    }
}

/* set_more () replaces the pictures that the JSON text names and keeps the recipe's fields. */
static void
test_set_more (void)
{
  g_autoptr (NstSettings)  settings = make_settings ("", "{\"beta\": 51, \"start_file\": \"old.png\"}");
  char                    *files[] = { (char *) "a.png", (char *) "b.png", NULL };
  double                   weights[] = { 2.5, 0.5 };
  const NstMorePictures    more = { files, weights, (char *) "s.png" }, none = { NULL };
  g_auto (NstMorePictures) left = { NULL };
  NstRecipe                recipe;

  nst_settings_set_more (settings, &more);
  assert_pictures (settings);
  nst_settings_set_more (settings, &none);
  g_assert_true (nst_settings_get_more (settings, &left, NULL));
  g_assert_cmpuint (g_strv_length (left.files), ==, 0);
  g_assert_null (left.start);
  g_assert_true (nst_settings_get_recipe (settings, &recipe, NULL));
  g_assert_cmpfloat (recipe.beta, ==, 51);
}

/* Settings that are refused, and a part of the error's message. */
typedef struct
{
  const char *name, *preset, *json;
  int         iterations, size;
  const char *text;
} BadCase;

static const BadCase bad_cases[] = {
  { "preset", "no-such-preset", "", 0, -1, "no-such-preset" },
  { "broken", "", "{\"tv\": 1", 0, -1, "JSON" },
  { "text-after", "", "{\"tv\": 1} {\"beta\": 2}", 0, -1, "JSON" },
  { "no-object", "", "[1, 2]", 0, -1, "JSON" },
  { "unknown-field", "", "{\"colour\": 1}", 0, -1, "colour" },
  { "iterations", "", "", -3, -1, "iterations is -3" },
  { "size", "", "", 0, -2, "size is -2" },
  { "styles-list", "", "{\"more_styles\": [\"a.png\"]}", 0, -1, "more_styles" },
  { "style-weight-text", "", "{\"more_styles\": {\"a.png\": \"1\"}}", 0, -1, "a.png" },
  { "style-weight-0", "", "{\"more_styles\": {\"a.png\": 1, \"b.png\": 0}}", 0, -1, "b.png is 0" },
  { "style-weight-2e6", "", "{\"more_styles\": {\"a.png\": 2e6}}", 0, -1, "a.png is 2e+06" },
  { "start-number", "", "{\"start_file\": 3}", 0, -1, "start_file" },
};

static void
test_bad (gconstpointer data)
{
  const BadCase           *test = data;
  g_autoptr (NstSettings)  settings = make_settings (test->preset, test->json);
  g_autoptr (GError)       error = NULL;
  g_auto (NstMorePictures) more = { NULL };
  NstRecipe                recipe;

  settings->iterations = test->iterations;
  settings->size = test->size;
  if (nst_settings_get_recipe (settings, &recipe, &error))
    {
      g_assert_false (nst_settings_get_more (settings, &more, &error));
      g_assert_null (more.files);
      g_assert_null (more.start);
    }
  g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, test->text));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host/settings/bytes", test_bytes);
  g_test_add_func ("/host/settings/foreign-bytes", test_foreign_bytes);
  g_test_add_func ("/host/settings/order", test_order);
  g_test_add_func ("/host/settings/set-recipe", test_set_recipe);
  g_test_add_func ("/host/settings/json", test_json);
  g_test_add_func ("/host/settings/foreign-json", test_foreign_json);
  g_test_add_func ("/host/settings/set-more", test_set_more);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/host/settings/bad/", bad_cases[i].name, NULL);

      g_test_add_data_func (path, bad_cases + i, test_bad);
    }

  return g_test_run ();
}
