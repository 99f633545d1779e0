/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/engine.h"

G_BEGIN_DECLS

/* An engine in a thread of its own. Every function here is for the main thread, the one whose default main
 * context the job was started in; the callback comes there too. */
typedef struct _NstJob NstJob;

typedef enum
{
  NST_JOB_RUNNING,
  NST_JOB_PAUSED,
  NST_JOB_FINISHED, /* all iterations done, or stopped: the picture is the result */
  NST_JOB_CANCELLED,
  NST_JOB_FAILED, /* nst_job_error (); the newest good picture may still be there */
} NstJobState;

/* News: status and perhaps a newer snapshot. At most one call is pending, however fast the engine is. Never
 * called after nst_job_free (). */
typedef void (*NstJobFunc) (NstJob *job, gpointer data);

/* Copy recipe and scene (no pixels are copied), take a reference to model, and start a run. Cannot fail:
 * errors arrive as NST_JOB_FAILED. */
NstJob *nst_job_start (
    NstModel *model, const NstRecipe *recipe, const NstScene *scene, NstJobFunc func, gpointer data);

/* Cancels, waits for the thread, drops the pending call, frees. */
void nst_job_free (NstJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstJob, nst_job_free)

NstJobState   nst_job_state (NstJob *job);
NstStatus     nst_job_status (NstJob *job);
const GError *nst_job_error (NstJob *job); /* borrowed from job; NULL unless failed */

/* The newest snapshot that was not taken yet, owned by the caller, or NULL. */
NstImage *nst_job_take_snapshot (NstJob *job);

void nst_job_set_balance (NstJob *job, const NstBalance *balance); /* from the next iteration on */
void nst_job_pause (NstJob *job);
void nst_job_resume (NstJob *job);
void nst_job_stop (NstJob *job);   /* after this iteration, and keep the picture */
void nst_job_cancel (NstJob *job); /* as soon as the layer that runs is done */

G_END_DECLS
