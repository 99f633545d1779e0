/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The squared 2-Wasserstein distance of two Gaussians with the features' means m, t and covariances S, T, in
 * a head's space: |m - t|^2 + trace (S + T - 2 (T^1/2 S T^1/2)^1/2) (Olkin, Pukelsheim 1982, "The distance
 * between two random vectors with given dispersion matrices", theorem 4). Unlike a difference of Gram
 * matrices it grows with the features, not with their square: a few strong channels do not outweigh all
 * others.
 *
 * T is replaced by its largest eigenvalues, which hold nearly all of its trace: T = V L V'. With B = L^1/2 V'
 * R (R: the head, metric.h) the root is that of the small matrix M = B S^ B', S^ the covariance of the
 * layer's own channels, and the derivative with respect to S^ is R'R - B' M^-1/2 B. To S and T a little of
 * the identity is added, so that flat pictures, and layers with more channels than positions, have a
 * derivative, too. */
#include <math.h>
#include <string.h>

#include "core/base/blas.h"
#include "core/base/lapack.h"
#include "core/loss/style-distance.h"

#define KEPT_TRACE 0.999 /* of the target's covariance */
#define REGULAR 1e-4     /* of the target's mean eigenvalue, times the identity, is added to covariances */

typedef struct
{
  int     rank;   /* rows of b */
  double *b;      /* rank x n: L^1/2 V' R */
  double *values; /* rank: eigenvalues, with what is added to them */
  double  added;  /* to the diagonal of a covariance */
  double  trace;  /* of the kept part of T */
} Target;

/* Shared scratch memory, in doubles. */
typedef struct
{
  double *covariance; /* n x n */
  double *half;       /* n x n */
  double *matrix;     /* n x n */
  double *on_means;   /* n */
  double *values;     /* n */
  double *eigen;
} Scratch;

static gpointer
wasserstein_try_new (const NstMetric *metric)
{
  const gsize n = metric->channels + 1;
  Target     *target = g_new0 (Target, 1);
  double     *memory = g_try_new (double, n *n + n);

  if (memory == NULL)
    {
      g_free (target);
      return NULL;
    }
  target->b = memory;
  target->values = memory + n * n;

  return target;
}

static void
wasserstein_free (gpointer state)
{
  g_free (((Target *) state)->b);
  g_free (state);
}

static gsize
wasserstein_bytes (int channels)
{
  const gsize n = channels + 1;

  return (n * n + n) * sizeof (double) + sizeof (Target);
}

static gsize
wasserstein_scratch (int channels)
{
  const gsize n = channels + 1;

  return (3 * n * n + 2 * n + nst_eigen_scratch (n)) * (sizeof (double) / sizeof (float));
}

static Scratch
scratch_of (int channels, float *floats)
{
  const gsize n = channels + 1;
  double     *at = (double *) (void *) floats;

  return (Scratch){
    .covariance = at,
    .half = at + n * n,
    .matrix = at + 2 * n * n,
    .on_means = at + 3 * n * n,
    .values = at + 3 * n * n + n,
    .eigen = at + 3 * n * n + 2 * n,
  };
}

/* to (rows x columns) = factor a (rows x inner) b (inner x columns), either stored transposed, + add to. */
static void
multiply (gboolean      transpose_a,
          gboolean      transpose_b,
          int           rows,
          int           columns,
          int           inner,
          double        factor,
          const double *a,
          const double *b,
          double        add,
          double       *to)
{
  if (inner == 0)
    return;
  cblas_dgemm (CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
               transpose_b ? CblasTrans : CblasNoTrans, rows, columns, inner, factor, a,
               transpose_a ? rows : inner, b, transpose_b ? inner : columns, add, to, columns);
}

/* sum of H'H times matrix: the trace of a covariance in the head's space. */
static double
projected_trace (const NstMetric *metric, const double *matrix)
{
  const gsize n = metric->channels + 1;
  double      sum = 0;

  for (gsize i = 0; i < n * n; i++)
    sum += nst_metric_square (metric, i) * matrix[i];

  return sum;
}

