/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From moments to means and covariance, and back with derivatives. */
#include "core/loss/style-distance.h"

void
nst_covariance (int channels, const float *moments, double *covariance)
{
  const gsize n = channels + 1;

  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; j < n; j++)
      covariance[i * n + j] = i + 1 == n || j + 1 == n
                                  ? 0
                                  : moments[i * n + j]
                                        - (double) moments[i * n + n - 1] * moments[j * n + n - 1];
}

/* S = Q - q q': dL = <dL/dS, dQ> + (dL/dq - 2 dL/dS q) dq, and q is the last row as well as the last column
 * of Q. */
void
nst_covariance_backward (int           channels,
                         const float  *moments,
                         const double *on_covariance,
                         const double *on_means,
                         float        *derivative)
{
  const gsize n = channels + 1;

  for (gsize i = 0; i + 1 < n; i++)
    {
      double sum = on_means[i];

      for (gsize j = 0; j + 1 < n; j++)
        {
          derivative[i * n + j] = on_covariance[i * n + j];
          sum -= 2 * on_covariance[i * n + j] * moments[j * n + n - 1];
        }
      derivative[i * n + n - 1] = derivative[(n - 1) * n + i] = sum / 2;
    }
  derivative[n * n - 1] = 0;
}

double
nst_means_distance (const NstMetric *metric, const float *moments, const float *target, double *slope)
{
  const gsize n = metric->channels + 1;
  double      sum = 0;

  for (gsize i = 0; i < n; i++)
    {
      double half = 0;

      for (gsize j = 0; j < n; j++)
        half += nst_metric_square (metric, i * n + j)
                * (moments[j * n + n - 1] - (target != NULL ? target[j * n + n - 1] : 0));
      sum += half * (moments[i * n + n - 1] - (target != NULL ? target[i * n + n - 1] : 0));
      if (slope != NULL)
        slope[i] = 2 * half;
    }

  return sum;
}
