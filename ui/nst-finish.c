/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-finish.h"

typedef struct
{
  NstImage  *painted;   /* owned */
  NstShared *content;   /* ref */
  gboolean   keep_colours, full;
  double     strength;
} Work;

static void
clear_shared (gpointer data)
{
  nst_image_free (((NstShared *) data)->image);
}

NstShared *
nst_shared_new (NstImage *image)
{
  NstShared *shared = g_atomic_rc_box_new0 (NstShared);

  shared->image = image;

  return shared;
}

void
nst_shared_unref (NstShared *shared)
{
  if (shared)
    g_atomic_rc_box_release_full (shared, clear_shared);
}

static void
work_free (gpointer data)
{
  Work *work = data;

  nst_image_free (work->painted);
  nst_shared_unref (work->content);
  g_free (work);
}

/* The content in the picture's size, owned; or itself, with nothing to free. */
static const NstImage *
content_like (const NstImage  *content,
              const NstImage  *picture,
              NstImage       **resized,
              GError         **error)
{
  if (content->width == picture->width && content->height == picture->height)
    return content;

  *resized = nst_image_resize (content, picture->width, picture->height, error);
  return *resized;
}

static void
run (GTask        *task,
     gpointer      source G_GNUC_UNUSED,
     gpointer      data,
     GCancellable *cancellable G_GNUC_UNUSED)
{
  Work           *work = data;
  const NstImage *content = work->content->image;
  const NstImage *under;
  GError         *error = NULL;
  g_autoptr (NstImage) picture = NULL;
  g_autoptr (NstImage) resized = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;

  picture = g_steal_pointer (&work->painted);
  if (work->full && (picture->width != content->width || picture->height != content->height))
    {
      NstImage *large = nst_image_resize (picture, content->width, content->height, &error);

      nst_image_free (picture);
      picture = large;
    }
  if (picture)
    {
      nst_image_clamp (picture);
      under = work->keep_colours || work->strength < 1 ? content_like (content, picture, &resized, &error) : NULL;
      if (under && work->keep_colours)
        nst_image_keep_colours (picture, under);
      if (under && work->strength < 1)
        nst_image_blend (picture, under, work->strength);
    }

  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&picture), (GDestroyNotify) nst_image_free);
}

void
nst_finish_async (NstImage            *painted,
                  NstShared           *content,
                  gboolean             keep_colours,
                  double               strength,
                  gboolean             full,
                  GCancellable        *cancellable,
                  GAsyncReadyCallback  callback,
                  gpointer             data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Work *work = g_new0 (Work, 1);

  work->painted = painted;
  work->content = g_atomic_rc_box_acquire (content);
  work->keep_colours = keep_colours;
  work->strength = strength;
  work->full = full;
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, run);
}

NstImage *
nst_finish_finish (GAsyncResult  *result,
                   GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
