/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/engine.h"
#include "ui/shared.h"

G_BEGIN_DECLS

/* How fast a run goes, so that others can be foretold: an iteration's time is in proportion to its pixels.
 * Measured at the newest scale of a run, because small pictures cost more a pixel; before the first run, by a
 * short one of a small copy. Plain data, to be cleared. */
typedef struct
{
  double rate;                      /* seconds a pixel and iteration; 0: not known yet */
  double total_work;                /* of the run that goes on: its plan's pixel_iterations */
  int    scale;                     /* -1: none yet */
  double first_elapsed, first_work; /* when its scale was first heard of */
} NstPace;

void nst_pace_begin (NstPace *pace, const NstPlan *plan);

/* News of the run, elapsed seconds after its start, pauses left out. */
void nst_pace_add (NstPace *pace, const NstStatus *status, double elapsed);

/* Seconds that a run by plan will take, and those that the one that goes on still needs; 0: not known yet. */
double nst_pace_foretell (const NstPace *pace, const NstPlan *plan);
double nst_pace_left (const NstPace *pace, const NstStatus *status);

/* The rate of a few iterations by recipe at a small size, in a thread. Refs model and content. */
void nst_pace_calibrate_async (NstModel           *model,
                               const NstRecipe    *recipe,
                               NstShared          *content,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            data);

/* 0: could not be measured. G_IO_ERROR_CANCELLED. */
double nst_pace_calibrate_finish (GAsyncResult *result, GError **error);

G_END_DECLS
