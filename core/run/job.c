/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run in a thread of its own, and what the main thread may ask of it. */
#include "core/run/job.h"

/* pthread.h, not GLib's locks: ThreadSanitizer understands these. */
#include <pthread.h>

#include "core/base/error.h"
#include "core/base/thread.h"

struct _NstJob
{
  /* Set before the thread starts; read-only from then on. */
  NstModel     *model; /* ref */
  NstRecipe     recipe;
  NstScene     *scene;       /* owned */
  GCancellable *cancellable; /* ref */
  NstJobFunc    func;
  gpointer      data;
  GThread      *thread;
  GMainContext *context; /* ref; where func is called */

  pthread_mutex_t lock;    /* of everything below */
  pthread_cond_t  changed; /* pause, stop or cancel has changed */
  NstJobState     state;
  gboolean        pause, stop;
  gboolean        new_balance;
  NstBalance      balance;
  NstStatus       status;
  NstImage       *snapshot; /* owned; not taken yet */
  GError         *error;    /* owned */
  GSource        *pending;  /* owned; the call of func that is scheduled */
};

static gboolean
deliver (gpointer data)
{
  NstJob *job = data;

  pthread_mutex_lock (&job->lock);
  g_clear_pointer (&job->pending, g_source_unref);
  pthread_mutex_unlock (&job->lock);
  job->func (job, job->data);

  return G_SOURCE_REMOVE;
}

/* Schedule a call of func, unless one is scheduled already. The caller holds the lock. */
static void
notify (NstJob *job)
{
  if (job->func == NULL || job->pending != NULL)
    return;

  job->pending = g_idle_source_new ();
  g_source_set_callback (job->pending, deliver, job, NULL);
  g_source_attach (job->pending, job->context);
}

/* Before an iteration: wait while paused, take a new balance. FALSE when the run has to end here. */
static gboolean
take_orders (NstJob *job, NstEngine *engine)
{
  gboolean   go_on, changed;
  NstBalance balance;

  pthread_mutex_lock (&job->lock);
  while (job->pause && !job->stop && !g_cancellable_is_cancelled (job->cancellable))
    {
      if (job->state != NST_JOB_PAUSED)
        {
          job->state = NST_JOB_PAUSED;
          notify (job);
        }
      pthread_cond_wait (&job->changed, &job->lock);
    }
  job->state = NST_JOB_RUNNING;
  go_on = !job->stop && !g_cancellable_is_cancelled (job->cancellable);
  changed = job->new_balance;
  job->new_balance = FALSE;
  balance = job->balance;
  pthread_mutex_unlock (&job->lock);

  if (changed)
    nst_engine_set_balance (engine, &balance);

  return go_on;
}

/* Make the newest picture and status available to the main thread. */
static void
publish (NstJob *job, NstEngine *engine, const NstStatus *status)
{
  NstImage *image = nst_engine_get_image (engine, NULL);

  pthread_mutex_lock (&job->lock);
  job->status = *status;
  if (image != NULL)
    {
      nst_image_unref (job->snapshot);
      job->snapshot = image;
    }
  notify (job);
  pthread_mutex_unlock (&job->lock);
}

static void
finish (NstJob *job, GError *error)
{
  pthread_mutex_lock (&job->lock);
  if (error == NULL)
    job->state = g_cancellable_is_cancelled (job->cancellable) ? NST_JOB_CANCELLED : NST_JOB_FINISHED;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    job->state = NST_JOB_CANCELLED;
  else
    job->state = NST_JOB_FAILED;
  job->error = error;
  notify (job);
  pthread_mutex_unlock (&job->lock);
}

static gpointer
run (gpointer data)
{
  NstJob               *job = data;
  GError               *error = NULL;
  g_autoptr (NstEngine) engine = nst_engine_new (job->model, &job->recipe, job->scene, job->cancellable,
                                                 &error);
  NstStatus             status = { 0 };

  while (engine != NULL && !status.finished && take_orders (job, engine))
    {
      gboolean good = nst_engine_step (engine, &status, &error);

      if (good || g_error_matches (error, NST_ERROR, NST_ERROR_NONFINITE))
        publish (job, engine, &status);
      if (!good)
        break;
    }
  finish (job, error);

  return NULL;
}

NstJob *
nst_job_start (
    NstModel *model, const NstRecipe *recipe, const NstScene *scene, NstJobFunc func, gpointer data)
{
  NstJob *job = g_new0 (NstJob, 1);
  GError *error = NULL;

  pthread_mutex_init (&job->lock, NULL);
  pthread_cond_init (&job->changed, NULL);
  job->model = nst_model_ref (model);
  job->recipe = *recipe;
  job->cancellable = g_cancellable_new ();
  job->context = g_main_context_ref_thread_default ();
  job->func = func;
  job->data = data;
  job->status.n_scales = 1;
  job->scene = nst_scene_copy (scene);
  job->thread = nst_thread_try_new ("nst-job", run, job, &error);
  if (job->thread == NULL)
    finish (job, error);

  return job;
}

void
nst_job_free (NstJob *job)
{
  if (job == NULL)
    return;

  nst_job_cancel (job);
  if (job->thread != NULL)
    g_thread_join (job->thread);
  if (job->pending != NULL)
    {
      g_source_destroy (job->pending);
      g_source_unref (job->pending);
    }
  nst_image_unref (job->snapshot);
  nst_scene_free (job->scene);
  g_clear_error (&job->error);
  g_object_unref (job->cancellable);
  g_main_context_unref (job->context);
  nst_model_unref (job->model);
  pthread_mutex_destroy (&job->lock);
  pthread_cond_destroy (&job->changed);
  g_free (job);
}

NstJobState
nst_job_state (NstJob *job)
{
  NstJobState state;

  pthread_mutex_lock (&job->lock);
  state = job->state;
  pthread_mutex_unlock (&job->lock);

  return state;
}

NstStatus
nst_job_status (NstJob *job)
{
  NstStatus status;

  pthread_mutex_lock (&job->lock);
  status = job->status;
  pthread_mutex_unlock (&job->lock);

  return status;
}

const GError *
nst_job_error (NstJob *job)
{
  const GError *error;

  pthread_mutex_lock (&job->lock);
  error = job->state == NST_JOB_FAILED ? job->error : NULL;
  pthread_mutex_unlock (&job->lock);

  return error;
}

NstImage *
nst_job_take_snapshot (NstJob *job)
{
  NstImage *image;

  pthread_mutex_lock (&job->lock);
  image = g_steal_pointer (&job->snapshot);
  pthread_mutex_unlock (&job->lock);

  return image;
}

void
nst_job_set_balance (NstJob *job, const NstBalance *balance)
{
  pthread_mutex_lock (&job->lock);
  job->balance = *balance;
  job->new_balance = TRUE;
  pthread_mutex_unlock (&job->lock);
}

static void
set_flags (NstJob *job, gboolean pause, gboolean stop)
{
  pthread_mutex_lock (&job->lock);
  job->pause = pause;
  job->stop |= stop;
  pthread_cond_signal (&job->changed);
  pthread_mutex_unlock (&job->lock);
}

void
nst_job_pause (NstJob *job)
{
  set_flags (job, TRUE, FALSE);
}

void
nst_job_resume (NstJob *job)
{
  set_flags (job, FALSE, FALSE);
}

void
nst_job_stop (NstJob *job)
{
  set_flags (job, FALSE, TRUE);
}

void
nst_job_cancel (NstJob *job)
{
  g_cancellable_cancel (job->cancellable);
  set_flags (job, FALSE, FALSE);
}
