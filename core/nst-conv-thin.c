/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-conv-methods.h"

#include <string.h>

#include "nst-blas.h"
#include "nst-parallel.h"

/* For the first layer, of at most four channels: too few for matrix products that keep the processor busy.
 *
 * Forward is direct: some positions times a panel of outputs stay in registers while the 9 C weights of each go by. The picture's rows
 * are copied with their edges first, so that the inner loop knows none.
 *
 * Backward: one row of dY at a time, times the weights, gives 9 C numbers for each position, which are added to its 3 x 3 neighbours.
 * They lie in planes, so that the additions run along the row.
 *
 * Relative error (L2) about 2e-7 both ways. */

#define ROWS 8      /* of the picture, in one task */

typedef struct
{
  const NstConv   *conv;
  const NstTensor *from;
  NstTensor       *to;
  const float     *add, *mask;  /* backward only */
  float           *scratch;
  gsize            floats;      /* of scratch for one thread */
} Loop;

static gsize
prepared_floats (const NstConv *conv)
{
  return (gsize) 2 * 9 * conv->in_channels * conv->out_channels;
}

/* prepared[0]: [K / panel][9 C][panel], and prepared[1]: [9 C][K]. */
static gboolean
prepare (NstConv     *conv,
         const float *weight)
{
  const int C = conv->in_channels, K = conv->out_channels, panel = conv->simd[0]->panel;

  for (int way = 0; way < 2; way++)
    {
      conv->prepared[way] = nst_floats_try_new ((gsize) 9 * C * K);
      if (conv->prepared[way] == NULL)
        return FALSE;
    }

  for (int k = 0; k < K; k++)
    for (int c = 0; c < C; c++)
      for (int t = 0; t < 9; t++)
        {
          float w = weight[((gsize) k * C + c) * 9 + t];

          conv->prepared[0][(gsize) (k / panel) * 9 * C * panel + (t * C + c) * panel + k % panel] = w;
          conv->prepared[1][(gsize) (t * C + c) * K + k] = w;
        }

  return TRUE;
}

/* Forward: ROWS + 2 rows with edges, and at the right what the last group of positions reads beyond. */
static gsize
line_floats (const NstConv *conv,
             int            width)
{
  return (gsize) (width + 2 + conv->simd[0]->rows) * conv->in_channels;
}

/* Backward: the planes of one row of dY, and of ROWS rows of dX with edges, C planes each. */
static gsize
scratch_of_thread (const NstConv *conv,
                   int            width)
{
  const gsize C = conv->in_channels;
  gsize       forward = (ROWS + 2) * line_floats (conv, width);
  gsize       backward = 9 * C * width + ROWS * C * (width + 2);

  return (MAX (forward, backward) + 15) / 16 * 16;
}

static gsize
scratch_floats (const NstConv *conv,
                int            height G_GNUC_UNUSED,
                int            width)
{
  return scratch_of_thread (conv, width) * nst_threads ();
}

/* Row y of the picture, which may be one outside. */
static void
copy_line (const Loop *l,
           int         y,
           float      *line)
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
forward_rows (int      task,
              int      thread,
              gpointer data)
{
  const Loop    *l = data;
  const NstSimd *simd = l->conv->simd[0];
  const int      C = l->from->channels, K = l->to->channels, width = l->from->width;
  const int      first = task * ROWS, n = MIN (ROWS, l->from->height - first);
  const gsize    length = line_floats (l->conv, width);
  float         *lines = l->scratch + thread * l->floats;

  for (int y = -1; y <= n; y++)
    copy_line (l, first + y, lines + (y + 1) * length);

  for (int y = 0; y < n; y++)
    for (int x = 0; x < width; x += simd->rows)
      {
        const float *line[3];

        for (int i = 0; i < 3; i++)
          line[i] = lines + (y + i) * length + x * C;
        for (int k = 0; k < K; k += simd->panel)
          simd->direct (line, C, 3 * C, l->conv->prepared[0] + (gsize) k * 9 * C, l->conv->bias + k,
                        l->to->data + ((gsize) (first + y) * width + x) * K + k, K, MIN (simd->rows, width - x));
      }
}

