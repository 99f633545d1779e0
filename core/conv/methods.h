/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/conv/conv.h"
#include "core/simd/simd.h"

G_BEGIN_DECLS

/* The methods behind conv.h: each is one file with one NstConvKernel. Only core/conv and tests include this.
 */

struct _NstConv
{
  int           in_channels, out_channels;
  NstPadding    padding;
  NstConvMethod method;
  const float  *weight; /* borrowed; out x in x 3 x 3 */
  float        *bias;   /* owned; out */
  /* owned; what the method precomputes for forward and backward; may be NULL */
  float         *prepared[2];
  float         *taps;    /* owned; nst_conv_edge_taps (); may be NULL */
  const NstSimd *simd[2]; /* static; for the output channels of forward and of backward */
};

typedef struct
{
  const char *name;

  /* Fill prepared, and taps if they are kept, from weight. All other fields are set. FALSE: not enough
   * memory. */
  gboolean (*prepare) (NstConv *conv);
  gsize (*prepared_floats) (const NstConv *conv);
  gsize (*scratch) (const NstConv *conv, int height, int width);
  void (*forward) (const NstConv *conv, const NstTensor *input, const NstConvOutput *output, float *scratch);
  void (*backward) (const NstConv *conv, const NstConvGradient *gradient, float *scratch);
  gboolean pools;
} NstConvKernel;

extern const NstConvKernel nst_conv_reference;
extern const NstConvKernel nst_conv_im2col;
extern const NstConvKernel nst_conv_thin;
extern const NstConvKernel nst_conv_winograd4;
extern const NstConvKernel nst_conv_winograd6;

G_END_DECLS
