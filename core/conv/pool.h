/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/conv/mask.h"

G_BEGIN_DECLS

typedef enum
{
  NST_POOLING_MAX,
  NST_POOLING_AVERAGE,
} NstPooling;

/* 2x2 pooling with stride 2 of height x width x C to height / 2 x width / 2 x C. An odd last row or column is
 * left out, as in VGG, and gets no gradient. No scratch memory; exact.
 *
 * mask (of input's shape, overwritten; or NULL) says what backward needs to know: which inputs get their
 * output's gradient. Max pooling: the first in reading order of the greatest of a window; average: all of
 * them. With relu (input came out of one) only those greater than zero, so that the gradient is that of what
 * went into the ReLU. */
void nst_pool_forward (
    NstPooling pooling, const NstTensor *input, NstTensor *output, guint8 *mask, gboolean relu);

/* input_gradient (overwritten) = add + what mask lets through. add: of input_gradient's shape, may be its own
 * floats; or NULL. */
void nst_pool_backward (NstPooling       pooling,
                        const guint8    *mask,
                        const NstTensor *output_gradient,
                        NstTensor       *input_gradient,
                        const float     *add);

G_END_DECLS
