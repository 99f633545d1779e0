/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile: time is added to its part and phase, and to nothing while profiling is off. */
#include "core/base/profile.h"

/* Some processor time of a thread, reported as the given phase; the seconds that were reported. */
static double
work (int thread, NstPhase phase)
{
  const gint64 begin = nst_profile_now ();
  gint64       end;

  while (nst_profile_now () == begin)
    ;
  end = nst_profile_lap (thread, phase, begin);
  g_assert_cmpint (end, >, begin);

  return (end - begin) * 1e-9;
}

static void
test_off (void)
{
  g_assert_cmpint (nst_profile_now (), ==, 0);
  g_assert_cmpint (nst_profile_lap (0, NST_PHASE_INPUT, 0), ==, 0);
  nst_profile_part (NST_PROFILE_FORWARD (3)); /* ignored */
}

static void
test_sums (void)
{
  g_autofree NstProfilePart *parts = g_new (NstProfilePart, NST_PROFILE_PARTS);
  const int                  forward = NST_PROFILE_FORWARD (0), backward = NST_PROFILE_BACKWARD (63);

  for (int run = 0; run < 2; run++) /* the second run starts from 0 */
    {
      g_autofree NstProfilePart *expected = g_new0 (NstProfilePart, NST_PROFILE_PARTS);

      nst_profile_start ();
      expected[NST_PROFILE_ELSE].phases[NST_PHASE_LOSS] += work (0, NST_PHASE_LOSS);
      nst_profile_part (forward);
      expected[forward].phases[NST_PHASE_INPUT] += work (0, NST_PHASE_INPUT);
      expected[forward].phases[NST_PHASE_OUTPUT] += work (1, NST_PHASE_OUTPUT);
      nst_profile_part (backward);
      for (int thread = 0; thread < 3; thread++)
        expected[backward].phases[NST_PHASE_MULTIPLY] += work (thread, NST_PHASE_MULTIPLY);
      nst_profile_part (NST_PROFILE_ELSE);
      expected[NST_PROFILE_ELSE].phases[NST_PHASE_LOSS] += work (2, NST_PHASE_LOSS);
      nst_profile_stop (parts);

      for (int i = 0; i < NST_PROFILE_PARTS; i++)
        {
          for (int phase = 0; phase < NST_N_PHASES; phase++)
            g_assert_cmpfloat_with_epsilon (parts[i].phases[phase], expected[i].phases[phase], 1e-12);
          g_assert_cmpfloat (parts[i].wall, >=, 0);
          if (i != forward && i != backward && i != NST_PROFILE_ELSE)
            g_assert_cmpfloat (parts[i].wall, ==, 0);
        }
    }
  test_off ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/profile/off", test_off);
  g_test_add_func ("/core/profile/sums", test_sums);

  return g_test_run ();
}
