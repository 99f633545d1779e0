/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings: which of several values counts, what is refused, saving and loading as bytes and as JSON. */
#include "host/settings.h"

#include <glib/gstdio.h>
#include <string.h>

#include "core/base/error.h"
#include "host/host.h"
#include "host/references.h"

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

/* A file in a folder of its own below this test's data; its path is owned by the caller. */
static char *
make_file (const char *folder, const char *name, const char *content)
{
  g_autofree char   *place = g_build_filename (g_get_user_data_dir (), folder, NULL);
  char              *path = g_build_filename (place, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (place, 0700), ==, 0);
  g_file_set_contents (path, content, -1, &error);
  g_assert_no_error (error);

  return path;
}

/* Files that settings name. Two have the same name. */
typedef struct
{
  char        *style, *first, *second, *start, *model;
  NstSettings *settings;
  NstRecipe    recipe;
  char        *text; /* that nst_settings_to_json () makes */
} Files;

static void
setup_files (Files *f, gconstpointer data G_GNUC_UNUSED)
{
  char           *files[3] = { NULL };
  double          weights[] = { 2.5, 0.5 };
  NstMorePictures more = { files, weights, NULL };

  f->style = make_file ("secret", "style.png", "1");
  f->first = files[0] = make_file ("secret", "more.png", "2");
  f->second = files[1] = make_file ("secret/other", "more.png", "3");
  f->start = more.start = make_file ("secret", "st\xc3\xa4rt #1.png", "4");
  f->model = make_file ("secret", "vgg.pth", "5");
  f->settings = make_settings (nst_presets ()->name, "{\"beta\": 1}");
  g_free (f->settings->style_file);
  f->settings->style_file = g_strdup (f->style);
  f->settings->style_drawable = 7;
  f->settings->strength = 0.75;
  nst_settings_set_more (f->settings, &more);
  nst_recipe_init (&f->recipe);
  f->recipe.beta = 41;
  g_strlcpy (f->recipe.model, f->model, sizeof f->recipe.model);
  f->text = nst_settings_to_json (f->settings, &f->recipe, "Starry Night");
}

static void
teardown_files (Files *f, gconstpointer data G_GNUC_UNUSED)
{
  g_free (f->style);
  g_free (f->first);
  g_free (f->second);
  g_free (f->start);
  g_free (f->model);
  g_free (f->text);
  nst_settings_free (f->settings);
}

/* The text of a painted layer holds all but the output and the id of the style's layer. It is passed on with
 * the picture: no folder is in it, and yet the files are found again on this computer. */
