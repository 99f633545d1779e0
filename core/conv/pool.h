/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/conv/relu-mask.h"

G_BEGIN_DECLS

typedef enum
{
  NST_POOLING_MAX,
  NST_POOLING_AVERAGE,
} NstPooling;

/* 2x2 pooling with stride 2, from height x width x C to height / 2 x width / 2 x C. As in VGG, an odd last
 * row or column is ignored and gets no gradient. Exact; no scratch memory.
 *
 * mask (of input's shape, overwritten; or NULL) is all that backward needs: which inputs receive their
 * output's gradient. Max pooling: the greatest of the window, the first in reading order among equals.
 * Average pooling: all four. relu: the input came out of a ReLU; then only inputs above 0 receive it, so the
 * result is the gradient with respect to the ReLU's input. */
void nst_pool_forward (
    NstPooling pooling, const NstTensor *input, NstTensor *output, guint8 *mask, gboolean relu);

/* input_gradient (overwritten) = add + the pooled gradient where mask is set; average pooling divides it
 * by 4. add: of input_gradient's shape, or NULL; may be input_gradient's own floats. */
void nst_pool_backward (NstPooling       pooling,
                        const guint8    *mask,
                        const NstTensor *output_gradient,
                        NstTensor       *input_gradient,
                        const float     *add);

G_END_DECLS
