/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/loss/loss.h"

#include <math.h>
#include <string.h>

#include "core/base/blas.h"
#include "core/base/parallel.h"

#define BLOCK 64 /* positions that are looked at at a time */

double
nst_content_loss (
    NstContentFormula formula, double q, double energy, int channels, gsize positions, double *slope)
{
  double values = (double) channels * positions;

  switch (formula)
    {
    case NST_CONTENT_NORMALISED:
      *slope = 1 / MAX (energy, 1e-20);
      return *slope * q;
    case NST_CONTENT_HALF_SUM:
      *slope = 0.5;
      return *slope * q;
    case NST_CONTENT_SUM:
      *slope = 1;
      return q;
    case NST_CONTENT_MEAN:
      *slope = 1 / values;
      return *slope * q;
    case NST_CONTENT_ROOT_MEAN:
      *slope = q > 0 ? 0.5 / sqrt (q * values) : 0;
      return sqrt (q / values);
    }

  g_return_val_if_reached (0);
}

double
nst_style_loss (NstStyleFormula formula,
                double          q,
                double          energy,
                int             channels,
                gsize           positions,
                gsize           pixels,
                double         *slope)
{
  double N = channels, M = positions, S = pixels;

  switch (formula)
    {
    case NST_STYLE_NORMALISED:
      *slope = 1 / MAX (energy, 1e-20);
      return *slope * q;
    case NST_STYLE_GATYS:
      *slope = 1 / (4 * N * N);
      return *slope * q;
    case NST_STYLE_KERAS:
      *slope = M * M / (36 * S * S);
      return *slope * q;
    case NST_STYLE_MEAN:
      *slope = M * M / (N * N);
      return *slope * q;
    case NST_STYLE_ROOT_MEAN:
      *slope = q > 0 ? 0.5 / (N * sqrt (q)) : 0;
      return sqrt (q) / N;
    case NST_STYLE_MEAN_SHARED:
      *slope = M / (N * N * N);
      return *slope * q;
    }

  g_return_val_if_reached (0);
}

typedef struct
{
  const NstMetric *metric;
  const NstTensor *features;
  const float     *target;
  float           *scratch; /* threads x 2 x BLOCK x channels */
  double          *sums;    /* one for each block */
} Content;

gsize
nst_content_scratch (int channels)
{
  return (gsize) nst_threads () * 2 * BLOCK * channels;
}

/* to = factor (f - target) A'A, or without a head factor (f - target). difference: room for f - target. */
static void
content_slope (const NstMetric *metric,
               gsize            positions,
               const float     *f,
               const float     *target,
               float            factor,
               float           *difference,
               float           *to)
{
  const int C = metric->channels;

  for (gsize i = 0; i < positions * C; i++)
    difference[i] = f[i] - target[i];
  if (metric->square != NULL)
    cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, positions, C, C, factor, difference, C,
                 metric->square, C + 1, 0, to, C);
  else
    for (gsize i = 0; i < positions * C; i++)
      to[i] = factor * difference[i];
}

static void
content_block (int block, int thread, gpointer data)
{
  const Content *c = data;
  const int      C = c->features->channels;
  const gsize first = (gsize) block * BLOCK, rows = MIN (BLOCK, nst_tensor_positions (c->features) - first);
  float      *d = c->scratch + (gsize) thread * 2 * BLOCK * C, *e = d + BLOCK * C;

  content_slope (c->metric, rows, c->features->data + first * C, c->target + first * C, 1, d, e);
  for (gsize p = 0; p < rows; p++)
    c->sums[block] += cblas_sdot (C, d + p * C, 1, e + p * C, 1);
}

double
nst_content_distance (const NstMetric *metric, const NstTensor *features, const float *target, float *scratch)
{
  int                blocks = (nst_tensor_positions (features) + BLOCK - 1) / BLOCK;
  g_autofree double *sums = g_new0 (double, blocks);
  Content            content = { metric, features, target, scratch, sums };
  double             q = 0;

  nst_parallel (blocks, content_block, &content);
  for (int b = 0; b < blocks; b++)
    q += sums[b];

  return q;
}

void
nst_content_backward (const NstMetric *metric,
                      gsize            positions,
                      const float     *features,
                      const float     *target,
                      double           factor,
                      float           *gradient,
                      float           *scratch)
{
  content_slope (metric, positions, features, target, 2 * factor, scratch != NULL ? scratch : gradient,
                 gradient);
}

typedef struct
{
  NstTvFormula formula;
  const float *rgb;
  int          width, height;
  float        factor;
  float       *gradient;
  double      *sums; /* one for each row */
} Variation;

/* Any four floats. */
typedef float Vec __attribute__ ((vector_size (16), aligned (4), may_alias));
typedef int   Bits __attribute__ ((vector_size (16)));

