/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/base/tensor.h"

G_BEGIN_DECLS

/* One bit for each number of a tensor: whether a gradient passes there. A thirty-second of what the numbers
 * take, and all of a ReLU's input that its gradient needs. (channels + 7) / 8 bytes a position; channel c is
 * bit c % 8 of byte c / 8; bits beyond the last channel are 0. Memory belongs to the caller. */

gsize    nst_mask_bytes (const NstTensor *tensor);
gboolean nst_mask_get (const guint8 *mask, int channels, gsize position, int channel);

/* Bits of n positions from first on: set where values (of the first of them) is greater than 0. Where
 * channels come in sixteens, values are aligned to 64 bytes, here and below. */
void nst_mask_fill (guint8 *mask, int channels, gsize first, gsize n, const float *values);

/* The opposite: values of n positions from first on become 0 where the bit is not set. */
void nst_mask_apply (const guint8 *mask, int channels, gsize first, gsize n, float *values);

G_END_DECLS
