/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Painting in GIMP 2.10: every precision, alpha, offset and selection, into each output, and undo. */
#include "tests/plugin/gimp2/support.h"

#include <string.h>

#include "host/settings.h"

typedef struct
{
  Sheet    sheet;
  int      selection[4]; /* x, y, width, height on the canvas; width 0: none */
  gboolean feather;
  gboolean in_place_only; /* other outputs are covered by similar cases */
} PaintCase;

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
  settings = nst_settings_from_json (gimp_parasite_data (parasite), NULL, NULL);
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

void
add_painting_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (paint_cases); i++)
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
}
