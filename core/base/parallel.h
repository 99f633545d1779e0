/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NST_MAX_THREADS 64

/* One task of a parallel loop. task: 0 .. n_tasks - 1; thread: 0 .. nst_threads () - 1, to choose scratch
 * memory by. Tasks of one loop run in any order and must not depend on each other; they must not start a loop
 * themselves. */
typedef void (*NstTask) (int task, int thread, gpointer data);

/* Run task (0 .. n_tasks - 1) on all threads and return when all are done. One loop runs at a time; a second
 * caller waits. */
void nst_parallel (int n_tasks, NstTask task, gpointer data);

/* Number of threads that kernels use. At first the number of processors that this process may use, at most
 * NST_MAX_THREADS. */
int nst_threads (void);

/* 0: as at first. Takes effect at once; must not be called while a loop runs. BLAS itself is kept to one
 * thread, because the loops here are outside of its calls, and two layers of threads slow each other down. */
void nst_set_threads (int n_threads);

G_END_DECLS
