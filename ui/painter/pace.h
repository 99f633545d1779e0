/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/engine.h"

G_BEGIN_DECLS

/* Time estimates. The time of an iteration is taken to be proportional to its pixels. The rate is measured at
 * the newest scale of a run, because small pictures cost more per pixel; before the first run, a short run on
 * a small copy of the content measures it. A plain value; all zero is a valid start. */
typedef struct
{
  double rate;                      /* seconds per pixel and iteration; 0: not known yet */
  double total_work;                /* of the current run: NstPlan.pixel_iterations */
  int    scale;                     /* of the newest status; -1: none yet */
  double first_elapsed, first_work; /* at the first status of this scale */
} NstPace;

/* A run by this plan begins. The rate is kept until the run has measured its own. */
void nst_pace_begin (NstPace *pace, const NstPlan *plan);

/* Newest status of the run. elapsed: seconds since its start, without pauses. */
void nst_pace_add (NstPace *pace, const NstStatus *status, double elapsed);

/* Seconds that a run by plan takes. 0: not known yet. */
double nst_pace_predict (const NstPace *pace, const NstPlan *plan);

/* Seconds until the current run ends. 0: not known yet. */
double nst_pace_left (const NstPace *pace, const NstStatus *status);

/* Measure the rate in a thread: a few iterations by recipe on a small copy of content. References to model
 * and content are taken. callback is called in the caller's main context, with a NULL source; call
 * nst_pace_calibrate_finish () in it. */
void nst_pace_calibrate_async (NstModel           *model,
                               const NstRecipe    *recipe,
                               NstImage           *content,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            data);

/* The rate. 0 without an error: it could not be measured. G_IO_ERROR_CANCELLED. */
double nst_pace_calibrate_finish (GAsyncResult *result, GError **error);

G_END_DECLS
