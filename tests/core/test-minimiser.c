/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The minimisers on known functions, compared with SciPy's L-BFGS-B. */
#include <math.h>
#include <string.h>

#include <gio/gio.h>

#include "core/base/process.h"
#include "core/base/tensor.h"
#include "core/minimise/minimiser.h"

/* Iterations that SciPy 1.10 needs until the gradient's largest entry is below 1e-3 (quadratic) or 1e-4
 * (Rosenbrock): optimize.minimize (method "L-BFGS-B", ftol 0), tests/data/lbfgs.py. Ours may need a quarter
 * more, because its line search is simpler. */
#define SCIPY_ROSENBROCK 36
#define SCIPY_QUADRATIC 562

typedef struct
{
  int    n;
  int    calls;
  int    bad_after;  /* values are NaN after this many calls; 0: never */
  int    stop_after; /* the function fails after this many calls; 0: never */
  double factor;     /* of value and gradient; 0: 1 */
  double largest;    /* absolute entry of the newest gradient, before it is multiplied by factor */
} Problem;

/* What both functions do at the end of a call. */
static gboolean
finish_call (Problem *problem, float *gradient, double *value, GError **error)
{
  problem->largest = 0;
  for (int i = 0; i < problem->n; i++)
    {
      problem->largest = MAX (problem->largest, fabsf (gradient[i]));
      if (problem->factor > 0)
        gradient[i] *= problem->factor;
    }
  if (problem->factor > 0)
    *value *= problem->factor;
  problem->calls++;
  if (problem->bad_after > 0 && problem->calls > problem->bad_after)
    *value = NAN;

  if (problem->stop_after == 0 || problem->calls <= problem->stop_after)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");

  return FALSE;
}

static gboolean
rosenbrock (const float *x, float *gradient, double *value, gpointer data, GError **error)
{
  double a = 1 - (double) x[0], b = x[1] - (double) x[0] * x[0];

  *value = a * a + 100 * b * b;
  gradient[0] = -2 * a - 400 * x[0] * b;
  gradient[1] = 200 * b;

  return finish_call (data, gradient, value, error);
}

/* 1/2 sum c_i (x_i - 1)^2 with c from 1 to 1e4. */
static gboolean
quadratic (const float *x, float *gradient, double *value, gpointer data, GError **error)
{
  Problem *problem = data;

  *value = 0;
  for (int i = 0; i < problem->n; i++)
    {
      double c = pow (10, 4.0 * i / (problem->n - 1)), d = x[i] - 1.0;

      *value += 0.5 * c * d * d;
      gradient[i] = c * d;
    }

  return finish_call (problem, gradient, value, error);
}

/* Minimises function from x until the gradient is below tolerance. Returns the number of iterations. */
static int
solve (NstFunction function, Problem *problem, float *x, double tolerance, int limit)
{
  NstMinimiser *m = nst_minimiser_new (NST_OPTIMIZER_LBFGS, problem->n, 10, 0, NST_SPILL_NOTHING, NULL);
  double        before = INFINITY;
  int           i;

  for (i = 0; i < limit; i++)
    {
      if (nst_minimiser_step (m, x, function, problem, NULL) != NST_STEP_GOOD)
        break;
      g_assert_cmpfloat (nst_minimiser_value (m), <, before);
      before = nst_minimiser_value (m);
      if (problem->largest < tolerance)
        break;
    }
  g_assert_cmpint (nst_minimiser_evaluations (m), ==, problem->calls);
  nst_minimiser_free (m);

  return i + 1;
}

static void
test_rosenbrock (void)
{
  Problem problem = { .n = 2 };
  float   x[2] = { -1.2f, 1 };
  int     iterations = solve (rosenbrock, &problem, x, 1e-4, 200);

  g_test_message ("%d iterations, %d evaluations; scipy %d", iterations, problem.calls, SCIPY_ROSENBROCK);
  g_assert_cmpfloat_with_epsilon (x[0], 1, 1e-3);
  g_assert_cmpfloat_with_epsilon (x[1], 1, 2e-3);
  g_assert_cmpint (iterations, <=, SCIPY_ROSENBROCK * 5 / 4);
}

