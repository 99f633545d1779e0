/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads a model in a thread, by a GTask. */
#include "ui/painter/load.h"

#include "core/base/thread.h"
#include "core/base/tsan.h"
#include "weights/model-file.h"

static void
free_name (gpointer data)
{
  NST_TAKE_OVER (data);
  g_free (data);
}

static void
run (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable)
{
  GError   *error = NULL;
  NstModel *model;

  NST_TAKE_OVER (data);
  if (g_task_return_error_if_cancelled (task))
    return;

  model = nst_model_get_cancellable (data, cancellable, &error);
  NST_HAND_OVER (data);
  if (model != NULL)
    g_task_return_pointer (task, model, (GDestroyNotify) nst_model_unref);
  else
    g_task_return_error (task, error);
}

void
nst_load_model_async (const char         *name,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  char             *copy = g_strdup (name);

  g_task_set_task_data (task, copy, free_name);
  NST_HAND_OVER (copy);
  nst_task_run (task, run);
}

NstModel *
nst_load_model_finish (GAsyncResult *result, GError **error)
{
  NST_TAKE_OVER (g_task_get_task_data (G_TASK (result)));
  return g_task_propagate_pointer (G_TASK (result), error);
}
