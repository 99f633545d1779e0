/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-pool.h"

#include <string.h>

#include "nst-parallel.h"

#define ROWS 4    /* of the output, in one task */

typedef struct
{
  NstPooling       pooling;
  const NstTensor *input;
  const NstTensor *gradient;    /* backward: of the output */
  NstTensor       *to;
  const float     *add;
  gboolean         mask;
} Loop;

static void
forward_rows (int      task,
              int      thread G_GNUC_UNUSED,
              gpointer data)
{
  const Loop *l = data;
  const int   C = l->to->channels, width = l->to->width;
  const gsize down = (gsize) l->input->width * C;

  for (int y = task * ROWS; y < MIN ((task + 1) * ROWS, l->to->height); y++)
    for (int x = 0; x < width; x++)
      {
        const float *a = l->input->data + (gsize) 2 * y * down + (gsize) 2 * x * C;
        float       *out = l->to->data + ((gsize) y * width + x) * C;

        if (l->pooling == NST_POOLING_MAX)
          for (int c = 0; c < C; c++)
            {
              float top = a[c] > a[C + c] ? a[c] : a[C + c];
              float bottom = a[down + c] > a[down + C + c] ? a[down + c] : a[down + C + c];

              out[c] = top > bottom ? top : bottom;
            }
        else
          for (int c = 0; c < C; c++)
            out[c] = 0.25f * (a[c] + a[C + c] + a[down + c] + a[down + C + c]);
      }
}

void
nst_pool_forward (NstPooling       pooling,
                  const NstTensor *input,
                  NstTensor       *output)
{
  Loop loop = { .pooling = pooling, .input = input, .to = output };

  nst_parallel ((output->height + ROWS - 1) / ROWS, forward_rows, &loop);
}

/* The gradient of one window: g is what its output got. */
static inline void
spread (const Loop  *l,
        const float *a,
        const float *g,
        float       *to,
        gsize        down)
{
  const int   C = l->to->channels;
  const gsize corner[4] = { 0, C, down, down + C };

  for (int c = 0; c < C; c++)
    {
      const float v[4] = { a[c], a[C + c], a[down + c], a[down + C + c] };
      float       part[4];

      if (l->pooling == NST_POOLING_MAX)
        {
          int   t = v[1] > v[0], b = v[3] > v[2] ? 3 : 2;
          int   winner = v[b] > v[t] ? b : t;

          for (int i = 0; i < 4; i++)
            part[i] = i == winner ? g[c] : 0;
        }
      else
        for (int i = 0; i < 4; i++)
          part[i] = 0.25f * g[c];

      for (int i = 0; i < 4; i++)
        {
          if (l->add != NULL)
            part[i] += l->add[to - l->to->data + corner[i] + c];
          to[corner[i] + c] = l->mask && !(v[i] > 0) ? 0 : part[i];
        }
    }
}

/* Positions that no window covers get only what is added. */
static void
leave (const Loop *l,
       gsize       first,
       gsize       n)
{
  for (gsize i = first; i < first + n; i++)
    l->to->data[i] = l->add == NULL || (l->mask && !(l->input->data[i] > 0)) ? 0 : l->add[i];
}

static void
backward_rows (int      task,
               int      thread G_GNUC_UNUSED,
               gpointer data)
{
  const Loop *l = data;
  const int   C = l->to->channels, width = l->gradient->width, height = l->gradient->height;
  const gsize down = (gsize) l->to->width * C;

  for (int y = task * ROWS; y < MIN ((task + 1) * ROWS, height); y++)
    {
      for (int x = 0; x < width; x++)
        {
          gsize at = (gsize) 2 * y * down + (gsize) 2 * x * C;

          spread (l, l->input->data + at, l->gradient->data + ((gsize) y * width + x) * C, l->to->data + at, down);
        }
      if (l->to->width % 2 == 1)
        {
          leave (l, (gsize) (2 * y + 1) * down - C, C);
          leave (l, (gsize) (2 * y + 2) * down - C, C);
        }
    }
}

void
nst_pool_backward (NstPooling       pooling,
                   const NstTensor *input,
                   const NstTensor *output_gradient,
                   NstTensor       *input_gradient,
                   const float     *add,
                   gboolean         mask_input)
{
  Loop  loop = { pooling, input, output_gradient, input_gradient, add, mask_input };
  gsize down = (gsize) input->width * input->channels;

  nst_parallel ((output_gradient->height + ROWS - 1) / ROWS, backward_rows, &loop);
  if (input->height % 2 == 1)
    leave (&loop, (gsize) (input->height - 1) * down, down);
}
