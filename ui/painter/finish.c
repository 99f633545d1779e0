/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finishes a picture (size, colours, strength) in a thread, by a GTask. */
#include "ui/painter/finish.h"

#include "core/base/thread.h"
#include "core/base/tsan.h"
#include "core/image/finish.h"

typedef struct
{
  NstImage        *painted; /* ref */
  NstImage        *content; /* ref, or NULL */
  NstFinish        how;
  NstMask         *share;   /* ref or NULL */
  NstFinishConvert convert; /* NULL: the picture itself */
  GDestroyNotify   free_converted;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  NST_TAKE_OVER (work);
  nst_image_unref (work->painted);
  nst_image_unref (work->content);
  nst_mask_unref (work->share);
  g_free (work);
}

static void
run (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  Work                *work = data;
  const NstFinish     *how = &work->how;
  GError              *error = NULL;
  g_autoptr (NstImage) picture = NULL;
  GDestroyNotify       free_converted;
  gpointer             converted;

  NST_TAKE_OVER (work);
  if (g_task_return_error_if_cancelled (task))
    return;

  picture = nst_finish (work->painted, work->content, how->width, how->height, how->palette, how->strength,
                        work->share, &error);
  if (picture == NULL)
    {
      NST_HAND_OVER (work);
      g_task_return_error (task, error);
    }
  else if (work->convert == NULL)
    {
      NST_HAND_OVER (work);
      g_task_return_pointer (task, g_steal_pointer (&picture), (GDestroyNotify) nst_image_unref);
    }
  else
    {
      converted = work->convert (picture);
      free_converted = work->free_converted;
      g_clear_pointer (&picture, nst_image_unref);
      NST_HAND_OVER (work);
      g_task_return_pointer (task, converted, free_converted);
    }
}

void
nst_finish_async (NstImage           *painted,
                  NstImage           *content,
                  NstMask            *share,
                  const NstFinish    *how,
                  NstFinishConvert    convert,
                  GDestroyNotify      free_converted,
                  GCancellable       *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Work             *work = g_new0 (Work, 1);

  work->painted = nst_image_ref (painted);
  work->content = content != NULL ? nst_image_ref (content) : NULL;
  work->how = *how;
  work->share = share != NULL ? nst_mask_ref (share) : NULL;
  work->convert = convert;
  work->free_converted = free_converted;
  g_task_set_task_data (task, work, work_free);
  NST_HAND_OVER (work);
  nst_task_run (task, run);
}

gpointer
nst_finish_get (GAsyncResult *result, GError **error)
{
  NST_TAKE_OVER (g_task_get_task_data (G_TASK (result)));
  return g_task_propagate_pointer (G_TASK (result), error);
}
