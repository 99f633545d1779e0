/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-parallel.h"

/* pthread.h, not GLib's locks: ThreadSanitizer sees through these. */
#include <pthread.h>

/* Known to OpenBLAS alone; with any other BLAS it stays NULL and that library's own variables decide. */
extern void openblas_set_num_threads (int n) __attribute__ ((weak));

typedef struct
{
  pthread_mutex_t   lock;            /* of everything below */
  pthread_cond_t    wake;            /* a loop began, or the workers are to end */
  pthread_cond_t    done;            /* the last worker left the loop */
  pthread_mutex_t   turn;            /* held by the caller of the loop that runs */
  GThread *workers[NST_MAX_THREADS];
  int      n_workers;       /* threads beside the caller's */
  int      n_threads;       /* wanted; 0: not yet known */
  guint64  loop;            /* number of the loop that runs */
  int      running;         /* workers that have not left it */
  gboolean end;

  NstTask  task;
  gpointer data;
  int      n_tasks;
  int      next;            /* first task that nobody took; atomic */
} Crew;

static Crew crew = {
  .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER, .turn = PTHREAD_MUTEX_INITIALIZER
};

static void
work (int thread)
{
  int i;

  while ((i = g_atomic_int_add (&crew.next, 1)) < crew.n_tasks)
    crew.task (i, thread, crew.data);
}

static gpointer
worker (gpointer number)
{
  guint64 seen = 0;

  pthread_mutex_lock (&crew.lock);
  for (;;)
    {
      while (crew.loop == seen && !crew.end)
        pthread_cond_wait (&crew.wake, &crew.lock);
      if (crew.end)
        break;
      seen = crew.loop;
      pthread_mutex_unlock (&crew.lock);

      work (GPOINTER_TO_INT (number));

      pthread_mutex_lock (&crew.lock);
      if (--crew.running == 0)
        pthread_cond_signal (&crew.done);
    }
  pthread_mutex_unlock (&crew.lock);

  return NULL;
}

static void
dismiss (void)
{
  pthread_mutex_lock (&crew.lock);
  crew.end = TRUE;
  pthread_cond_broadcast (&crew.wake);
  pthread_mutex_unlock (&crew.lock);

  for (int i = 0; i < crew.n_workers; i++)
    g_thread_join (crew.workers[i]);
  crew.n_workers = 0;
  crew.end = FALSE;
  crew.loop = 0;
}

void
nst_set_threads (int n_threads)
{
  pthread_mutex_lock (&crew.turn);
  if (crew.n_workers > 0)
    dismiss ();
  g_atomic_int_set (&crew.n_threads, CLAMP (n_threads > 0 ? n_threads : (int) g_get_num_processors (), 1, NST_MAX_THREADS));
  pthread_mutex_unlock (&crew.turn);
}

int
nst_threads (void)
{
  if (g_atomic_int_get (&crew.n_threads) == 0)
    nst_set_threads (0);

  return g_atomic_int_get (&crew.n_threads);
}

void
nst_parallel (int      n_tasks,
              NstTask  task,
              gpointer data)
{
  static gsize blas_told = 0;
  int          n = nst_threads ();

  if (g_once_init_enter (&blas_told))
    {
      if (openblas_set_num_threads != NULL)
        openblas_set_num_threads (1);
      g_once_init_leave (&blas_told, 1);
    }

  if (n == 1 || n_tasks <= 1)
    {
      for (int i = 0; i < n_tasks; i++)
        task (i, 0, data);
      return;
    }

  pthread_mutex_lock (&crew.turn);
  pthread_mutex_lock (&crew.lock);
  while (crew.n_workers < n - 1)
    {
      int number = crew.n_workers + 1;

      crew.workers[crew.n_workers] = g_thread_try_new ("nst-kernel", worker, GINT_TO_POINTER (number), NULL);
      if (crew.workers[crew.n_workers] == NULL)
        break;      /* the system gives no more: those that are there do it */
      crew.n_workers++;
    }
  crew.task = task;
  crew.data = data;
  crew.n_tasks = n_tasks;
  g_atomic_int_set (&crew.next, 0);
  crew.running = crew.n_workers;
  crew.loop++;
  pthread_cond_broadcast (&crew.wake);
  pthread_mutex_unlock (&crew.lock);

  work (0);

  pthread_mutex_lock (&crew.lock);
  while (crew.running > 0)
    pthread_cond_wait (&crew.done, &crew.lock);
  pthread_mutex_unlock (&crew.lock);
  pthread_mutex_unlock (&crew.turn);
}
