/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of wall and processor time for each phase of each layer. */
#include "core/base/profile.h"

#include <string.h>
#include <time.h>

#include "core/base/parallel.h"

/* One thread's sums for the current part; one cache line, so that threads do not share it. */
typedef struct
{
  gint64 phases[8];
} Thread;

G_STATIC_ASSERT (NST_N_PHASES <= 8);

static struct
{
  gboolean       running;
  int            part;
  gint64         since; /* microseconds; when part began */
  Thread         threads[NST_MAX_THREADS];
  NstProfilePart parts[NST_PROFILE_PARTS];
} profile;

void
nst_profile_start (void)
{
  memset (&profile, 0, sizeof profile);
  profile.part = NST_PROFILE_ELSE;
  profile.since = g_get_monotonic_time ();
  profile.running = TRUE;
}

void
nst_profile_part (int part)
{
  NstProfilePart *last = &profile.parts[profile.part];
  gint64          now;

  if (!profile.running)
    return;

  now = g_get_monotonic_time ();
  last->wall += (now - profile.since) * 1e-6;
  for (int t = 0; t < NST_MAX_THREADS; t++)
    for (int i = 0; i < NST_N_PHASES; i++)
      last->phases[i] += profile.threads[t].phases[i] * 1e-9;
  memset (profile.threads, 0, sizeof profile.threads);
  profile.part = part;
  profile.since = now;
}

void
nst_profile_stop (NstProfilePart parts[NST_PROFILE_PARTS])
{
  nst_profile_part (NST_PROFILE_ELSE);
  profile.running = FALSE;
  memcpy (parts, profile.parts, sizeof profile.parts);
}

gint64
nst_profile_now (void)
{
  struct timespec now;

  if (!profile.running)
    return 0;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);

  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

gint64
nst_profile_lap (int thread, NstPhase phase, gint64 since)
{
  gint64 now = nst_profile_now ();

  if (now != 0)
    profile.threads[thread].phases[phase] += now - since;

  return now;
}