/* Losses of four differences, and their derivatives. */
static inline Vec
losses (NstTvFormula formula, Vec d)
{
  if (formula == NST_TV_SQUARED)
    return d * d;

  return (Vec) ((Bits) d & G_MAXINT32);
}

static inline Vec
slopes (NstTvFormula formula, Vec d)
{
  const Vec one = { 1, 1, 1, 1 };

  if (formula == NST_TV_SQUARED)
    return 2 * d;

  return (Vec) ((d > 0) & (Bits) one) - (Vec) ((d < 0) & (Bits) one);
}

/* Four numbers of a row at once: what their differences to the right and down add to the loss, and what all
 * four add to the gradient. A neighbour that does not exist is the number itself. */
static inline Vec
separable (const Variation *v,
           const float     *at,
           const float     *left,
           const float     *right,
           const float     *up,
           const float     *down,
           float           *to)
{
  Vec c = *(const Vec *) at, r = *(const Vec *) right - c, d = *(const Vec *) down - c;
  Vec l = c - *(const Vec *) left, u = c - *(const Vec *) up;

  *(Vec *) to += v->factor
                 * (slopes (v->formula, l) + slopes (v->formula, u) - slopes (v->formula, r)
                    - slopes (v->formula, d));

  return losses (v->formula, r) + losses (v->formula, d);
}

/* The same for one number, i of a row of n. */
static float
separable_edge (const Variation *v, const float *row, gsize n, gsize i, gsize up, gsize down, float *to)
{
  float at[4] = { row[i] }, left[4] = { row[i >= 3 ? i - 3 : i] }, right[4] = { row[i + 3 < n ? i + 3 : i] };
  float above[4] = { row[i - up] }, below[4] = { row[i + down] }, gradient[4] = { to[i] };
  Vec   sum = separable (v, at, left, right, above, below, gradient);

  to[i] = gradient[0];

  return sum[0];
}

/* Rows do not write into each other: each looks in all four directions. */
static void
separable_row (int y, int thread G_GNUC_UNUSED, gpointer data)
{
  const Variation *v = data;
  const gsize      n = (gsize) v->width * 3, up = y > 0 ? n : 0, down = y + 1 < v->height ? n : 0;
  const float     *row = v->rgb + y * n;
  float           *to = v->gradient + y * n;
  Vec              sum = { 0 };
  double           edges = 0;
  gsize            i;

  for (i = 0; i < MIN (3, n); i++)
    edges += separable_edge (v, row, n, i, up, down, to);
  for (; i + 4 + 3 <= n; i += 4)
    sum += separable (v, row + i, row + i - 3, row + i + 3, row + i - up, row + i + down, to + i);
  for (; i < n; i++)
    edges += separable_edge (v, row, n, i, up, down, to);

  v->sums[y] = edges + sum[0] + sum[1] + sum[2] + sum[3];
}

/* (dx^2 + dy^2)^1.25 at (x, y); derivative with respect to dx in gx, to dy in gy. */
static inline double
power (const float *at, gsize n, float *gx, float *gy)
{
  double dx = at[3] - at[0], dy = at[n] - at[0], q = dx * dx + dy * dy, slope = 2.5 * sqrt (sqrt (q));

  *gx = slope * dx;
  *gy = slope * dy;

  return q * sqrt (sqrt (q));
}

static void
power_row (int y, int thread G_GNUC_UNUSED, gpointer data)
{
  const Variation *v = data;
  const gsize      n = (gsize) v->width * 3;
  const float     *row = v->rgb + y * n;
  float           *to = v->gradient + y * n, gx, gy;

  for (gsize i = 0; i < n; i++)
    {
      float slope = 0;

      if (i + 3 < n && y + 1 < v->height)
        {
          v->sums[y] += power (row + i, n, &gx, &gy);
          slope -= gx + gy;
        }
      if (i >= 3 && y + 1 < v->height)
        {
          power (row + i - 3, n, &gx, &gy);
          slope += gx;
        }
      if (i + 3 < n && y > 0)
        {
          power (row + i - n, n, &gx, &gy);
          slope += gy;
        }
      to[i] += v->factor * slope;
    }
}

double
nst_tv_loss (NstTvFormula formula, const float *rgb, int width, int height, double factor, float *gradient)
{
  g_autofree double *sums = g_new0 (double, height);
  double             share = formula == NST_TV_POWER ? 1 : 1.0 / ((double) width * height), sum = 0;
  Variation          v = { formula, rgb, width, height, factor * share, gradient, sums };

  nst_parallel (height, formula == NST_TV_POWER ? power_row : separable_row, &v);
  for (int y = 0; y < height; y++)
    sum += sums[y];

  return sum * share;
}
