/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parallel loops: workers look for a new loop for a short time before they sleep, and take tasks without a
 * lock. A loop waits only for workers that have entered it: where other programs need the processors, the
 * caller does the work itself instead of waiting until a worker's turn comes. */
#include "core/base/parallel.h"

/* pthread.h, not GLib's locks: ThreadSanitizer understands these. */
#include <pthread.h>

/* Microseconds for which a waiting thread polls before it sleeps. Waking a thread takes up to a tenth of a
 * millisecond in a virtual machine, and an iteration of a small picture has a hundred loops that each take
 * less than one. */
#define POLL_TIME 200

#define CLOSED (1 << 30) /* a worker comes too late */

typedef struct
{
  pthread_mutex_t lock; /* of threads that sleep */
  pthread_cond_t  wake; /* a loop has begun, or the workers have to end */
  pthread_cond_t  done; /* the last worker has left the loop */
  pthread_mutex_t turn; /* held by the caller of the current loop */
  GThread        *workers[NST_MAX_THREADS];
  int             seen[NST_MAX_THREADS]; /* each worker's own: number of its last loop */
  int             n_workers;             /* threads beside the caller's */
  int             n_threads;             /* wanted; 0: not set */
  gboolean        poll;                  /* there is a processor for each thread: polling delays nobody */

  /* Atomic, sequentially consistent. A thread that is about to sleep sets asleep (or waiting), then checks
   * loop (or gate) again. A thread that has news writes loop (or gate), then checks asleep (or waiting). So
   * no wake-up is lost. */
  int      loop;    /* number of the current loop */
  int      gate;    /* workers inside of it, and CLOSED before the loop begins and when its tasks are taken */
  int      asleep;  /* workers that sleep or are about to */
  int      waiting; /* the caller sleeps or is about to */
  gboolean end;

  NstTask  task;
  gpointer data;
  int      n_tasks;
  int      next; /* the first task that nobody has taken; atomic */
} Pool;

static Pool pool = {
  .lock = PTHREAD_MUTEX_INITIALIZER,
  .wake = PTHREAD_COND_INITIALIZER,
  .done = PTHREAD_COND_INITIALIZER,
  .turn = PTHREAD_MUTEX_INITIALIZER,
  .gate = CLOSED,
};

static void
run_tasks (int thread)
{
  int i;

  while ((i = g_atomic_int_add (&pool.next, 1)) < pool.n_tasks)
    pool.task (i, thread, pool.data);
}

/* Wait for a short time until *place equals value (or differs from it). Returns whether it does. */
static gboolean
poll_for (const int *place, int value, gboolean equal)
{
  gint64 end = 0;

  while ((g_atomic_int_get (place) == value) != equal)
    {
      gint64 now;

      if (!pool.poll)
        return FALSE;
      now = g_get_monotonic_time ();
      if (end == 0)
        end = now + POLL_TIME;
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

/* Sleep until there is a loop after the one that was seen last. FALSE: the worker has to end. */
static gboolean
sleep_until_loop (const int *seen)
{
  pthread_mutex_lock (&pool.lock);
  g_atomic_int_inc (&pool.asleep);
  while (g_atomic_int_get (&pool.loop) == *seen && !g_atomic_int_get (&pool.end))
    pthread_cond_wait (&pool.wake, &pool.lock);
  g_atomic_int_add (&pool.asleep, -1);
  pthread_mutex_unlock (&pool.lock);

  return !g_atomic_int_get (&pool.end);
}

/* Whether the worker is inside of the loop now. A worker that still knows the loop before enters the present
 * one; it finds no task left when it comes again. */
static gboolean
enter (void)
{
  for (;;)
    {
      const int gate = g_atomic_int_get (&pool.gate);

      if (gate & CLOSED)
        return FALSE;
      if (g_atomic_int_compare_and_exchange (&pool.gate, gate, gate + 1))
        return TRUE;
    }
}

static void
leave (void)
{
  if (g_atomic_int_add (&pool.gate, -1) != CLOSED + 1 || !g_atomic_int_get (&pool.waiting))
    return;

  pthread_mutex_lock (&pool.lock);
  pthread_cond_signal (&pool.done);
  pthread_mutex_unlock (&pool.lock);
}

static gpointer
worker (gpointer number)
{
  int thread = GPOINTER_TO_INT (number), *seen = &pool.seen[thread];

  for (;;)
    {
      if (!poll_for (&pool.loop, *seen, FALSE) && !sleep_until_loop (seen))
        return NULL;
      *seen = g_atomic_int_get (&pool.loop);

      if (!enter ())
        continue;
      run_tasks (thread);
      leave ();
    }
}

static void
end_workers (void)
{
  pthread_mutex_lock (&pool.lock);
  g_atomic_int_set (&pool.end, TRUE);
  pthread_cond_broadcast (&pool.wake);
  pthread_mutex_unlock (&pool.lock);

  for (int i = 0; i < pool.n_workers; i++)
    g_thread_join (pool.workers[i]);
  pool.n_workers = 0;
  g_atomic_int_set (&pool.end, FALSE);
}

/* As many workers as are wanted, or as the system allows. */
static void
start_workers (int n)
{
  while (pool.n_workers < n)
    {
      int number = pool.n_workers + 1;

      pool.seen[number] = g_atomic_int_get (&pool.loop);
      pool.workers[pool.n_workers] = g_thread_try_new ("nst-kernel", worker, GINT_TO_POINTER (number), NULL);
      if (pool.workers[pool.n_workers] == NULL)
        return;
      pool.n_workers++;
    }
}

void
nst_set_threads (int n_threads)
{
  const int processors = g_get_num_processors ();

  pthread_mutex_lock (&pool.turn);
  if (pool.n_workers > 0)
    end_workers ();
  g_atomic_int_set (&pool.n_threads, CLAMP (n_threads > 0 ? n_threads : processors, 1, NST_MAX_THREADS));
  pool.poll = pool.n_threads <= processors;
  pthread_mutex_unlock (&pool.turn);
}

int
nst_threads (void)
{
  return MAX (g_atomic_int_get (&pool.n_threads), 1);
}

/* No worker enters any more; wait for those inside. */
static void
close_loop (void)
{
  if (g_atomic_int_add (&pool.gate, CLOSED) == 0 || poll_for (&pool.gate, CLOSED, TRUE))
    return;

  pthread_mutex_lock (&pool.lock);
  g_atomic_int_set (&pool.waiting, TRUE);
  while (g_atomic_int_get (&pool.gate) != CLOSED)
    pthread_cond_wait (&pool.done, &pool.lock);
  g_atomic_int_set (&pool.waiting, FALSE);
  pthread_mutex_unlock (&pool.lock);
}

void
nst_parallel (int n_tasks, NstTask task, gpointer data)
{
  const int n = nst_threads ();

  if (n == 1 || n_tasks <= 1)
    {
      for (int i = 0; i < n_tasks; i++)
        task (i, 0, data);
      return;
    }

  pthread_mutex_lock (&pool.turn);
  start_workers (n - 1);
  pool.task = task;
  pool.data = data;
  pool.n_tasks = n_tasks;
  g_atomic_int_set (&pool.next, 0);
  g_atomic_int_set (&pool.gate, 0);
  g_atomic_int_inc (&pool.loop);
  if (g_atomic_int_get (&pool.asleep) > 0)
    {
      pthread_mutex_lock (&pool.lock);
      pthread_cond_broadcast (&pool.wake);
      pthread_mutex_unlock (&pool.lock);
    }

  run_tasks (0);
  close_loop ();
  pthread_mutex_unlock (&pool.turn);
}
