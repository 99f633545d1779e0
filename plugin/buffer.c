/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Converts pictures from and to GEGL buffers: alpha, precision, reading scaled down. */
#include "plugin/buffer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/image/srgb.h"

#define BAND_ROWS 64 /* that are converted at a time */

static const Babl *
pixel_format (void)
{
  return babl_format ("R'G'B'A float");
}

/* Float layers may hold any value. Alpha and masks are 0..1; NaN is 0. */
static float
share (float value)
{
  return value > 0.0f ? MIN (value, 1.0f) : 0.0f;
}

/* Colours outside of sRGB and brighter than white are kept, up to about 700 times white; NaN is black. */
static float
limit (float value)
{
  return value > 0.0f ? MIN (value, 16.0f) : value < 0.0f ? MAX (value, -1.0f) : 0.0f;
}

/* Values */

/* Between the values of a buffer, as floats with alpha, and R'G'B'. */
typedef struct
{
  const NstColour *colour;        /* NULL: sRGB, converted by babl */
  const Babl      *format;        /* of the values */
  int              n;             /* numbers of a pixel */
  float           *scratch, *rgb; /* owned; as many pixels as are converted at once, four and three floats */
} Values;

static void
values_clear (Values *values)
{
  g_free (values->scratch);
  g_free (values->rgb);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Values, values_clear)

/* With a colour the buffer's values lose the name of their space: babl's conversions of a space's curves are
 * approximations. */
static gboolean
values_init (Values *values, GeglBuffer *buffer, const NstColour *colour, gsize pixels)
{
  const Babl *stored = gegl_buffer_get_format (buffer);
  const char *encoding = babl_format_get_encoding (stored); /* for example "R'G'B' u8" */
  char        name[64];

  if (colour != NULL && !babl_format_is_palette (stored))
    gegl_buffer_set_format (buffer, babl_format (encoding));
  g_snprintf (name, sizeof name, "%.*s%s float", (int) strcspn (encoding, " "), encoding,
              babl_format_has_alpha (stored) ? "" : "A");
  *values = (Values){ .colour = colour };
  if (babl_format_is_palette (stored) || !babl_format_exists (name))
    values->format = pixel_format ();
  else
    values->format = babl_format_with_space (name, colour == NULL ? babl_format_get_space (stored) : NULL);
  values->n = babl_format_get_n_components (values->format);
  values->scratch = g_try_new (float, 4 * pixels);
  values->rgb = g_try_new (float, 3 * pixels);

  return values->scratch != NULL && values->rgb != NULL;
}

