/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formulas of the style loss. */
#include <math.h>

#include "core/loss/style.h"

/* Each formula's value, and its slope: the derivative with respect to q. */
static void
test_formulas (void)
{
  const double q = 0.37, energy = 2.5, N = 12, M = 30, S = 480;
  const double expected[] = { q / energy, q / (4 * N * N), q * M * M / (4 * 9 * S * S), q * M * M / (N * N),
                              sqrt (q) / N };

  for (int f = 0; f < 5; f++)
    {
      double slope, unused, h = 1e-6;

      g_assert_cmpfloat_with_epsilon (nst_style_loss (f, q, energy, N, M, S, &slope), expected[f], 1e-12);
      g_assert_cmpfloat_with_epsilon ((nst_style_loss (f, q + h, energy, N, M, S, &unused)
                                       - nst_style_loss (f, q - h, energy, N, M, S, &unused))
                                          / (2 * h),
                                      slope, 1e-6);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/style/formulas", test_formulas);

  return g_test_run ();
}
