/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Converts a result to the numbers of a file. */
#include "picture/pixels.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/base/error.h"

#define GREY_DIFFERENCE (1 / 1024.0f) /* of the channels of a result that is stored as grey */
#define EXACT (1 / 64.0f)             /* distance from a number within which no dither is needed */

static gboolean
is_grey (const NstImage *image)
{
  const gsize n = (gsize) image->width * image->height * 3;

  for (gsize i = 0; i < n; i += 3)
    {
      const float *v = image->data + i;

      if (MAX (MAX (v[0], v[1]), v[2]) - MIN (MIN (v[0], v[1]), v[2]) > GREY_DIFFERENCE)
        return FALSE;
    }

  return TRUE;
}

/* Alpha at the size of the image. FALSE: no memory. */
static gboolean
resize_alpha (NstPixels *pixels)
{
  const NstImage *picture = pixels->origin->picture;
  const gsize     n = (gsize) picture->width * picture->height, m = (gsize) pixels->width * pixels->height;
  g_autoptr (NstImage) whole = nst_image_new (picture->width, picture->height, NULL);
  g_autoptr (NstImage) resized = NULL;

  if (whole == NULL)
    return FALSE;
  for (gsize i = 0; i < 3 * n; i++)
    whole->data[i] = pixels->origin->alpha[i / 3];
  resized = nst_image_resize (whole, pixels->width, pixels->height, NULL);
  pixels->resized = resized != NULL ? g_try_new (float, m) : NULL;
  if (pixels->resized == NULL)
    return FALSE;
  for (gsize i = 0; i < m; i++)
    pixels->resized[i] = CLAMP (resized->data[3 * i], 0, 1);

  return TRUE;
}

/* Which colours the file has: those of the origin, but a result with colours is not stored as grey. */
static void
choose_colours (NstPixels *pixels)
{
  const NstOrigin *origin = pixels->origin;

  pixels->grey = origin != NULL && origin->grey && is_grey (pixels->image);
  if (origin != NULL && origin->profile != NULL && origin->grey == pixels->grey)
    {
      const NstColours colours = pixels->grey ? NST_COLOURS_GREY : NST_COLOURS_RGB;

      pixels->colour = nst_colour_new (colours, origin->profile, FALSE);
      if (pixels->colour != NULL)
        {
          pixels->profile = g_bytes_ref (origin->profile);
          return;
        }
    }
  pixels->linear = pixels->depth == NST_DEPTH_FLOAT;
  pixels->colour = nst_colour_new (pixels->grey ? NST_COLOURS_GREY : NST_COLOURS_RGB, NULL, pixels->linear);
}

gboolean
nst_pixels_init (NstPixels       *pixels,
                 const NstImage  *image,
                 const NstOrigin *origin,
                 NstDepth         depth,
                 gboolean         can_store_alpha,
                 GError         **error)
{
  const gboolean transparent = origin != NULL && origin->alpha != NULL;

  *pixels = (NstPixels){ .width = image->width,
                         .height = image->height,
                         .depth = depth,
                         .image = image,
                         .origin = origin,
                         .alpha = transparent && can_store_alpha,
                         .white = transparent && !can_store_alpha };
  pixels->same = origin != NULL && origin->picture->width == image->width
                 && origin->picture->height == image->height;
  choose_colours (pixels);
  pixels->channels = (pixels->grey ? 1 : 3) + (pixels->alpha ? 1 : 0);
  pixels->values = g_try_new (float, (gsize) image->width * 8);
  if (pixels->colour == NULL || pixels->values == NULL
      || (transparent && !pixels->same && !resize_alpha (pixels)))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("there is not enough memory to write %d x %d pixels"), image->width, image->height);
      return FALSE;
    }

  return TRUE;
}

void
nst_pixels_clear (NstPixels *pixels)
{
  g_clear_pointer (&pixels->profile, g_bytes_unref);
  g_clear_pointer (&pixels->colour, nst_colour_free);
  g_clear_pointer (&pixels->resized, g_free);
  g_clear_pointer (&pixels->values, g_free);
}

