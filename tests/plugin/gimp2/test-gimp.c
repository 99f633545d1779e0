/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plug-in-pastiche end to end in a real GIMP 2.10. The test program is itself a plug-in: all cases share one
 * start of GIMP, and pixels are compared byte for byte in GIMP's storage format. in-gimp.sh starts it. */

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "host/settings.h"
#include "tests/plugin/gimp2/support.h"

typedef struct
{
  Sheet    sheet;
  int      selection[4]; /* x, y, width, height on the canvas; width 0: none */
  gboolean feather;
  gboolean in_place_only; /* other outputs are covered by similar cases */
} PaintCase;

#define RGB8 GIMP_RGB, GIMP_PRECISION_U8_GAMMA
#define GRAY8 GIMP_GRAY, GIMP_PRECISION_U8_GAMMA
#define FLOAT GIMP_RGB, GIMP_PRECISION_FLOAT_LINEAR

static const PaintCase paint_cases[] = {
  { { "rgb-8", RGB8, FALSE, 70, 50, 0, 0, 70, 50 } },
  { { "rgb-8-alpha", RGB8, TRUE, 70, 50, 0, 0, 70, 50 }, .in_place_only = TRUE },
  { { "rgb-16", GIMP_RGB, GIMP_PRECISION_U16_GAMMA, FALSE, 70, 50, 0, 0, 70, 50 }, .in_place_only = TRUE },
  { { "rgb-16-alpha", GIMP_RGB, GIMP_PRECISION_U16_GAMMA, TRUE, 70, 50, 0, 0, 70, 50 },
    .in_place_only = TRUE },
  { { "rgb-float", FLOAT, FALSE, 70, 50, 0, 0, 70, 50 }, .in_place_only = TRUE },
  { { "rgb-float-alpha", FLOAT, TRUE, 70, 50, 0, 0, 70, 50 } },
  { { "rgb-half-alpha", GIMP_RGB, GIMP_PRECISION_HALF_GAMMA, TRUE, 70, 50, 0, 0, 70, 50 },
    .in_place_only = TRUE },
  { { "grey-8", GRAY8, FALSE, 60, 60, 0, 0, 60, 60 }, .in_place_only = TRUE },
  { { "grey-8-alpha", GRAY8, TRUE, 60, 60, 0, 0, 60, 60 } },
  { { "grey-float-alpha", GIMP_GRAY, GIMP_PRECISION_FLOAT_LINEAR, TRUE, 60, 60, 0, 0, 60, 60 },
    .in_place_only = TRUE },
  { { "smaller-than-canvas", RGB8, TRUE, 100, 90, 20, 10, 50, 60 } },
  { { "offset-beyond-canvas", RGB8, FALSE, 60, 50, -20, 15, 70, 60 } },
  { { "selection", RGB8, FALSE, 70, 50, 0, 0, 70, 50 }, { 10, 5, 30, 20 } },
  { { "selection-alpha", RGB8, TRUE, 70, 50, 0, 0, 70, 50 }, { 10, 5, 30, 20 } },
  { { "selection-float-alpha", FLOAT, TRUE, 70, 50, 0, 0, 70, 50 },
    { 10, 5, 30, 20 },
    .in_place_only = TRUE },
  { { "selection-grey", GRAY8, FALSE, 70, 50, 0, 0, 70, 50 }, { 10, 5, 30, 20 } },
  { { "selection-across-offset-layer", RGB8, TRUE, 100, 90, 20, 10, 50, 60 }, { 0, 0, 45, 40 } },
  { { "selection-feathered", RGB8, FALSE, 70, 50, 0, 0, 70, 50 }, { 20, 15, 30, 20 }, TRUE },
};

static void
select_part (gint32 image, const PaintCase *test)
{
  const int *part = test->selection;

  if (part[2] == 0)
    return;

  gimp_context_push ();
  gimp_context_set_feather (test->feather);
  gimp_context_set_feather_radius (4.0, 4.0);
  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, part[0], part[1], part[2], part[3]);
  gimp_context_pop ();
}

/* Selection at a pixel of the layer, 0 to 255. */
static int
selected (gint32 image, const PaintCase *test, int x, int y)
{
  return gimp_selection_is_empty (image) ? 255
                                         : gimp_selection_value (image, x + test->sheet.x, y + test->sheet.y);
}

