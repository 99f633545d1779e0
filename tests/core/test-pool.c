/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pooling: values of small pictures; the gradient against central differences. */

#include "core/base/parallel.h"
#include "core/base/process.h"
#include "core/conv/pool.h"
#include "tests/support/fence.h"
#include "tests/support/support.h"

typedef struct
{
  int height, width, channels;
} Shape;

static const Shape shapes[] = { { 2, 2, 1 }, { 2, 3, 3 },  { 3, 2, 1 },
                                { 5, 7, 2 }, { 6, 4, 16 }, { 19, 13, 3 } };

#define EPSILON 0.25f /* of central differences */

/* Different values of both signs, further apart than EPSILON. */
static float *
distinct_floats (gsize n)
{
  float *floats = test_floats (n);

  for (gsize i = 0; i < n; i++)
    floats[i] = i - n / 2.0f + 0.5f;
  for (gsize i = n - 1; i > 0; i--)
    {
      gsize j = g_test_rand_int_range (0, i + 1);
      float f = floats[i];

      floats[i] = floats[j];
      floats[j] = f;
    }

  return floats;
}

static Fence
forward (NstPooling pooling, const NstTensor *input)
{
  NstTensor output = { input->height / 2, input->width / 2, input->channels, NULL };
  Fence     fence = fence_new (nst_tensor_length (&output));

  output.data = fence.data;
  nst_pool_forward (pooling, input, &output, NULL, FALSE);
  fence_check (&fence);

  return fence;
}

static void
test_values (void)
{
  /* 3 x 5, one channel; the last row and column are ignored. */
  float           in[15] = { 1, 2, -3, -4, 9, 4, 3, -1, -2, 9, 9, 9, 9, 9, 9 };
  const NstTensor input = { 3, 5, 1, in };
  Fence           max = forward (NST_POOLING_MAX, &input), average = forward (NST_POOLING_AVERAGE, &input);

  g_assert_cmpuint (max.n, ==, 2);
  g_assert_cmpfloat (max.data[0], ==, 4);
  g_assert_cmpfloat (max.data[1], ==, -1);
  g_assert_cmpfloat (average.data[0], ==, 2.5);
  g_assert_cmpfloat (average.data[1], ==, -2.5);
  fence_clear (&max);
  fence_clear (&average);
}

/* Of equal maxima the first one gets the gradient. */
static void
test_ties (void)
{
  float           in[8] = { 0, 5, 7, 7, 5, 5, 7, 7 }, g[2] = { 3, 4 };
  const float     wanted[8] = { 0, 3, 4, 0, 0, 0, 0, 0 };
  const NstTensor input = { 2, 4, 1, in }, gradient = { 1, 2, 1, g };
  Fence           to = fence_new (8);
  float           pooled[2];
  NstTensor       out = { 2, 4, 1, to.data }, small = { 1, 2, 1, pooled };
  guint8          mask[8];

  nst_pool_forward (NST_POOLING_MAX, &input, &small, mask, FALSE);
  nst_pool_backward (NST_POOLING_MAX, mask, &gradient, &out, NULL);
  fence_check (&to);
  for (int i = 0; i < 8; i++)
    g_assert_cmpfloat (to.data[i], ==, wanted[i]);
  fence_clear (&to);
}

/* d (sum of g * pooled) / d input at i, by central differences. This is exact, because the function is linear
 * between the two values. */
static double
slope (NstPooling pooling, NstTensor *input, const float *g, gsize i)
{
  float  at = input->data[i];
  double sum = 0;

  for (int side = -1; side <= 1; side += 2)
    {
      Fence output;

      input->data[i] = at + side * EPSILON;
      output = forward (pooling, input);
      for (gsize o = 0; o < output.n; o++)
        sum += side * (double) output.data[o] * g[o];
      fence_clear (&output);
    }
  input->data[i] = at;

  return sum / (2 * EPSILON);
}

static void
check_gradient (NstPooling pooling, const Shape *shape)
{
  NstTensor input = { shape->height, shape->width, shape->channels, NULL };
  NstTensor from = { shape->height / 2, shape->width / 2, shape->channels, NULL }, to = input;
  gsize     n = nst_tensor_length (&input);
  float    *add = test_floats (n);
  guint8   *mask = g_malloc0 (nst_relu_mask_bytes (&input));

  input.data = distinct_floats (n);
  from.data = test_floats (nst_tensor_length (&from));
  for (int extras = 0; extras < 6; extras++)
    {
      gboolean  with_add = extras % 3 > 0, alias = extras % 3 == 2, relu = extras >= 3;
      Fence     result = fence_new (n), pooled = fence_new (nst_tensor_length (&from));
      NstTensor small = { from.height, from.width, from.channels, pooled.data };

      to.data = result.data;
      if (alias)
        memcpy (result.data, add, n * sizeof (float));
      nst_pool_forward (pooling, &input, &small, mask, relu);
      fence_check (&pooled);
      fence_clear (&pooled);
      nst_pool_backward (pooling, mask, &from, &to, alias ? result.data : with_add ? add : NULL);
      fence_check (&result);
      for (gsize i = 0; i < n; i++)
        {
          double wanted = (relu && !(input.data[i] > 0) ? 0 : slope (pooling, &input, from.data, i))
                          + (with_add ? add[i] : 0);

          g_assert_cmpfloat_with_epsilon (result.data[i], wanted, 1e-3);
        }
      fence_clear (&result);
    }
  nst_floats_free (input.data);
  nst_floats_free (from.data);
  nst_floats_free (add);
  g_free (mask);
}

static void
test_gradient (gconstpointer data)
{
  for (int threads = 1; threads <= 3; threads += 2)
    {
      nst_set_threads (threads);
      for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
        check_gradient (GPOINTER_TO_INT (data), &shapes[i]);
    }
  nst_set_threads (0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/pool/values", test_values);
  g_test_add_func ("/core/pool/ties", test_ties);
  g_test_add_data_func ("/core/pool/gradient/max", GINT_TO_POINTER (NST_POOLING_MAX), test_gradient);
  g_test_add_data_func ("/core/pool/gradient/average", GINT_TO_POINTER (NST_POOLING_AVERAGE), test_gradient);

  return g_test_run ();
}
