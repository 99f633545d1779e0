/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenes and painting without a dialog, with the tests' host in memory; thumbnails of layers. */
#include "host/paint.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/process.h"
#include "host/scene.h"
#include "tests/support/support.h"
#include "tests/support/ui-host.h"

#define STYLE_LAYER 7 /* of the tests' host */

typedef struct
{
  NstHost      host;
  NstSettings *settings;
} Fixture;

static char *
data_file (const char *name)
{
  return g_build_filename (g_getenv ("SRCDIR"), "tests", "data", name, NULL);
}

static void
setup (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->host.content = test_image (48, 36);
  f->host.style = test_image (40, 30);
  f->settings = nst_settings_new ();
  f->settings->style_drawable = STYLE_LAYER;
}

static void
teardown (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  nst_settings_free (f->settings);
  test_host_clear (&f->host);
}

static void
set_json (Fixture *f, char *json)
{
  g_free (f->settings->json);
  f->settings->json = json;
}

/* The scene has every picture that the settings name, in their order and with their weights. */
static void
test_scene_all (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char     *more = data_file ("style.png");
  g_autofree char     *start = data_file ("content.png");
  g_autoptr (NstScene) scene = NULL;
  g_autoptr (GError)   error = NULL;

  set_json (f, g_strdup_printf ("{\"more_styles\": {\"%s\": 2.5}, \"start_file\": \"%s\"}", more, start));
  scene = nst_host_read_scene (&f->host, f->settings, f->host.content, &error);
  g_assert_no_error (error);
  g_assert_true (scene->content == f->host.content);
  g_assert_cmpint (scene->n_styles, ==, 2);
  g_assert_cmpfloat (scene->styles[0].weight, ==, 1);
  g_assert_cmpmem (scene->styles[0].image->data, nst_image_bytes (scene->styles[0].image),
                   f->host.style->data, nst_image_bytes (f->host.style));
  g_assert_cmpfloat (scene->styles[1].weight, ==, 2.5);
  g_assert_nonnull (scene->start);
  g_assert_cmpint (f->host.reads, ==, 3);
}

/* Masks belong to the layer or are files; the same name is the same region; what belongs to no layer is an
 * error. */
static void
test_scene_masks (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const bad[][2] = {
    { "{\"more_styles\": [{\"file\": \"%s\", \"part\": \"selection\"}]}", "needs a layer" },
    { "{\"first_style\": {\"mask\": \"channel:no\"}, \"more_styles\": {\"%s\": 1}}", "channel:no" },
    { "{\"protect\": \"/no/such.png\", \"more_styles\": {\"%s\": 1}}", "/no/such.png" },
  };
  g_autofree char     *file = data_file ("style.png");
  g_autoptr (NstScene) scene = NULL;
  g_autoptr (GError)   error = NULL;

  f->host.selection = nst_mask_new (48, 36, NULL);
  for (int i = 0; i < 48 * 36; i++)
    f->host.selection->data[i] = i % 48 < 20 ? 0.75 : 0;
  set_json (f, g_strdup_printf ("{\"first_style\": {\"mask\": \"selection\"}, \"protect\": \"selection\","
                                "\"more_styles\": [{\"file\": \"%s\", \"mask\": \"outside selection\"},"
                                "{\"file\": \"%s\", \"mask\": \"selection\", \"part\": \"%s\", \"scale\": "
                                "0.5}]}",
                                file, file, file));
  scene = nst_host_read_scene (&f->host, f->settings, f->host.content, &error);
  g_assert_no_error (error);
  g_assert_cmpint (scene->n_styles, ==, 3);
  g_assert_true (scene->styles[0].mask == scene->styles[2].mask && scene->protect == scene->styles[0].mask);
  g_assert_cmpfloat (scene->styles[0].mask->data[0], ==, 0.75);
  g_assert_cmpfloat (scene->styles[1].mask->data[0], ==, 0.25);
  g_assert_cmpfloat (scene->styles[1].mask->data[47], ==, 1);
  g_assert_nonnull (scene->styles[2].part);
  g_assert_cmpfloat (scene->styles[2].scale, ==, 0.5);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) problem = NULL;
      g_auto (GStrv)     parts = g_strsplit (bad[i][0], "%s", 2);

      set_json (f, g_strconcat (parts[0], file, parts[1], NULL));
      g_assert_null (nst_host_read_scene (&f->host, f->settings, f->host.content, &problem));
      g_test_message ("%s", problem->message);
      g_assert_nonnull (strstr (problem->message, bad[i][1]));
    }
}

/* A style that goes only into the selection leaves the rest of the layer as it was. */
static void
test_paint_selection (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  gboolean           same = TRUE;

  f->host.selection = nst_mask_new (48, 36, NULL);
  for (int i = 0; i < 48 * 36; i++)
    f->host.selection->data[i] = i % 48 < 20;
  set_json (f, g_strdup ("{\"iterations\": 2, \"first_style\": {\"mask\": \"selection\"}}"));
  g_assert_true (nst_paint (&f->host, f->settings, &error));
  g_assert_no_error (error);
  for (int i = 0; i < 48 * 36 * 3; i++)
    if (i / 3 % 48 >= 20)
      g_assert_cmpfloat (f->host.written->data[i], ==, f->host.content->data[i]);
    else
      same &= f->host.written->data[i] == f->host.content->data[i];
  g_assert_false (same);
}

