/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/loss/gram.h"

#include <math.h>
#include <string.h>

#include "core/base/blas.h"
#include "core/base/parallel.h"
#include "core/base/profile.h"
#include "core/simd/simd.h"

#define BLOCK 128          /* positions that are added up at a time, while they are in the cache */
#define SMALL_SUMS 128     /* channels, whose sums are 74 KB */
#define MATRIX_IN_CACHE 64 /* channels, whose square takes half of a first level */

int
nst_metric_side (const NstMetric *metric)
{
  return metric->channels + 1;
}

void
nst_metric_free (NstMetric *metric)
{
  if (metric == NULL)
    return;

  nst_floats_free (metric->root);
  nst_floats_free (metric->square);
  g_free (metric);
}

/* R of square = R' R, upper triangular, in place of a copy of square; a pivot that has vanished leaves its
 * row zero. */
static void
cholesky (double *r, int n)
{
  double largest = 0;

  for (int i = 0; i < n; i++)
    largest = MAX (largest, r[i * n + i]);
  for (int i = 0; i < n; i++)
    {
      double pivot = r[i * n + i] > 1e-13 * largest ? sqrt (r[i * n + i]) : 0;

      for (int j = 0; j < n; j++)
        r[i * n + j] = j < i || pivot == 0 ? 0 : r[i * n + j] / pivot;
      for (int k = i + 1; k < n; k++)
        for (int j = k; j < n; j++)
          r[k * n + j] -= r[i * n + k] * r[i * n + j];
    }
}

NstMetric *
nst_metric_try_new (const NstLayer *layer)
{
  NstMetric         *metric = g_new0 (NstMetric, 1);
  const int          C = layer->out_channels, n = C + 1, N = layer->head_channels;
  g_autofree double *head = NULL, *square = NULL;

  metric->channels = C;
  metric->projected = N > 0 ? N : C;
  if (N == 0)
    return metric;

  metric->rank = MIN (N, n);
  metric->root = nst_floats_try_new ((gsize) metric->rank * n);
  metric->square = nst_floats_try_new ((gsize) n * n);
  head = g_try_new (double, n *(gsize) N);
  square = g_try_new (double, n *(gsize) n);
  if (metric->root == NULL || metric->square == NULL || head == NULL || square == NULL)
    {
      nst_metric_free (metric);
      return NULL;
    }

  for (int i = 0; i < N; i++)
    for (int j = 0; j < n; j++)
      head[i * n + j] = j < C ? layer->head_weight[(gsize) i * C + j] : layer->head_bias[i];
  cblas_dsyrk (CblasRowMajor, CblasUpper, CblasTrans, n, N, 1, head, n, 0, square, n);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      metric->square[i * n + j] = j < i ? square[j * n + i] : square[i * n + j];

  if (N > n)
    cholesky (square, n);
  for (int i = 0; i < metric->rank * n; i++)
    metric->root[i] = N > n ? square[i] : head[i];

  return metric;
}

/* Channels in sixteens go through our own kernels, in blocks of positions that are copied as [channels /
 * 16][BLOCK][16]. */
static gboolean
own_kernels (int channels)
{
  return channels % 16 == 0;
}

/* Floats of a thread's sums, with room to be aligned. */
static gsize
part_floats (int channels)
{
  gsize n = channels + 1;

  return (n * (n + 15) + 15) / 16 * 16;
}

/* Into how many parts the positions are divided, each with sums of its own: what is added to what must not
 * depend on who is faster. More than threads, so that one that was held up is not waited for; but sums of
 * many channels are large. */
static int
count_parts (int channels)
{
  return nst_threads () * (channels <= SMALL_SUMS ? 4 : 1);
}

gsize
nst_gram_scratch (int channels)
{
  gsize n = channels + 1;

  return MAX (part_floats (channels) * count_parts (channels) + (gsize) BLOCK * channels * nst_threads (),
              3 * n * n);
}

typedef struct
{
  const NstTensor *features;
  /* parts x part_floats (): n rows of stride floats, of which the last are the features' own sums */
  float         *sums;
  float         *copies; /* threads x BLOCK x channels */
  int            parts, stride;
  const NstSimd *simd; /* the best: moments are taken by sixteens, whatever its panel */
} Moments;