static void
test_quadratic (void)
{
  Problem problem = { .n = 100 };
  float   x[100] = { 0 };
  int     iterations = solve (quadratic, &problem, x, 1e-3, 1000);

  g_test_message ("%d iterations, %d evaluations; scipy %d", iterations, problem.calls, SCIPY_QUADRATIC);
  for (int i = 0; i < 100; i++)
    g_assert_cmpfloat_with_epsilon (x[i], 1, 2e-3);
  g_assert_cmpint (iterations, <=, SCIPY_QUADRATIC * 5 / 4);
  /* Most iterations take one evaluation. */
  g_assert_cmpint (problem.calls, <, iterations * 5 / 4);
}

/* The minimiser does not depend on the scale of the function, even where the gradient's square overflows
 * float. */
static void
test_factors (void)
{
  static const double factors[] = { 1e-12, 1e12, 1e20 };

  for (gsize k = 0; k < G_N_ELEMENTS (factors); k++)
    {
      Problem problem = { .n = 100, .factor = factors[k] };
      float   x[100] = { 0 };
      int     iterations = solve (quadratic, &problem, x, 1e-3, 1000);

      g_test_message ("factor %g: %d iterations", factors[k], iterations);
      g_assert_cmpint (iterations, <=, SCIPY_QUADRATIC * 5 / 4);
    }
}

static void
test_first_order (gconstpointer optimizer)
{
  Problem       problem = { .n = 2 };
  NstOptimizer  kind = GPOINTER_TO_INT (optimizer);
  NstMinimiser *m = nst_minimiser_new (kind, 2, 0, kind == NST_OPTIMIZER_ADAM ? 0.02 : 1e-4,
                                       NST_SPILL_NOTHING, NULL);
  float         x[2] = { 0.5f, -0.25f }, gradient[2], start[2] = { 0.5f, -0.25f };
  double        value;

  /* The first step follows the formula. */
  rosenbrock (x, gradient, &value, &problem, NULL);
  g_assert_cmpint (nst_minimiser_step (m, x, rosenbrock, &problem, NULL), ==, NST_STEP_GOOD);
  for (int i = 0; i < 2; i++)
    {
      double step = kind == NST_OPTIMIZER_ADAM ? 0.02 * (gradient[i] > 0 ? 1 : -1) : 1e-4 * gradient[i];

      g_assert_cmpfloat_with_epsilon (x[i], start[i] - step, 1e-6);
    }
  for (int i = 0; i < 5000; i++)
    nst_minimiser_step (m, x, rosenbrock, &problem, NULL);
  g_assert_cmpfloat (nst_minimiser_value (m), <, 0.05 * value);
  nst_minimiser_free (m);
}

/* After a NaN or a failure, at any evaluation, x is unchanged. */
static void
test_bad (gconstpointer optimizer)
{
  for (int stop = 0; stop < 2; stop++)
    for (int after = 0; after < 9; after++)
      {
        Problem            problem = { .n = 2 };
        g_autoptr (GError) error = NULL;
        NstMinimiser      *m = nst_minimiser_new (GPOINTER_TO_INT (optimizer), 2, 5, 1e-3, NST_SPILL_NOTHING,
                                                  NULL);
        float              x[2] = { -1.2f, 1 }, before[2];
        NstStep            result;

        do
          {
            if (problem.calls >= after)
              {
                problem.bad_after = stop ? 0 : MAX (problem.calls, 1);
                problem.stop_after = stop ? MAX (problem.calls, 1) : 0;
              }
            memcpy (before, x, sizeof x);
            result = nst_minimiser_step (m, x, rosenbrock, &problem, &error);
          }
        while (result == NST_STEP_GOOD);
        g_assert_cmpint (result, !=, NST_STEP_GOOD);
        g_assert_cmpmem (x, sizeof x, before, sizeof before);
        if (stop)
          {
            g_assert_cmpint (result, ==, NST_STEP_STOPPED);
            g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          }
        else
          g_assert_no_error (error);
        nst_minimiser_free (m);
      }
}

/* A map that drops half of the variables and doubles the rest. */
static void
drop_half (float *vector, gpointer data)
{
  const int n = *(int *) data;

  for (int i = 0; i < n; i++)
    vector[i] *= i % 2 == 0 ? 2 : 0;
}

