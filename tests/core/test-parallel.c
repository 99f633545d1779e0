/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parallel loops: every task runs once, and two callers' loops run one after the other. */
#include "core/base/parallel.h"

#define MAX_TASKS 1000

typedef struct
{
  /* All atomic. */
  int runs[MAX_TASKS];        /* of each task */
  int busy[NST_MAX_THREADS];  /* 1 while a task with this thread number runs */
  int out_of_range, overlaps; /* tasks with a wrong thread number; with a number that was busy */
} Loop;

static void
count (int task, int thread, gpointer data)
{
  Loop *loop = data;

  g_atomic_int_inc (&loop->runs[task]);
  if (thread < 0 || thread >= nst_threads ())
    {
      g_atomic_int_inc (&loop->out_of_range);
      return;
    }
  if (!g_atomic_int_compare_and_exchange (&loop->busy[thread], 0, 1))
    g_atomic_int_inc (&loop->overlaps);
  g_thread_yield ();
  g_atomic_int_set (&loop->busy[thread], 0);
}

static void
test_once (void)
{
  static const int counts[] = { 0, 1, 2, 3, 7, 64, MAX_TASKS }, threads[] = { 1, 2, 3, 5, NST_MAX_THREADS };

  for (gsize t = 0; t < G_N_ELEMENTS (threads); t++)
    {
      nst_set_threads (threads[t]);
      g_assert_cmpint (nst_threads (), ==, threads[t]);
      for (gsize c = 0; c < G_N_ELEMENTS (counts); c++)
        {
          g_autofree Loop *loop = g_new0 (Loop, 1);

          nst_parallel (counts[c], count, loop);
          for (int i = 0; i < MAX_TASKS; i++)
            g_assert_cmpint (loop->runs[i], ==, i < counts[c]);
          g_assert_cmpint (loop->out_of_range, ==, 0);
          g_assert_cmpint (loop->overlaps, ==, 0);
        }
    }
}

static void
test_number (void)
{
  const int processors = MIN ((int) g_get_num_processors (), NST_MAX_THREADS);

  nst_set_threads (100000);
  g_assert_cmpint (nst_threads (), ==, NST_MAX_THREADS);
  nst_set_threads (0);
  g_assert_cmpint (nst_threads (), ==, processors);
}

static void
run_in_order (int task, int thread, gpointer data)
{
  int *next = data;

  g_assert_cmpint (thread, ==, 0);
  g_assert_cmpint (task, ==, (*next)++);
}

/* With one thread the caller runs all tasks in order. */
static void
test_order (void)
{
  int next = 0;

  nst_set_threads (1);
  nst_parallel (100, run_in_order, &next);
  g_assert_cmpint (next, ==, 100);
}

static int active[2]; /* tasks of each caller that run now; atomic */
static int mixed;     /* tasks that ran together with a task of the other caller; atomic */

static void
check_other (int task G_GNUC_UNUSED, int thread G_GNUC_UNUSED, gpointer data)
{
  const int caller = GPOINTER_TO_INT (data);

  g_atomic_int_inc (&active[caller]);
  g_thread_yield ();
  if (g_atomic_int_get (&active[1 - caller]) > 0)
    g_atomic_int_inc (&mixed);
  g_atomic_int_add (&active[caller], -1);
}

static gpointer
call_loops (gpointer caller)
{
  for (int i = 0; i < 200; i++)
    nst_parallel (20, check_other, caller);

  return NULL;
}

/* One loop runs at a time; a second caller waits. */
static void
test_callers (void)
{
  GThread *second;

  nst_set_threads (3);
  second = g_thread_new ("second", call_loops, GINT_TO_POINTER (1));
  call_loops (GINT_TO_POINTER (0));
  g_thread_join (second);
  g_assert_cmpint (mixed, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/parallel/once", test_once);
  g_test_add_func ("/core/parallel/number", test_number);
  g_test_add_func ("/core/parallel/order", test_order);
  g_test_add_func ("/core/parallel/callers", test_callers);

  return g_test_run ();
}
