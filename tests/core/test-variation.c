/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Total variation: the gradient against central differences, in the whole and in parts. */
#include <math.h>
#include <string.h>

#include "core/base/process.h"
#include "core/loss/variation.h"
#include "tests/support/support.h"

static void
test_formula (NstTvFormula formula, gboolean weighted)
{
  const int sizes[][2] = { { 1, 1 }, { 1, 6 }, { 6, 1 }, { 2, 2 }, { 7, 5 } };

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      int    width = sizes[s][0], height = sizes[s][1], n = width * height * 3;
      float *x = test_floats (n), *gradient = test_floats (n), *unused = test_floats (n),
            *before = test_floats (n), *weights = test_floats (width * height);
      NstTensor picture = { height, width, 3, x };
      NstPart   part = nst_part_whole (&picture);

      for (int i = 0; i < width * height; i++)
        weights[i] = MAX (weights[i], 0);
      if (weighted)
        part.weights = weights;
      /* Values on a grid, so that differences are either 0, where both sides cancel, or far from the absolute
       * value's kink. */
      for (int i = 0; i < n; i++)
        x[i] = round (x[i] * 20) / 20;
      memcpy (before, gradient, n * sizeof (float));
      for (int y = 0; y < height; y += 2) /* in parts of two rows */
        nst_variation_backward (formula, &part, y, MIN (2, height - y), 1.5, TRUE, gradient + y * width * 3);
      nst_variation_backward (formula, &part, 0, height, 1.5, FALSE, unused);
      for (int i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon (before[i] + unused[i], gradient[i], 1e-5);
      for (int i = 0; i < n; i++)
        {
          float  keep = x[i];
          double h = 1e-3, up, down;

          x[i] = keep + h;
          up = nst_variation_loss (formula, &part);
          x[i] = keep - h;
          down = nst_variation_loss (formula, &part);
          x[i] = keep;
          g_assert_cmpfloat_with_epsilon (gradient[i] - before[i], 1.5 * (up - down) / (2 * h), 5e-3);
        }
      nst_floats_free (x);
      nst_floats_free (gradient);
      nst_floats_free (unused);
      nst_floats_free (before);
      nst_floats_free (weights);
    }
}

static void
test_plain (gconstpointer data)
{
  test_formula (GPOINTER_TO_INT (data), FALSE);
}

static void
test_weighted (gconstpointer data)
{
  test_formula (GPOINTER_TO_INT (data), TRUE);
}

/* The sums of many rows need no memory. */
static void
test_no_memory (void)
{
  const int         rows = 1 << 20;
  g_autofree float *x = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  x = g_new0 (float, 3 * rows);
  x[0] = 1;
  x[3 * (rows / 2)] = 2; /* twice: above and below */
  x[3 * rows - 1] = 3;
  test_limit_memory (4 << 20);
  for (int formula = 0; formula < 3; formula++)
    {
      const NstTensor picture = { rows, 1, 3, x };
      const NstPart   part = nst_part_whole (&picture);
      const double    expected[] = { [NST_TV_SQUARED] = 18, [NST_TV_ABSOLUTE] = 8, [NST_TV_POWER] = 0 };

      g_assert_cmpfloat (nst_variation_loss (formula, &part), ==,
                         expected[formula] / (formula == NST_TV_POWER ? 1 : rows));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_data_func ("/core/variation/squared", GINT_TO_POINTER (NST_TV_SQUARED), test_plain);
  g_test_add_data_func ("/core/variation/squared-weighted", GINT_TO_POINTER (NST_TV_SQUARED), test_weighted);
  g_test_add_data_func ("/core/variation/power", GINT_TO_POINTER (NST_TV_POWER), test_plain);
  g_test_add_data_func ("/core/variation/power-weighted", GINT_TO_POINTER (NST_TV_POWER), test_weighted);
  g_test_add_data_func ("/core/variation/absolute", GINT_TO_POINTER (NST_TV_ABSOLUTE), test_plain);
  g_test_add_data_func ("/core/variation/absolute-weighted", GINT_TO_POINTER (NST_TV_ABSOLUTE),
                        test_weighted);
  g_test_add_func ("/core/variation/no-memory", test_no_memory);

  return g_test_run ();
}
