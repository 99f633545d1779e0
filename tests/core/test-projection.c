/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Projections of a gradient. tests/cli/test-picture.py measures what they do to painted pictures. */
#include <math.h>
#include <string.h>

#include "core/base/process.h"
#include "core/run/projection.h"
#include "tests/support/support.h"

static const int sizes[][2] = { { 1, 1 }, { 3, 5 }, { 16, 16 }, { 31, 18 }, { 50, 35 } };

/* The sum over one tile of 16 x 16, cut at multiples of 4, of gradient * cos (2 pi (fx x + fy y) / 4 +
 * phase). */
static double
component (
    const float *gradient, int width, int height, int left, int top, int fx, int fy, double phase, int c)
{
  const int w = MIN (16, width - left) / 4 * 4, h = MIN (16, height - top) / 4 * 4;
  double    sum = 0;

  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++)
      sum += gradient[((top + y) * width + left + x) * 3 + c] * cos (G_PI / 2 * (fx * x + fy * y) + phase);

  return sum;
}

/* No component of period 2 or 4 is left, means are; a second projection changes nothing. */
static void
test_lattice (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      const int width = sizes[s][0], height = sizes[s][1], n = width * height * 3;
      float    *gradient = test_floats (n), *before = test_floats (n), *once = test_floats (n);

      memcpy (before, gradient, n * sizeof (float));
      nst_projection_remove_lattice (gradient, width, height);
      for (int top = 0; top < height; top += 16)
        for (int left = 0; left < width; left += 16)
          for (int k = 0; k < 16; k++)
            for (int c = 0; c < 3; c++)
              {
                const double mean = component (before, width, height, left, top, 0, 0, 0, c);

                for (int phase = 0; phase < 2; phase++)
                  g_assert_cmpfloat_with_epsilon (component (gradient, width, height, left, top, k % 4, k / 4,
                                                             k == 0 ? 0 : phase * G_PI / 2, c),
                                                  k == 0 ? mean : 0, 1e-4);
              }
      memcpy (once, gradient, n * sizeof (float));
      nst_projection_remove_lattice (gradient, width, height);
      g_assert_cmpfloat (test_distance (gradient, once, n), <, 1e-6);
      nst_floats_free (gradient);
      nst_floats_free (before);
      nst_floats_free (once);
    }
}

static void
test_colours (void)
{
  float  gradient[] = { 1, 2, 6, -1, -1, -1 };
  float *odd = test_floats (7 * 5 * 3);

  nst_projection_remove_colours (gradient, 2, 1);
  for (int i = 0; i < 6; i++)
    g_assert_cmpfloat_with_epsilon (gradient[i], i < 3 ? 3 : -1, 1e-6);
  nst_projection_remove_colours (odd, 7, 5);
  for (int i = 0; i < 7 * 5 * 3; i++)
    g_assert_cmpfloat (odd[i], ==, odd[i / 3 * 3]);
  nst_floats_free (odd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/projection/lattice", test_lattice);
  g_test_add_func ("/core/projection/colours", test_colours);

  return g_test_run ();
}