static gboolean
inside_canvas (const PaintCase *test, int x, int y)
{
  x += test->sheet.x;
  y += test->sheet.y;
  return x >= 0 && y >= 0 && x < test->sheet.canvas_width && y < test->sheet.canvas_height;
}

/* Checks each pixel: unchanged where it is not selected or fully transparent, and more than half of the
 * others changed. Alpha is unchanged everywhere. */
static void
compare_in_place (gint32 image, gint32 layer, const PaintCase *test, GBytes *before, GBytes *alpha_before)
{
  g_autoptr (GBytes) after = stored_pixels (layer);
  g_autoptr (GBytes) alpha_after = stored_alpha (layer);
  const guint8      *from = g_bytes_get_data (before, NULL), *to = g_bytes_get_data (after, NULL);
  const float       *alpha = g_bytes_get_data (alpha_before, NULL);
  int                size = pixel_bytes (layer), n_changed = 0, n_paintable = 0, x, y;

  g_assert_cmpint (g_bytes_get_size (before), ==, g_bytes_get_size (after));
  g_assert_true (g_bytes_equal (alpha_before, alpha_after));
  for (y = 0; y < test->sheet.height; y++)
    for (x = 0; x < test->sheet.width; x++, from += size, to += size, alpha++)
      {
        gboolean same = memcmp (from, to, size) == 0;

        if (selected (image, test, x, y) == 0 || *alpha == 0.0)
          {
            if (!same)
              g_test_message ("pixel %d, %d changed (alpha %g)", x, y, *alpha);
            g_assert_true (same);
          }
        else if (inside_canvas (test, x, y) && selected (image, test, x, y) > 127)
          {
            n_paintable++;
            n_changed += !same;
          }
      }
  g_assert_cmpint (n_paintable, >, 0);
  g_assert_cmpint (n_changed, >, n_paintable / 2);
}

static void
undo_and_compare (gint32 image, gint32 layer, GBytes *before, int n_layers)
{
  g_autoptr (GBytes) after = NULL;

  if (!can_undo ())
    {
      g_test_skip ("GIMP did not load the library with Undo");
      return;
    }
  undo (image);
  after = stored_pixels (layer);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (count_layers (image), ==, n_layers);
}

static void
test_in_place (gconstpointer data)
{
  const PaintCase   *test = data;
  const Call         call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1 };
  gint32             layer, image = sheet_new (&test->sheet, &layer);
  g_autoptr (GBytes) before = stored_pixels (layer);
  g_autoptr (GBytes) alpha = stored_alpha (layer);
  const Babl        *format = gimp_drawable_get_format (layer);
  g_auto (Answer)    answer = { 0 };
  int                x, y;

  select_part (image, test);
  answer = call_pastiche (image, layer, &call);
  g_assert_cmpstr (answer.message, ==, NULL);
  g_assert_cmpint (answer.layer, ==, layer);
  g_assert_cmpint (count_layers (image), ==, 1);
  g_assert_true (gimp_drawable_get_format (layer) == format);
  gimp_drawable_offsets (layer, &x, &y);
  g_assert_cmpint (x, ==, test->sheet.x);
  g_assert_cmpint (y, ==, test->sheet.y);

  compare_in_place (image, layer, test, before, alpha);
  undo_and_compare (image, layer, before, 1);
  gimp_image_delete (image);
}

/* Checks that the new layer's alpha is the source's times the selection. */
static void
compare_alpha (gint32 image, gint32 layer, const PaintCase *test, GBytes *source_alpha)
{
  g_autoptr (GBytes) bytes = stored_alpha (layer);
  const float       *alpha = g_bytes_get_data (bytes, NULL), *source = g_bytes_get_data (source_alpha, NULL);
  int                x, y;

  for (y = 0; y < test->sheet.height; y++)
    for (x = 0; x < test->sheet.width; x++, alpha++, source++)
      {
        int part = selected (image, test, x, y);

        if (part == 0 || (part == 255 && inside_canvas (test, x, y)))
          g_assert_cmpfloat (*alpha, ==, part == 0 ? 0.0f : *source);
        else
          g_assert_cmpfloat_with_epsilon (*alpha, *source * part / 255.0f, 0.01);
      }
}

