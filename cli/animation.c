/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Animations: chooses the format, scales the frames, writes the file. */
#include "config.h"

#include "cli/animation.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/base/file.h"

#define LONGEST 480                      /* pixels of the longer side */
#define EACH_MS 80                       /* duration of a frame */
#define LAST_MS 2500                     /* duration of the last frame */
#define MOST_BYTES ((gint64) 4000 << 20) /* sizes in WebP's container have 32 bits */

/* Bytes a pixel: a scaled frame of floats, a pending one of 8-bit values, and the encoder's own copies. */
#define PIXEL_BYTES (12 + 3 + 25)

struct _NstAnimation
{
  char                     *path;   /* owned */
  NstFileWriter            *writer; /* owned */
  const NstAnimationFormat *format;
  gpointer                  state; /* owned; the encoder's */
  gboolean                  full;  /* no more frames are added */
  int                       width, height;
  guint8 *pending; /* owned; the newest frame, not encoded yet because its duration is unknown; or NULL */
};

/* The formats by extension; format is NULL if the library was missing when Pastiche was built. */
static const struct
{
  const char               *extension, *library;
  const NstAnimationFormat *format;
} formats[] = {
#ifdef HAVE_GIF
  { ".gif", "giflib", &nst_animation_gif },
#else
  { ".gif", "giflib", NULL },
#endif
#ifdef HAVE_WEBP
  { ".webp", "libwebp", &nst_animation_webp },
#else
  { ".webp", "libwebp", NULL },
#endif
};

static const NstAnimationFormat *
find_format (const char *path, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_has_suffix (lower, formats[i].extension))
      {
        if (formats[i].format == NULL)
          g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                       _ ("%s: Pastiche was built without %s and cannot write %s animations"), path,
                       formats[i].library, formats[i].extension);
        return formats[i].format;
      }
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
               _ ("%s: the name of an animation must end in .gif or .webp"), path);

  return NULL;
}

gboolean
nst_animation_check_path (const char *path, GError **error)
{
  return find_format (path, error) != NULL && nst_file_check (path, error);
}

/* The size of the frames of a result of this size. */
static void
fit (int width, int height, int *to_width, int *to_height)
{
  nst_image_fit (width, height, MIN (LONGEST, MAX (width, height)), to_width, to_height);
}

gsize
nst_animation_bytes (int width, int height)
{
  fit (width, height, &width, &height);

  return (gsize) width * height * PIXEL_BYTES;
}

NstAnimation *
nst_animation_new (const char *path, int width, int height, GError **error)
{
  g_autoptr (NstAnimation) animation = g_new0 (NstAnimation, 1);

  animation->path = g_strdup (path);
  animation->format = find_format (path, error);
  if (animation->format == NULL)
    return NULL;
  animation->writer = nst_file_writer_new (path, error);
  if (animation->writer == NULL)
    return NULL;
  fit (width, height, &animation->width, &animation->height);
  animation->state = animation->format->begin (nst_file_writer_stream (animation->writer), animation->width,
                                               animation->height);
  if (animation->state == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("%s: there is not enough memory for an animation of %d x %d pixels"), path,
                   animation->width, animation->height);
      return NULL;
    }

  return g_steal_pointer (&animation);
}

void
nst_animation_free (NstAnimation *animation)
{
  if (animation == NULL)
    return;

  if (animation->state != NULL)
    animation->format->free (animation->state);
  nst_file_writer_free (animation->writer);
  g_free (animation->pending);
  g_free (animation->path);
  g_free (animation);
}

/* Encodes the pending frame. */
static gboolean
flush (NstAnimation *animation, int milliseconds, GError **error)
{
  if (animation->pending == NULL
      || animation->format->frame (animation->state, animation->pending, milliseconds))
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, _ ("%s: a frame of %d x %d pixels could not be encoded"),
               animation->path, animation->width, animation->height);

  return FALSE;
}

gboolean
nst_animation_add (NstAnimation *animation, const NstImage *image, GError **error)
{
  g_autoptr (NstImage) scaled = NULL;
  const gsize          n = (gsize) animation->width * animation->height * 3;

  if (!animation->full && ftello (nst_file_writer_stream (animation->writer)) > MOST_BYTES)
    {
      animation->full = TRUE;
      g_printerr (_ ("%s: the animation has more than 4 GB; the rest of the run is left out. Use a larger "
                     "--animation-every\n"),
                  animation->path);
    }
  if (animation->full)
    return TRUE;

  scaled = nst_image_resize (image, animation->width, animation->height, error);
  if (scaled == NULL || !flush (animation, EACH_MS, error))
    return FALSE;
  if (animation->pending == NULL)
    animation->pending = g_try_malloc (n);
  if (animation->pending == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("%s: there is not enough memory for an animation of %d x %d pixels"), animation->path,
                   animation->width, animation->height);
      return FALSE;
    }
  nst_image_clamp (scaled);
  for (gsize i = 0; i < n; i++)
    animation->pending[i] = scaled->data[i] * 255 + 0.5f;

  return TRUE;
}

gboolean
nst_animation_write (NstAnimation *animation, GError **error)
{
  if (!flush (animation, LAST_MS, error))
    return FALSE;
  g_clear_pointer (&animation->pending, g_free);
  if (!animation->format->end (animation->state))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, _ ("%s: the animation could not be encoded"),
                   animation->path);
      return FALSE;
    }

  return nst_file_writer_finish (animation->writer, error);
}
