/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 2x2 pooling by plain loops, where no convolution pools by itself (nst_conv_pools ()). */
#include "core/conv/pool.h"

#include <string.h>

#include "core/base/parallel.h"

#define ROWS 4 /* of the output, in one task */

typedef struct
{
  NstPooling       pooling;
  const NstTensor *small; /* after pooling; in backward, its gradient */
  NstTensor       *large; /* before pooling; in backward, its gradient, overwritten */
  float           *to;    /* forward: the data of small */
  guint8          *mask;
  gboolean         relu;
  const float     *add; /* backward only */
} Loop;

/* Pool one window. a: the channels of its upper left corner; down: floats from one row to the next. bytes,
 * byte_down: the same for the mask; bytes may be NULL. */
static void
pool_window (const Loop *l, const float *a, gsize down, float *out, guint8 *bytes, gsize byte_down)
{
  const int   C = l->large->channels, n_bytes = (C + 7) / 8;
  const gsize corner[4] = { 0, C, down, down + C },
              byte_corner[4] = { 0, n_bytes, byte_down, byte_down + n_bytes };

  for (int c = 0; c < C; c++)
    {
      const float v[4] = { a[c], a[corner[1] + c], a[corner[2] + c], a[corner[3] + c] };
      int top = v[1] > v[0] ? 1 : 0, bottom = v[3] > v[2] ? 3 : 2, winner = v[bottom] > v[top] ? bottom : top;
      gboolean max = l->pooling == NST_POOLING_MAX;

      out[c] = max ? v[winner] : 0.25f * ((v[0] + v[1]) + (v[2] + v[3]));
      if (bytes != NULL)
        for (int i = 0; i < 4; i++)
          if ((!max || i == winner) && (!l->relu || v[i] > 0))
            bytes[byte_corner[i] + c / 8] |= 1 << c % 8;
    }
}

static void
forward_rows (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Loop *l = data;
  const int   C = l->large->channels, width = l->small->width, n_bytes = (C + 7) / 8;
  const gsize down = (gsize) l->large->width * C, byte_down = (gsize) l->large->width * n_bytes;

  for (int y = task * ROWS; y < MIN ((task + 1) * ROWS, l->small->height); y++)
    {
      if (l->mask != NULL)
        memset (l->mask + 2 * y * byte_down, 0, 2 * byte_down);
      for (int x = 0; x < width; x++)
        pool_window (l, l->large->data + 2 * y * down + (gsize) 2 * x * C, down,
                     l->to + ((gsize) y * width + x) * C,
                     l->mask != NULL ? l->mask + 2 * y * byte_down + (gsize) 2 * x * n_bytes : NULL,
                     byte_down);
    }
}

void
nst_pool_forward (NstPooling pooling, const NstTensor *input, NstTensor *output, guint8 *mask, gboolean relu)
{
  NstTensor large = *input;
  Loop      loop = {
         .pooling = pooling, .small = output, .large = &large, .to = output->data, .mask = mask, .relu = relu
  };

  nst_parallel ((output->height + ROWS - 1) / ROWS, forward_rows, &loop);
}

static void
backward_rows (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Loop *l = data;
  const int   C = l->large->channels, width = l->large->width;
  const float factor = l->pooling == NST_POOLING_MAX ? 1 : 0.25f;

  for (int y = task * 2 * ROWS; y < MIN ((task + 1) * 2 * ROWS, l->large->height); y++)
    for (int x = 0; x < width; x++)
      {
        gsize        position = (gsize) y * width + x;
        gboolean     covered = y / 2 < l->small->height && x / 2 < l->small->width;
        const float *g = l->small->data + ((gsize) (y / 2) * l->small->width + x / 2) * C;
        float       *to = l->large->data + position * C;

        for (int c = 0; c < C; c++)
          {
            float v = l->add != NULL ? l->add[position * C + c] : 0;

            to[c] = covered && nst_relu_mask_get (l->mask, C, position, c) ? v + factor * g[c] : v;
          }
      }
}

void
nst_pool_backward (NstPooling       pooling,
                   const guint8    *mask,
                   const NstTensor *output_gradient,
                   NstTensor       *input_gradient,
                   const float     *add)
{
  Loop loop = {
    .pooling = pooling, .small = output_gradient, .large = input_gradient, .mask = (guint8 *) mask, .add = add
  };

  nst_parallel ((input_gradient->height + 2 * ROWS - 1) / (2 * ROWS), backward_rows, &loop);
}
