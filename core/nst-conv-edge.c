/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-conv-edge.h"

#include <string.h>

#include "nst-blas.h"
#include "nst-parallel.h"
#include "nst-profile.h"

#define PLACES 32       /* of a task; the last one takes one more, so that no two add to the same corner */

typedef struct
{
  const NstConv         *conv;
  const NstConvGradient *gradient;
  int                    side;          /* 0 above, 1 below, 2 left, 3 right */
  int                    length;        /* places of the side; above and below have the corners */
  float                 *weights;       /* [3][out][in], taps along the side */
  float                 *scratch;       /* of each thread: columns, places x 3 x out, and sums, places x in */
} Side;

gsize
nst_conv_edge_scratch (const NstConv *conv)
{
  gsize weights = (gsize) 3 * conv->out_channels * conv->in_channels;

  return weights + nst_threads () * (gsize) (PLACES + 1) * (3 * conv->out_channels + conv->in_channels);
}

/* Tap q of a side's place looks at the place q - 1 further along. */
static void
side_weights (const Side *s)
{
  const int C = s->conv->in_channels, K = s->conv->out_channels;

  for (int q = 0; q < 3; q++)
    {
      int tap = s->side == 0 ? 2 - q : s->side == 1 ? 6 + 2 - q : s->side == 2 ? 3 * (2 - q) : 3 * (2 - q) + 2;

      for (int k = 0; k < K; k++)
        for (int c = 0; c < C; c++)
          s->weights[((gsize) q * K + k) * C + c] = s->conv->weight[((gsize) k * C + c) * 9 + tap];
    }
}

/* The gradient of the features at one place: K floats, 0 outside. */
static void
feature_gradient (const NstConvGradient *gradient,
                  int                    y,
                  int                    x,
                  float                 *to)
{
  const NstTensor *from = gradient->output;
  const int        K = from->channels, width = gradient->input->width, shift = gradient->unpool != NULL;
  const float      factor = shift && gradient->pooling == NST_POOLING_AVERAGE ? 0.25f : 1;

  if (y < 0 || y >= gradient->input->height || x < 0 || x >= width || y >> shift >= from->height || x >> shift >= from->width)
    {
      memset (to, 0, K * sizeof (float));
      return;
    }
  memcpy (to, from->data + ((gsize) (y >> shift) * from->width + (x >> shift)) * K, K * sizeof (float));
  if (shift)
    {
      nst_mask_apply (gradient->unpool, K, (gsize) y * width + x, 1, to);
      for (int k = 0; k < K; k++)
        to[k] *= factor;
    }
}

static void
fold_places (int      task,
             int      thread,
             gpointer data)
{
  const Side  *s = data;
  const int    C = s->conv->in_channels, K = s->conv->out_channels, first = task * PLACES;
  const int    n = first + PLACES + 1 >= s->length ? s->length - first : PLACES;
  const int    height = s->gradient->input->height, width = s->gradient->input->width;
  const gint64 since = nst_profile_now ();
  float       *columns = s->scratch + (gsize) thread * (PLACES + 1) * (3 * K + C), *sums = columns + (gsize) (PLACES + 1) * 3 * K;

  for (int p = 0; p < n; p++)
    for (int q = 0; q < 3; q++)
      {
        int along = first + p + q - 1;

        if (s->side < 2)
          feature_gradient (s->gradient, s->side == 0 ? 0 : height - 1, along - 1, columns + ((gsize) p * 3 + q) * K);
        else
          feature_gradient (s->gradient, along, s->side == 2 ? 0 : width - 1, columns + ((gsize) p * 3 + q) * K);
      }
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, n, C, 3 * K, 1, columns, 3 * K, s->weights, C, 0, sums, C);

  for (int p = 0; p < n; p++)
    {
      int   y = s->side == 0 ? 0 : s->side == 1 ? height - 1 : first + p;
      int   x = s->side < 2 ? CLAMP (first + p - 1, 0, width - 1) : s->side == 2 ? 0 : width - 1;
      gsize at = (gsize) y * width + x;

      if (s->gradient->mask != NULL)
        nst_mask_apply (s->gradient->mask, C, at, 1, sums + (gsize) p * C);
      for (int c = 0; c < C; c++)
        s->gradient->input->data[at * C + c] += sums[(gsize) p * C + c];
    }
  nst_profile_lap (thread, NST_PHASE_OUTPUT, since);
}

void
nst_conv_edge_fold (const NstConv         *conv,
                    const NstConvGradient *gradient,
                    float                 *scratch)
{
  Side s = { conv, gradient, .weights = scratch, .scratch = scratch + (gsize) 3 * conv->out_channels * conv->in_channels };

  for (s.side = 0; s.side < 4; s.side++)
    {
      s.length = s.side < 2 ? gradient->input->width + 2 : gradient->input->height;
      side_weights (&s);
      nst_parallel ((s.length - 2) / PLACES + 1, fold_places, &s);
    }
}
