/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances of projected Gram matrices: values against a double-precision loop, the gradient with respect to
 * the features against central differences. */
#include <math.h>

#include "core/base/process.h"
#include "core/loss/gram.h"
#include "core/loss/moments.h"
#include "tests/support/support.h"

/* sum (G - A)^2 of two projected Gram matrices, each divided by its number of positions. */
static double
distance_by_loop (const TestFeatures *c, const NstLayer *layer, const float *f, const float *g)
{
  int                positions = c->height * c->width, N = c->head > 0 ? c->head : c->channels;
  g_autofree double *a = test_project (c, layer, f), *b = test_project (c, layer, g);
  double             distance = 0;

  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      {
        double d = 0;

        for (int p = 0; p < positions; p++)
          d += a[p * N + i] * a[p * N + j] - b[p * N + i] * b[p * N + j];
        distance += d * d / positions / positions;
      }

  return distance;
}

static void
test_distance_and_gradient (gconstpointer data)
{
  const TestFeatures *c = data;
  NstLayer            layer = test_random_layer (c);
  gsize               n = (gsize) c->height * c->width * c->channels, side = c->channels + 1;
  NstTensor           f = { c->height, c->width, c->channels, test_floats (n) }, g = f;
  float              *q = test_floats (side * side), *t = test_floats (side * side);
  float              *slope = test_floats (side * side), *packed = test_floats (side * side);
  float              *gradient = test_floats (n);
  float     *scratch = test_floats (MAX (nst_gram_scratch (c->channels), nst_moments_scratch (c->channels)));
  NstPart    f_part = nst_part_whole (&f), g_part = nst_part_whole (&g);
  NstMetric *metric = nst_metric_try_new (&layer);
  double     distance;

  g.data = test_floats (n);
  distance = distance_by_loop (c, &layer, f.data, g.data);
  nst_moments (&f_part, q, scratch);
  nst_moments (&g_part, t, scratch);
  g_assert_cmpfloat_with_epsilon (nst_gram_distance (metric, q, t, slope, scratch), distance,
                                  2e-5 * distance);

  nst_moments_pack (c->channels, slope, 2 * 0.7 / (c->height * c->width), packed);
  nst_moments_backward (c->channels, (gsize) c->height * c->width, f.data, NULL, packed, FALSE, gradient,
                        NULL);
  for (int k = 0; k < 20; k++)
    {
      gsize  i = g_test_rand_int_range (0, n);
      float  keep = f.data[i];
      double up, down, h = 1e-3;

      f.data[i] = keep + h;
      up = distance_by_loop (c, &layer, f.data, g.data);
      f.data[i] = keep - h;
      down = distance_by_loop (c, &layer, f.data, g.data);
      f.data[i] = keep;
      g_assert_cmpfloat_with_epsilon (gradient[i], 0.7 * (up - down) / (2 * h),
                                      2e-3 * sqrt (distance / n) + 2e-3 * fabs (gradient[i]));
    }

  nst_floats_free (f.data);
  nst_floats_free (g.data);
  nst_floats_free (q);
  nst_floats_free (t);
  nst_floats_free (slope);
  nst_floats_free (packed);
  nst_floats_free (gradient);
  nst_floats_free (scratch);
  nst_metric_free (metric);
  test_layer_clear (&layer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  test_add_features ("/core/gram", 1, test_distance_and_gradient);

  return g_test_run ();
}
