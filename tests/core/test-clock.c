/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time left of a run: right from the second iteration on, and never jumping up. */
#include <math.h>

#include "core/run/clock.h"

static const NstScales scales = {
  .n = 3,
  .widths = { 100, 200, 400 },
  .heights = { 80, 160, 320 },
  .iterations = { 20, 10, 10 },
};

/* A run whose iterations take exactly a second for each million pixels and evaluation, but for the first of
 * each scale, and whose scales take long to begin. */
static void
test_steady (void)
{
  NstClock clock = { 0 };
  double   total = 0, last = 0;

  for (int s = 0; s < scales.n; s++)
    total += scales.iterations[s] * scales.widths[s] * scales.heights[s] * 1e-6;
  g_assert_cmpfloat (nst_clock_left (&clock, &scales, 0, 0), ==, -1);
  for (int s = 0; s < scales.n; s++)
    for (int i = 1; i <= scales.iterations[s]; i++)
      {
        const double seconds = scales.widths[s] * scales.heights[s] * 1e-6;
        double       left;

        nst_clock_add (&clock, &scales, s, i == 1 ? 3 * seconds : seconds, 1);
        total -= seconds;
        left = nst_clock_left (&clock, &scales, s, i);
        if (s > 0 || i > 1)
          {
            g_assert_cmpfloat (left, >=, total - 1e-9);
            g_assert_cmpfloat (left, <=, total / 0.75 + 1e-9);
          }
        if (s > 0 || i > 2)
          g_assert_cmpfloat (left, <=, 1.1 * last);
        last = left;
      }
  g_assert_cmpfloat_with_epsilon (last, 0, 1e-9);
}

/* More evaluations in an iteration, and a rate that doubles: what is told follows, in small steps. */
static void
test_change (void)
{
  NstClock     clock = { 0 };
  const double pixels = 100 * 80;
  double       left = 0;

  for (int i = 1; i <= 5; i++)
    {
      nst_clock_add (&clock, &scales, 0, 2 * pixels * 1e-6, 2);
      left = nst_clock_left (&clock, &scales, 0, i);
    }
  g_assert_cmpfloat_with_epsilon (left, 2e-6 * (15 * pixels + 11 * 4 * pixels + 11 * 16 * pixels),
                                  2e-6 * pixels);
  for (int i = 6; i <= 20; i++)
    {
      const double before = left;

      nst_clock_add (&clock, &scales, 0, 4 * pixels * 1e-6, 2);
      left = nst_clock_left (&clock, &scales, 0, i);
      g_assert_cmpfloat (left, <=, 1.06 * before);
    }
  g_assert_cmpfloat (left, >, 3e-6 * (11 * 4 + 11 * 16) * pixels);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/clock/steady", test_steady);
  g_test_add_func ("/core/clock/change", test_change);

  return g_test_run ();
}
