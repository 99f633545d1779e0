/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Converts pictures from and to GEGL buffers: alpha, precision, reading scaled down. */
#include "plugin/buffer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"

#define BAND_ROWS 64 /* that are converted at a time */

static const Babl *
pixel_format (void)
{
  return babl_format ("R'G'B'A float");
}

/* Float layers may hold any value. NaN and negative values become 0 (black, or transparent). */
static float
clean (float value)
{
  return value > 0.0f ? MIN (value, 1.0f) : 0.0f;
}

/* First pass of reading: sums for the mean colour. rgba: n x 4. sum += { r a, g a, b a, a }. */
static void
add_to_sum (const float *rgba, gsize n, double sum[4])
{
  gsize i;
  int   c;

  for (i = 0; i < n; i++, rgba += 4)
    {
      for (c = 0; c < 3; c++)
        sum[c] += clean (rgba[c]) * clean (rgba[3]);
      sum[3] += clean (rgba[3]);
    }
}

/* Second pass: rgb = a rgb + (1 - a) mean. rgba: n x 4, rgb: n x 3. */
static void
flatten (const float *rgba, gsize n, const float mean[3], float *rgb)
{
  gsize i;
  int   c;

  for (i = 0; i < n; i++, rgba += 4, rgb += 3)
    for (c = 0; c < 3; c++)
      rgb[c] = clean (rgba[3]) * clean (rgba[c]) + (1.0f - clean (rgba[3])) * mean[c];
}

/* Reading */

static double
scale_of (const GeglRectangle *extent, int longest)
{
  const int side = MAX (extent->width, extent->height);

  return longest > 0 && side > longest ? (double) longest / side : 1.0;
}

static int
scaled (int side, double scale)
{
  return MAX (1, (int) (side * scale + 0.5));
}

/* rows rows of width pixels from row y of the buffer scaled by scale, in format. */
static void
read_band (GeglBuffer          *buffer,
           const GeglRectangle *extent,
           double               scale,
           int                  y,
           int                  width,
           int                  rows,
           const Babl          *format,
           gpointer             band)
{
  gegl_buffer_get (buffer,
                   GEGL_RECTANGLE ((int) (extent->x * scale), (int) (extent->y * scale) + y, width, rows),
                   scale, format, band, GEGL_AUTO_ROWSTRIDE,
                   scale < 1.0 ? GEGL_ABYSS_CLAMP : GEGL_ABYSS_NONE);
}

guint8 *
nst_buffer_read_alpha (GeglBuffer *buffer, int width, int height)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (buffer);
  const double         scale = scale_of (extent, MAX (width, height));
  g_autofree guint8   *alpha = NULL;
  g_autofree guint8   *band = NULL;
  gboolean             opaque = TRUE;
  int                  y;
  gsize                i;

  if (!babl_format_has_alpha (gegl_buffer_get_format (buffer)))
    return NULL;

  alpha = g_try_malloc ((gsize) width * height);
  band = g_try_malloc ((gsize) BAND_ROWS * width * 4);
  if (alpha == NULL || band == NULL)
    return NULL;

  for (y = 0; y < height; y += BAND_ROWS)
    {
      int   rows = MIN (BAND_ROWS, height - y);
      gsize n = (gsize) rows * width;

      read_band (buffer, extent, scale, y, width, rows, babl_format ("R'G'B'A u8"), band);
      for (i = 0; i < n; i++)
        {
          alpha[(gsize) y * width + i] = band[4 * i + 3];
          opaque &= band[4 * i + 3] == 255;
        }
    }

  return opaque ? NULL : g_steal_pointer (&alpha);
}

/* Reads one of the two components of format, of the rectangle at x, y. row: width x 2. Returns whether any
 * value is below 1. */
static gboolean
read_component (
    GeglBuffer *buffer, int x, int y, const Babl *format, int component, float *row, NstMask *mask)
{
  gboolean less = FALSE;

  for (int j = 0; j < mask->height; j++)
    {
      float *to = mask->data + (gsize) j * mask->width;

      gegl_buffer_get (buffer, GEGL_RECTANGLE (x, y + j, mask->width, 1), 1.0, format, row,
                       GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (int i = 0; i < mask->width; i++)
        {
          to[i] = clean (row[2 * i + component]);
          less |= to[i] < 1.0f;
        }
    }

  return less;
}

NstMask *
nst_buffer_read_mask (GeglBuffer *buffer, int x, int y, int width, int height, gboolean alpha, GError **error)
{
  const Babl         *stored = gegl_buffer_get_format (buffer);
  const gboolean      linear = strcmp (babl_get_name (babl_format_get_model (stored)), "Y") == 0;
  const Babl         *format = babl_format (linear ? "YA float" : "Y'A float");
  g_autoptr (NstMask) mask = nst_mask_new (width, height, error);
  g_autofree float   *row = NULL;

  if (mask == NULL)
    return NULL;

  row = g_try_new (float, (gsize) width * 2);
  if (row == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("There is not enough memory for a mask of %d x %d pixels (%.1f GB)"), width, height,
                   width * 4e-9 * height);
      return NULL;
    }
  if (!babl_format_has_alpha (stored) || (!read_component (buffer, x, y, format, 1, row, mask) && !alpha))
    read_component (buffer, x, y, format, 0, row, mask);

  return g_steal_pointer (&mask);
}