static void
test_new_layer (gconstpointer data)
{
  const PaintCase        *test = data;
  const Call              call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 0 };
  gint32                  layer, image = sheet_new (&test->sheet, &layer);
  g_autoptr (GBytes)      before = stored_pixels (layer);
  g_autoptr (GBytes)      alpha = stored_alpha (layer);
  g_autoptr (GBytes)      after = NULL;
  g_autoptr (GBytes)      painted = NULL;
  g_auto (Answer)         answer = { 0 };
  GimpParasite           *parasite;
  g_autoptr (NstSettings) settings = NULL;
  NstRecipe               recipe;
  int                     x, y;

  select_part (image, test);
  answer = call_pastiche (image, layer, &call);
  g_assert_cmpstr (answer.message, ==, NULL);
  g_assert_cmpint (answer.layer, !=, layer);
  g_assert_cmpint (count_layers (image), ==, 2);
  g_assert_cmpint (gimp_image_get_item_position (image, answer.layer), ==, 0);

  after = stored_pixels (layer);
  g_assert_true (g_bytes_equal (before, after));
  painted = stored_pixels (answer.layer);
  g_assert_false (g_bytes_equal (before, painted));
  g_assert_cmpint (gimp_drawable_width (answer.layer), ==, test->sheet.width);
  g_assert_cmpint (gimp_drawable_height (answer.layer), ==, test->sheet.height);
  gimp_drawable_offsets (answer.layer, &x, &y);
  g_assert_cmpint (x, ==, test->sheet.x);
  g_assert_cmpint (y, ==, test->sheet.y);
  g_assert_true (babl_format_get_type (gimp_drawable_get_format (answer.layer), 0)
                 == babl_format_get_type (gimp_drawable_get_format (layer), 0));
  compare_alpha (image, answer.layer, test, alpha);

  parasite = gimp_item_get_parasite (answer.layer, "pastiche-settings");
  g_assert_nonnull (parasite);
  settings = nst_settings_from_json (gimp_parasite_data (parasite), NULL);
  g_assert_true (nst_settings_get_recipe (settings, &recipe, NULL));
  g_assert_cmpint (recipe.iterations, ==, 2);
  g_assert_cmpstr (recipe.model, ==, "slim");
  gimp_parasite_free (parasite);

  undo_and_compare (image, layer, before, 1);
  gimp_image_delete (image);
}

/* A new image: the source and its undo history are unchanged. */
static void
test_new_image (gconstpointer data)
{
  const PaintCase   *test = data;
  const Call         call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 2 };
  gint32             layer, other, image = sheet_new (&test->sheet, &layer);
  g_autoptr (GBytes) before = stored_pixels (layer);
  g_autoptr (GBytes) alpha = stored_alpha (layer);
  g_autoptr (GBytes) after = NULL;
  g_autoptr (GBytes) painted = NULL;
  g_autoptr (GBytes) painted_alpha = NULL;
  g_auto (Answer)    answer = { 0 };

  select_part (image, test);
  gimp_image_clean_all (image);
  answer = call_pastiche (image, layer, &call);
  g_assert_cmpstr (answer.message, ==, NULL);
  other = gimp_item_get_image (answer.layer);
  g_assert_cmpint (other, !=, image);
  g_assert_cmpint (gimp_image_width (other), ==, test->sheet.width);
  g_assert_cmpint (gimp_image_height (other), ==, test->sheet.height);
  g_assert_cmpint (gimp_image_get_precision (other), ==, test->sheet.precision);
  g_assert_cmpint (count_layers (image), ==, 1);
  g_assert_false (gimp_image_is_dirty (image));
  after = stored_pixels (layer);
  g_assert_true (g_bytes_equal (before, after));
  painted = stored_pixels (answer.layer);
  g_assert_false (g_bytes_equal (before, painted));
  painted_alpha = stored_alpha (answer.layer);
  g_assert_true (g_bytes_equal (alpha, painted_alpha));
  gimp_image_delete (other);
  gimp_image_delete (image);
}

