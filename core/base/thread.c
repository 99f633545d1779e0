/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads whose start may fail. */
#include "core/base/thread.h"

#include <glib/gi18n-lib.h>

/* pthread.h, not GLib's locks: ThreadSanitizer understands these. */
#include <pthread.h>

#include "core/base/error.h"

#define OWN_THREADS 3 /* at most, that GLib starts with its first task */

GThread *
nst_thread_try_new (const char *name, GThreadFunc func, gpointer data, GError **error)
{
  GThread *thread = g_thread_try_new (name, func, data, NULL);

  if (thread == NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_THREADS,
                 _ ("The system allows no more threads; close other programs, then try again"));

  return thread;
}

typedef struct
{
  GTask          *task; /* ref */
  GTaskThreadFunc func;
} Run;

static gboolean
do_nothing (gpointer data G_GNUC_UNUSED)
{
  return G_SOURCE_REMOVE;
}

/* The last reference may be to a widget: it is given up in the task's main context, not in this thread. */
static void
release (GTask *task)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  GMainContext       *context = g_task_get_context (task);

  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, do_nothing, task, g_object_unref);
  g_source_attach (source, context);
}

static gpointer
run_task (gpointer data)
{
  g_autofree Run *run = data;
  GTask          *task = run->task;

  run->func (task, g_task_get_source_object (task), g_task_get_task_data (task),
             g_task_get_cancellable (task));
  release (task);

  return NULL;
}

gboolean
nst_task_run (GTask *task, GTaskThreadFunc func)
{
  Run     *run = g_new (Run, 1);
  GError  *error = NULL;
  GThread *thread;

  *run = (Run){ g_object_ref (task), func };
  thread = nst_thread_try_new ("nst-task", run_task, run, &error);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return TRUE;
    }

  g_task_return_error (task, error);
  g_object_unref (task);
  g_free (run);

  return FALSE;
}

static gpointer
wait_for_lock (gpointer data)
{
  pthread_mutex_lock (data);
  pthread_mutex_unlock (data);

  return NULL;
}

gboolean
nst_task_prepare (GError **error)
{
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  GThread        *threads[OWN_THREADS];
  int             n = 0;

  /* As many threads at a time as GLib may want. */
  pthread_mutex_lock (&lock);
  while (n < OWN_THREADS
         && (threads[n] = nst_thread_try_new ("nst-probe", wait_for_lock, &lock, error)) != NULL)
    n++;
  pthread_mutex_unlock (&lock);
  for (int i = 0; i < n; i++)
    g_thread_join (threads[i]);
  if (n == OWN_THREADS)
    g_type_ensure (G_TYPE_TASK);

  return n == OWN_THREADS;
}