static void
add_block (const Moments *m, const float *f, int rows, float *sum, float *copy)
{
  const int C = m->features->channels;

  if (!own_kernels (C))
    {
      cblas_ssyrk (CblasRowMajor, CblasUpper, CblasTrans, C, rows, 1, f, C, 1, sum, m->stride);
      for (int p = 0; p < rows; p++)
        for (int c = 0; c < C; c++)
          sum[(gsize) C * m->stride + c] += f[p * C + c];
      return;
    }

  if (C == 16)
    {
      m->simd->moments (rows, f, f, sum, m->stride, sum + (gsize) C * m->stride);
      return;
    }
  for (int p = 0; p < rows; p++)
    for (int c = 0; c < C; c += 16)
      memcpy (copy + (gsize) c * BLOCK + p * 16, f + (gsize) p * C + c, 16 * sizeof (float));
  for (int k = 0; k < C; k += 16)
    for (int i = 0; i <= k; i += 16)
      m->simd->moments (rows, copy + (gsize) i * BLOCK, copy + (gsize) k * BLOCK,
                        sum + (gsize) i * m->stride + k, m->stride,
                        i == 0 ? sum + (gsize) C * m->stride + k : NULL);
}

static void
add_moments (int part, int thread, gpointer data)
{
  const Moments *m = data;
  const gint64   since = nst_profile_now ();
  const int      C = m->features->channels;
  const gsize    positions = nst_tensor_positions (m->features), blocks = (positions + BLOCK - 1) / BLOCK;
  float         *sum = m->sums + part * part_floats (C), *copy = m->copies + (gsize) thread * BLOCK * C;

  memset (sum, 0, part_floats (C) * sizeof (float));
  for (gsize b = blocks * part / m->parts; b < blocks * (part + 1) / m->parts; b++)
    add_block (m, m->features->data + b * BLOCK * C, MIN (BLOCK, positions - b * BLOCK), sum, copy);
  nst_profile_lap (thread, NST_PHASE_GRAM, since);
}

/* Rows of a square matrix in tasks of ROWS. */
#define ROWS 32

static int
row_tasks (int n)
{
  return (n + ROWS - 1) / ROWS;
}

typedef struct
{
  const Moments *m;
  float         *moments;
  gsize          positions;
} Sums;

static void
sum_rows (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Sums    *s = data;
  const Moments *m = s->m;
  const int      C = m->features->channels, n = C + 1;
  const gsize    part = part_floats (C);

  for (int i = task * ROWS; i < MIN (n, (task + 1) * ROWS); i++)
    for (int j = i; j < n; j++)
      {
        /* The sums of the features stand in each part's last row; its last column does not exist. */
        gsize  at = j < C ? (gsize) i * m->stride + j : (gsize) C * m->stride + i;
        double sum = 0;

        for (int p = 0; p < m->parts; p++)
          sum += m->sums[p * part + at];
        s->moments[(gsize) i * n + j] = s->moments[(gsize) j * n + i] = i == C ? 1 : sum / s->positions;
      }
}

void
nst_gram_moments (const NstTensor *features, float *moments, float *scratch)
{
  const int C = features->channels, n = C + 1, parts = count_parts (C);
  Moments m = { features,         scratch, scratch + parts * part_floats (C), parts, own_kernels (C) ? C : n,
                nst_simd_for (32) };
  Sums    sums = { &m, moments, nst_tensor_positions (features) };

  nst_parallel (parts, add_moments, &m);
  nst_parallel (row_tasks (n), sum_rows, &sums);
}

/* to (rows x columns) = a (rows x inner, or transposed, of which each row has so many) b (inner x columns, or
 * transposed). */
static void
multiply (gboolean     transpose_a,
          gboolean     transpose_b,
          int          rows,
          int          columns,
          int          inner,
          const float *a,
          int          a_row,
          const float *b,
          float       *to)
{
  cblas_sgemm (CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
               transpose_b ? CblasTrans : CblasNoTrans, rows, columns, inner, 1, a, a_row, b,
               transpose_b ? inner : columns, 0, to, columns);
}

typedef struct
{
  const NstMetric *metric;
  const float     *moments, *target; /* target may be NULL */
  float           *gradient;         /* or NULL */
  float           *x, *half, *y;     /* n x n each */
  double           sums[];           /* of each task's rows */
} Distance;

static double
square_sum (const float *v, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) v[i] * v[i];

  return sum;
}

/* Without a head: of the Gram matrix itself. */
static void
plain_rows (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  Distance *d = data;
  const int C = d->metric->channels, n = C + 1;

  for (int i = task * ROWS; i < MIN (n, (task + 1) * ROWS); i++)
    {
      const gsize row = (gsize) i * n;

      for (int j = 0; j < n; j++)
        {
          float x = i == C || j == C ? 0 : d->moments[row + j] - (d->target != NULL ? d->target[row + j] : 0);

          d->sums[task] += (double) x * x;
          if (d->gradient != NULL)
            d->gradient[row + j] = 2 * x;
        }
    }
}