/* Bad input: the message contains text, and the image is unchanged. */
typedef struct
{
  const char *name;
  Call        call;
  int         width, height; /* 0: 70 x 50 */
  int         selection[4];
  const char *text;
  gboolean    transparent; /* the whole layer */
} BadCase;

#define PLAIN .mode = GIMP_RUN_NONINTERACTIVE

static const BadCase bad_cases[] = {
  { "no-style", { PLAIN, .style = -1 }, .text = "No style" },
  { "style-layer-gone", { PLAIN, .style = 123456 }, .text = "invalid" },
  { "style-file-missing",
    { PLAIN, .style = -1, .style_file = "/no/such/picture.png" },
    .text = "/no/such/picture.png" },
  { "style-file-no-picture",
    { PLAIN, .style = -1, .style_file = "/proc/self/cmdline" },
    .text = "/proc/self/cmdline" },
  { "json-broken", { PLAIN, .json = "{\"tv\": 1" }, .text = "JSON" },
  { "json-more-behind", { PLAIN, .json = "{\"tv\": 1} {\"beta\": 2}" }, .text = "JSON" },
  { "json-no-object", { PLAIN, .json = "[1, 2]" }, .text = "JSON" },
  { "json-wrong-type", { PLAIN, .json = "{\"tv\": \"much\"}" }, .text = "tv" },
  { "json-out-of-range", { PLAIN, .json = "{\"history\": 1000}" }, .text = "history" },
  { "json-unknown-field", { PLAIN, .json = "{\"colour\": 1}" }, .text = "colour" },
  { "json-model-no-name", { PLAIN, .json = "{\"model\": 19}" }, .text = "model" },
  { "json-init-image", { PLAIN, .json = "{\"init\": \"image\"}" }, .text = "init" },
  { "json-start-missing",
    { PLAIN, .json = "{\"start_file\": \"/no/such/start.png\"}" },
    .text = "/no/such/start.png" },
  { "json-start-no-name", { PLAIN, .json = "{\"start_file\": 3}" }, .text = "start_file" },
  { "json-more-missing",
    { PLAIN, .json = "{\"more_styles\": {\"/no/such/style.png\": 1}}" },
    .text = "/no/such/style.png" },
  { "json-more-weight",
    { PLAIN, .json = "{\"more_styles\": {\"/no/such/style.png\": 0}}" },
    .text = "/no/such/style.png" },
  { "model-missing",
    { PLAIN, .json = "{\"model\": \"/no/such/model.safetensors\"}" },
    .text = "/no/such/model.safetensors" },
  { "layer-missing", { PLAIN, .json = "{\"content_layers\": {\"conv9_9\": 1}}" }, .text = "conv9_9" },
  { "preset-unknown", { PLAIN, .preset = "no-such-preset" }, .text = "no-such-preset" },
  { "alpha-out-of-range", { PLAIN, .alpha = 1e10 }, .text = "alpha" },
  { "iterations-negative", { PLAIN, .iterations = -1 }, .text = "iterations" },
  { "size-too-small", { PLAIN, .size = 3 }, .text = "size" },
  { "output-unknown", { PLAIN, .output = 3 }, .text = "output" },
  { "layer-1x1", { PLAIN }, 1, 1, .text = "1" },
  { "layer-15x3", { PLAIN }, 15, 3, .text = "15" },
  { "layer-30000x2", { PLAIN }, 30000, 2, .text = "30000" },
  { "layer-transparent", { PLAIN }, .text = "transparent", .transparent = TRUE },
  { "selection-beside-layer", { PLAIN, .output = 1 }, .selection = { 80, 60, 10, 10 }, .text = "selection" },
};