NstImage *
nst_buffer_read (GeglBuffer *buffer, const char *name, int longest, GError **error)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (buffer);
  const double         scale = scale_of (extent, longest);
  g_autoptr (NstImage) image = nst_image_new (scaled (extent->width, scale), scaled (extent->height, scale),
                                              error);
  g_autofree float    *band = NULL;
  double               sum[4] = { 0.0 };
  float                mean[3] = { 0 };
  int                  pass, y, c;

  if (image == NULL)
    return NULL;

  band = g_try_new (float, (gsize) BAND_ROWS * image->width * 4);
  if (band == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("There is not enough memory for a picture of %d x %d pixels (%.1f GB)"), image->width,
                   image->height, image->width * 12e-9 * image->height);
      return NULL;
    }

  for (pass = 0; pass < 2; pass++)
    {
      for (y = 0; y < image->height; y += BAND_ROWS)
        {
          int   rows = MIN (BAND_ROWS, image->height - y);
          gsize n = (gsize) rows * image->width;

          read_band (buffer, extent, scale, y, image->width, rows, pixel_format (), band);
          if (pass == 0)
            add_to_sum (band, n, sum);
          else
            flatten (band, n, mean, image->data + (gsize) y * image->width * 3);
        }

      if (!(sum[3] > 0.0))
        {
          g_autofree char *quoted = nst_text_quote (name);

          g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                       _ ("%s is fully transparent; at least one visible pixel is needed"), quoted);
          return NULL;
        }
      for (c = 0; c < 3; c++)
        mean[c] = sum[c] / sum[3];
    }
  nst_image_clamp (image);

  return g_steal_pointer (&image);
}

/* Writing */

/* Copies source's alpha, and the whole pixel where alpha is 0, to n pixels of target. Both have this format,
 * whose last component is alpha. The copy is bit by bit because a conversion to float and back does not keep
 * every precision exact. rgba: source as float, n x 4. */
static void
restore_alpha (const guint8 *source, guint8 *target, const float *rgba, gsize n, const Babl *format)
{
  const int pixel = babl_format_get_bytes_per_pixel (format);
  const int alpha = pixel - pixel / babl_format_get_n_components (format); /* offset in bytes */
  gsize     i;

  for (i = 0; i < n; i++, source += pixel, target += pixel)
    {
      int from = rgba[4 * i + 3] > 0.0f ? alpha : 0;

      memcpy (target + from, source + from, pixel - from);
    }
}

gboolean
nst_buffer_paint (GeglBuffer *source, const NstImage *picture, GeglBuffer *target)
{
  const Babl    *format = gegl_buffer_get_format (source != NULL ? source : target);
  const gboolean exact = source != NULL && babl_format_has_alpha (format)
                         && gegl_buffer_get_format (target) == format;
  const gsize        band_pixels = (gsize) BAND_ROWS * picture->width;
  g_autofree float  *rgba = g_try_new (float, 4 * band_pixels);
  g_autofree guint8 *before = g_try_malloc (babl_format_get_bytes_per_pixel (format) * band_pixels);
  g_autofree guint8 *after = g_try_malloc (babl_format_get_bytes_per_pixel (format) * band_pixels);
  const float       *rgb = picture->data;
  int                y;

  if (rgba == NULL || before == NULL || after == NULL)
    return FALSE;

  for (y = 0; y < picture->height; y += BAND_ROWS)
    {
      GeglRectangle area = { 0, y, picture->width, MIN (BAND_ROWS, picture->height - y) };
      gsize         n = (gsize) area.width * area.height;
      gsize         i;

      if (source != NULL)
        gegl_buffer_get (source, &area, 1.0, pixel_format (), rgba, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (i = 0; i < n; i++, rgb += 3)
        {
          if (source == NULL)
            rgba[4 * i + 3] = 1.0f;
          if (rgba[4 * i + 3] > 0.0f)
            memcpy (rgba + 4 * i, rgb, 3 * sizeof (float));
        }
      if (exact)
        {
          gegl_buffer_get (source, &area, 1.0, format, before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
          babl_process (babl_fish (pixel_format (), format), rgba, after, n);
          restore_alpha (before, after, rgba, n, format);
          gegl_buffer_set (target, &area, 0, format, after, GEGL_AUTO_ROWSTRIDE);
        }
      else
        gegl_buffer_set (target, &area, 0, pixel_format (), rgba, GEGL_AUTO_ROWSTRIDE);
    }

  return TRUE;
}