gsize
nst_pixels_stride (const NstPixels *pixels)
{
  return (gsize) pixels->width * pixels->channels * (pixels->depth / 8);
}

/* The row as R'G'B'. The reader has blended colours c with the mean m of the visible ones to f = a c + (1 -
 * a) m; what it took away, c - f = (1 - a) / a (f - m), is added to the result. Without alpha in the file,
 * the result is blended with white. */
static void
take_row (NstPixels *pixels, int y, const float *alpha, float *rgb)
{
  const gsize  offset = (gsize) y * pixels->width * 3;
  const float *from = pixels->image->data + offset;
  const float *read = pixels->same && alpha != NULL ? pixels->origin->picture->data + offset : NULL;

  for (int i = 0; i < 3 * pixels->width; i++)
    {
      const float a = alpha != NULL ? alpha[i / 3] : 1;

      rgb[i] = from[i];
      if (read != NULL && a > 0)
        rgb[i] += (1 - a) / a * (read[i] - pixels->origin->mean[i % 3]);
      if (pixels->white)
        rgb[i] = a * rgb[i] + (1 - a);
    }
}

/* Dither of 0 to 1, from the position alone and the same for all channels: grey stays grey (a hash by Thomas
 * Wang's scheme of shifts and products). */
static inline float
dither (guint32 x, guint32 y)
{
  guint32 h = x * 0x9e3779b1u ^ y * 0x85ebca77u;

  h = (h ^ h >> 15) * 0x2c1b3c6du;
  h = (h ^ h >> 12) * 0x297a2d39u;

  return ((h ^ h >> 15) >> 8) * 0x1p-24f;
}

static inline guint
quantise (float value, guint most)
{
  return value > 0 ? (guint) lroundf (MIN (value, 1) * most) : 0;
}

static inline guint8
quantise_dithered (float value, int x, int y)
{
  const float scaled = value > 0 ? MIN (value, 1) * G_MAXUINT8 : 0;
  const float below = floorf (scaled);

  if (fabsf (scaled - roundf (scaled)) < EXACT)
    return (guint8) lroundf (scaled);

  return (guint8) (below + (scaled - below > dither (x, y) ? 1 : 0));
}

static void
store (NstPixels *pixels, int y, const float *values, const float *alpha, void *row)
{
  const int n = pixels->grey ? 1 : 3;
  gsize     at = 0;

  for (int x = 0; x < pixels->width; x++)
    for (int c = 0; c < pixels->channels; c++, at++)
      {
        const float value = c < n ? values[x * n + c] : alpha[x];

        if (pixels->depth == NST_DEPTH_FLOAT)
          ((float *) row)[at] = value;
        else if (pixels->depth == NST_DEPTH_16)
          ((guint16 *) row)[at] = quantise (value, G_MAXUINT16);
        else
          ((guint8 *) row)[at] = c < n ? quantise_dithered (value, x, y) : quantise (value, G_MAXUINT8);
      }
}

void
nst_pixels_get_row (NstPixels *pixels, int y, void *row)
{
  const NstOrigin *origin = pixels->origin;
  const int        n = pixels->grey ? 1 : 3;
  float           *rgb = pixels->values, *values = rgb + (gsize) pixels->width * 4;
  const float     *alpha = pixels->resized != NULL ? pixels->resized : origin != NULL ? origin->alpha : NULL;

  if (alpha != NULL)
    alpha += (gsize) y * pixels->width;
  take_row (pixels, y, alpha, rgb);
  nst_colour_to_file (pixels->colour, rgb, values, pixels->width);
  if (pixels->same && origin->rest != NULL && origin->grey == pixels->grey
      && (pixels->profile != NULL || pixels->linear == origin->linear))
    for (gsize i = 0; i < (gsize) pixels->width * n; i++)
      values[i] += origin->rest[(gsize) y * pixels->width * n + i];
  store (pixels, y, values, alpha, row);
}