static void
test_bad (gconstpointer data)
{
  const BadCase *test = data;
  const int      width = test->width ? test->width : 70, height = test->height ? test->height : 50;
  const Sheet sheet = { test->name, RGB8, test->transparent, width + 30, height + 30, 0, 0, width, height };
  gint32      layer, image = sheet_new (&sheet, &layer);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  g_auto (Answer)    answer = { 0 };

  if (test->transparent)
    gimp_drawable_fill (layer, GIMP_FILL_TRANSPARENT);
  if (test->selection[2])
    gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, test->selection[0], test->selection[1],
                                 test->selection[2], test->selection[3]);
  before = stored_pixels (layer);
  gimp_image_clean_all (image);

  answer = call_pastiche (image, layer, &test->call);
  g_assert_cmpint (answer.status, !=, GIMP_PDB_SUCCESS);
  g_assert_nonnull (answer.message);
  g_test_message ("%s", answer.message);
  g_assert_nonnull (strstr (answer.message, test->text));
  g_assert_null (strstr (answer.message, "unexpectedly"));

  after = stored_pixels (layer);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (count_layers (image), ==, 1);
  g_assert_false (gimp_image_is_dirty (image));
  gimp_image_delete (image);
}

static const Sheet plain_sheet = { "plain", RGB8, FALSE, 70, 50, 0, 0, 70, 50 };

/* Must run before any successful call. */
static void
test_no_last_values (void)
{
  const Call      call = { .mode = GIMP_RUN_INTERACTIVE };
  gint32          layer, image = sheet_new (&plain_sheet, &layer);
  g_auto (Answer) answer = call_pastiche (image, layer, &call);

  g_assert_cmpint (answer.status, ==, GIMP_PDB_CALLING_ERROR);
  g_assert_nonnull (strstr (answer.message, "no style yet"));
  g_assert_cmpint (count_layers (image), ==, 1);
  gimp_image_delete (image);
}

/* The last values are the arguments of the last call: in place, with its style. */
static void
test_last_values (gconstpointer mode)
{
  const Call      first = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1 };
  const Call      again = { .mode = GPOINTER_TO_INT (mode), .style = -1 };
  gint32          layer, image = sheet_new (&plain_sheet, &layer);
  gint32          copy, other = gimp_image_duplicate (image);
  g_auto (Answer) answer = call_pastiche (image, layer, &first);
  g_auto (Answer) second = { 0 };

  g_assert_cmpstr (answer.message, ==, NULL);
  copy = gimp_image_get_active_layer (other);
  second = call_pastiche (other, copy, &again);
  g_assert_cmpstr (second.message, ==, NULL);
  g_assert_cmpint (second.layer, ==, copy);

  /* The last of 8 bits may be rounded differently. */
  g_assert_cmpfloat (greatest_difference (layer, copy), <, 1.5 / 255);
  gimp_image_delete (image);
  gimp_image_delete (other);
}

static void
set_pixel (gint32 layer, const float *rgba)
{
  GeglBuffer *buffer = gimp_drawable_get_buffer (layer);

  gegl_buffer_set (buffer, GEGL_RECTANGLE (3, 4, 1, 1), 0, babl_format ("R'G'B'A float"), rgba,
                   GEGL_AUTO_ROWSTRIDE);
  g_object_unref (buffer);
}

/* A NaN pixel is read as black, and does not spoil the mean colour under transparent pixels. */
static void
test_not_a_number (void)
{
  static const float colours[2][4] = { { 0, 0, 0, 1 }, { NAN, 0, 0, 1 } };
  /* A precision that keeps every digit. */
  const Sheet sheet = { "float", GIMP_RGB, GIMP_PRECISION_FLOAT_GAMMA, TRUE, 70, 50, 0, 0, 70, 50 };
  const Call  call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1 };
  gint32      layers[2], images[2];

  images[0] = sheet_new (&sheet, &layers[0]);
  images[1] = gimp_image_duplicate (images[0]);
  layers[1] = gimp_image_get_active_layer (images[1]);
  for (int i = 0; i < 2; i++)
    {
      g_auto (Answer) answer = { 0 };

      set_pixel (layers[i], colours[i]);
      answer = call_pastiche (images[i], layers[i], &call);
      g_assert_cmpstr (answer.message, ==, NULL);
    }
  g_assert_cmpfloat (greatest_difference (layers[0], layers[1]), <, 1e-4);
  gimp_image_delete (images[0]);
  gimp_image_delete (images[1]);
}

