/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time left of a run: right from the second iteration on, and never jumping up. */
#include <math.h>

#include "core/run/clock.h"

static const NstScales scales = {
  .n = 3,
  .widths = { 200, 400, 800 },
  .heights = { 160, 320, 640 },
  .iterations = { 20, 10, 10 },
};

/* A run whose evaluations take exactly a second for each million pixels, and as long as so many pixels
 * besides. The first iteration of each scale takes longer and evaluates the start, too. */
static void
check_steady (double fixed)
{
  NstClock clock = { 0 };
  double   total = 0, last = 0;

  for (int s = 0; s < scales.n; s++)
    total += (scales.iterations[s] + 2) * (scales.widths[s] * scales.heights[s] + fixed) * 1e-6;
  g_assert_cmpfloat (nst_clock_left (&clock, &scales, 0, 0), ==, -1);
  for (int s = 0; s < scales.n; s++)
    for (int i = 1; i <= scales.iterations[s]; i++)
      {
        const double seconds = (scales.widths[s] * scales.heights[s] + fixed) * 1e-6;
        double       left;

        nst_clock_add (&clock, &scales, s, i == 1 ? 3 * seconds : seconds, i == 1 ? 2 : 1);
        total -= i == 1 ? 3 * seconds : seconds;
        left = nst_clock_left (&clock, &scales, s, i);
        if (s > 0 || i > 1)
          {
            g_assert_cmpfloat (left, >=, 0.75 * total - 1e-9);
            g_assert_cmpfloat (left, <=, 1.33 * total + 1e-9);
          }
        if (s > 0 || i > 2)
          g_assert_cmpfloat (left, <=, 1.1 * last);
        last = left;
      }
  g_assert_cmpfloat_with_epsilon (last, 0, 1e-9);
}

static void
test_steady (void)
{
  check_steady (5000);
  check_steady (12000);
  check_steady (20000);
}

/* More evaluations in an iteration, and a rate that doubles: what is told follows, in small steps. */
static void
test_change (void)
{
  NstClock     clock = { 0 };
  const double pixels = 200 * 160;
  double       left = 0, before;

  for (int i = 1; i <= 5; i++)
    {
      nst_clock_add (&clock, &scales, 0, 2 * pixels * 1e-6, 2);
      left = nst_clock_left (&clock, &scales, 0, i);
    }
  before = left;
  for (int i = 6; i <= 20; i++)
    {
      const double last = left;

      nst_clock_add (&clock, &scales, 0, 4 * pixels * 1e-6, 2);
      left = nst_clock_left (&clock, &scales, 0, i);
      g_assert_cmpfloat (left, <=, 1.06 * last);
    }
  g_assert_cmpfloat (left, >, 1.4 * before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/clock/steady", test_steady);
  g_test_add_func ("/core/clock/change", test_change);

  return g_test_run ();
}
