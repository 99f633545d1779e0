/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Parallel loops on one pool of threads. */

#define NST_MAX_THREADS 64

/* One task of a loop. task: 0 .. n_tasks - 1. thread: 0 .. nst_threads () - 1, to choose scratch memory by.
 * Tasks of one loop run in any order and must not depend on each other. A task must not start a loop. */
typedef void (*NstTask) (int task, int thread, gpointer data);

/* Run tasks 0 .. n_tasks - 1 on all threads; return when all are done. One loop runs at a time; a second
 * caller waits. With one thread the caller runs all tasks in order. */
void nst_parallel (int n_tasks, NstTask task, gpointer data);

/* How many threads kernels use: 1 before nst_process_init (). */
int nst_threads (void);

/* Change that number; 0: one for each processor that this process may use, at most NST_MAX_THREADS. Not while
 * a loop runs, and not while a network exists: scratch memory is planned for each thread. */
void nst_set_threads (int n_threads);

G_END_DECLS
