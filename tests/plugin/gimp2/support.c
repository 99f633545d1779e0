/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes images in GIMP 2.10, calls plug-in-pastiche and reads pixels back. */
#include "tests/plugin/gimp2/support.h"

#include <math.h>

static void
fill_at_random (gint32 drawable)
{
  GeglBuffer       *buffer = gimp_drawable_get_buffer (drawable);
  int               width = gegl_buffer_get_width (buffer), height = gegl_buffer_get_height (buffer);
  g_autofree float *pixels = g_new (float, (gsize) width *height * 4);
  int               i, c;

  for (i = 0; i < width * height; i++)
    {
      for (c = 0; c < 3; c++)
        pixels[4 * i + c] = g_test_rand_double ();
      pixels[4 * i + 3] = g_test_rand_int_range (0, 5) == 0 ? 0.0 : g_test_rand_double_range (0.1, 1.0);
    }
  gegl_buffer_set (buffer, NULL, 0, babl_format ("R'G'B'A float"), pixels, GEGL_AUTO_ROWSTRIDE);
  g_object_unref (buffer);
}

gint32
sheet_new (const Sheet *sheet, gint32 *layer)
{
  gint32        image = gimp_image_new_with_precision (sheet->canvas_width, sheet->canvas_height, sheet->base,
                                                       sheet->precision);
  GimpImageType type = (sheet->base == GIMP_GRAY ? GIMP_GRAY_IMAGE : GIMP_RGB_IMAGE) + (sheet->alpha ? 1 : 0);

  *layer = gimp_layer_new (image, sheet->name, sheet->width, sheet->height, type, 100.0,
                           GIMP_LAYER_MODE_NORMAL);
  gimp_image_insert_layer (image, *layer, -1, 0);
  gimp_layer_set_offsets (*layer, sheet->x, sheet->y);
  fill_at_random (*layer);

  return image;
}

gint32
sheet_style (void)
{
  static const Sheet sheet = { "style", GIMP_RGB, GIMP_PRECISION_U8_GAMMA, FALSE, 40, 48, 0, 0, 40, 48 };
  static gint32      layer = -1;

  if (layer == -1)
    sheet_new (&sheet, &layer);

  return layer;
}

static GBytes *
read_as (gint32 drawable, const Babl *format)
{
  GeglBuffer *buffer = gimp_drawable_get_buffer (drawable);
  gsize       length = (gsize) gegl_buffer_get_width (buffer) * gegl_buffer_get_height (buffer)
                 * babl_format_get_bytes_per_pixel (format);
  gpointer pixels = g_malloc (length);

  gegl_buffer_get (buffer, NULL, 1.0, format, pixels, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
  g_object_unref (buffer);

  return g_bytes_new_take (pixels, length);
}

GBytes *
stored_pixels (gint32 drawable)
{
  return read_as (drawable, gimp_drawable_get_format (drawable));
}

int
pixel_bytes (gint32 drawable)
{
  return babl_format_get_bytes_per_pixel (gimp_drawable_get_format (drawable));
}

double
greatest_difference (gint32 drawable, gint32 other)
{
  const Babl        *format = babl_format ("R'G'B'A float");
  g_autoptr (GBytes) first = read_as (drawable, format);
  g_autoptr (GBytes) second = read_as (other, format);
  const float       *a = g_bytes_get_data (first, NULL), *b = g_bytes_get_data (second, NULL);
  gsize              n = g_bytes_get_size (first) / sizeof (float), i;
  double             most = 0.0;

  g_assert_cmpint (g_bytes_get_size (first), ==, g_bytes_get_size (second));
  for (i = 0; i < n; i++)
    if (!(fabs (a[i] - b[i]) <= most))
      most = isnan (a[i] - b[i]) ? G_MAXDOUBLE : fabs (a[i] - b[i]);

  return most;
}

GBytes *
stored_alpha (gint32 drawable)
{
  g_autoptr (GBytes) bytes = read_as (drawable, babl_format ("R'G'B'A float"));
  const float       *pixels = g_bytes_get_data (bytes, NULL);
  gsize              n = g_bytes_get_size (bytes) / (4 * sizeof (float)), i;
  float             *alpha = g_new (float, n);

  for (i = 0; i < n; i++)
    alpha[i] = pixels[4 * i + 3];

  return g_bytes_new_take (alpha, n * sizeof (float));
}

Answer
call_pastiche (gint32 image, gint32 drawable, const Call *call)
{
  Answer     answer = { .layer = -1 };
  int        n_values;
  GimpParam *values;

  values = gimp_run_procedure ("plug-in-pastiche", &n_values, GIMP_PDB_INT32, call->mode, GIMP_PDB_IMAGE,
                               image, GIMP_PDB_DRAWABLE, drawable, GIMP_PDB_DRAWABLE,
                               call->style ? call->style : sheet_style (), GIMP_PDB_STRING,
                               call->style_file ? call->style_file : "", GIMP_PDB_FLOAT,
                               call->alpha > 0.0 ? call->alpha : -1.0, GIMP_PDB_FLOAT,
                               call->beta > 0.0 ? call->beta : -1.0, GIMP_PDB_INT32,
                               call->iterations ? call->iterations : 2, GIMP_PDB_INT32,
                               call->size ? call->size : 64, GIMP_PDB_STRING,
                               call->preset ? call->preset : "", GIMP_PDB_INT32, call->output,
                               GIMP_PDB_STRING, call->json ? call->json : "", GIMP_PDB_END);
  answer.status = values[0].data.d_status;
  if (answer.status == GIMP_PDB_SUCCESS)
    answer.layer = values[1].data.d_layer;
  else
    answer.message = g_strdup (gimp_get_pdb_error ());
  gimp_destroy_params (values, n_values);

  return answer;
}

void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->message, g_free);
}

int
count_layers (gint32 image)
{
  int n;

  g_free (gimp_image_get_layers (image, &n));
  return n;
}

void
undo (gint32 image)
{
  GimpParasite *parasite = gimp_parasite_new ("pastiche-test-undo", 0, 1, "");

  gimp_image_attach_parasite (image, parasite);
  gimp_parasite_free (parasite);
}

gboolean
can_undo (void)
{
  static const Sheet sheet = { "undo", GIMP_RGB, GIMP_PRECISION_U8_GAMMA, FALSE, 4, 4, 0, 0, 4, 4 };
  static int         known = -1;
  gint32             image, layer;

  if (known == -1)
    {
      image = sheet_new (&sheet, &layer);
      gimp_image_crop (image, 2, 2, 1, 1);
      undo (image);
      known = gimp_image_width (image) == 4;
      gimp_image_delete (image);
    }

  return known;
}
