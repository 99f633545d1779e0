/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps of a gradient. tests/cli/test-picture.py measures what they do to painted pictures. */
#include <math.h>
#include <string.h>

#include "core/base/blas.h"
#include "core/base/process.h"
#include "core/run/smoothing.h"
#include "tests/support/support.h"

static const int sizes[][2] = { { 1, 1 },    { 3, 5 },    { 16, 16 }, { 31, 18 },
                                { 300, 35 }, { 20, 270 }, { 515, 9 } };

/* A place's mirror image, by the period of a mirrored row. */
static int
mirrored (int i, int n)
{
  i = ((i % (2 * n)) + 2 * n) % (2 * n);

  return i < n ? i : 2 * n - 1 - i;
}

/* The filter (1, -6, 15, 44, 15, -6, 1) / 64 twice along one axis, in double. */
static void
filter (double *v, int n, int stride)
{
  static const double taps[] = { 1, -6, 15, 44, 15, -6, 1 };
  g_autofree double  *from = g_new (double, n);

  for (int twice = 0; twice < 2; twice++)
    {
      for (int i = 0; i < n; i++)
        from[i] = v[(gsize) i * stride];
      for (int i = 0; i < n; i++)
        {
          double sum = 0;

          for (int k = -3; k <= 3; k++)
            sum += taps[k + 3] * from[mirrored (i + k, n)];
          v[(gsize) i * stride] = sum / 64;
        }
    }
}

static void
test_filter (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      const int          width = sizes[s][0], height = sizes[s][1], n = width * height * 3;
      float             *gradient = test_floats (n);
      g_autofree double *expected = g_new (double, n);

      for (int i = 0; i < n; i++)
        expected[i] = gradient[i];
      for (int y = 0; y < height; y++)
        for (int c = 0; c < 3; c++)
          filter (expected + (gsize) y * width * 3 + c, width, 3);
      for (int i = 0; i < width * 3; i++)
        filter (expected + i, height, width * 3);
      nst_smooth (gradient, width, height);
      for (int i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon (gradient[i], expected[i], 2e-6);
      nst_floats_free (gradient);
    }
}

/* a'(F b) = b'(F a), and b'(F b) is not negative: what a preconditioner needs. */
static void
test_symmetric (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      const int width = sizes[s][0], height = sizes[s][1], n = width * height * 3;
      float    *a = test_floats (n), *b = test_floats (n), *fa = test_floats (n), *fb = test_floats (n);

      memcpy (fa, a, n * sizeof (float));
      memcpy (fb, b, n * sizeof (float));
      nst_smooth (fa, width, height);
      nst_smooth (fb, width, height);
      g_assert_cmpfloat_with_epsilon (cblas_sdot (n, a, 1, fb, 1), cblas_sdot (n, b, 1, fa, 1),
                                      1e-5 * cblas_snrm2 (n, a, 1) * cblas_snrm2 (n, b, 1));
      g_assert_cmpfloat (cblas_sdot (n, b, 1, fb, 1), >=, 0);
      nst_floats_free (a);
      nst_floats_free (b);
      nst_floats_free (fa);
      nst_floats_free (fb);
    }
}

/* What is left of a wave of this period along x, far from the borders. */
static double
response (double period)
{
  const int width = 64, height = 4, middle = 32;
  float     wave[64 * 4 * 3];

  for (int i = 0; i < width * height * 3; i++)
    wave[i] = cos (2 * G_PI * (i / 3 % width - middle) / period);
  nst_smooth (wave, width, height);

  return wave[(width + middle) * 3];
}

static void
test_response (void)
{
  g_assert_cmpfloat_with_epsilon (response (1e9), 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (response (6), 0.969, 1e-3);
  g_assert_cmpfloat_with_epsilon (response (4), 0.766, 1e-3);
  g_assert_cmpfloat_with_epsilon (response (2.2), 0.0036, 1e-3);
  g_assert_cmpfloat_with_epsilon (response (2), 0, 1e-6);
}

static void
test_colours (void)
{
  float  gradient[] = { 1, 2, 6, -1, -1, -1 };
  float *odd = test_floats (7 * 5 * 3);

  nst_remove_colours (gradient, 2, 1);
  for (int i = 0; i < 6; i++)
    g_assert_cmpfloat_with_epsilon (gradient[i], i < 3 ? 3 : -1, 1e-6);
  nst_remove_colours (odd, 7, 5);
  for (int i = 0; i < 7 * 5 * 3; i++)
    g_assert_cmpfloat (odd[i], ==, odd[i / 3 * 3]);
  nst_floats_free (odd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/smoothing/filter", test_filter);
  g_test_add_func ("/core/smoothing/symmetric", test_symmetric);
  g_test_add_func ("/core/smoothing/response", test_response);
  g_test_add_func ("/core/smoothing/colours", test_colours);

  return g_test_run ();
}
