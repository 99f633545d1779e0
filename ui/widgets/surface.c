/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture as a mipmap of cairo surfaces. */
#include "ui/widgets/surface.h"

#include <math.h>

#define MAX_LEVELS 12
#define SMALLEST_LEVEL 256 /* longer side below which no smaller copy is made */

struct _NstSurface
{
  cairo_surface_t *levels[MAX_LEVELS]; /* owned; each half as wide as the one before */
  int              n_levels;
};

static guint32
to_byte (float value)
{
  return CLAMP (value, 0.0f, 1.0f) * 255.0f + 0.5f;
}

static float
to_linear (float value)
{
  value = CLAMP (value, 0.0f, 1.0f);

  return value <= 0.04045f ? value / 12.92f : powf ((value + 0.055f) / 1.055f, 2.4f);
}

/* Luminance of sRGB's primaries, with sRGB's transfer curve: what babl makes of a colour in greyscale. */
static guint32
to_grey (const float *rgb)
{
  const float y = 0.2126f * to_linear (rgb[0]) + 0.7152f * to_linear (rgb[1]) + 0.0722f * to_linear (rgb[2]);
  const guint32 grey = to_byte (y <= 0.0031308f ? y * 12.92f : 1.055f * powf (y, 1 / 2.4f) - 0.055f);

  return grey << 16 | grey << 8 | grey;
}

static cairo_surface_t *
convert (const NstImage *image, gboolean grey)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, image->width, image->height);
  const int        stride = cairo_image_surface_get_stride (surface);
  guint8          *data = cairo_image_surface_get_data (surface);
  const float     *rgb = image->data;

  if (data == NULL)
    return surface; /* too large for cairo: draws nothing */

  cairo_surface_flush (surface);
  for (int y = 0; y < image->height; y++)
    {
      guint32 *row = (guint32 *) (data + (gsize) y * stride);

      for (int x = 0; x < image->width; x++, rgb += 3)
        row[x] = grey ? to_grey (rgb) : to_byte (rgb[0]) << 16 | to_byte (rgb[1]) << 8 | to_byte (rgb[2]);
    }
  cairo_surface_mark_dirty (surface);

  return surface;
}

static cairo_surface_t *
halve (cairo_surface_t *surface)
{
  const int width = cairo_image_surface_get_width (surface),
            height = cairo_image_surface_get_height (surface);
  const int        half_width = MAX (1, width / 2), half_height = MAX (1, height / 2);
  cairo_surface_t *half = cairo_image_surface_create (CAIRO_FORMAT_RGB24, half_width, half_height);
  cairo_t         *cr = cairo_create (half);

  cairo_scale (cr, (double) half_width / width, (double) half_height / height);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint (cr);
  cairo_destroy (cr);

  return half;
}

static NstSurface *
make (const NstImage *image, gboolean grey)
{
  NstSurface *surface = g_new0 (NstSurface, 1);
  int         longest = MAX (image->width, image->height);

  surface->levels[surface->n_levels++] = convert (image, grey);
  while (surface->n_levels < MAX_LEVELS && (longest /= 2) >= SMALLEST_LEVEL)
    {
      surface->levels[surface->n_levels] = halve (surface->levels[surface->n_levels - 1]);
      surface->n_levels++;
    }

  return surface;
}

NstSurface *
nst_surface_new (const NstImage *image)
{
  return make (image, FALSE);
}

NstSurface *
nst_surface_new_grey (const NstImage *image)
{
  return make (image, TRUE);
}

void
nst_surface_free (NstSurface *surface)
{
  if (surface == NULL)
    return;

  for (int i = 0; i < surface->n_levels; i++)
    cairo_surface_destroy (surface->levels[i]);
  g_free (surface);
}

int
nst_surface_width (const NstSurface *surface)
{
  return cairo_image_surface_get_width (surface->levels[0]);
}

int
nst_surface_height (const NstSurface *surface)
{
  return cairo_image_surface_get_height (surface->levels[0]);
}

void
nst_surface_draw (const NstSurface *surface, cairo_t *cr, double x, double y, double width, double height)
{
  cairo_surface_t *level;
  double           device_width = width, device_height = 0, level_width, level_height;
  int              i = 0;

  cairo_user_to_device_distance (cr, &device_width, &device_height);
  while (i + 1 < surface->n_levels && cairo_image_surface_get_width (surface->levels[i + 1]) >= device_width)
    i++;
  level = surface->levels[i];
  level_width = MAX (1, cairo_image_surface_get_width (level));
  level_height = MAX (1, cairo_image_surface_get_height (level));

  cairo_save (cr);
  cairo_rectangle (cr, x, y, width, height);
  cairo_translate (cr, x, y);
  cairo_scale (cr, width / level_width, height / level_height);
  cairo_set_source_surface (cr, level, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), device_width > 6 * level_width ? CAIRO_FILTER_NEAREST
                                                   : device_width > level_width   ? CAIRO_FILTER_BEST
                                                                                  : CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_fill (cr);
  cairo_restore (cr);
}
