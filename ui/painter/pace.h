/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/engine.h"

G_BEGIN_DECLS

/* Time that runs take, and estimates. The time of an iteration is taken to be proportional to its pixels. The
 * rate is measured at the newest scale of a run, because small pictures cost more per pixel; before the first
 * run, a short run on a small copy of the content measures it. Main thread. */
typedef struct
{
  GTimer *timer;      /* owned; runs while the current run does */
  double  spent;      /* seconds of all runs before it */
  double  rate;       /* seconds per pixel and iteration; 0: not known yet */
  double  total_work; /* of the current run: NstPlan.pixel_iterations */

  int    scale;                     /* of the newest status; -1: none yet */
  double first_elapsed, first_work; /* at the first status of this scale */

  GCancellable *calibration; /* ref; NULL: none goes on */
  void (*calibrated) (gpointer data);
  gpointer data;
} NstPace;

void nst_pace_init (NstPace *pace);

void nst_pace_clear (NstPace *pace);

/* Cancels a calibration; its callback is not called any more. */
void nst_pace_cancel (NstPace *pace);

/* The same, and wait until no thread calibrates any more, which takes as long as one layer of the network:
 * BLAS must not be used while the process ends. */
void nst_pace_end (NstPace *pace);

/* Whether any thread calibrates. */
gboolean nst_pace_is_calibrating (void);

/* A run by this plan begins. Cancels a calibration, but keeps the rate until the run has measured its own. */
void nst_pace_begin (NstPace *pace, const NstPlan *plan);

/* The run pauses, or has ended; it continues. */
void nst_pace_pause (NstPace *pace);
void nst_pace_resume (NstPace *pace);

/* Newest status of the run. */
void nst_pace_add (NstPace *pace, const NstStatus *status);

/* Seconds of the current run, and of all, without pauses. */
double nst_pace_elapsed (const NstPace *pace);
double nst_pace_spent (const NstPace *pace);

/* Seconds that a run by plan takes. 0: not known yet. */
double nst_pace_predict (const NstPace *pace, const NstPlan *plan);

/* Seconds that the current run still needs after this status. 0: not known yet. */
double nst_pace_left (const NstPace *pace, const NstStatus *status);

/* Forget the rate, and measure it in a thread: a few iterations by recipe on a small copy of content.
 * References to model and content are taken. calibrated (data) is called in the caller's main context when
 * the rate is there, unless the calibration is cancelled by the next one or by a run. */
void nst_pace_calibrate (NstPace         *pace,
                         NstModel        *model,
                         const NstRecipe *recipe,
                         NstImage        *content,
                         void (*calibrated) (gpointer data),
                         gpointer data);

G_END_DECLS
