/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures: memory, references, and operations on single pixels. */
#include "core/image/image.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/tensor.h"

gboolean
nst_image_check_size (int width, int height, GError **error)
{
  if (width >= 1 && height >= 1 && width <= NST_MOST_SIDE && height <= NST_MOST_SIDE)
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
               _ ("A picture of %d x %d pixels is not possible; each side must be 1 to %d"), width, height,
               NST_MOST_SIDE);

  return FALSE;
}

NstImage *
nst_image_new (int width, int height, GError **error)
{
  NstImage *image;
  float    *data = NULL;
  gsize     n;

  if (!nst_image_check_size (width, height, error))
    return NULL;

  if (g_size_checked_mul (&n, width, height) && g_size_checked_mul (&n, n, 3))
    data = nst_floats_try_new (n);
  if (data == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("There is not enough memory for a picture of %d x %d pixels (%.1f GB)"), width, height,
                   width * 12e-9 * height);
      return NULL;
    }

  image = g_new (NstImage, 1);
  image->width = width;
  image->height = height;
  image->data = data;
  image->references = 1;

  return image;
}

NstImage *
nst_image_ref (NstImage *image)
{
  g_atomic_int_inc (&image->references);

  return image;
}

void
nst_image_unref (NstImage *image)
{
  if (image == NULL || !g_atomic_int_dec_and_test (&image->references))
    return;

  nst_floats_free (image->data);
  g_free (image);
}

gsize
nst_image_bytes (const NstImage *image)
{
  return (gsize) image->width * image->height * 3 * sizeof (float);
}

NstImage *
nst_image_copy (const NstImage *image, GError **error)
{
  NstImage *copy = nst_image_new (image->width, image->height, error);

  if (copy != NULL)
    memcpy (copy->data, image->data, nst_image_bytes (image));

  return copy;
}

void
nst_image_blend (NstImage *image, const NstImage *other, double share)
{
  const gsize n = (gsize) image->width * image->height * 3;
  const float mine = share, theirs = 1.0 - share;

  for (gsize i = 0; i < n; i++)
    image->data[i] = mine * image->data[i] + theirs * other->data[i];
}

void
nst_image_extend_range (const NstImage *image, NstRange *range)
{
  gsize n = (gsize) image->width * image->height * 3;

  for (gsize i = 0; i < n; i++)
    {
      range->low = MIN (range->low, image->data[i]);
      range->high = MAX (range->high, image->data[i]);
    }
}

void
nst_image_clamp (NstImage *image)
{
  nst_image_clamp_to_range (image, &NST_RANGE_SRGB);
}

void
nst_image_clamp_to_range (NstImage *image, const NstRange *range)
{
  gsize n = (gsize) image->width * image->height * 3;

  for (gsize i = 0; i < n; i++)
    {
      const float value = image->data[i];

      image->data[i] = value > range->low ? MIN (value, range->high) : value <= range->low ? range->low : 0;
    }
}

gboolean
nst_image_is_grey (const NstImage *image)
{
  const gsize n = (gsize) image->width * image->height * 3;

  for (gsize i = 0; i < n; i += 3)
    {
      const float *v = image->data + i;

      if (MAX (MAX (v[0], v[1]), v[2]) - MIN (MIN (v[0], v[1]), v[2]) > 3.01f / 255)
        return FALSE;
    }

  return TRUE;
}