static void
test_json (Files *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (NstSettings)  again = NULL;
  g_autoptr (GError)       error = NULL;
  g_autofree char         *missing = NULL, *text = NULL;
  g_auto (NstMorePictures) more = { NULL };
  NstRecipe                read;

  g_test_message ("%s", f->text);
  g_assert_null (strchr (f->text, '/'));
  g_assert_null (strstr (f->text, "secret"));
  g_assert_nonnull (strstr (f->text, "Starry Night"));
  again = nst_settings_from_json (f->text, &missing, &error);
  g_assert_no_error (error);
  g_assert_null (missing);
  g_assert_true (nst_settings_get_recipe (again, &read, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (read.beta, ==, 41);
  g_assert_cmpstr (read.model, ==, f->model);
  g_assert_cmpint (again->style_drawable, ==, -1);
  g_assert_cmpstr (again->style_file, ==, f->style);
  g_assert_cmpstr (again->preset, ==, nst_presets ()->name);
  g_assert_cmpfloat (again->strength, ==, 0.75);
  g_assert_true (nst_settings_get_more (again, &more, NULL));
  g_assert_cmpuint (g_strv_length (more.files), ==, 2);
  g_assert_cmpstr (more.files[0], ==, f->first);
  g_assert_cmpfloat (more.weights[0], ==, 2.5);
  g_assert_cmpstr (more.files[1], ==, f->second);
  g_assert_cmpfloat (more.weights[1], ==, 0.5);
  g_assert_cmpstr (more.start, ==, f->start);

  text = nst_settings_to_json (again, &read, "Starry Night");
  g_assert_cmpstr (text, ==, f->text);
}

/* Files that were deleted or changed, and all files on another computer, are left out by name. */
static void
test_missing (Files *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (NstSettings)  again = NULL, elsewhere = NULL;
  g_autoptr (GError)       error = NULL;
  g_autofree char         *missing = NULL, *all = NULL, *text = NULL, *map = NULL;
  g_auto (NstMorePictures) more = { NULL };

  g_strlcpy (f->recipe.model, "slim", sizeof f->recipe.model);
  text = nst_settings_to_json (f->settings, &f->recipe, NULL);
  g_assert_cmpint (g_unlink (f->first), ==, 0);
  g_file_set_contents (f->start, "something else", -1, NULL);
  again = nst_settings_from_json (text, &missing, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (missing, ==, "more.png, st\xc3\xa4rt #1.png");
  g_assert_cmpstr (again->style_file, ==, f->style);
  g_assert_true (nst_settings_get_more (again, &more, NULL));
  g_assert_cmpuint (g_strv_length (more.files), ==, 1);
  g_assert_cmpstr (more.files[0], ==, f->second);
  g_assert_cmpfloat (more.weights[0], ==, 0.5);
  g_assert_null (more.start);

  map = g_build_filename (g_get_user_data_dir (), "pastiche", "files", NULL);
  g_assert_cmpint (g_unlink (map), ==, 0);
  elsewhere = nst_settings_from_json (text, &all, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (all, ==, "style.png, more.png, more.png, st\xc3\xa4rt #1.png");
  g_assert_cmpstr (elsewhere->style_file, ==, "");
  g_assert_null (nst_settings_from_json (f->text, NULL, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "vgg.pth,"));
}

/* Names that a stranger writes: only a path of a regular file finds it, as in texts of earlier versions. */
static void
test_references (Files *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const bad[] = {
    "style.png",
    "",
    "#",
    "/dev/null",
    "/dev/zero#",
    "https://example.org/style.png",
    "../secret/style.png",
    "style.png#0000000000000000000000000000000000000000000000000000000000000000"
  };
  static const struct
  {
    const char *file, *reference;
  } names[] = { { "/no/such/style.png", "style.png" },
                { "https://example.org/a/style.png?key=secret#part", "style.png" },
                { "/no/such/M\xfcnster.png", "M\xef\xbf\xbdnster.png" } };
  g_autofree char *path = nst_reference_find (f->style);

  g_assert_cmpstr (path, ==, f->style);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (nst_reference_find (bad[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *reference = nst_reference_new (names[i].file);

      g_assert_cmpstr (reference, ==, names[i].reference);
    }
}

static void
test_foreign_json (void)
{
  static const char *const texts[] = { "",
                                       "hello",
                                       "[1]",
                                       "{\"preset\": \"sketch\"}",
                                       "{\"recipe\": 3}",
                                       "{\"recipe\": {\"\xff\": 1}}",
                                       "{\"recipe\": {\"more_styles\": {\"a\\u0000b\": 1}}}",
                                       "{\"preset\": \"a\\u0000b\", \"recipe\": {}}",
                                       "{\"recipe\": {}, \"recipe\": {}}" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (nst_settings_from_json (texts[i], NULL, &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
    }
}

/* The bytes that are attached to a layer: a NUL may be the last one only. */
static void
test_attached (void)
{
  static const struct
  {
    const char *bytes;
    gsize       size;
    const char *text;
  } cases[] = {
    { "{}", 3, "{}" }, { "{}", 2, "{}" }, { "", 0, "" }, { "{\0}", 4, NULL }, { "{}\0\0", 4, NULL }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = nst_host_settings_new (cases[i].bytes, cases[i].size);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* A string with a NUL is not cut off there. */
static void
test_bad_json (void)
{
  static const char *const texts[] = { "{\"model\": \"slim\\u0000x\"}", "{\"start_file\": \"\xff\"}" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (NstSettings) settings = make_settings ("", texts[i]);
      g_autoptr (GError)      error = NULL;
      NstRecipe               recipe;

      g_assert_false (nst_settings_get_recipe (settings, &recipe, &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
    }
}

/* Names of files that are not UTF-8. */
static void
test_file_names (void)
{
  g_autoptr (NstSettings)  settings = make_settings ("", "{}");
  char                    *files[] = { (char *) "/a/\xff.png", (char *) "/b.png", NULL };
  double                   weights[] = { 2.5, 0.5 };
  const NstMorePictures    more = { files, weights, (char *) "/s\xe4.png" };
  g_auto (NstMorePictures) left = { NULL };
  NstRecipe                recipe;

  nst_settings_set_more (settings, &more);
  g_assert_true (g_utf8_validate (settings->json, -1, NULL));
  g_assert_true (nst_settings_get_recipe (settings, &recipe, NULL));
  g_assert_true (nst_settings_get_more (settings, &left, NULL));
  g_assert_cmpstr (left.files[0], ==, files[0]);
  g_assert_cmpstr (left.files[1], ==, files[1]);
  g_assert_cmpstr (left.start, ==, more.start);
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

/* Masks are read, written, and passed on with a picture; what nothing is said of is written as before. */
static void
test_masks (void)
{
  g_autoptr (NstSettings) settings = make_settings (
      "", "{\"first_style\": {\"mask\": \"selection\", \"scale\": 2}, \"protect\": \"channel:my face\", "
          "\"strength_map\": \"alpha\", \"more_styles\": [{\"file\": \"a.png\", \"weight\": 2.5}, "
          "{\"file\": \"b.png\", \"mask\": \"outside selection\", \"part\": \"layer-mask\"}]}");
  g_autoptr (NstSettings)  again = make_settings ("", "{}");
  g_auto (NstMorePictures) more = { NULL };
  g_auto (NstMorePictures) read = { NULL };
  g_autofree char         *text = NULL;
  NstRecipe                recipe;

  g_assert_true (nst_settings_get_recipe (settings, &recipe, NULL));
  g_assert_true (nst_settings_get_more (settings, &more, NULL));
  g_assert_true (nst_more_pictures_have_masks (&more));
  nst_settings_set_more (again, &more);
  g_assert_true (nst_settings_get_more (again, &read, NULL));
  g_assert_cmpint (read.n_where, ==, 3);
  g_assert_cmpstr (read.where[0].mask, ==, NST_MASK_SELECTION);
  g_assert_cmpfloat (read.where[0].scale, ==, 2);
  g_assert_null (read.where[0].part);
  g_assert_null (read.where[1].mask);
  g_assert_cmpfloat (read.weights[0], ==, 2.5);
  g_assert_cmpfloat (read.weights[1], ==, 1);
  g_assert_cmpstr (read.where[2].mask, ==, NST_MASK_OUTSIDE);
  g_assert_cmpstr (read.where[2].part, ==, NST_MASK_LAYER_MASK);
  g_assert_cmpstr (read.protect, ==, "channel:my face");
  g_assert_cmpstr (read.strength, ==, NST_MASK_ALPHA);

  text = nst_settings_to_json (settings, &recipe, NULL);
  g_assert_nonnull (strstr (text, "\"mask\":\"selection\""));
  g_assert_nonnull (strstr (text, "\"protect\":\"channel:my face\""));

  nst_more_pictures_remove (&read, 0);
  g_assert_cmpint (read.n_where, ==, 2);
  g_assert_cmpstr (read.files[0], ==, "b.png");
  g_assert_null (read.files[1]);
  g_assert_cmpstr (read.where[0].mask, ==, NST_MASK_SELECTION);
  g_assert_cmpstr (read.where[1].mask, ==, NST_MASK_OUTSIDE);
}

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
  { "style-no-file", "", "{\"more_styles\": [{\"weight\": 1}]}", 0, -1, "style 1 of the list" },
  { "style-list-weight", "", "{\"more_styles\": [{\"file\": \"a.png\", \"weight\": 0}]}", 0, -1,
    "a.png is 0" },
  { "style-mask", "", "{\"more_styles\": [{\"file\": \"a.png\", \"mask\": 3}]}", 0, -1, "mask must be" },
  { "first-list", "", "{\"first_style\": [1]}", 0, -1, "first_style" },
  { "first-mask", "", "{\"first_style\": {\"part\": \"\"}}", 0, -1, "part must be" },
  { "first-scale", "", "{\"first_style\": {\"scale\": 0.01}}", 0, -1, "scale" },
  { "protect-number", "", "{\"protect\": 1}", 0, -1, "protect must be" },
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
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/host/settings/masks", test_masks);
  g_test_add_func ("/host/settings/bytes", test_bytes);
  g_test_add_func ("/host/settings/foreign-bytes", test_foreign_bytes);
  g_test_add_func ("/host/settings/order", test_order);
  g_test_add_func ("/host/settings/set-recipe", test_set_recipe);
  g_test_add ("/host/settings/json", Files, NULL, setup_files, test_json, teardown_files);
  g_test_add ("/host/settings/missing", Files, NULL, setup_files, test_missing, teardown_files);
  g_test_add ("/host/settings/references", Files, NULL, setup_files, test_references, teardown_files);
  g_test_add_func ("/host/settings/foreign-json", test_foreign_json);
  g_test_add_func ("/host/settings/attached", test_attached);
  g_test_add_func ("/host/settings/bad-json", test_bad_json);
  g_test_add_func ("/host/settings/file-names", test_file_names);
  g_test_add_func ("/host/settings/set-more", test_set_more);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/host/settings/bad/", bad_cases[i].name, NULL);

      g_test_add_data_func (path, bad_cases + i, test_bad);
    }

  return g_test_run ();
}