typedef float Vec __attribute__ ((vector_size (16), aligned (4), may_alias));

static void
add_along (float       *to,
           const float *from,
           int          n)
{
  int x = 0;

  for (; x + 4 <= n; x += 4)
    *(Vec *) (to + x) += *(const Vec *) (from + x);
  for (; x < n; x++)
    to[x] += from[x];
}

/* What row y of dY, as planes, gives to rows first .. first + n - 1 of dX. sums: [n][C][width + 2]. Rows outside that repeat an edge
 * (v) give to that edge. */
static void
spread (const Loop  *l,
        const float *planes,
        int          y,
        int          first,
        int          n,
        float       *sums)
{
  const int C = l->to->channels, width = l->to->width;

  for (int i = 0; i < 3; i++)
    {
      int v = y + i - 1;

      if (l->conv->padding == NST_PADDING_REPLICATE)
        v = CLAMP (v, 0, l->to->height - 1);
      if (v < first || v >= first + n)
        continue;
      for (int j = 0; j < 3; j++)
        for (int c = 0; c < C; c++)
          add_along (sums + (gsize) ((v - first) * C + c) * (width + 2) + j, planes + (gsize) ((i * 3 + j) * C + c) * width, width);
    }
}

/* One row of dX from its sums. */
static void
finish (const Loop *l,
        int         y,
        float      *sums)
{
  const int C = l->to->channels, width = l->to->width;

  for (int c = 0; c < C; c++, sums += width + 2)
    {
      gsize at = (gsize) y * width * C + c;

      if (l->conv->padding == NST_PADDING_REPLICATE)
        {
          sums[1] += sums[0];
          sums[width] += sums[width + 1];
        }
      for (int x = 0; x < width; x++, at += C)
        {
          float v = sums[x + 1] + (l->add != NULL ? l->add[at] : 0);

          l->to->data[at] = l->mask == NULL || l->mask[at] > 0 ? v : 0;
        }
    }
}

static void
backward_rows (int      task,
               int      thread,
               gpointer data)
{
  const Loop *l = data;
  const int   C = l->to->channels, K = l->from->channels, width = l->to->width, height = l->to->height;
  const int   first = task * ROWS, n = MIN (ROWS, height - first);
  float      *planes = l->scratch + thread * l->floats, *sums = planes + (gsize) 9 * C * width;

  memset (sums, 0, (gsize) n * C * (width + 2) * sizeof (float));
  for (int y = MAX (first - 1, 0); y < MIN (first + n + 1, height); y++)
    {
      cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasTrans, 9 * C, width, K, 1, l->conv->prepared[1], K,
                   l->from->data + (gsize) y * width * K, K, 0, planes, width);
      spread (l, planes, y, first, n, sums);
    }
  for (int y = 0; y < n; y++)
    finish (l, first + y, sums + (gsize) y * C * (width + 2));
}

static void
forward (const NstConv   *conv,
         const NstTensor *input,
         NstTensor       *output,
         float           *scratch)
{
  Loop loop = { .conv = conv, .from = input, .to = output, .scratch = scratch, .floats = scratch_of_thread (conv, input->width) };

  nst_parallel ((input->height + ROWS - 1) / ROWS, forward_rows, &loop);
}

static void
backward (const NstConv   *conv,
          const NstTensor *output_gradient,
          NstTensor       *input_gradient,
          const float     *add,
          const float     *mask,
          float           *scratch)
{
  Loop loop = { conv, output_gradient, input_gradient, add, mask, scratch, scratch_of_thread (conv, output_gradient->width) };

  nst_parallel ((output_gradient->height + ROWS - 1) / ROWS, backward_rows, &loop);
}

const NstConvKernel nst_conv_thin = { "thin", prepare, prepared_floats, scratch_floats, forward, backward };
