/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thumbnails of files, read in a thread if wanted, and of pictures. A large PNG is made smaller while it is
 * read, as its few bytes may hold very many pixels. */
#include "ui/widgets/thumbnail.h"

#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/thread.h"
#include "core/base/tsan.h"
#include "core/image/decode.h"
#include "core/image/png-rows.h"

/* The size of the thumbnail of a picture of width x height pixels. */
static void
fit (int width, int height, int most_width, int most_height, int *to_width, int *to_height)
{
  const double factor = MIN ((double) most_width / width, (double) most_height / height);

  *to_width = MAX (1, (int) (width * factor));
  *to_height = MAX (1, (int) (height * factor));
}

static GdkPixbuf *
to_pixbuf (const NstImage *image)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, image->width, image->height);
  guchar    *pixels;
  int        stride;

  if (pixbuf == NULL)
    return NULL;

  pixels = gdk_pixbuf_get_pixels (pixbuf);
  stride = gdk_pixbuf_get_rowstride (pixbuf);
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < 3 * image->width; x++)
      pixels[y * stride + x] = CLAMP (image->data[(gsize) y * image->width * 3 + x], 0.0f, 1.0f) * 255.0f
                               + 0.5f;

  return pixbuf;
}

GdkPixbuf *
nst_thumbnail_of_image (const NstImage *image, int width, int height)
{
  g_autoptr (NstImage) small = NULL;

  fit (image->width, image->height, width, height, &width, &height);
  small = nst_image_resize (image, width, height, NULL);

  return small != NULL ? to_pixbuf (small) : NULL;
}

GdkPixbuf *
nst_thumbnail_read (const char *file, int most_width, int most_height, GError **error)
{
  g_autoptr (NstImage) image = NULL;
  GError              *reason = NULL;
  gboolean             transparent;
  int                  whole_width, whole_height, width, height;

  if (!nst_input_check (file, error))
    return NULL;
  if (gdk_pixbuf_get_file_info (file, &whole_width, &whole_height) == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: this is not a picture, or not in a format that can be read"), file);
      return NULL;
    }
  fit (whole_width, whole_height, most_width, most_height, &width, &height);
  if (nst_decode_check_size (whole_width, whole_height, &reason))
    image = nst_png_read_reduced (file, width, height, &transparent, &reason);
  if (image == NULL && reason == NULL)
    nst_decode_check_memory (whole_width, whole_height, width, height, &reason);
  if (reason != NULL)
    {
      g_propagate_prefixed_error (error, reason, "%s: ", file);
      return NULL;
    }

  return image != NULL ? to_pixbuf (image)
                       : gdk_pixbuf_new_from_file_at_scale (file, width, height, FALSE, error);
}

/* In a thread */

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

  pixbuf = nst_thumbnail_read (work->file, work->width, work->height, &error);
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
