/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances of moments behind the style term: known values, flat pictures, and more channels than positions.
 * test-reference compares them with PyTorch, test-network with central differences. */
#include <math.h>
#include <string.h>

#include "core/base/lapack.h"
#include "core/base/process.h"
#include "core/loss/moments.h"
#include "core/loss/style-distance.h"
#include "tests/support/support.h"

/* The distance of the moments of two feature maps, after the target's aim. *size: what aim returned. */
static double
distance (const NstStyleDistance *class,
          NstLayer *layer,
          int       positions,
          float    *features,
          float    *of_target,
          double   *size)
{
  const int   C = layer->out_channels;
  const gsize side = C + 1;
  NstTensor   f = { 1, positions, C, features }, t = { 1, positions, C, of_target };
  NstPart     f_part = nst_part_whole (&f), t_part = nst_part_whole (&t);
  NstMetric  *metric = nst_metric_try_new (layer);
  float      *scratch = test_floats (MAX (class->scratch (C), nst_moments_scratch (C)));
  float      *q = test_floats (side * side), *target = test_floats (side * side);
  float      *derivative = test_floats (side * side);
  gpointer    state = class->try_new != NULL ? class->try_new (metric) : NULL;
  double      sum;

  nst_moments (&f_part, q, scratch);
  nst_moments (&t_part, target, scratch);
  *size = class->aim (state, metric, target, scratch);
  sum = class->distance (state, metric, q, target, derivative, scratch);
  for (gsize i = 0; i < side * side; i++)
    g_assert_true (isfinite (derivative[i]));

  if (state != NULL)
    class->free (state);
  nst_floats_free (scratch);
  nst_floats_free (q);
  nst_floats_free (target);
  nst_floats_free (derivative);
  nst_metric_free (metric);

  return sum;
}

static const NstStyleDistance *const classes[] = { &nst_style_distance_gram, &nst_style_distance_centred,
                                                   &nst_style_distance_wasserstein };

/* The same features are at distance 0; flat ones, and few positions, give finite numbers. */
static void
test_degenerate (void)
{
  const TestFeatures sizes[] = { { 1, 40, 6, 0 }, { 1, 40, 6, 9 }, { 1, 2, 16, 0 }, { 1, 1, 16, 20 } };

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (gsize k = 0; k < G_N_ELEMENTS (classes); k++)
      {
        const int   positions = sizes[s].width;
        const gsize n = (gsize) positions * sizes[s].channels;
        NstLayer    layer = test_random_layer (&sizes[s]);
        float      *f = test_floats (n), *flat = test_floats (n);
        double      size, d;

        for (gsize i = 0; i < n; i++)
          flat[i] = 0.5;
        d = distance (classes[k], &layer, positions, f, f, &size);
        g_assert_cmpfloat (size, >, 0);
        g_assert_cmpfloat (d, >=, 0);
        g_assert_cmpfloat (d, <=, 2e-3 * size);
        d = distance (classes[k], &layer, positions, f, flat, &size);
        g_assert_true (isfinite (d) && d >= 0);
        d = distance (classes[k], &layer, positions, flat, f, &size);
        g_assert_true (isfinite (d) && d >= 0);
        memset (flat, 0, n * sizeof (float));
        d = distance (classes[k], &layer, positions, flat, f, &size);
        g_assert_true (isfinite (d) && d >= 0);
        d = distance (classes[k], &layer, positions, f, flat, &size);
        g_assert_true (isfinite (d) && d >= 0);
        nst_floats_free (f);
        nst_floats_free (flat);
        test_layer_clear (&layer);
      }
}

/* Means and covariance of two channels. */
static void
describe (const float *f, int positions, double *m, double *s)
{
  memset (m, 0, 2 * sizeof (double));
  memset (s, 0, 4 * sizeof (double));
  for (int p = 0; p < positions; p++)
    for (int i = 0; i < 2; i++)
      m[i] += f[2 * p + i] / positions;
  for (int p = 0; p < positions; p++)
    for (int i = 0; i < 2; i++)
      for (int j = 0; j < 2; j++)
        s[2 * i + j] += (f[2 * p + i] - m[i]) * (f[2 * p + j] - m[j]) / positions;
}

/* Two channels: trace (T^1/2 S T^1/2)^1/2 = sqrt (trace ST + 2 sqrt (det S det T)). */
static void
test_two_channels (void)
{
  const int positions = 50;
  NstLayer  layer = { .in_channels = 1, .out_channels = 2 };

  for (int repeat = 0; repeat < 20; repeat++)
    {
      float *f = test_floats (2 * positions), *g = test_floats (2 * positions);
      double m[2], t[2], s[4], v[4], size, expected, cross;

      describe (f, positions, m, s);
      describe (g, positions, t, v);
      cross = s[0] * v[0] + s[1] * v[2] + s[2] * v[1] + s[3] * v[3]
              + 2 * sqrt ((s[0] * s[3] - s[1] * s[2]) * (v[0] * v[3] - v[1] * v[2]));
      expected = pow (m[0] - t[0], 2) + pow (m[1] - t[1], 2) + s[0] + s[3] + v[0] + v[3] - 2 * sqrt (cross);
      g_assert_cmpfloat_with_epsilon (distance (&nst_style_distance_wasserstein, &layer, positions, f, g,
                                                &size),
                                      expected, 1e-3 * expected + 1e-5);
      g_assert_cmpfloat_with_epsilon (size, v[0] + v[3] + t[0] * t[0] + t[1] * t[1], 1e-5);
      nst_floats_free (f);
      nst_floats_free (g);
    }
}

/* A = V' diag (values) V, with orthonormal rows in V; numbers that are not finite are refused. */
static void
test_eigen (void)
{
  const int          n = 33;
  g_autofree double *a = g_new0 (double, n *n), *v = g_new (double, n *n), *values = g_new (double, n);
  g_autofree double *scratch = g_new (double, nst_eigen_scratch (n));

  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++)
      a[i * n + j] = a[j * n + i] = g_test_rand_double_range (-1, 1);
  memcpy (v, a, sizeof (double) * n * n);
  g_assert_true (nst_eigen (n, v, values, scratch));
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      {
        double product = 0, dot = 0;

        for (int k = 0; k < n; k++)
          {
            product += v[k * n + i] * values[k] * v[k * n + j];
            dot += v[i * n + k] * v[j * n + k];
          }
        g_assert_cmpfloat_with_epsilon (product, a[i * n + j], 1e-12);
        g_assert_cmpfloat_with_epsilon (dot, i == j, 1e-12);
      }
  for (int i = 1; i < n; i++)
    g_assert_cmpfloat (values[i - 1], <=, values[i]);
  a[5] = NAN;
  g_assert_false (nst_eigen (n, a, values, scratch));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/style-distance/degenerate", test_degenerate);
  g_test_add_func ("/core/style-distance/two-channels", test_two_channels);
  g_test_add_func ("/core/style-distance/eigen", test_eigen);

  return g_test_run ();
}
