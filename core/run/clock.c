/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time that a run still takes. */
#include "core/run/clock.h"

#define SETUP 3           /* a scale's beginning, in evaluations: targets of content and style, the start */
#define FIXED 12000       /* pixels: what each evaluation costs whatever the size; VGG-19 5000, slim 20000 */
#define LARGEST_RISE 1.05 /* of what is told */

/* Of one evaluation. */
static double
work_of (const NstScales *scales, int scale)
{
  return (double) scales->widths[scale] * scales->heights[scale] + FIXED;
}

void
nst_clock_add (NstClock *clock, const NstScales *scales, int scale, double seconds, int evaluations)
{
  clock->all_iterations++;
  if (scale != clock->scale || clock->all_iterations == 1)
    {
      clock->scale = scale;
      clock->iterations = 0;
      clock->seconds = clock->work = 0;
    }

  /* The first iteration of a scale holds its beginning, finds its memory cold and evaluates the start as
   * well; it counts only until there is a better one. */
  clock->iterations++;
  if (clock->iterations == 2)
    clock->seconds = clock->work = 0;
  clock->seconds += seconds;
  clock->work += work_of (scales, scale) * (evaluations + (clock->iterations == 1 ? SETUP : 0));
  if (clock->iterations >= 2)
    {
      clock->later_iterations++;
      clock->later_evaluations += evaluations;
      clock->evaluations = (double) clock->later_evaluations / clock->later_iterations;
    }
  else if (clock->evaluations == 0)
    clock->evaluations = evaluations;
  if (clock->iterations >= 2 || clock->rate == 0)
    clock->rate = clock->seconds / clock->work;
}

double
nst_clock_left (NstClock *clock, const NstScales *scales, int scale, int iteration)
{
  double work = 0;

  if (clock->rate == 0)
    return -1;

  for (int i = scale; i < scales->n; i++)
    {
      const int iterations = scales->iterations[i] - (i == scale ? iteration : 0);

      work += work_of (scales, i) * (iterations * clock->evaluations + (i == scale ? 0 : SETUP));
    }
  if (clock->all_iterations > 2 && clock->left > 0)
    clock->left = MIN (clock->rate * work, LARGEST_RISE * clock->left);
  else
    clock->left = clock->rate * work;

  return clock->left;
}