/* R as doubles, k x n; without a head the identity. Returns k. */
static int
root_of (const NstMetric *metric, double *root)
{
  const gsize n = metric->channels + 1, k = metric->root != NULL ? metric->rank : metric->channels;

  for (gsize i = 0; i < k; i++)
    for (gsize j = 0; j < n; j++)
      root[i * n + j] = metric->root != NULL ? metric->root[i * n + j] : i == j;

  return k;
}

static double
wasserstein_aim (gpointer state, const NstMetric *metric, const float *moments, float *scratch)
{
  Target       *target = state;
  const int     n = metric->channels + 1;
  const Scratch s = scratch_of (metric->channels, scratch);
  double       *root = s.eigen, all = 0;
  int           k;

  nst_covariance (metric->channels, moments, s.covariance);
  k = root_of (metric, root);
  multiply (FALSE, FALSE, k, n, n, 1, root, s.covariance, 0, s.half);
  multiply (FALSE, TRUE, k, k, n, 1, s.half, root, 0, s.matrix);
  target->rank = 0;
  target->trace = target->added = 0;
  if (nst_eigen (k, s.matrix, s.values, s.eigen))
    {
      for (int i = 0; i < k; i++)
        all += s.values[i] = MAX (s.values[i], 0);
      target->added = REGULAR * all / k;
      for (double kept = 0; target->rank < k && kept < KEPT_TRACE * all; target->rank++)
        kept += s.values[k - 1 - target->rank];
    }

  g_debug ("style target: %d of %d directions", target->rank, k);
  root_of (metric, root);
  multiply (FALSE, FALSE, target->rank, n, k, 1, s.matrix + (gsize) (k - target->rank) * k, root, 0,
            target->b);
  for (int i = 0; i < target->rank; i++)
    {
      target->values[i] = s.values[k - target->rank + i] + target->added;
      target->trace += target->values[i];
      cblas_dscal (n, sqrt (target->values[i]), target->b + (gsize) i * n, 1);
    }

  return nst_metric_energy (metric, moments, 1);
}

static double
wasserstein_distance (gpointer         state,
                      const NstMetric *metric,
                      const float     *moments,
                      const float     *aim,
                      float           *derivative,
                      float           *scratch)
{
  const Target *target = state;
  const int     n = metric->channels + 1, rank = target->rank;
  const Scratch s = scratch_of (metric->channels, scratch);
  double        sum;

  nst_covariance (metric->channels, moments, s.covariance);
  sum = nst_means_distance (metric, moments, aim, s.on_means) + projected_trace (metric, s.covariance)
        + rank * target->added + target->trace;

  multiply (FALSE, FALSE, rank, n, n, 1, target->b, s.covariance, 0, s.half);
  multiply (FALSE, TRUE, rank, rank, n, 1, s.half, target->b, 0, s.matrix);
  for (int i = 0; i < rank; i++)
    s.matrix[(gsize) i * (rank + 1)] += target->added * target->values[i];
  if (!nst_eigen (rank, s.matrix, s.values, s.eigen))
    return NAN;

  /* C = M^-1/4 in the eigenvectors' directions, times B: the derivative is R'R - C'C. */
  for (int i = 0; i < rank; i++)
    {
      /* Rounding can make the smallest eigenvalues less than what was added. */
      const double value = MAX (s.values[i], target->added * target->values[0]);

      sum -= 2 * sqrt (value);
      cblas_dscal (rank, 1 / sqrt (sqrt (value)), s.matrix + (gsize) i * rank, 1);
    }
  multiply (FALSE, FALSE, rank, n, rank, 1, s.matrix, target->b, 0, s.half);
  for (gsize i = 0; i < (gsize) n * n; i++)
    s.covariance[i] = nst_metric_square (metric, i);
  if (rank > 0)
    multiply (TRUE, FALSE, n, n, rank, -1, s.half, s.half, 1, s.covariance);
  nst_covariance_backward (metric->channels, moments, s.covariance, s.on_means, derivative);

  return MAX (sum, 0);
}

const NstStyleDistance nst_style_distance_wasserstein = {
  .try_new = wasserstein_try_new,
  .free = wasserstein_free,
  .bytes = wasserstein_bytes,
  .scratch = wasserstein_scratch,
  .aim = wasserstein_aim,
  .distance = wasserstein_distance,
};
