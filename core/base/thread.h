/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Threads that may fail to start: the system limits their number and their memory. GLib's own
 * g_thread_new () ends the process then, and g_task_run_in_thread () never calls back. */

/* A thread, owned by the caller; NULL with NST_ERROR_THREADS. */
GThread *nst_thread_try_new (const char *name, GThreadFunc func, gpointer data, GError **error);

/* As g_task_run_in_thread (), in a thread of the task's own. Where none can be started the task returns
 * NST_ERROR_THREADS, in its main context as usual, and FALSE is returned. */
gboolean nst_task_run (GTask *task, GTaskThreadFunc func);

/* GLib starts threads of its own with the first GTask. Let it do so now, or fail with NST_ERROR_THREADS where
 * it would end the process. Call this before any task is made. */
gboolean nst_task_prepare (GError **error);

G_END_DECLS