/* The argument size limits the painted picture, not the new layer. The style is read from a real file. */
static void
test_size_limit (void)
{
  const Sheet      sheet = { "large", RGB8, FALSE, 200, 120, 0, 0, 200, 120 };
  g_autofree char *file = g_build_filename (g_getenv ("SRCDIR"), "demo", "starry-night.jpg", NULL);
  const Call       call = {
          .mode = GIMP_RUN_NONINTERACTIVE, .style = -1, .style_file = file, .size = 64, .output = 0
  };
  gint32          layer, image = sheet_new (&sheet, &layer);
  int             n_before, n_after;
  g_auto (Answer) answer = { 0 };

  g_free (gimp_image_list (&n_before));
  answer = call_pastiche (image, layer, &call);
  g_assert_cmpstr (answer.message, ==, NULL);
  g_assert_cmpint (gimp_drawable_width (answer.layer), ==, 200);
  g_assert_cmpint (gimp_drawable_height (answer.layer), ==, 120);
  g_free (gimp_image_list (&n_after));
  g_assert_cmpint (n_before, ==, n_after); /* the style's image is closed */
  gimp_image_delete (image);
}

/* A layer mask is unchanged. Painting the mask itself, or a locked layer, is refused. */
static void
test_mask_and_lock (void)
{
  const Call         call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1 };
  gint32             layer, image = sheet_new (&plain_sheet, &layer);
  gint32             mask = gimp_layer_create_mask (layer, GIMP_ADD_MASK_BLACK);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  g_auto (Answer)    painted = { 0 };
  g_auto (Answer)    refused = { 0 };
  g_auto (Answer)    locked = { 0 };

  gimp_layer_add_mask (layer, mask);
  before = stored_pixels (mask);
  painted = call_pastiche (image, layer, &call);
  g_assert_cmpstr (painted.message, ==, NULL);
  refused = call_pastiche (image, mask, &call);
  g_assert_nonnull (strstr (refused.message, "Masks"));
  after = stored_pixels (mask);
  g_assert_true (g_bytes_equal (before, after));

  gimp_item_set_lock_content (layer, TRUE);
  locked = call_pastiche (image, layer, &call);
  g_assert_nonnull (strstr (locked.message, "locked"));
  gimp_image_delete (image);
}

/* A layer group is painted into a new layer above it; in place is refused. */
static void
test_group (void)
{
  Call            call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1 };
  gint32          layer, image = sheet_new (&plain_sheet, &layer);
  gint32          group = gimp_layer_group_new (image);
  g_auto (Answer) refused = { 0 };
  g_auto (Answer) painted = { 0 };

  gimp_image_insert_layer (image, group, -1, 0);
  gimp_image_reorder_item (image, layer, group, 0);
  refused = call_pastiche (image, group, &call);
  g_assert_nonnull (strstr (refused.message, "group"));

  call.output = 0;
  painted = call_pastiche (image, group, &call);
  g_assert_cmpstr (painted.message, ==, NULL);
  g_assert_false (gimp_item_is_group (painted.layer));
  g_assert_cmpint (gimp_image_get_item_position (image, painted.layer), ==, 0);
  gimp_image_delete (image);
}

/* Thread: kills the process of plug-in-pastiche, as GIMP does when the user cancels, or the kernel when
 * memory is short. Only a child of this GIMP is killed. */
static gpointer
end_plug_in (gpointer gimp)
{
  const int parent = GPOINTER_TO_INT (gimp);
  int       tries, pid = 0;

  for (tries = 0; tries < 6000 && pid == 0; tries++)
    {
      g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
      const char      *name;

      g_usleep (100000);
      while (pid == 0 && (name = g_dir_read_name (processes)) != NULL)
        {
          g_autofree char *path = g_build_filename ("/proc", name, "stat", NULL);
          g_autofree char *line = NULL;
          int              number, owner;
          char             command[64], state;

          if (g_ascii_isdigit (*name) && g_file_get_contents (path, &line, NULL, NULL)
              && sscanf (line, "%d (%63[^)]) %c %d", &number, command, &state, &owner) == 4 && owner == parent
              && strcmp (command, "pastiche") == 0)
            pid = number;
        }
    }
  if (pid != 0)
    {
      g_usleep (500000);
      kill (pid, SIGKILL);
    }

  return GINT_TO_POINTER (pid);
}

