/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The definition of the convolution as nested loops, accumulated in double. Slow; tests compare every other
 * method with it. */
#include "core/conv/methods.h"

#include <string.h>

static gsize
prepared_floats (const NstConv *conv G_GNUC_UNUSED)
{
  return 0;
}

static gboolean
prepare (NstConv *conv G_GNUC_UNUSED)
{
  return TRUE;
}

static gsize
scratch_floats (const NstConv *conv G_GNUC_UNUSED, int height G_GNUC_UNUSED, int width G_GNUC_UNUSED)
{
  return 0;
}

static void
forward (const NstConv       *conv,
         const NstTensor     *input,
         const NstConvOutput *output,
         float               *scratch G_GNUC_UNUSED)
{
  const int height = input->height, width = input->width, C = conv->in_channels, K = conv->out_channels;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int k = 0; k < K; k++)
        {
          double sum = conv->bias[k];

          for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
              {
                int          v = y + i - 1, u = x + j - 1;
                const float *from, *w = conv->weight + (gsize) k * C * 9 + i * 3 + j;

                if (conv->padding == NST_PADDING_REPLICATE)
                  v = CLAMP (v, 0, height - 1), u = CLAMP (u, 0, width - 1);
                else if (v < 0 || v >= height || u < 0 || u >= width)
                  continue;
                from = input->data + ((gsize) v * width + u) * C;
                for (int c = 0; c < C; c++)
                  sum += (double) w[c * 9] * from[c];
              }
          output->features->data[((gsize) y * width + x) * K + k] = sum > 0 ? sum : 0;
        }
  if (output->mask != NULL)
    nst_relu_mask_fill (output->mask, K, 0, nst_tensor_positions (input), output->features->data);
}

static void
backward (const NstConv *conv, const NstConvGradient *gradient, float *scratch G_GNUC_UNUSED)
{
  const int height = gradient->input->height, width = gradient->input->width, C = conv->in_channels,
            K = conv->out_channels;
  gsize at = 0;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < C; c++, at++)
        {
          double sum = gradient->add != NULL ? gradient->add[at] : 0;

          /* Every position (v, u), inside or one step outside, whose value is that of (y, x): only itself,
           * unless padding replicates the edge. */
          for (int v = y - (y == 0); v <= y + (y == height - 1); v++)
            for (int u = x - (x == 0); u <= x + (x == width - 1); u++)
              {
                if ((v != y || u != x) && conv->padding != NST_PADDING_REPLICATE)
                  continue;
                for (int i = 0; i < 3; i++)
                  for (int j = 0; j < 3; j++)
                    {
                      int          t = v - i + 1, s = u - j + 1;
                      const float *from, *w = conv->weight + (gsize) c * 9 + i * 3 + j;

                      if (t < 0 || t >= height || s < 0 || s >= width)
                        continue;
                      from = gradient->output->data + ((gsize) t * width + s) * K;
                      for (int k = 0; k < K; k++)
                        sum += (double) w[(gsize) k * C * 9] * from[k];
                    }
              }
          gradient->input->data[at] = gradient->mask == NULL
                                              || nst_relu_mask_get (gradient->mask, C, at / C, c)
                                          ? sum
                                          : 0;
        }
}

const NstConvKernel nst_conv_reference = { "reference", prepare, prepared_floats, scratch_floats, forward,
                                           backward,    FALSE };
