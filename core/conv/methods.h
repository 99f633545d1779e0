/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/conv/conv.h"
#include "core/simd/simd.h"

G_BEGIN_DECLS

/* How the methods of nst-conv.h are built in: each is one file and one of these tables. Only nst-conv*.c and
 * tests include this. */

struct _NstConv
{
  int           in_channels, out_channels;
  NstPadding    padding;
  NstConvMethod method;
  const float  *weight; /* borrowed; out x in x 3 x 3 */
  float        *bias;   /* owned; out */
  /* owned; what the method made of the weights, for forward and backward; may be NULL */
  float         *prepared[2];
  float         *taps;    /* owned; nst_conv_edge_taps (); may be NULL */
  const NstSimd *simd[2]; /* static; kernels for what forward and backward put out */
};

typedef struct
{
  const char *name;

  /* Fill prepared, and taps if they are kept, from weight; FALSE when there is no memory. Everything else in
   * conv is set. */
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
