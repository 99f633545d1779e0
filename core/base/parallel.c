/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/parallel.h"

/* pthread.h, not GLib's locks: ThreadSanitizer sees through these. */
#include <pthread.h>

/* Microseconds for which a thread that waits for another one looks again and again before it sleeps: to be
 * woken takes up to a tenth of a millisecond in a virtual machine, and an iteration of a small picture has a
 * hundred loops of less than one each. */
#define PATIENCE 200

/* Known to OpenBLAS alone; with any other BLAS it stays NULL and that library's own variables decide. */
extern void openblas_set_num_threads (int n) __attribute__ ((weak));

typedef struct
{
  pthread_mutex_t lock; /* of those that sleep */
  pthread_cond_t  wake; /* a loop began, or the workers are to end */
  pthread_cond_t  done; /* the last worker left the loop */
  pthread_mutex_t turn; /* held by the caller of the loop that runs */
  GThread        *workers[NST_MAX_THREADS];
  int             seen[NST_MAX_THREADS]; /* each worker's own: number of its last loop */
  int             n_workers;             /* threads beside the caller's */
  int             n_threads;             /* wanted; 0: not yet known */
  gboolean        patient; /* a processor for each thread: to look takes none from those that work */

  /* Atomic, all in one order: who is about to sleep says so and then looks once more; who has news tells it
   * and then looks who sleeps. */
  int      loop;    /* changes with each loop */
  int      running; /* workers that have not left it */
  int      asleep;  /* workers that sleep, or are about to */
  int      waiting; /* so does the caller */
  gboolean end;

  NstTask  task;
  gpointer data;
  int      n_tasks;
  int      next; /* first task that nobody took; atomic */
} Crew;

static Crew crew = { .lock = PTHREAD_MUTEX_INITIALIZER,
                     .wake = PTHREAD_COND_INITIALIZER,
                     .done = PTHREAD_COND_INITIALIZER,
                     .turn = PTHREAD_MUTEX_INITIALIZER };

static void
work (int thread)
{
  int i;

  while ((i = g_atomic_int_add (&crew.next, 1)) < crew.n_tasks)
    crew.task (i, thread, crew.data);
}

/* Returns whether *place became, or is no longer, the value before patience ended. */
static gboolean
look (const int *place, int value, gboolean equal)
{
  gint64 end = 0;

  while ((g_atomic_int_get (place) == value) != equal)
    {
      gint64 now;

      if (!crew.patient)
        return FALSE;
      now = g_get_monotonic_time ();
      if (end == 0)
        end = now + PATIENCE;
      if (now >= end)
        return FALSE;
#if defined __x86_64__ || defined __i386__
      __builtin_ia32_pause ();
#elif defined __aarch64__
      __asm__ volatile("yield");
#endif
    }

  return TRUE;
}

static gpointer
worker (gpointer number)
{
  int thread = GPOINTER_TO_INT (number), *seen = &crew.seen[thread];

  for (;;)
    {
      if (!look (&crew.loop, *seen, FALSE))
        {
          pthread_mutex_lock (&crew.lock);
          g_atomic_int_inc (&crew.asleep);
          while (g_atomic_int_get (&crew.loop) == *seen && !g_atomic_int_get (&crew.end))
            pthread_cond_wait (&crew.wake, &crew.lock);
          g_atomic_int_add (&crew.asleep, -1);
          pthread_mutex_unlock (&crew.lock);
          if (g_atomic_int_get (&crew.end))
            return NULL;
        }
      *seen = g_atomic_int_get (&crew.loop);

      work (thread);

      if (g_atomic_int_dec_and_test (&crew.running) && g_atomic_int_get (&crew.waiting))
        {
          pthread_mutex_lock (&crew.lock);
          pthread_cond_signal (&crew.done);
          pthread_mutex_unlock (&crew.lock);
        }
    }
}

static void
dismiss (void)
{
  pthread_mutex_lock (&crew.lock);
  g_atomic_int_set (&crew.end, TRUE);
  pthread_cond_broadcast (&crew.wake);
  pthread_mutex_unlock (&crew.lock);

  for (int i = 0; i < crew.n_workers; i++)
    g_thread_join (crew.workers[i]);
  crew.n_workers = 0;
  g_atomic_int_set (&crew.end, FALSE);
}

void
nst_set_threads (int n_threads)
{
  pthread_mutex_lock (&crew.turn);
  if (crew.n_workers > 0)
    dismiss ();
  g_atomic_int_set (&crew.n_threads,
                    CLAMP (n_threads > 0 ? n_threads : (int) g_get_num_processors (), 1, NST_MAX_THREADS));
  crew.patient = crew.n_threads <= (int) g_get_num_processors ();
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
nst_parallel (int n_tasks, NstTask task, gpointer data)
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
  while (crew.n_workers < n - 1)
    {
      int number = crew.n_workers + 1;

      crew.seen[number] = g_atomic_int_get (&crew.loop);
      crew.workers[crew.n_workers] = g_thread_try_new ("nst-kernel", worker, GINT_TO_POINTER (number), NULL);
      if (crew.workers[crew.n_workers] == NULL)
        break; /* the system gives no more: those that are there do it */
      crew.n_workers++;
    }
  crew.task = task;
  crew.data = data;
  crew.n_tasks = n_tasks;
  g_atomic_int_set (&crew.next, 0);
  g_atomic_int_set (&crew.running, crew.n_workers);
  g_atomic_int_inc (&crew.loop);
  if (g_atomic_int_get (&crew.asleep) > 0)
    {
      pthread_mutex_lock (&crew.lock);
      pthread_cond_broadcast (&crew.wake);
      pthread_mutex_unlock (&crew.lock);
    }

  work (0);

  if (!look (&crew.running, 0, TRUE))
    {
      pthread_mutex_lock (&crew.lock);
      g_atomic_int_set (&crew.waiting, TRUE);
      while (g_atomic_int_get (&crew.running) > 0)
        pthread_cond_wait (&crew.done, &crew.lock);
      g_atomic_int_set (&crew.waiting, FALSE);
      pthread_mutex_unlock (&crew.lock);
    }
  pthread_mutex_unlock (&crew.turn);
}
