/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Direct convolution for a first layer of at most four channels, too few for matrix products that keep the
 * processor busy.
 *
 * forward: some positions times a panel of outputs stay in registers while the 9 C kernel values of each
 * output stream past. The picture's rows are first copied with their padding, so that the inner loop needs no
 * bounds.
 *
 * backward: each row of dY times the kernels gives 9 C numbers for each position. They are added to its 3 x 3
 * neighbours, C at a time and therefore as a vector of four.
 *
 * Relative error (L2) about 2e-7 in both. */
#include "core/conv/methods.h"

#include <string.h>

#include "core/base/parallel.h"
#include "core/base/profile.h"

#define ROWS 16 /* of the picture, in one task */

typedef struct
{
  const NstConv   *conv;
  const NstTensor *from;
  NstTensor       *to;
  const float     *add;  /* backward only */
  guint8          *mask; /* written by forward, read by backward; or NULL */
  float           *scratch;
  gsize            floats; /* of scratch for one thread */
} Loop;

/* Any four floats. */
typedef float Vec __attribute__ ((vector_size (16), aligned (4), may_alias));

/* The 9 C numbers that backward computes for one position, with room to read four at each C-th, rounded up to
 * whole panels. */
static int
columns (const NstConv *conv)
{
  const int panel = conv->simd[0]->panel;

  return (9 * conv->in_channels + 3 + panel - 1) / panel * panel;
}

static gsize
prepared_floats (const NstConv *conv)
{
  return (gsize) 9 * conv->in_channels * conv->out_channels + columns (conv) * (conv->out_channels + 1);
}

/* prepared[0]: [K / panel][9 C][panel]. prepared[1]: [columns / panel][1 + K][panel]; its first row, which
 * project () adds, is 0. */
static gboolean
prepare (NstConv *conv)
{
  const int C = conv->in_channels, K = conv->out_channels, panel = conv->simd[0]->panel;

  conv->prepared[0] = nst_floats_try_new ((gsize) 9 * C * K);
  conv->prepared[1] = nst_floats_try_new ((gsize) columns (conv) * (K + 1));
  if (conv->prepared[0] == NULL || conv->prepared[1] == NULL)
    return FALSE;
  memset (conv->prepared[1], 0, (gsize) columns (conv) * (K + 1) * sizeof (float));

  for (int k = 0; k < K; k++)
    for (int c = 0; c < C; c++)
      for (int t = 0; t < 9; t++)
        {
          float w = conv->weight[((gsize) k * C + c) * 9 + t];
          int   q = t * C + c;

          conv->prepared[0][((gsize) (k / panel) * 9 * C + q) * panel + k % panel] = w;
          conv->prepared[1][((gsize) (q / panel) * (K + 1) + 1 + k) * panel + q % panel] = w;
        }

  return TRUE;
}

/* Forward: one padded row, and on the right what the last group of positions reads beyond it. */
static gsize
line_floats (const NstConv *conv, int width)
{
  return (gsize) (width + 2 + conv->simd[0]->rows) * conv->in_channels;
}

/* Backward: the contributions of one row of dY, and the sums of ROWS padded rows of dX, four floats a
 * position. */
static gsize
scratch_of_thread (const NstConv *conv, int width)
{
  gsize forward = (ROWS + 2) * line_floats (conv, width);
  gsize backward = (gsize) width * columns (conv) + ROWS * 4 * (width + 2);

  return (MAX (forward, backward) + 15) / 16 * 16;
}

static gsize
scratch_floats (const NstConv *conv, int height G_GNUC_UNUSED, int width)
{
  return scratch_of_thread (conv, width) * nst_threads ();
}

/* Row y of the picture, padded; y may be one outside. */
static void
copy_line (const Loop *l, int y, float *line)
{
  const NstTensor *from = l->from;
  const gsize      C = from->channels, row = from->width * C;
  const gboolean   replicate = l->conv->padding == NST_PADDING_REPLICATE;
  float           *right = line + C + row;

  memset (line, 0, line_floats (l->conv, from->width) * sizeof (float));
  if (replicate)
    y = CLAMP (y, 0, from->height - 1);
  else if (y < 0 || y >= from->height)
    return;

  memcpy (line + C, from->data + y * row, row * sizeof (float));
  if (replicate)
    {
      memcpy (line, line + C, C * sizeof (float));
      memcpy (right, right - C, C * sizeof (float));
    }
}

