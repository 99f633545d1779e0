/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Total variation: the gradient against central differences, in the whole and in parts. */
#include <math.h>
#include <string.h>

#include "core/base/process.h"
#include "core/loss/variation.h"
#include "tests/support/support.h"

static void
test_formula (gconstpointer data)
{
  NstTvFormula formula = GPOINTER_TO_INT (data);
  const int    sizes[][2] = { { 1, 1 }, { 1, 6 }, { 6, 1 }, { 2, 2 }, { 7, 5 } };

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      int    width = sizes[s][0], height = sizes[s][1], n = width * height * 3;
      float *x = test_floats (n), *gradient = test_floats (n), *unused = test_floats (n),
            *before = test_floats (n);

      /* Values on a grid, so that differences are either 0, where both sides cancel, or far from the absolute
       * value's kink. */
      for (int i = 0; i < n; i++)
        x[i] = round (x[i] * 20) / 20;
      memcpy (before, gradient, n * sizeof (float));
      for (int y = 0; y < height; y += 2) /* in parts of two rows */
        nst_variation_backward (formula, x, width, height, y, MIN (2, height - y), 1.5, TRUE,
                                gradient + y * width * 3);
      nst_variation_backward (formula, x, width, height, 0, height, 1.5, FALSE, unused);
      for (int i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon (before[i] + unused[i], gradient[i], 1e-5);
      for (int i = 0; i < n; i++)
        {
          float  keep = x[i];
          double h = 1e-3, up, down;

          x[i] = keep + h;
          up = nst_variation_loss (formula, x, width, height);
          x[i] = keep - h;
          down = nst_variation_loss (formula, x, width, height);
          x[i] = keep;
          g_assert_cmpfloat_with_epsilon (gradient[i] - before[i], 1.5 * (up - down) / (2 * h), 5e-3);
        }
      nst_floats_free (x);
      nst_floats_free (gradient);
      nst_floats_free (unused);
      nst_floats_free (before);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_data_func ("/core/variation/squared", GINT_TO_POINTER (NST_TV_SQUARED), test_formula);
  g_test_add_data_func ("/core/variation/power", GINT_TO_POINTER (NST_TV_POWER), test_formula);
  g_test_add_data_func ("/core/variation/absolute", GINT_TO_POINTER (NST_TV_ABSOLUTE), test_formula);

  return g_test_run ();
}