/* values->rgb = the colours of n pixels. */
static void
values_to_rgb (Values *values, const float *pixels, gsize n)
{
  const int count = values->n - 1;

  if (values->colour == NULL)
    {
      babl_process (babl_fish (values->format, pixel_format ()), pixels, values->scratch, n);
      for (gsize i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
          values->rgb[3 * i + c] = nst_srgb_mirror (values->scratch[4 * i + c]);
    }
  else
    {
      for (gsize i = 0; i < n; i++)
        memcpy (values->scratch + i * count, pixels + i * values->n, count * sizeof (float));
      nst_colour_from_file (values->colour, values->scratch, values->rgb, n);
    }
  for (gsize i = 0; i < 3 * n; i++)
    values->rgb[i] = limit (values->rgb[i]);
}

/* The colours of n pixels, their alpha untouched. */
static void
values_from_rgb (Values *values, const float *rgb, float *pixels, gsize n)
{
  const int count = values->n - 1;

  if (values->colour == NULL)
    {
      for (gsize i = 0; i < n; i++)
        {
          for (int c = 0; c < 3; c++)
            values->scratch[4 * i + c] = nst_srgb_unmirror (rgb[3 * i + c]);
          values->scratch[4 * i + 3] = pixels[i * values->n + count];
        }
      babl_process (babl_fish (pixel_format (), values->format), values->scratch, pixels, n);
    }
  else
    {
      nst_colour_to_file (values->colour, rgb, values->scratch, n);
      for (gsize i = 0; i < n; i++)
        memcpy (pixels + i * values->n, values->scratch + i * count, count * sizeof (float));
    }
}

/* First pass of reading: sums for the mean colour. sum += { r a, g a, b a, a }. */
static void
add_to_sum (const Values *values, const float *pixels, gsize n, double sum[4])
{
  for (gsize i = 0; i < n; i++)
    {
      const float alpha = share (pixels[(i + 1) * values->n - 1]);

      for (int c = 0; c < 3; c++)
        sum[c] += values->rgb[3 * i + c] * alpha;
      sum[3] += alpha;
    }
}

/* Second pass: rgb = a rgb + (1 - a) mean. */
static void
flatten (const Values *values, const float *pixels, gsize n, const float mean[3], float *rgb)
{
  for (gsize i = 0; i < n; i++)
    {
      const float alpha = share (pixels[(i + 1) * values->n - 1]);

      for (int c = 0; c < 3; c++)
        rgb[3 * i + c] = alpha * values->rgb[3 * i + c] + (1.0f - alpha) * mean[c];
    }
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
          to[i] = share (row[2 * i + component]);
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

static void
set_no_memory (int width, int height, GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
               _ ("There is not enough memory for a picture of %d x %d pixels (%.1f GB)"), width, height,
               width * 12e-9 * height);
}

NstImage *
nst_buffer_read (GeglBuffer *buffer, const NstColour *colour, const char *name, int longest, GError **error)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (buffer);
  const double         scale = scale_of (extent, longest);
  g_autoptr (NstImage) image = nst_image_new (scaled (extent->width, scale), scaled (extent->height, scale),
                                              error);
  g_auto (Values)      values = { NULL };
  g_autofree float    *band = NULL;
  double               sum[4] = { 0.0 };
  float                mean[3] = { 0 };

  if (image == NULL)
    return NULL;

  band = g_try_new (float, (gsize) BAND_ROWS * image->width * 4);
  if (band == NULL || !values_init (&values, buffer, colour, (gsize) BAND_ROWS * image->width))
    {
      set_no_memory (image->width, image->height, error);
      return NULL;
    }

  /* An opaque buffer needs no mean colour. */
  for (int pass = babl_format_has_alpha (gegl_buffer_get_format (buffer)) ? 0 : 1; pass < 2; pass++)
    {
      for (int y = 0; y < image->height; y += BAND_ROWS)
        {
          int   rows = MIN (BAND_ROWS, image->height - y);
          gsize n = (gsize) rows * image->width;

          read_band (buffer, extent, scale, y, image->width, rows, values.format, band);
          values_to_rgb (&values, band, n);
          if (pass == 0)
            add_to_sum (&values, band, n, sum);
          else
            flatten (&values, band, n, mean, image->data + (gsize) y * image->width * 3);
        }

      if (pass == 1)
        break;
      if (!(sum[3] > 0.0))
        {
          g_autofree char *quoted = nst_text_quote (name);

          g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                       _ ("%s is fully transparent; at least one visible pixel is needed"), quoted);
          return NULL;
        }
      for (int c = 0; c < 3; c++)
        mean[c] = sum[c] / sum[3];
    }

  return g_steal_pointer (&image);
}

/* Writing */

/* Copies source's alpha, and the whole pixel where alpha is 0, to n pixels of target. Both have this format,
 * whose last component is alpha. The copy is bit by bit because a conversion to float and back does not keep
 * every precision exact. values: source as floats, step a pixel, alpha last. */
static void
restore_alpha (
    const guint8 *source, guint8 *target, const float *values, int step, gsize n, const Babl *format)
{
  const int pixel = babl_format_get_bytes_per_pixel (format);
  const int alpha = pixel - pixel / babl_format_get_n_components (format); /* offset in bytes */

  for (gsize i = 0; i < n; i++, source += pixel, target += pixel)
    {
      int from = values[(i + 1) * step - 1] > 0.0f ? alpha : 0;

      memcpy (target + from, source + from, pixel - from);
    }
}

/* What nst_buffer_paint () works with: BAND_ROWS rows at a time. */
typedef struct
{
  GeglBuffer *source; /* or NULL */
  GeglBuffer *target;
  const Babl *format; /* of source, or of target */
  Values      values;
  gboolean    exact;                   /* both have this format, and alpha */
  float      *pixels, *lost, *painted; /* owned; four floats a pixel */
  guint8     *before, *after;          /* owned; a pixel of format a pixel */
} Band;

