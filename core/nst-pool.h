/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "nst-tensor.h"

G_BEGIN_DECLS

typedef enum
{
  NST_POOLING_MAX,
  NST_POOLING_AVERAGE,
} NstPooling;

/* 2x2 pooling with stride 2 of height x width x C to height / 2 x width / 2 x C. An odd last row or column is left out, as in VGG, and
 * gets no gradient. Output and input_gradient are overwritten. No scratch memory; exact. */
void nst_pool_forward  (NstPooling pooling, const NstTensor *input, NstTensor *output);

/* input: what forward saw. Of several equal maxima the first in reading order takes the gradient. mask_input: input came out of a ReLU,
 * so the gradient is zero where it is not greater than zero. */
void nst_pool_backward (NstPooling pooling, const NstTensor *input, const NstTensor *output_gradient, NstTensor *input_gradient,
                        const float *add, gboolean mask_input);

G_END_DECLS