static void
test_scene_plain (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (NstScene) scene = nst_host_read_scene (&f->host, f->settings, NULL, NULL);

  g_assert_null (scene->content);
  g_assert_cmpint (scene->n_styles, ==, 1);
  g_assert_null (scene->start);
}

/* The error names the picture that cannot be read. */
static void
test_scene_missing (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const texts[] = { "{\"more_styles\": {\"/no/such.png\": 1}}",
                                       "{\"start_file\": \"/no/such.png\"}" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      set_json (f, g_strdup (texts[i]));
      g_assert_null (nst_host_read_scene (&f->host, f->settings, f->host.content, &error));
      g_assert_nonnull (strstr (error->message, "/no/such.png"));
    }
}

static void
test_paint (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (NstSettings) written = NULL;
  g_autoptr (GError)      error = NULL;
  NstRecipe               recipe;

  set_json (f, g_strdup ("{\"iterations\": 2}"));
  f->settings->output = NST_OUTPUT_IN_PLACE;
  g_assert_true (nst_paint (&f->host, f->settings, &error));
  g_assert_no_error (error);
  g_assert_cmpint (f->host.written->width, ==, 48);
  g_assert_cmpint (f->host.written->height, ==, 36);
  g_assert_cmpint (f->host.output, ==, NST_OUTPUT_IN_PLACE);
  written = nst_settings_from_json (f->host.text, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (nst_settings_get_recipe (written, &recipe, NULL));
  g_assert_cmpint (recipe.iterations, ==, 2);
}

/* With strength 0 the result is the layer itself. */
static void
test_strength (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  set_json (f, g_strdup ("{\"iterations\": 1}"));
  f->settings->strength = 0;
  g_assert_true (nst_paint (&f->host, f->settings, NULL));
  g_assert_cmpfloat (test_distance (f->host.written->data, f->host.content->data, 48 * 36 * 3), <, 1e-6);
}

/* After an error, before or after painting, nothing is written. */
static void
test_bad (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const struct
  {
    const char *json;
    gboolean    refuse;
    int         style;
    const char *text;
  } cases[] = {
    { "{\"init\": \"image\"}", FALSE, STYLE_LAYER, "start_file" },
    { "{\"model\": \"/no/such.safetensors\"}", FALSE, STYLE_LAYER, "/no/such.safetensors" },
    { "{\"content_layers\": {\"conv9_9\": 1}}", FALSE, STYLE_LAYER, "conv9_9" },
    { "", FALSE, -1, "No style" },
    { "{\"iterations\": 1}", TRUE, STYLE_LAYER, "went away" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      set_json (f, g_strdup (cases[i].json));
      f->host.refuse = cases[i].refuse;
      f->settings->style_drawable = cases[i].style;
      g_assert_false (nst_paint (&f->host, f->settings, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, cases[i].text));
      g_assert_null (f->host.written);
    }
}

/* A pixel of each number of channels. A transparent pixel is blended with medium grey. */
static void
test_layer (void)
{
  static const struct
  {
    guint8 pixel[4];
    int    channels;
    float  rgb[3];
  } cases[] = {
    { { 255 }, 1, { 1, 1, 1 } },
    { { 255, 0 }, 2, { 0.5f, 0.5f, 0.5f } },
    { { 255, 0, 51 }, 3, { 1, 0, 0.2f } },
    { { 255, 0, 51, 51 }, 4, { 0.6f, 0.4f, 0.44f } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NstHostLayer *layer = nst_host_layer_new (3, "layer", "image", cases[i].pixel, 1, 1, cases[i].channels);

      g_assert_cmpint (layer->drawable, ==, 3);
      g_assert_cmpstr (layer->name, ==, "layer (image)");
      for (int c = 0; c < 3; c++)
        g_assert_cmpfloat_with_epsilon (layer->thumbnail->data[c], cases[i].rgb[c], 1e-6);
      nst_host_layer_free (layer);
    }
  g_assert_null (nst_host_layer_new (3, "layer", "image", NULL, 1, 1, 3));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/host/layer", test_layer);
  g_test_add ("/host/scene/all", Fixture, NULL, setup, test_scene_all, teardown);
  g_test_add ("/host/scene/masks", Fixture, NULL, setup, test_scene_masks, teardown);
  g_test_add ("/host/paint/selection", Fixture, NULL, setup, test_paint_selection, teardown);
  g_test_add ("/host/scene/plain", Fixture, NULL, setup, test_scene_plain, teardown);
  g_test_add ("/host/scene/missing", Fixture, NULL, setup, test_scene_missing, teardown);
  g_test_add ("/host/paint/written", Fixture, NULL, setup, test_paint, teardown);
  g_test_add ("/host/paint/strength", Fixture, NULL, setup, test_strength, teardown);
  g_test_add ("/host/paint/bad", Fixture, NULL, setup, test_bad, teardown);

  return g_test_run ();
}
