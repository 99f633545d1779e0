/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The backward pass of replicated padding: the ring of positions just outside the input. */
#include "core/conv/edge.h"

#include <string.h>

#include "core/base/blas.h"
#include "core/base/parallel.h"
#include "core/base/profile.h"

/* Positions of a task. A side's last task takes one more, so that no two tasks add to the same corner. */
#define POSITIONS 32

typedef struct
{
  const NstConv         *conv;
  const NstConvGradient *gradient;
  const float           *taps;
  int                    first_side; /* 0 above, 1 below, 2 left, 3 right */
  int                    length;     /* positions of a side; the upper and lower side include the corners */
  int                    tasks;      /* of one side */
  /* for each thread: feature gradients, (positions + 2) x out, and sums, positions x in */
  float *scratch;
} Sides;

static void
gather_tap (int k, int thread G_GNUC_UNUSED, gpointer data)
{
  const NstConv *conv = ((gpointer *) data)[0];
  float         *taps = ((gpointer *) data)[1];
  const int      C = conv->in_channels, K = conv->out_channels;

  for (int t = 0; t < 9; t++)
    for (int c = 0; c < C; c++)
      taps[((gsize) (8 - t) * K + k) * C + c] = conv->weight[((gsize) k * C + c) * 9 + t];
}

void
nst_conv_edge_taps (const NstConv *conv, float *taps)
{
  gpointer data[] = { (gpointer) conv, taps };

  nst_parallel (conv->out_channels, gather_tap, data);
}

/* Floats of n positions, rounded up for alignment. */
static gsize
positions_floats (int n, int channels)
{
  return ((gsize) n * channels + 15) / 16 * 16;
}

static gsize
thread_floats (const NstConv *conv)
{
  return positions_floats (POSITIONS + 3, conv->out_channels)
         + positions_floats (POSITIONS + 1, conv->in_channels);
}

gsize
nst_conv_edge_scratch (const NstConv *conv, gboolean with_taps)
{
  return nst_threads () * thread_floats (conv) + (with_taps ? 0 : NST_CONV_EDGE_TAPS (conv));
}

/* The feature gradient at one position: K floats, 0 outside. */
static void
feature_gradient (const NstConvGradient *gradient, int y, int x, float *to)
{
  const NstTensor *from = gradient->output;
  const int        K = from->channels, width = gradient->input->width, shift = gradient->unpool != NULL;
  const float      factor = shift && gradient->pooling == NST_POOLING_AVERAGE ? 0.25f : 1;

  if (y < 0 || y >= gradient->input->height || x < 0 || x >= width || y >> shift >= from->height
      || x >> shift >= from->width)
    {
      memset (to, 0, K * sizeof (float));
      return;
    }
  memcpy (to, from->data + ((gsize) (y >> shift) * from->width + (x >> shift)) * K, K * sizeof (float));
  if (shift)
    {
      nst_relu_mask_apply (gradient->unpool, K, (gsize) y * width + x, 1, to);
      for (int k = 0; k < K; k++)
        to[k] *= factor;
    }
}

static void
fold_positions (int task, int thread, gpointer data)
{
  const Sides *s = data;
  const int    side = s->first_side + task / s->tasks, first = task % s->tasks * POSITIONS;
  const int    C = s->conv->in_channels, K = s->conv->out_channels;
  const int    n = first + POSITIONS + 1 >= s->length ? s->length - first : POSITIONS;
  const int    height = s->gradient->input->height, width = s->gradient->input->width;
  const int    corner[] = { 2, 8, 6, 8 }, step[] = { 1, 1, 3, 3 };
  const gint64 since = nst_profile_now ();
  float       *from = s->scratch + (gsize) thread * thread_floats (s->conv),
        *sums = from + positions_floats (POSITIONS + 3, K);

  for (int p = -1; p <= n; p++)
    if (side < 2)
      feature_gradient (s->gradient, side == 0 ? 0 : height - 1, first + p - 1, from + (gsize) (p + 1) * K);
    else
      feature_gradient (s->gradient, first + p, side == 2 ? 0 : width - 1, from + (gsize) (p + 1) * K);

  /* Kernel position q along the side reads the position at an offset of q - 1. */
  for (int q = 0; q < 3; q++)
    cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, n, C, K, 1, from + (gsize) q * K, K,
                 s->taps + (gsize) (8 - (corner[side] - q * step[side])) * K * C, C, q > 0, sums, C);

  for (int p = 0; p < n; p++)
    {
      int   y = side == 0 ? 0 : side == 1 ? height - 1 : first + p;
      int   x = side < 2 ? CLAMP (first + p - 1, 0, width - 1) : side == 2 ? 0 : width - 1;
      gsize at = (gsize) y * width + x;

      if (s->gradient->mask != NULL)
        nst_relu_mask_apply (s->gradient->mask, C, at, 1, sums + (gsize) p * C);
      for (int c = 0; c < C; c++)
        s->gradient->input->data[at * C + c] += sums[(gsize) p * C + c];
    }
  nst_profile_lap (thread, NST_PHASE_OUTPUT, since);
}

void
nst_conv_edge_fold (const NstConv *conv, const NstConvGradient *gradient, const float *taps, float *scratch)
{
  const int height = gradient->input->height, width = gradient->input->width;
  Sides     s = { conv, gradient, taps, .scratch = scratch };
  int       together;

  if (taps == NULL)
    {
      float *made = scratch + nst_threads () * thread_floats (conv);

      nst_conv_edge_taps (conv, made);
      s.taps = made;
    }

  /* Two opposite sides at a time, unless they are the same row or column. */
  for (s.first_side = 0; s.first_side < 4; s.first_side += together)
    {
      s.length = s.first_side < 2 ? width + 2 : height;
      s.tasks = (s.length - 2) / POSITIONS + 1;
      together = MIN (s.first_side < 2 ? height : width, 2 - s.first_side % 2);
      nst_parallel (together * s.tasks, fold_positions, &s);
    }
}
