/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/base/tensor.h"

G_BEGIN_DECLS

/* A mask has one bit for each number of a tensor: whether the gradient passes there. It is all that a ReLU's
 * backward pass needs, in a thirty-second of the memory. A position has (channels + 7) / 8 bytes; channel c
 * is bit c % 8 of byte c / 8; bits beyond the last channel are 0. The caller owns the memory. */

/* Bytes of a tensor's mask; and one bit of a mask. */
gsize    nst_relu_mask_bytes (const NstTensor *tensor);
gboolean nst_relu_mask_get (const guint8 *mask, int channels, gsize position, int channel);

/* Set the bits of positions first .. first + n - 1 where values > 0, and clear the others. values begins at
 * position first. If channels is a multiple of 16, values must be aligned to 64 bytes, here and below. */
void nst_relu_mask_fill (guint8 *mask, int channels, gsize first, gsize n, const float *values);

/* Set the values of positions first .. first + n - 1 to 0 where the bit is clear. */
void nst_relu_mask_apply (const guint8 *mask, int channels, gsize first, gsize n, float *values);

G_END_DECLS
