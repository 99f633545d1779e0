/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Masks: memory, references, size, and pictures that are blended by them. */
#include "core/image/mask.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/tensor.h"

NstMask *
nst_mask_new (int width, int height, GError **error)
{
  NstMask *mask;
  float   *data;

  if (!nst_image_check_size (width, height, error))
    return NULL;

  data = nst_floats_try_new ((gsize) width * height);
  if (data == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("There is not enough memory for a mask of %d x %d pixels (%.1f GB)"), width, height,
                   width * 4e-9 * height);
      return NULL;
    }

  mask = g_new (NstMask, 1);
  *mask = (NstMask){ width, height, data, 1 };

  return mask;
}

NstMask *
nst_mask_ref (NstMask *mask)
{
  g_atomic_int_inc (&mask->references);

  return mask;
}

void
nst_mask_unref (NstMask *mask)
{
  if (mask == NULL || !g_atomic_int_dec_and_test (&mask->references))
    return;

  nst_floats_free (mask->data);
  g_free (mask);
}

static gsize
count_pixels (const NstMask *mask)
{
  return (gsize) mask->width * mask->height;
}

gsize
nst_mask_bytes (const NstMask *mask)
{
  return count_pixels (mask) * sizeof (float);
}

NstMask *
nst_mask_from_image (const NstImage *image, GError **error)
{
  NstMask *mask = nst_mask_new (image->width, image->height, error);

  for (gsize p = 0; mask != NULL && p < count_pixels (mask); p++)
    {
      const float *rgb = image->data + 3 * p;
      const float  mean = rgb[0] == rgb[1] && rgb[1] == rgb[2] ? rgb[0] : (rgb[0] + rgb[1] + rgb[2]) / 3;

      mask->data[p] = mean > 0 ? MIN (mean, 1) : 0;
    }

  return mask;
}

/* One line of from, every step-th float, becomes n_to values of to. */
static void
resize_line (const float *from, int n_from, gsize step, float *to, int n_to)
{
  const double pitch = (double) n_from / n_to, radius = MAX (pitch, 1);

  for (int i = 0; i < n_to; i++)
    {
      const double centre = (i + 0.5) * pitch - 0.5;
      const int    first = MAX ((int) ceil (centre - radius), 0);
      const int    last = MIN ((int) floor (centre + radius), n_from - 1);
      double       sum = 0, weights = 0;

      for (int k = first; k <= last; k++)
        {
          const double weight = MAX (radius - fabs (k - centre), 0);

          sum += weight * from[k * step];
          weights += weight;
        }
      to[i * step] = sum / weights;
    }
}

NstMask *
nst_mask_at_size (NstMask *mask, int width, int height, GError **error)
{
  g_autoptr (NstMask) narrow = NULL;
  NstMask            *resized;

  if (mask->width == width && mask->height == height)
    return nst_mask_ref (mask);

  narrow = nst_mask_new (width, mask->height, error);
  resized = narrow != NULL ? nst_mask_new (width, height, error) : NULL;
  if (resized == NULL)
    return NULL;

  for (int y = 0; y < mask->height; y++)
    resize_line (mask->data + (gsize) y * mask->width, mask->width, 1, narrow->data + (gsize) y * width,
                 width);
  for (int x = 0; x < width; x++)
    resize_line (narrow->data + x, mask->height, width, resized->data + x, height);

  return resized;
}

NstMask *
nst_mask_crop (const NstMask *mask, int x, int y, int width, int height, GError **error)
{
  NstMask *part;

  g_return_val_if_fail (x >= 0 && y >= 0 && x + width <= mask->width && y + height <= mask->height, NULL);

  part = nst_mask_new (width, height, error);
  for (int row = 0; part != NULL && row < height; row++)
    memcpy (part->data + (gsize) row * width, mask->data + (gsize) (y + row) * mask->width + x,
            width * sizeof (float));

  return part;
}

void
nst_mask_range (const NstMask *mask, float *least, float *most)
{
  *least = *most = mask->data[0];
  for (gsize p = 1; p < count_pixels (mask); p++)
    {
      *least = MIN (*least, mask->data[p]);
      *most = MAX (*most, mask->data[p]);
    }
}

void
nst_image_blend_masked (NstImage *image, const NstImage *other, const NstMask *mask)
{
  g_return_if_fail (image->width == mask->width && image->height == mask->height);

  for (gsize p = 0; p < count_pixels (mask); p++)
    for (gsize i = 3 * p; i < 3 * p + 3; i++)
      image->data[i] = mask->data[p] * image->data[i] + (1 - mask->data[p]) * other->data[i];
}
