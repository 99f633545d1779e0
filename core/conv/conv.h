/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/conv/pool.h"
#include "core/conv/relu-mask.h"

G_BEGIN_DECLS

/* 3x3 convolution with stride 1 and padding 1, followed by a ReLU, and its gradient with respect to the
 * input. The kernels are constants: there is no gradient with respect to them.
 *
 *   forward:  Y[y,x,k] = relu (bias[k] + sum over c, i, j of W[k,c,i,j] X[y+i-1,x+j-1,c])
 *   backward: dX[y,x,c] = sum over k, i, j of W[k,c,i,j] dY[y-i+1,x-j+1,k]      (dY is already masked by the
 * ReLU)
 *
 * Outside the picture X is 0, or with NST_PADDING_REPLICATE the nearest position inside. backward is the
 * exact gradient of either. */

typedef enum
{
  NST_PADDING_ZERO,
  NST_PADDING_REPLICATE,
} NstPadding;

typedef enum
{
  /* nst_conv_choose (), or for tests and benchmarks the environment variable PASTICHE_CONV */
  NST_CONV_AUTO,
  NST_CONV_REFERENCE, /* nested loops with double accumulators: slow; tests compare the others with it */
  NST_CONV_IM2COL,    /* panels of columns that fit the cache, multiplied by sgemm; any shape */
  NST_CONV_THIN,      /* direct, for the few input channels of a first layer */
  NST_CONV_WINOGRAD4, /* Winograd's minimal filtering F(4x4, 3x3) */
  NST_CONV_WINOGRAD6, /* F(6x6, 3x3): fewer multiplications, larger rounding error */
  /* as NST_CONV_AUTO; Winograd's products are of bf16 numbers, with sums of floats, where the processor can
   */
  NST_CONV_FAST,
} NstConvMethod;

/* The results of forward; all are overwritten. */
typedef struct
{
  NstTensor *features; /* after the ReLU, of the input's height and width; NULL if pooled is wanted */
  /* features after 2x2 pooling, as by nst_pool_forward (), or NULL; only if nst_conv_pools () */
  NstTensor *pooled;
  NstPooling pooling;
  /* where the gradient passes: features > 0, or with pooled as nst_pool_forward () defines it; or NULL */
  guint8 *mask;
} NstConvOutput;

/* The arguments of backward. */
typedef struct
{
  /* gradient with respect to features (already masked by the ReLU) or to pooled */
  const NstTensor *output;
  const guint8    *unpool; /* the mask that forward wrote with pooled; NULL: output is of features */
  NstPooling       pooling;
  NstTensor       *input; /* gradient with respect to the input, overwritten: mask * (add + dX) */
  const float     *add;   /* of input's shape, may be input's own floats; or NULL */
  const guint8    *mask;  /* of the input; NULL: the gradient passes everywhere */
} NstConvGradient;

/* A layer: its kernels, and what its method precomputes from them. Immutable; several threads may use it at
 * once. */
typedef struct _NstConv NstConv;

/* The method for a layer. Pure: the result depends on the arguments alone. */
NstConvMethod nst_conv_choose (int in_channels, int out_channels);

/* Whether a method can compute a layer: thin needs at most 4 input channels and a multiple of 16 output
 * channels, Winograd multiples of 16 for both. */
gboolean nst_conv_can (NstConvMethod method, int in_channels, int out_channels);

/* "auto", "reference", "im2col" ... */
const char *nst_conv_method_name (NstConvMethod method);

/* Whether this processor has products of bf16 numbers; otherwise NST_CONV_FAST is NST_CONV_AUTO. */
gboolean nst_conv_has_bf16 (void);

/* weight: out_channels x in_channels x 3 x 3, borrowed as long as the layer exists, because some methods
 * transform it at every call. bias: out_channels, copied. Returns an owned layer for nst_conv_free (), or
 * NULL when there is not enough memory. A method that cannot compute the layer is replaced by nst_conv_choose
 * (). */
NstConv *nst_conv_try_new (int           in_channels,
                           int           out_channels,
                           const float  *weight,
                           const float  *bias,
                           NstPadding    padding,
                           NstConvMethod method);
void     nst_conv_free (NstConv *conv);

/* Bytes of the object, and floats of scratch memory that a call for height x width positions needs with
 * nst_threads () threads. */
gsize nst_conv_bytes (const NstConv *conv);
gsize nst_conv_scratch (const NstConv *conv, int height, int width);

/* The same two numbers for a layer that does not exist. Returns what nst_conv_pools () would. */
gboolean nst_conv_plan (int           in_channels,
                        int           out_channels,
                        NstPadding    padding,
                        NstConvMethod method,
                        int           height,
                        int           width,
                        gsize        *bytes,
                        gsize        *scratch);

/* The side of the squares of outputs that the layer's method computes at a time, the first one at position 0,
 * 0; 1: each output by itself. Two pictures that differ by a shift of a multiple of it round alike. */
int nst_conv_grid (int in_channels, int out_channels, NstConvMethod method);

/* The method that is used, and whether a pass of it has bf16 products. */
NstConvMethod nst_conv_method (const NstConv *conv, gboolean *bf16);

/* Whether forward and backward can include a 2x2 pooling, so that the features before it never exist. */
gboolean nst_conv_pools (const NstConv *conv);

/* scratch: nst_conv_scratch () floats; undefined afterwards. */
void nst_conv_forward (const NstConv       *conv,
                       const NstTensor     *input,
                       const NstConvOutput *output,
                       float               *scratch);
void nst_conv_backward (const NstConv *conv, const NstConvGradient *gradient, float *scratch);

G_END_DECLS
