/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/engine.h"

G_BEGIN_DECLS

/* A run in a thread of its own. All functions are for the thread that starts the job; the callback is called
 * there, from its thread-default main context. */
typedef struct _NstJob NstJob;

typedef enum
{
  NST_JOB_RUNNING,
  NST_JOB_PAUSED,
  NST_JOB_FINISHED, /* all iterations are done, or it was stopped; the newest picture is the result */
  NST_JOB_CANCELLED,
  NST_JOB_FAILED, /* see nst_job_error (); there may still be a snapshot */
} NstJobState;

/* The status has changed, and there may be a newer snapshot. At most one call is pending, however fast the
 * engine is. Never called after nst_job_free (). */
typedef void (*NstJobFunc) (NstJob *job, gpointer data);

/* Copy recipe and scene (no pixels are copied), take a reference to model, and start a run. Cannot fail:
 * errors arrive as NST_JOB_FAILED. */
NstJob *nst_job_start (
    NstModel *model, const NstRecipe *recipe, const NstScene *scene, NstJobFunc func, gpointer data);

/* Cancel, wait for the thread, drop the pending call, free. NULL is allowed. */
void nst_job_free (NstJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstJob, nst_job_free)

/* The current state; the newest status. */
NstJobState   nst_job_state (NstJob *job);
NstStatus     nst_job_status (NstJob *job);
const GError *nst_job_error (NstJob *job); /* borrowed; NULL unless the job has failed */

/* The newest snapshot, owned by the caller; NULL if it was taken already or there is none. */
NstImage *nst_job_take_snapshot (NstJob *job);

void nst_job_set_balance (NstJob *job, const NstBalance *balance); /* from the next iteration on */
void nst_job_pause (NstJob *job);
void nst_job_resume (NstJob *job);
void nst_job_stop (NstJob *job);   /* after the current iteration; the picture is kept */
void nst_job_cancel (NstJob *job); /* after the current layer */

G_END_DECLS
