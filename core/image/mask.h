/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/image.h"

G_BEGIN_DECLS

/* A soft mask: one float a pixel, 0 (outside) to 1 (inside), rows from top to bottom. References are counted
 * atomically; as for pictures, a mask is immutable once a second reference exists. */
typedef struct
{
  int    width, height;
  float *data; /* owned; height * width */

  int references; /* private */
} NstMask;

/* A mask with one reference; data is not cleared. NST_ERROR_SIZE, NST_ERROR_MEMORY as for nst_image_new ().
 */
NstMask *nst_mask_new (int width, int height, GError **error);
NstMask *nst_mask_ref (NstMask *mask);
void     nst_mask_unref (NstMask *mask); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstMask, nst_mask_unref)

/* The mean of each pixel's three channels, clamped to 0..1: a grey picture as a mask. */
NstMask *nst_mask_from_image (const NstImage *image, GError **error);

/* The mask at the given size: another reference if it has that size, else a new one, by linear interpolation
 * with a kernel that is widened where the mask becomes smaller. Values stay between those around them, a mask
 * of ones stays exactly that, and masks that sum to 1 still do. */
NstMask *nst_mask_at_size (NstMask *mask, int width, int height, GError **error);

/* A new mask: a rectangle of mask, which must lie inside. */
NstMask *nst_mask_crop (const NstMask *mask, int x, int y, int width, int height, GError **error);

/* Bytes of data. */
gsize nst_mask_bytes (const NstMask *mask);

/* The smallest and the largest value. */
void nst_mask_range (const NstMask *mask, float *least, float *most);

/* In place: image = m * image + (1 - m) * other. All have the same size. Where m is 0 or 1 the pixel is
 * exactly one of both. */
void nst_image_blend_masked (NstImage *image, const NstImage *other, const NstMask *mask);

G_END_DECLS
