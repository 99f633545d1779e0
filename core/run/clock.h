/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/scales.h"

G_BEGIN_DECLS

/* How long a run still takes, from the time of its iterations so far. The time that a scale takes to begin is
 * not counted as an iteration's: at the first, small scale it is larger than all iterations together. Plain
 * data; { 0 } before the first iteration. */
typedef struct
{
  int    scale;         /* of the newest iteration */
  int    iterations;    /* measured there */
  double seconds, work; /* of these; work: evaluations, each times its pixels and a fixed number */
  double rate;          /* seconds for that; 0: not known yet */
  double evaluations;   /* for each iteration, without the first of each scale; 0: not known yet */
  int    all_iterations, later_iterations, later_evaluations; /* later: not the first of its scale */
  double left;                                                /* what was told last; 0: nothing yet */
} NstClock;

/* An iteration at a scale has taken so many seconds and evaluations of the objective. */
void nst_clock_add (NstClock *clock, const NstScales *scales, int scale, double seconds, int evaluations);

/* Seconds that the run still takes when this many iterations of the scale are done. -1: not known yet. From
 * the second iteration on the number never rises by more than a twentieth. */
double nst_clock_left (NstClock *clock, const NstScales *scales, int scale, int iteration);

G_END_DECLS