static void
forward_rows (int task, int thread, gpointer data)
{
  const Loop    *l = data;
  const NstSimd *simd = l->conv->simd[0];
  const int      C = l->from->channels, K = l->to->channels, width = l->from->width;
  const int      first = task * ROWS, n = MIN (ROWS, l->from->height - first);
  const gsize    length = line_floats (l->conv, width);
  float         *lines = l->scratch + thread * l->floats;
  const gint64   since = nst_profile_now ();

  for (int y = -1; y <= n; y++)
    copy_line (l, first + y, lines + (y + 1) * length);

  for (int y = 0; y < n; y++)
    for (int x = 0; x < width; x += simd->rows)
      {
        const float *line[3];
        const gsize  at = (gsize) (first + y) * width + x;
        NstSimdStore store = { .position = K,
                               .mask_position = K / 8,
                               .columns = MIN (simd->rows, width - x),
                               .stream = nst_tensor_length (l->to) * sizeof (float) >= NST_SIMD_STREAM };

        for (int i = 0; i < 3; i++)
          line[i] = lines + (y + i) * length + x * C;
        for (int k = 0; k < K; k += simd->panel)
          {
            store.to = l->to->data + at * K + k;
            store.bias = l->conv->bias + k;
            store.mask = l->mask != NULL ? l->mask + (at * K + k) / 8 : NULL;
            simd->direct (line, C, 3 * C, l->conv->prepared[0] + (gsize) k * 9 * C, &store);
          }
      }
  nst_profile_lap (thread, NST_PHASE_DIRECT, since);
}

/* contributions: [width][columns], from row y of dY to its neighbours. */
static void
project_row (const Loop *l, int y, float *contributions)
{
  const NstSimd *simd = l->conv->simd[0];
  const int      K = l->from->channels, width = l->from->width, n = columns (l->conv);

  for (int x = 0; x < width; x += simd->rows)
    for (int q = 0; q < n; q += simd->panel)
      simd->project (K, l->from->data + ((gsize) y * width + x) * K, K,
                     l->conv->prepared[1] + (gsize) q * (K + 1), FALSE, contributions + (gsize) x * n + q, n,
                     MIN (simd->rows, width - x));
}

/* Add the contributions of row y of dY to rows first .. first + n - 1 of dX. sums: [n][width + 2][4]. With
 * replicated padding the edge row receives what the row outside would. */
static void
spread (const Loop *l, const float *contributions, int y, int first, int n, float *sums)
{
  const int C = l->to->channels, width = l->to->width, step = columns (l->conv);

  for (int i = 0; i < 3; i++)
    {
      const float *from = contributions + i * 3 * C;
      int          v = y + i - 1;
      Vec         *to, next, after; /* sums so far of the next position and of the one after it */

      if (l->conv->padding == NST_PADDING_REPLICATE)
        v = CLAMP (v, 0, l->to->height - 1);
      if (v < first || v >= first + n)
        continue;
      to = (Vec *) (sums + (gsize) (v - first) * (width + 2) * 4);
      next = after = (Vec){ 0 };
      for (int x = 0; x < width; x++, from += step)
        {
          *to++ += next + *(const Vec *) from;
          next = after + *(const Vec *) (from + C);
          after = *(const Vec *) (from + 2 * C);
        }
      to[0] += next;
      to[1] += after;
    }
}

/* One row of dX from its sums. */
static void
finish (const Loop *l, int y, float *sums)
{
  const int C = l->to->channels, width = l->to->width;
  Vec      *sum = (Vec *) sums;
  gsize     at = (gsize) y * width * C;

  if (l->conv->padding == NST_PADDING_REPLICATE)
    {
      sum[1] += sum[0];
      sum[width] += sum[width + 1];
    }
  for (int x = 1; x <= width; x++)
    for (int c = 0; c < C; c++, at++)
      {
        float v = sums[4 * x + c] + (l->add != NULL ? l->add[at] : 0);

        l->to->data[at] = l->mask == NULL || nst_relu_mask_get (l->mask, C, (gsize) y * width + x - 1, c) ? v
                                                                                                          : 0;
      }
}

static void
backward_rows (int task, int thread, gpointer data)
{
  const Loop *l = data;
  const int width = l->to->width, height = l->to->height, first = task * ROWS, n = MIN (ROWS, height - first);
  const gsize length = (gsize) 4 * (width + 2);
  float      *contributions = l->scratch + thread * l->floats,
        *sums = contributions + (gsize) width * columns (l->conv);
  const gint64 since = nst_profile_now ();

  memset (sums, 0, n * length * sizeof (float));
  for (int y = MAX (first - 1, 0); y < MIN (first + n + 1, height); y++)
    {
      project_row (l, y, contributions);
      spread (l, contributions, y, first, n, sums);
    }
  for (int y = 0; y < n; y++)
    finish (l, first + y, sums + y * length);
  nst_profile_lap (thread, NST_PHASE_DIRECT, since);
}

static void
forward (const NstConv *conv, const NstTensor *input, const NstConvOutput *output, float *scratch)
{
  Loop loop = { .conv = conv,
                .from = input,
                .to = output->features,
                .mask = output->mask,
                .scratch = scratch,
                .floats = scratch_of_thread (conv, input->width) };

  nst_parallel ((input->height + ROWS - 1) / ROWS, forward_rows, &loop);
}

static void
backward (const NstConv *conv, const NstConvGradient *gradient, float *scratch)
{
  Loop loop = { conv,
                gradient->output,
                gradient->input,
                gradient->add,
                (guint8 *) gradient->mask,
                scratch,
                scratch_of_thread (conv, gradient->input->width) };

  nst_parallel ((gradient->input->height + ROWS - 1) / ROWS, backward_rows, &loop);
}

const NstConvKernel nst_conv_thin = { "thin",   prepare, prepared_floats, scratch_floats, forward,
                                      backward, FALSE };
