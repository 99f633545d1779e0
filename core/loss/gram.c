/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The distance of Gram matrices in a head's space, through the small matrix R (formulas in gram.h, metric.h).
 */
#include "core/loss/gram.h"

#include "core/base/blas.h"
#include "core/base/parallel.h"
#include "core/loss/style-distance.h"

#define ROWS 32 /* of a matrix, in one task */
#define MOST_TASKS ((NST_MOST_CHANNELS + 1 + ROWS - 1) / ROWS)

static int
row_tasks (int n)
{
  return (n + ROWS - 1) / ROWS;
}

gsize
nst_gram_scratch (int channels)
{
  gsize n = channels + 1;

  return 3 * n * n;
}

/* to (rows x columns) = a (rows x inner) b (inner x columns). Either factor may be stored transposed; a_row:
 * the length of a stored row of a. */
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
  float           *derivative;       /* or NULL */
  float           *x, *half, *y;     /* n x n each */
  double           sums[MOST_TASKS]; /* of each task's rows */
} Distance;

static double
square_sum (const float *v, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) v[i] * v[i];

  return sum;
}

/* Without a head: rows of the difference of the Gram matrices themselves. */
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
          if (d->derivative != NULL)
            d->derivative[row + j] = 2 * x;
        }
    }
}

/* With a head: rows of Y = R X R'. */
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

/* Rows of the derivative 2 R' Y R. */
static void
gradient_rows (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  Distance *d = data;
  const int n = d->metric->channels + 1, r = d->metric->rank, first = task * ROWS,
            rows = MIN (ROWS, n - first);
  float *half = d->half + (gsize) first * r, *to = d->derivative + (gsize) first * n;

  multiply (TRUE, FALSE, rows, r, r, d->metric->root + first, n, d->y, half);
  multiply (FALSE, FALSE, rows, n, r, half, r, d->metric->root, to);
  for (gsize i = 0; i < (gsize) rows * n; i++)
    to[i] *= 2;
}

double
nst_gram_distance (
    const NstMetric *metric, const float *moments, const float *target, float *derivative, float *scratch)
{
  const int   n = metric->channels + 1;
  const gsize square = (gsize) n * n;
  Distance    d = { metric, moments, target, derivative, scratch, scratch + square, scratch + 2 * square };
  double      sum = 0;

  if (metric->root == NULL)
    nst_parallel (row_tasks (n), plain_rows, &d);
  else
    {
      for (gsize i = 0; i < square; i++)
        d.x[i] = moments[i] - (target != NULL ? target[i] : 0);
      nst_parallel (row_tasks (metric->rank), projected_rows, &d);
      if (derivative != NULL)
        nst_parallel (row_tasks (n), gradient_rows, &d);
    }
  for (int t = 0; t < row_tasks (n); t++)
    sum += d.sums[t];

  return sum;
}

static gsize
gram_bytes (int channels G_GNUC_UNUSED)
{
  return 0;
}

static double
gram_aim (gpointer state G_GNUC_UNUSED, const NstMetric *metric, const float *target, float *scratch)
{
  return nst_gram_distance (metric, target, NULL, NULL, scratch);
}

static double
gram_distance (gpointer         state G_GNUC_UNUSED,
               const NstMetric *metric,
               const float     *moments,
               const float     *target,
               float           *derivative,
               float           *scratch)
{
  return nst_gram_distance (metric, moments, target, derivative, scratch);
}

const NstStyleDistance nst_style_distance_gram = {
  .bytes = gram_bytes,
  .scratch = nst_gram_scratch,
  .aim = gram_aim,
  .distance = gram_distance,
};
