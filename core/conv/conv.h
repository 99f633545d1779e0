/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/conv/mask.h"
#include "core/conv/pool.h"

G_BEGIN_DECLS

/* 3x3 convolution, stride 1, padding 1, followed by ReLU, and its gradient with respect to the input. Weights
 * are constants: no gradient with respect to them exists anywhere.
 *
 *   forward:  Y[y,x,k] = relu (bias[k] + sum over c, i, j of W[k,c,i,j] X[y+i-1,x+j-1,c])
 *   backward: dX[y,x,c] = sum over k, i, j of W[k,c,i,j] dY[y-i+1,x-j+1,k]      (dY already masked by the
 * ReLU)
 *
 * Outside of the picture X is zero, or, with NST_PADDING_REPLICATE, the nearest position inside; the gradient
 * follows. */

typedef enum
{
  NST_PADDING_ZERO,
  NST_PADDING_REPLICATE,
} NstPadding;

typedef enum
{
  /* what nst_conv_choose () says; or, for tests and benchmarks, the environment variable PASTICHE_CONV */
  NST_CONV_AUTO,
  NST_CONV_REFERENCE, /* nested loops with double accumulators: slow, and what tests trust */
  NST_CONV_IM2COL,    /* a panel of columns that fits the cache, times the weights, by sgemm; any shape */
  NST_CONV_THIN,      /* few channels in, the first layer: direct */
  NST_CONV_WINOGRAD4, /* Winograd's filtering, tiles of 4 x 4 */
  NST_CONV_WINOGRAD6, /* tiles of 6 x 6: fewer multiplications, larger rounding error */
} NstConvMethod;

/* What forward puts out, all overwritten. */
typedef struct
{
  NstTensor *features; /* after the ReLU, of the input's height and width; or, if pooled is wanted, NULL */
  /* 2x2-pooled features, as nst_pool_forward (); or NULL. Only of a layer that nst_conv_pools () */
  NstTensor *pooled;
  NstPooling pooling;
  /* where the gradient passes: features > 0; with pooled, what nst_pool_forward () says; or NULL */
  guint8 *mask;
} NstConvOutput;

/* One step back. */
typedef struct
{
  /* with respect to what forward put out, features or pooled; already masked by the ReLU if features */
  const NstTensor *output;
  const guint8    *unpool; /* pooled: the mask that forward left; NULL: features */
  NstPooling       pooling;
  NstTensor       *input; /* with respect to the input, overwritten: mask * (add + dX) */
  const float     *add;   /* as many floats as input, may be input's own; or NULL */
  const guint8    *mask;  /* of the input; or NULL: the gradient passes everywhere */
} NstConvGradient;

/* A layer's weights, and what its method makes of them beforehand. Immutable; may be used by several threads
 * at once. */
typedef struct _NstConv NstConv;

/* The method for a layer; pure: depends on its arguments alone. */
NstConvMethod nst_conv_choose (int in_channels, int out_channels);

/* Whether a method can do a layer: thin wants at most 4 channels in and a multiple of 16 out, Winograd's
 * multiples of 16. */
gboolean nst_conv_can (NstConvMethod method, int in_channels, int out_channels);

/* "auto", "reference", "im2col" ... */
const char *nst_conv_method_name (NstConvMethod method);

/* weight: out_channels x in_channels x 3 x 3, borrowed: methods that make what they want of it as they go
 * read it at every call. bias: out_channels, copied. Returns an owned layer, freed with nst_conv_free (), or
 * NULL when there is no memory for it. A method that cannot do the layer is replaced by what nst_conv_choose
 * () says. */
NstConv *nst_conv_try_new (int           in_channels,
                           int           out_channels,
                           const float  *weight,
                           const float  *bias,
                           NstPadding    padding,
                           NstConvMethod method);
void     nst_conv_free (NstConv *conv);

/* Bytes of the object itself, and floats of scratch memory that a call on height x width positions needs with
 * nst_threads () threads. */
gsize nst_conv_bytes (const NstConv *conv);
gsize nst_conv_scratch (const NstConv *conv, int height, int width);

/* The same two numbers without making the layer; returns whether it would nst_conv_pools (). */
gboolean nst_conv_plan (int           in_channels,
                        int           out_channels,
                        NstPadding    padding,
                        NstConvMethod method,
                        int           height,
                        int           width,
                        gsize        *bytes,
                        gsize        *scratch);

/* Whether forward and backward can pool, so that the features before it never exist. */
gboolean nst_conv_pools (const NstConv *conv);

/* scratch: nst_conv_scratch () floats, contents undefined after. */
void nst_conv_forward (const NstConv       *conv,
                       const NstTensor     *input,
                       const NstConvOutput *output,
                       float               *scratch);
void nst_conv_backward (const NstConv *conv, const NstConvGradient *gradient, float *scratch);

G_END_DECLS
