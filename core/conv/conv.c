/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 3x3 convolution: the choice of a method, and the calls into it. */
#include "core/conv/methods.h"

#include <string.h>

#include "core/base/tsan.h"

static const NstConvKernel *const kernels[] = {
  [NST_CONV_REFERENCE] = &nst_conv_reference, [NST_CONV_IM2COL] = &nst_conv_im2col,
  [NST_CONV_THIN] = &nst_conv_thin,           [NST_CONV_WINOGRAD4] = &nst_conv_winograd4,
  [NST_CONV_WINOGRAD6] = &nst_conv_winograd6,
};

gboolean
nst_conv_can (NstConvMethod method, int in_channels, int out_channels)
{
  switch (method)
    {
    case NST_CONV_THIN:
      return in_channels <= 4 && out_channels % 16 == 0;
    case NST_CONV_WINOGRAD4:
    case NST_CONV_WINOGRAD6:
      return in_channels % 16 == 0 && out_channels % 16 == 0;
    default:
      return TRUE;
    }
}

NstConvMethod
nst_conv_choose (int in_channels, int out_channels)
{
  if (nst_conv_can (NST_CONV_THIN, in_channels, out_channels))
    return NST_CONV_THIN;
  if (!nst_conv_can (NST_CONV_WINOGRAD6, in_channels, out_channels))
    return NST_CONV_IM2COL;

  return in_channels * out_channels <= 16 * 16 ? NST_CONV_WINOGRAD4 : NST_CONV_WINOGRAD6;
}

const char *
nst_conv_method_name (NstConvMethod method)
{
  return method == NST_CONV_AUTO ? "auto" : method == NST_CONV_FAST ? "fast" : kernels[method]->name;
}

gboolean
nst_conv_has_bf16 (void)
{
  return nst_simd_for_bf16 (64)->unit == 8;
}

/* The method that the environment variable PASTICHE_CONV names; read once. */
static NstConvMethod
preferred_method (void)
{
  static gsize         started = 0;
  static NstConvMethod method = NST_CONV_AUTO;

  if (g_once_init_enter (&started))
    {
      const char *wanted = g_getenv ("PASTICHE_CONV");

      for (guint i = NST_CONV_AUTO + 1; wanted != NULL && i < G_N_ELEMENTS (kernels); i++)
        if (strcmp (wanted, kernels[i]->name) == 0)
          method = i;
      if (wanted != NULL && method == NST_CONV_AUTO && strcmp (wanted, "auto") != 0)
        g_warning ("PASTICHE_CONV=%s: expected auto, reference, im2col, winograd4 or winograd6; using auto",
                   wanted);
      NST_HAND_OVER (&started);
      g_once_init_leave (&started, 1);
    }
  else
    NST_TAKE_OVER (&started);

  return method;
}

/* A layer without its kernels. */
static NstConv
describe (int in_channels, int out_channels, NstPadding padding, NstConvMethod method)
{
  const gboolean fast = method == NST_CONV_FAST;

  if (method == NST_CONV_AUTO || fast)
    method = preferred_method ();
  if (method == NST_CONV_AUTO || !nst_conv_can (method, in_channels, out_channels))
    method = nst_conv_choose (in_channels, out_channels);

  if (fast && (method == NST_CONV_WINOGRAD4 || method == NST_CONV_WINOGRAD6))
    return (NstConv){ .in_channels = in_channels,
                      .out_channels = out_channels,
                      .padding = padding,
                      .method = method,
                      .simd = { nst_simd_for_bf16 (out_channels), nst_simd_for_bf16 (in_channels) } };

  return (NstConv){ .in_channels = in_channels,
                    .out_channels = out_channels,
                    .padding = padding,
                    .method = method,
                    .simd = { nst_simd_for (out_channels), nst_simd_for (in_channels) } };
}

NstConv *
nst_conv_try_new (int           in_channels,
                  int           out_channels,
                  const float  *weight,
                  const float  *bias,
                  NstPadding    padding,
                  NstConvMethod method)
{
  NstConv *conv = g_new0 (NstConv, 1);

  *conv = describe (in_channels, out_channels, padding, method);
  conv->bias = nst_floats_try_new (out_channels);
  if (conv->bias == NULL)
    {
      nst_conv_free (conv);
      return NULL;
    }
  memcpy (conv->bias, bias, out_channels * sizeof (float));
  conv->weight = weight;
  if (!kernels[conv->method]->prepare (conv))
    {
      nst_conv_free (conv);
      return NULL;
    }

  return conv;
}

void
nst_conv_free (NstConv *conv)
{
  if (conv == NULL)
    return;

  nst_floats_free (conv->bias);
  nst_floats_free (conv->prepared[0]);
  nst_floats_free (conv->prepared[1]);
  nst_floats_free (conv->taps);
  g_free (conv);
}

gsize
nst_conv_bytes (const NstConv *conv)
{
  return sizeof (NstConv)
         + sizeof (float) * (conv->out_channels + kernels[conv->method]->prepared_floats (conv));
}

gsize
nst_conv_scratch (const NstConv *conv, int height, int width)
{
  return kernels[conv->method]->scratch (conv, height, width);
}

gboolean
nst_conv_plan (int           in_channels,
               int           out_channels,
               NstPadding    padding,
               NstConvMethod method,
               int           height,
               int           width,
               gsize        *bytes,
               gsize        *scratch)
{
  NstConv shape = describe (in_channels, out_channels, padding, method);

  *bytes = nst_conv_bytes (&shape);
  *scratch = nst_conv_scratch (&shape, height, width);

  return nst_conv_pools (&shape);
}

int
nst_conv_grid (int in_channels, int out_channels, NstConvMethod method)
{
  switch (describe (in_channels, out_channels, NST_PADDING_ZERO, method).method)
    {
    case NST_CONV_WINOGRAD4:
      return 4;
    case NST_CONV_WINOGRAD6:
      return 6;
    default:
      return 1;
    }
}

NstConvMethod
nst_conv_method (const NstConv *conv, gboolean *bf16)
{
  *bf16 = conv->simd[0]->unit == 8 || conv->simd[1]->unit == 8;

  return conv->method;
}

gboolean
nst_conv_pools (const NstConv *conv)
{
  return kernels[conv->method]->pools;
}

void
nst_conv_forward (const NstConv *conv, const NstTensor *input, const NstConvOutput *output, float *scratch)
{
  kernels[conv->method]->forward (conv, input, output, scratch);
}

void
nst_conv_backward (const NstConv *conv, const NstConvGradient *gradient, float *scratch)
{
  kernels[conv->method]->backward (conv, gradient, scratch);
}
