/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time that a run still takes. */
#include "core/run/clock.h"

#define SETUP 2           /* a scale's beginning, in evaluations: targets of content and style, resizing */
#define LARGEST_RISE 1.05 /* of what is told */

void
nst_clock_add (NstClock *clock, const NstScales *scales, int scale, double seconds, int evaluations)
{
  const double work = (double) scales->widths[scale] * scales->heights[scale] * evaluations;

  clock->all_iterations++;
  clock->all_evaluations += evaluations;
  clock->evaluations = (double) clock->all_evaluations / clock->all_iterations;
  if (scale != clock->scale || clock->all_iterations == 1)
    {
      clock->scale = scale;
      clock->iterations = 0;
      clock->seconds = clock->work = 0;
    }

  /* The first iteration of a scale finds its memory cold; it counts only until there is a better one. */
  clock->iterations++;
  if (clock->iterations == 2)
    clock->seconds = clock->work = 0;
  clock->seconds += seconds;
  clock->work += work;
  if (clock->iterations >= 2 || clock->rate == 0)
    clock->rate = clock->seconds / clock->work;
}

double
nst_clock_left (NstClock *clock, const NstScales *scales, int scale, int iteration)
{
  double evaluations = 0;

  if (clock->rate == 0)
    return -1;

  for (int i = scale; i < scales->n; i++)
    {
      const int    iterations = scales->iterations[i] - (i == scale ? iteration : 0);
      const double pixels = (double) scales->widths[i] * scales->heights[i];

      evaluations += pixels * (iterations * clock->evaluations + (i == scale ? 0 : SETUP));
    }
  if (clock->all_iterations > 2 && clock->left > 0)
    clock->left = MIN (clock->rate * evaluations, LARGEST_RISE * clock->left);
  else
    clock->left = clock->rate * evaluations;

  return clock->left;
}
