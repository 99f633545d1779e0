/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/shared.h"

#include "core/base/tsan.h"
#include "core/image/finish.h"

typedef struct
{
  NstShared *painted, *content; /* refs */
  NstFinish  how;
} Work;

static void
clear_shared (gpointer data)
{
  NST_TAKE_OVER (data);
  nst_image_unref (((NstShared *) data)->image);
}

NstShared *
nst_shared_new (NstImage *image)
{
  NstShared *shared = g_atomic_rc_box_new0 (NstShared);

  shared->image = image;

  return shared;
}

NstShared *
nst_shared_ref (NstShared *shared)
{
  return g_atomic_rc_box_acquire (shared);
}

void
nst_shared_unref (NstShared *shared)
{
  if (!shared)
    return;

  NST_HAND_OVER (shared);
  g_atomic_rc_box_release_full (shared, clear_shared);
}

static void
work_free (gpointer data)
{
  Work *work = data;

  NST_TAKE_OVER (work);
  nst_shared_unref (work->painted);
  nst_shared_unref (work->content);
  g_free (work);
}

static void
run (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  Work            *work = data;
  const NstFinish *how = &work->how;
  GError          *error = NULL;
  NstImage        *picture;

  NST_TAKE_OVER (work);
  if (g_task_return_error_if_cancelled (task))
    return;

  picture = nst_finish (work->painted->image, work->content->image, how->width, how->height,
                        how->keep_colours, how->strength, &error);
  NST_HAND_OVER (work);
  if (!picture)
    g_task_return_error (task, error);
  else if (!how->for_screen)
    g_task_return_pointer (task, picture, (GDestroyNotify) nst_image_unref);
  else
    {
      NstSurface *surface = nst_surface_new (picture);

      nst_image_unref (picture);
      NST_HAND_OVER (work);
      g_task_return_pointer (task, surface, (GDestroyNotify) nst_surface_free);
    }
}

void
nst_finish_async (NstShared          *painted,
                  NstShared          *content,
                  const NstFinish    *how,
                  GCancellable       *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Work             *work = g_new0 (Work, 1);

  work->painted = nst_shared_ref (painted);
  work->content = nst_shared_ref (content);
  work->how = *how;
  g_task_set_task_data (task, work, work_free);
  NST_HAND_OVER (work);
  g_task_run_in_thread (task, run);
}

NstImage *
nst_finish_get_image (GAsyncResult *result, GError **error)
{
  NST_TAKE_OVER (g_task_get_task_data (G_TASK (result)));
  return g_task_propagate_pointer (G_TASK (result), error);
}

NstSurface *
nst_finish_get_surface (GAsyncResult *result, GError **error)
{
  NST_TAKE_OVER (g_task_get_task_data (G_TASK (result)));
  return g_task_propagate_pointer (G_TASK (result), error);
}
