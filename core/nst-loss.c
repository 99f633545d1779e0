/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-loss.h"

#include <math.h>
#include <string.h>

#include "nst-blas.h"
#include "nst-parallel.h"

#define BLOCK 256

double
nst_content_loss (NstContentFormula formula,
                  double            q,
                  double            energy,
                  int               channels,
                  gsize             positions,
                  double           *slope)
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
  NstTensor       *gradient;    /* NULL: only the distance */
  float            factor;
  gboolean         add;
  float           *scratch;     /* threads x 2 x BLOCK x channels */
  double          *sums;        /* one for each block */
} Content;

gsize
nst_content_scratch (int channels)
{
  return (gsize) nst_threads () * 2 * BLOCK * channels;
}

static void
content_block (int      block,
               int      thread,
               gpointer data)
{
  const Content *c = data;
  const int      C = c->features->channels;
  const gsize    first = (gsize) block * BLOCK, rows = MIN (BLOCK, nst_tensor_positions (c->features) - first);
  float         *d = c->scratch + (gsize) thread * 2 * BLOCK * C, *e = d;

  for (gsize i = 0; i < rows * C; i++)
    d[i] = c->features->data[first * C + i] - c->target[first * C + i];
  if (c->metric->square != NULL)
    {
      e = d + BLOCK * C;
      cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, C, C, 1, d, C, c->metric->square, C + 1, 0, e, C);
    }

  if (c->gradient == NULL)
    for (gsize p = 0; p < rows; p++)
      c->sums[block] += cblas_sdot (C, d + p * C, 1, e + p * C, 1);
  else
    for (gsize i = 0; i < rows * C; i++)
      {
        float *to = c->gradient->data + first * C + i;

        *to = (c->add ? *to : 0) + c->factor * e[i];
      }
}

double
nst_content_distance (const NstMetric *metric,
                      const NstTensor *features,
                      const float     *target,
                      float           *scratch)
{
  int                blocks = (nst_tensor_positions (features) + BLOCK - 1) / BLOCK;
  g_autofree double *sums = g_new0 (double, blocks);
  Content            content = { metric, features, target, .scratch = scratch, .sums = sums };
  double             q = 0;

  nst_parallel (blocks, content_block, &content);
  for (int b = 0; b < blocks; b++)
    q += sums[b];

  return q;
}

void
nst_content_backward (const NstMetric *metric,
                      const NstTensor *features,
                      const float     *target,
                      double           factor,
                      gboolean         add,
                      NstTensor       *gradient,
                      float           *scratch)
{
  Content content = { metric, features, target, gradient, 2 * factor, add, scratch };

  nst_parallel ((nst_tensor_positions (features) + BLOCK - 1) / BLOCK, content_block, &content);
}

typedef struct
{
  NstTvFormula formula;
  const float *rgb;
  int          width, height;
  float        factor;
  float       *gradient;
  double      *sums;            /* one for each row */
} Variation;

/* Loss of one difference, and its derivative. */
static inline float
single (NstTvFormula formula,
        float        d,
        double      *sum)
{
  if (formula == NST_TV_SQUARED)
    {
      *sum += (double) d * d;
      return 2 * d;
    }
  *sum += fabsf (d);

  return d > 0 ? 1 : d < 0 ? -1 : 0;
}

/* What the differences that begin at row y add to the loss, and to the gradient at row y; the gradient at row y + 1 is taken care of
 * when that row looks up, so that rows do not write into each other. */
static void
separable_row (int      y,
               int      thread G_GNUC_UNUSED,
               gpointer data)
{
  const Variation *v = data;
  const gsize      n = (gsize) v->width * 3;
  const float     *row = v->rgb + y * n;
  float           *to = v->gradient + y * n;
  double           unused = 0;

  for (gsize i = 0; i < n; i++)
    {
      float slope = 0;

      if (i + 3 < n)
        slope -= single (v->formula, row[i + 3] - row[i], &v->sums[y]);
      if (y + 1 < v->height)
        slope -= single (v->formula, row[i + n] - row[i], &v->sums[y]);
      if (i >= 3)
        slope += single (v->formula, row[i] - row[i - 3], &unused);
      if (y > 0)
        slope += single (v->formula, row[i] - row[i - n], &unused);
      to[i] += v->factor * slope;
    }
}

/* (dx^2 + dy^2)^1.25 at (x, y); derivative with respect to dx in gx, to dy in gy. */
static inline double
power (const float *at,
       gsize        n,
       float       *gx,
       float       *gy)
{
  double dx = at[3] - at[0], dy = at[n] - at[0], q = dx * dx + dy * dy, slope = 2.5 * sqrt (sqrt (q));

  *gx = slope * dx;
  *gy = slope * dy;

  return q * sqrt (sqrt (q));
}

static void
power_row (int      y,
           int      thread G_GNUC_UNUSED,
           gpointer data)
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
nst_tv_loss (NstTvFormula formula,
             const float *rgb,
             int          width,
             int          height,
             double       factor,
             float       *gradient)
{
  g_autofree double *sums = g_new0 (double, height);
  double             share = formula == NST_TV_POWER ? 1 : 1.0 / ((double) width * height), sum = 0;
  Variation          v = { formula, rgb, width, height, factor * share, gradient, sums };

  nst_parallel (height, formula == NST_TV_POWER ? power_row : separable_row, &v);
  for (int y = 0; y < height; y++)
    sum += sums[y];

  return sum * share;
}