/* Steps stay where the map reaches, and reach the minimum there. */
static void
test_preconditioner (gconstpointer optimizer)
{
  Problem       problem = { .n = 10 };
  NstMinimiser *minimiser = nst_minimiser_new (GPOINTER_TO_INT (optimizer), problem.n, 5,
                                               GPOINTER_TO_INT (optimizer) == NST_OPTIMIZER_GD ? 2e-4 : 0.02,
                                               NST_SPILL_NOTHING, NULL);
  float         x[10];

  for (int i = 0; i < problem.n; i++)
    x[i] = 0.5;
  nst_minimiser_set_preconditioner (minimiser, drop_half, &problem.n);
  for (int k = 0; k < 40000; k++)
    {
      const NstStep step = nst_minimiser_step (minimiser, x, quadratic, &problem, NULL);

      if (step != NST_STEP_GOOD)
        {
          g_assert_cmpint (step, ==, NST_STEP_CONVERGED);
          break;
        }
    }
  for (int i = 0; i < problem.n; i++)
    if (i % 2 == 1)
      g_assert_cmpfloat (x[i], ==, 0.5);
    else
      g_assert_cmpfloat_with_epsilon (x[i], 1, 1e-2);
  nst_minimiser_free (minimiser);
}

/* Vectors in files: the same steps to the bit, over several windows of blocks. */
static void
test_spill (gconstpointer data)
{
  const NstOptimizer optimizer = GPOINTER_TO_INT (data);
  const gsize        n = 1300001;
  float             *x[3];

  for (int spill = NST_SPILL_NOTHING; spill <= NST_SPILL_ALL; spill++)
    {
      g_autoptr (GError) error = NULL;
      Problem            problem = { .n = n };
      NstMinimiser      *m = nst_minimiser_new (optimizer, n, 3, 0.01, spill, &error);
      gsize              in_files;

      g_assert_no_error (error);
      nst_minimiser_floats (optimizer, n, 3, spill, &in_files);
      g_assert_true ((in_files > 0) == (spill != NST_SPILL_NOTHING));
      x[spill] = nst_floats_try_new (n);
      for (gsize i = 0; i < n; i++)
        x[spill][i] = 1 + (i % 17) * 0.01f;
      for (int i = 0; i < 6; i++)
        g_assert_cmpint (nst_minimiser_step (m, x[spill], quadratic, &problem, NULL), ==, NST_STEP_GOOD);
      nst_minimiser_free (m);
      g_assert_cmpmem (x[spill], n * sizeof (float), x[0], n * sizeof (float));
    }
  for (int spill = 0; spill < 3; spill++)
    nst_floats_free (x[spill]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/minimiser/lbfgs/rosenbrock", test_rosenbrock);
  g_test_add_func ("/core/minimiser/lbfgs/quadratic", test_quadratic);
  g_test_add_func ("/core/minimiser/lbfgs/factors", test_factors);
  g_test_add_data_func ("/core/minimiser/adam/first-order", GINT_TO_POINTER (NST_OPTIMIZER_ADAM),
                        test_first_order);
  g_test_add_data_func ("/core/minimiser/gd/first-order", GINT_TO_POINTER (NST_OPTIMIZER_GD),
                        test_first_order);
  g_test_add_data_func ("/core/minimiser/lbfgs/preconditioner", GINT_TO_POINTER (NST_OPTIMIZER_LBFGS),
                        test_preconditioner);
  g_test_add_data_func ("/core/minimiser/adam/preconditioner", GINT_TO_POINTER (NST_OPTIMIZER_ADAM),
                        test_preconditioner);
  g_test_add_data_func ("/core/minimiser/gd/preconditioner", GINT_TO_POINTER (NST_OPTIMIZER_GD),
                        test_preconditioner);
  g_test_add_data_func ("/core/minimiser/lbfgs/bad", GINT_TO_POINTER (NST_OPTIMIZER_LBFGS), test_bad);
  g_test_add_data_func ("/core/minimiser/adam/bad", GINT_TO_POINTER (NST_OPTIMIZER_ADAM), test_bad);

  g_test_add_data_func ("/core/minimiser/lbfgs/spill", GINT_TO_POINTER (NST_OPTIMIZER_LBFGS), test_spill);
  g_test_add_data_func ("/core/minimiser/adam/spill", GINT_TO_POINTER (NST_OPTIMIZER_ADAM), test_spill);

  return g_test_run ();
}