static void
test_ended (void)
{
  const Call         call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1, .iterations = 100000 };
  gint32             layer, image = sheet_new (&plain_sheet, &layer);
  GThread           *thread;
  g_autoptr (GBytes) before = stored_pixels (layer);
  g_autoptr (GBytes) after = NULL;
  g_auto (Answer)    answer = { 0 };

  sheet_style ();
  gimp_image_clean_all (image);
  thread = g_thread_new ("end", end_plug_in, GINT_TO_POINTER (getppid ()));
  answer = call_pastiche (image, layer, &call);
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), !=, 0);
  g_assert_cmpint (answer.status, !=, GIMP_PDB_SUCCESS);
  after = stored_pixels (layer);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (count_layers (image), ==, 1);
  g_assert_false (gimp_image_is_dirty (image));
  gimp_image_delete (image);
}

static void
add_cases (void)
{
  gsize i;

  g_test_add_func ("/plugin/gimp2/no-last-values", test_no_last_values);
  for (i = 0; i < G_N_ELEMENTS (bad_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/plugin/gimp2/bad/", bad_cases[i].name, NULL);

      g_test_add_data_func (path, bad_cases + i, test_bad);
    }
  for (i = 0; i < G_N_ELEMENTS (paint_cases); i++)
    {
      g_autofree char *in_place = g_strconcat ("/plugin/gimp2/in-place/", paint_cases[i].sheet.name, NULL);
      g_autofree char *new_image = g_strconcat ("/plugin/gimp2/new-image/", paint_cases[i].sheet.name, NULL);
      g_autofree char *new_layer = g_strconcat ("/plugin/gimp2/new-layer/", paint_cases[i].sheet.name, NULL);

      g_test_add_data_func (in_place, paint_cases + i, test_in_place);
      if (!paint_cases[i].in_place_only)
        {
          g_test_add_data_func (new_layer, paint_cases + i, test_new_layer);
          g_test_add_data_func (new_image, paint_cases + i, test_new_image);
        }
    }
  g_test_add_data_func ("/plugin/gimp2/last-values/with-last-values",
                        GINT_TO_POINTER (GIMP_RUN_WITH_LAST_VALS), test_last_values);
  g_test_add_data_func ("/plugin/gimp2/last-values/interactive", GINT_TO_POINTER (GIMP_RUN_INTERACTIVE),
                        test_last_values);
  g_test_add_func ("/plugin/gimp2/not-a-number", test_not_a_number);
  g_test_add_func ("/plugin/gimp2/size-limit", test_size_limit);
  g_test_add_func ("/plugin/gimp2/mask-and-lock", test_mask_and_lock);
  g_test_add_func ("/plugin/gimp2/group", test_group);
  g_test_add_func ("/plugin/gimp2/ended", test_ended);
}

static void
query (void)
{
  static const GimpParamDef arguments[] = { { GIMP_PDB_INT32, "run-mode",
                                              "The run mode { RUN-NONINTERACTIVE (1) }" } };

  gimp_install_procedure ("plug-in-pastiche-test", "Tests of plug-in-pastiche", "", "The Pastiche authors",
                          "The Pastiche authors", "2026", NULL, NULL, GIMP_PLUGIN, G_N_ELEMENTS (arguments),
                          0, arguments, NULL);
}

static void
run (const char      *name G_GNUC_UNUSED,
     int              n_params G_GNUC_UNUSED,
     const GimpParam *param G_GNUC_UNUSED,
     int             *n_values,
     GimpParam      **values)
{
  static GimpParam answer = { GIMP_PDB_STATUS };
  static char     *words[] = { (char *) "test-gimp", (char *) "--tap", NULL };
  char           **argv = words;
  int              argc = 2;

  g_test_init (&argc, &argv, NULL);
  gegl_init (NULL, NULL);
  gimp_plugin_enable_precision ();
  gimp_plugin_set_pdb_error_handler (GIMP_PDB_ERROR_HANDLER_PLUGIN);
  add_cases ();
  answer.data.d_status = g_test_run () == 0 ? GIMP_PDB_SUCCESS : GIMP_PDB_EXECUTION_ERROR;
  gimp_image_delete (gimp_item_get_image (sheet_style ()));
  *n_values = 1;
  *values = &answer;
}

const GimpPlugInInfo PLUG_IN_INFO = { NULL, NULL, query, run };

MAIN ()