static void
band_clear (Band *band)
{
  values_clear (&band->values);
  g_free (band->pixels);
  g_free (band->lost);
  g_free (band->painted);
  g_free (band->before);
  g_free (band->after);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Band, band_clear)

static gboolean
band_init (Band *band, GeglBuffer *source, GeglBuffer *target, const NstColour *colour, gsize pixels)
{
  Values   of_target;
  gboolean ready = values_init (&of_target, target, colour, 1);
  gsize    bytes;

  values_clear (&of_target);
  band->source = source;
  band->target = target;
  ready = values_init (&band->values, source != NULL ? source : target, colour, pixels) && ready;
  band->format = gegl_buffer_get_format (source != NULL ? source : target);
  band->exact = source != NULL && babl_format_has_alpha (band->format)
                && gegl_buffer_get_format (target) == band->format;
  bytes = babl_format_get_bytes_per_pixel (band->format) * pixels;
  band->pixels = g_try_new (float, 4 * pixels);
  band->lost = g_try_new0 (float, 4 * pixels);
  band->painted = g_try_new (float, 4 * pixels);
  band->before = g_try_malloc (bytes);
  band->after = g_try_malloc (bytes);

  return ready && band->pixels != NULL && band->lost != NULL && band->painted != NULL && band->before != NULL
         && band->after != NULL;
}

/* What source's n pixels lose on the way to a picture and back. */
static void
find_lost (Band *band, gsize n)
{
  const gsize count = n * band->values.n;

  memcpy (band->lost, band->pixels, count * sizeof (float));
  values_to_rgb (&band->values, band->pixels, n);
  values_from_rgb (&band->values, band->values.rgb, band->lost, n);
  for (gsize i = 0; i < count; i++)
    {
      band->lost[i] = band->pixels[i] - band->lost[i];
      if (!isfinite (band->lost[i]))
        band->lost[i] = 0;
    }
}

/* Writes n pixels of rgb with source's alpha. */
static void
write_band (Band *band, const GeglRectangle *area, const float *rgb, gsize n)
{
  const int step = band->values.n;

  memcpy (band->painted, band->pixels, n * step * sizeof (float));
  values_from_rgb (&band->values, rgb, band->painted, n);
  for (gsize i = 0; i < n; i++)
    for (int c = 0; c < step - 1; c++)
      {
        const gsize at = i * step + c;

        band->painted[at] = band->pixels[(i + 1) * step - 1] > 0.0f ? band->painted[at] + band->lost[at]
                                                                    : band->pixels[at];
      }
  if (!band->exact)
    {
      gegl_buffer_set (band->target, area, 0, band->values.format, band->painted, GEGL_AUTO_ROWSTRIDE);
      return;
    }

  gegl_buffer_get (band->source, area, 1.0, band->format, band->before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
  babl_process (babl_fish (band->values.format, band->format), band->painted, band->after, n);
  restore_alpha (band->before, band->after, band->pixels, step, n, band->format);
  gegl_buffer_set (band->target, area, 0, band->format, band->after, GEGL_AUTO_ROWSTRIDE);
}

gboolean
nst_buffer_paint (GeglBuffer *source, const NstImage *picture, GeglBuffer *target, const NstColour *colour)
{
  g_auto (Band) band = { NULL };
  const float  *rgb = picture->data;

  if (!band_init (&band, source, target, colour, (gsize) BAND_ROWS * picture->width))
    return FALSE;

  for (int y = 0; y < picture->height; y += BAND_ROWS)
    {
      const GeglRectangle area = { 0, y, picture->width, MIN (BAND_ROWS, picture->height - y) };
      const gsize         n = (gsize) area.width * area.height;

      if (source != NULL)
        {
          gegl_buffer_get (source, &area, 1.0, band.values.format, band.pixels, GEGL_AUTO_ROWSTRIDE,
                           GEGL_ABYSS_NONE);
          find_lost (&band, n);
        }
      else
        for (gsize i = 0; i < n; i++)
          band.pixels[(i + 1) * band.values.n - 1] = 1.0f;
      write_band (&band, &area, rgb, n);
      rgb += 3 * n;
    }

  return TRUE;
}
