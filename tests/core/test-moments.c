/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of features, with and without a weight for each position, and their gradients, against
 * double-precision loops. That the gradient is the derivative is a case of test-gram.c. */
#include <math.h>
#include <string.h>

#include "core/base/process.h"
#include "core/loss/moments.h"
#include "tests/support/fence.h"
#include "tests/support/support.h"

/* With add the result is the sum. */
static void
test_add (gconstpointer data)
{
  const TestFeatures *c = data;
  const gsize         positions = (gsize) c->height * c->width, n = positions * c->channels;
  const gsize         side = c->channels + 1;
  float              *features = test_floats (n), *derivative = test_floats (side * side);
  float              *packed = test_floats (side * side), *start = test_floats (n), *plain = test_floats (n);
  Fence               sum = fence_new (n);

  nst_moments_pack (c->channels, derivative, 2 * 0.7 / positions, packed);
  memcpy (sum.data, start, n * sizeof (float));
  nst_moments_backward (c->channels, positions, features, NULL, packed, TRUE, sum.data, NULL);
  fence_check (&sum);
  nst_moments_backward (c->channels, positions, features, NULL, packed, FALSE, plain, NULL);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (sum.data[i], start[i] + plain[i],
                                    1e-5 * (fabs (start[i]) + fabs (plain[i])) + 1e-30);

  fence_clear (&sum);
  nst_floats_free (features);
  nst_floats_free (derivative);
  nst_floats_free (packed);
  nst_floats_free (start);
  nst_floats_free (plain);
}

/* Q and its gradient with a weight for each position. */
static void
test_weighted (gconstpointer data)
{
  const TestFeatures *c = data;
  const int           C = c->channels, side = C + 1, M = c->height * c->width;
  NstTensor           f = { c->height, c->width, C, test_floats ((gsize) M * C) };
  float              *w = test_floats (M), *q = test_floats (side * side), *d = test_floats (side * side);
  float              *packed = test_floats (side * side), *scratch = test_floats (nst_moments_scratch (C));
  float              *gradient = test_floats ((gsize) M * C), *plain = test_floats ((gsize) M * C);
  float              *room = test_floats ((gsize) M * C), *start = test_floats ((gsize) M * C);
  NstPart             part = nst_part_whole (&f);
  double              total = 0;

  part.weights = w;

  for (int p = 0; p < M; p++)
    {
      w[p] = p % 3 == 1 ? 0 : fabsf (w[p]);
      total += w[p];
    }
  nst_moments (&part, q, scratch);
  for (int i = 0; i < side; i++)
    for (int j = 0; j < side; j++)
      {
        double sum = 0;

        for (int p = 0; p < M; p++)
          sum += (double) w[p] * (i < C ? f.data[p * C + i] : 1) * (j < C ? f.data[p * C + j] : 1);
        g_assert_cmpfloat_with_epsilon (q[i * side + j], sum / total, 2e-6);
      }

  /* The weighted gradient is the plain one times the weight; with add it is added. */
  for (int i = 0; i < side; i++)
    for (int j = 0; j < i; j++)
      d[i * side + j] = d[j * side + i];
  nst_moments_pack (C, d, 0.3, packed);
  nst_moments_backward (C, M, f.data, NULL, packed, FALSE, plain, NULL);
  memcpy (gradient, start, (gsize) M * C * sizeof (float));
  nst_moments_backward (C, M, f.data, w, packed, TRUE, gradient, room);
  for (int i = 0; i < M * C; i++)
    g_assert_cmpfloat_with_epsilon (gradient[i], start[i] + w[i / C] * plain[i], 1e-5);

  /* All weights 0: the result is 0, not a division by 0. */
  memset (w, 0, M * sizeof (float));
  nst_moments (&part, q, scratch);
  for (int i = 0; i < side * side; i++)
    g_assert_cmpfloat (q[i], ==, 0);

  nst_floats_free (f.data);
  nst_floats_free (w);
  nst_floats_free (q);
  nst_floats_free (d);
  nst_floats_free (packed);
  nst_floats_free (scratch);
  nst_floats_free (gradient);
  nst_floats_free (plain);
  nst_floats_free (room);
  nst_floats_free (start);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  test_add_features ("/core/moments/add", 1, test_add);
  test_add_features ("/core/moments/weighted", 1, test_weighted);

  return g_test_run ();
}
