/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Winograd's transforms alone, in double precision. Together they compute the correlation of three kernel
 * values with the inputs. */

#include <glib.h>

#define NST_VEC double
#include "core/simd/winograd-transforms.h"

typedef void (*Transform) (const double *from, double *to);

typedef struct
{
  int       size;
  Transform input, weight, output;
} Set;

static const Set sets[] = {
  { 4, nst_winograd_input4, nst_winograd_weight4, nst_winograd_output4 },
  { 6, nst_winograd_input6, nst_winograd_weight6, nst_winograd_output6 },
};

/* Whether y agrees with the correct result at every position, within the precision of the coefficients. */
static gboolean
agree (const Set *set, const double *d, const double *g, const double *y)
{
  for (int i = 0; i < set->size; i++)
    {
      double difference = g[0] * d[i] + g[1] * d[i + 1] + g[2] * d[i + 2] - y[i];

      if (!(ABS (difference) < 3e-6))
        return FALSE;
    }

  return TRUE;
}

static void
filter (const Set *set, const double *d, const double *g, double *y)
{
  double v[8], u[8];

  set->input (d, v);
  set->weight (g, u);
  for (int i = 0; i < set->size + 2; i++)
    v[i] *= u[i];
  set->output (v, y);
}

static void
test_identity (gconstpointer data)
{
  const Set *set = data;
  double     d[8], g[3], y[6];

  for (int n = 0; n < 100; n++)
    {
      for (int i = 0; i < 8; i++)
        d[i] = g_test_rand_double_range (-1, 1);
      for (int i = 0; i < 3; i++)
        g[i] = g_test_rand_double_range (-1, 1);
      filter (set, d, g, y);
      g_assert_true (agree (set, d, g, y));

      /* The comparison detects a wrong value. */
      y[n % set->size] += 1e-5;
      g_assert_false (agree (set, d, g, y));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/core/winograd/identity/4", &sets[0], test_identity);
  g_test_add_data_func ("/core/winograd/identity/6", &sets[1], test_identity);

  return g_test_run ();
}
