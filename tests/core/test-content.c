/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The content loss: values against double-precision loops, gradients against central differences. */
#include <math.h>
#include <string.h>

#include "core/base/process.h"
#include "core/loss/content.h"
#include "tests/support/support.h"

/* The sum of squared differences of the projected features. */
static double
distance_by_loop (const TestFeatures *c, const NstLayer *layer, const float *f, const float *g)
{
  int                positions = c->height * c->width, N = c->head > 0 ? c->head : c->channels;
  g_autofree double *a = test_project (c, layer, f), *b = test_project (c, layer, g);
  double             distance = 0;

  for (int i = 0; i < positions * N; i++)
    distance += (a[i] - b[i]) * (a[i] - b[i]);

  return distance;
}

static void
test_distance_and_gradient (gconstpointer data)
{
  const TestFeatures *c = data;
  NstLayer            layer = test_random_layer (c);
  gsize               positions = (gsize) c->height * c->width, n = positions * c->channels;
  NstTensor           f = { c->height, c->width, c->channels, test_floats (n) };
  NstPart             part = nst_part_whole (&f);
  NstMetric          *metric = nst_metric_try_new (&layer);
  float              *target = test_floats (n), *gradient = test_floats (n), *room = test_floats (n);
  float              *scratch = test_floats (nst_content_scratch (c->channels));
  double              distance = distance_by_loop (c, &layer, f.data, target);

  g_assert_cmpfloat_with_epsilon (nst_content_distance (metric, &part, target, scratch), distance,
                                  2e-5 * distance);
  nst_content_backward (metric, &part, 0, positions, target, 0.3, FALSE, gradient, room);
  for (int k = 0; k < 20; k++)
    {
      gsize  i = g_test_rand_int_range (0, n);
      float  keep = f.data[i];
      double up, down, h = 1e-2;

      f.data[i] = keep + h;
      up = distance_by_loop (c, &layer, f.data, target);
      f.data[i] = keep - h;
      down = distance_by_loop (c, &layer, f.data, target);
      f.data[i] = keep;
      g_assert_cmpfloat_with_epsilon (gradient[i], 0.3 * (up - down) / (2 * h),
                                      1e-3 * sqrt (distance / n) + 1e-3 * fabs (gradient[i]));
    }

  nst_floats_free (f.data);
  nst_floats_free (target);
  nst_floats_free (gradient);
  nst_floats_free (room);
  nst_floats_free (scratch);
  nst_metric_free (metric);
  test_layer_clear (&layer);
}

/* The distance and its gradient with a weight for each position; the gradient is added. */
static void
test_weighted (gconstpointer data)
{
  const TestFeatures *c = data;
  const int           C = c->channels, M = c->height * c->width;
  NstLayer            layer = test_random_layer (c);
  NstTensor           f = { c->height, c->width, C, test_floats ((gsize) M * C) };
  NstPart             part = nst_part_whole (&f);
  NstMetric          *metric = nst_metric_try_new (&layer);
  float              *w = test_floats (M), *target = test_floats ((gsize) M * C);
  float              *gradient = test_floats ((gsize) M * C), *plain = test_floats ((gsize) M * C);
  float              *room = test_floats ((gsize) M * C), *start = test_floats ((gsize) M * C);
  float              *scratch = test_floats (nst_content_scratch (C));
  double              content = 0;

  for (int p = 0; p < M; p++)
    w[p] = p % 3 == 1 ? 0 : fabsf (w[p]);

  nst_content_backward (metric, &part, 0, M, target, 0.3, FALSE, plain, room);
  part.weights = w;
  memcpy (gradient, start, (gsize) M * C * sizeof (float));
  nst_content_backward (metric, &part, 0, M, target, 0.3, TRUE, gradient, room);
  for (int i = 0; i < M * C; i++)
    {
      g_assert_cmpfloat_with_epsilon (gradient[i], start[i] + w[i / C] * plain[i],
                                      1e-5 + 1e-5 * fabs (plain[i]));
      /* dq/df = 2 w S (f - p), and so q = 1/2 sum (f - p) dq/df. */
      content += 0.5 * w[i / C] * plain[i] / 0.3 * (f.data[i] - target[i]);
    }
  g_assert_cmpfloat_with_epsilon (nst_content_distance (metric, &part, target, scratch), content,
                                  2e-5 * content + 1e-9);

  nst_floats_free (f.data);
  nst_floats_free (w);
  nst_floats_free (target);
  nst_floats_free (gradient);
  nst_floats_free (plain);
  nst_floats_free (room);
  nst_floats_free (start);
  nst_floats_free (scratch);
  nst_metric_free (metric);
  test_layer_clear (&layer);
}

/* Each formula's value, and its slope: the derivative with respect to q. */
static void
test_formulas (void)
{
  const double q = 0.37, energy = 2.5, N = 12, M = 30;
  const double expected[] = { q / energy, q / 2, q, q / (N * M), sqrt (q / (N * M)) };

  for (int f = 0; f < 5; f++)
    {
      double slope, unused, h = 1e-6;

      g_assert_cmpfloat_with_epsilon (nst_content_loss (f, q, energy, N, M, &slope), expected[f], 1e-12);
      g_assert_cmpfloat_with_epsilon ((nst_content_loss (f, q + h, energy, N, M, &unused)
                                       - nst_content_loss (f, q - h, energy, N, M, &unused))
                                          / (2 * h),
                                      slope, 1e-6);
    }
}

/* The sums of many blocks need no memory. */
static void
test_no_memory (void)
{
  const TestFeatures size = { 1 << 12, 1 << 12, 1, 0 };
  const gsize        n = (gsize) size.height * size.width;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  NstLayer          layer = test_random_layer (&size);
  NstMetric        *metric = nst_metric_try_new (&layer);
  g_autofree float *f = g_new0 (float, n), *target = g_new0 (float, n);
  const NstTensor   features = { size.height, size.width, 1, f };
  const NstPart     part = nst_part_whole (&features);
  float            *scratch = test_floats (nst_content_scratch (1));

  f[0] = 1;
  f[n / 2] = 2;
  f[n - 1] = 3;
  test_limit_memory (1 << 20);
  g_assert_cmpfloat (nst_content_distance (metric, &part, target, scratch), ==, 14);

  nst_floats_free (scratch);
  nst_metric_free (metric);
  test_layer_clear (&layer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  test_add_features ("/core/content/distance", 1, test_distance_and_gradient);
  test_add_features ("/core/content/weighted", 1, test_weighted);
  g_test_add_func ("/core/content/formulas", test_formulas);
  g_test_add_func ("/core/content/no-memory", test_no_memory);

  return g_test_run ();
}
