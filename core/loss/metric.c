/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metric of a layer's head: R and H'H, by Cholesky factorisation in double precision. */
#include "core/loss/metric.h"

#include <math.h>

#include "core/base/blas.h"

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

/* Factor square = R'R in place: the upper triangle becomes R. A pivot that vanishes leaves a row of zeros. */
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

double
nst_metric_square (const NstMetric *metric, gsize i)
{
  const gsize n = metric->channels + 1;

  if (metric->square != NULL)
    return metric->square[i];

  return i % (n + 1) == 0 && i + 1 < n * n;
}

double
nst_metric_energy (const NstMetric *metric, const float *moments, double total)
{
  const int n = metric->channels + 1;
  double    sum = 0;

  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      if (metric->square != NULL)
        sum += (double) metric->square[(gsize) i * n + j] * moments[(gsize) i * n + j];
      else if (i == j && i < metric->channels)
        sum += moments[(gsize) i * n + j];

  return sum * total;
}
