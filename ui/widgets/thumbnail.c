/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thumbnails of files, read in a thread, and of pictures. */
#include "ui/widgets/thumbnail.h"

#include "core/base/input.h"
#include "core/base/thread.h"
#include "core/base/tsan.h"

typedef struct
{
  char *file; /* owned */
  int   width, height;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  NST_TAKE_OVER (work);
  g_free (work->file);
  g_free (work);
}

static void
run (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  const Work *work = data;
  GError     *error = NULL;
  GdkPixbuf  *pixbuf;

  NST_TAKE_OVER (work);
  if (g_task_return_error_if_cancelled (task))
    return;

  pixbuf = nst_input_check (work->file, &error)
               ? gdk_pixbuf_new_from_file_at_scale (work->file, work->width, work->height, TRUE, &error)
               : NULL;
  NST_HAND_OVER (work);
  if (pixbuf != NULL)
    g_task_return_pointer (task, pixbuf, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
nst_thumbnail_async (const char         *file,
                     int                 width,
                     int                 height,
                     GCancellable       *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Work             *work = g_new0 (Work, 1);

  work->file = g_strdup (file);
  work->width = width;
  work->height = height;
  g_task_set_task_data (task, work, work_free);
  NST_HAND_OVER (work);
  nst_task_run (task, run);
}

const char *
nst_thumbnail_file (GAsyncResult *result)
{
  return ((const Work *) g_task_get_task_data (G_TASK (result)))->file;
}

GdkPixbuf *
nst_thumbnail_finish (GAsyncResult *result, GError **error)
{
  NST_TAKE_OVER (g_task_get_task_data (G_TASK (result)));
  return g_task_propagate_pointer (G_TASK (result), error);
}

GdkPixbuf *
nst_thumbnail_of_image (const NstImage *image, int width, int height)
{
  const double factor = MIN ((double) width / image->width, (double) height / image->height);
  const int    fitted_width = MAX (1, (int) (image->width * factor)),
            fitted_height = MAX (1, (int) (image->height * factor));
  g_autoptr (NstImage) small = nst_image_resize (image, fitted_width, fitted_height, NULL);
  GdkPixbuf           *pixbuf = NULL;
  guchar              *pixels;
  int                  stride;

  if (small != NULL)
    pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, fitted_width, fitted_height);
  if (pixbuf == NULL)
    return NULL;

  pixels = gdk_pixbuf_get_pixels (pixbuf);
  stride = gdk_pixbuf_get_rowstride (pixbuf);
  for (int y = 0; y < fitted_height; y++)
    for (int x = 0; x < 3 * fitted_width; x++)
      pixels[y * stride + x] = CLAMP (small->data[(gsize) y * fitted_width * 3 + x], 0.0f, 1.0f) * 255.0f
                               + 0.5f;

  return pixbuf;
}