/* With one: rows of Y = R X R'. */
static void
projected_rows (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  Distance *d = data;
  const int n = d->metric->channels + 1, r = d->metric->rank, first = task * ROWS,
            rows = MIN (ROWS, r - first);
  float *half = d->half + (gsize) first * n, *y = d->y + (gsize) first * r;

  multiply (FALSE, FALSE, rows, n, n, d->metric->root + (gsize) first * n, n, d->x, half);
  multiply (FALSE, TRUE, rows, r, n, half, n, d->metric->root, y);
  d->sums[task] = square_sum (y, (gsize) rows * r);
}

/* Rows of the gradient 2 R' Y R. */
static void
gradient_rows (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  Distance *d = data;
  const int n = d->metric->channels + 1, r = d->metric->rank, first = task * ROWS,
            rows = MIN (ROWS, n - first);
  float *half = d->half + (gsize) first * r, *to = d->gradient + (gsize) first * n;

  multiply (TRUE, FALSE, rows, r, r, d->metric->root + first, n, d->y, half);
  multiply (FALSE, FALSE, rows, n, r, half, r, d->metric->root, to);
  for (gsize i = 0; i < (gsize) rows * n; i++)
    to[i] *= 2;
}

double
nst_gram_distance (
    const NstMetric *metric, const float *moments, const float *target, float *gradient, float *scratch)
{
  const int            n = metric->channels + 1;
  const gsize          square = (gsize) n * n;
  g_autofree Distance *d = g_malloc0 (sizeof (Distance) + row_tasks (n) * sizeof (double));
  double               sum = 0;

  *d = (Distance){ metric, moments, target, gradient, scratch, scratch + square, scratch + 2 * square };
  if (metric->root == NULL)
    nst_parallel (row_tasks (n), plain_rows, d);
  else
    {
      for (gsize i = 0; i < square; i++)
        d->x[i] = moments[i] - (target != NULL ? target[i] : 0);
      nst_parallel (row_tasks (metric->rank), projected_rows, d);
      if (gradient != NULL)
        nst_parallel (row_tasks (n), gradient_rows, d);
    }
  for (int t = 0; t < row_tasks (n); t++)
    sum += d->sums[t];

  return sum;
}

/* As the kernels want it: for each panel of channels, the constant's row and then one for each channel. */
void
nst_gram_pack (int channels, const float *moments_gradient, double factor, float *packed)
{
  const int panel = own_kernels (channels) ? nst_simd_for (channels)->panel : channels, n = channels + 1;

  for (int k = 0; k < channels; k += panel)
    for (int c = -1; c < channels; c++)
      for (int i = 0; i < panel; i++)
        *packed++ = factor * moments_gradient[(gsize) (c < 0 ? channels : c) * n + k + i];
}

void
nst_gram_backward (
    int channels, gsize positions, const float *features, const float *packed, gboolean add, float *gradient)
{
  const NstSimd *simd = nst_simd_for (channels);

  if (own_kernels (channels))
    {
      /* What stays in the first level of the cache: all of packed, or else the panel that is in turn. */
      const gsize step = channels <= MATRIX_IN_CACHE ? (gsize) simd->rows : positions;

      for (gsize first = 0; first < positions; first += step)
        for (int k = 0; k < channels; k += simd->panel)
          for (gsize p = first; p < MIN (first + step, positions); p += simd->rows)
            simd->project (channels, features + p * channels, channels, packed + (gsize) k * (channels + 1),
                           add, gradient + p * channels + k, channels,
                           MIN ((gsize) simd->rows, positions - p));
      return;
    }

  for (gsize p = 0; p < positions; p++)
    for (int c = 0; c < channels; c++)
      gradient[p * channels + c] = (add ? gradient[p * channels + c] : 0) + packed[c];
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, positions, channels, channels, 1, features,
               channels, packed + channels, channels, 1, gradient, channels);
}

double
nst_gram_energy (const NstMetric *metric, const float *moments, gsize positions)
{
  const int n = metric->channels + 1;
  double    sum = 0;

  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      if (metric->square != NULL)
        sum += (double) metric->square[(gsize) i * n + j] * moments[(gsize) i * n + j];
      else if (i == j && i < metric->channels)
        sum += moments[(gsize) i * n + j];

  return sum * positions;
}
