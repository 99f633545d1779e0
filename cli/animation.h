/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/image.h"

#include <stdio.h>

G_BEGIN_DECLS

/* An animation, written frame by frame as GIF or WebP; the file's extension decides. Each format is available
 * if Pastiche was built with its library. The animation loops forever and pauses on its last frame. Only two
 * frames are in memory at a time; the others are in a temporary file. */
typedef struct _NstAnimation NstAnimation;

/* Whether an animation can be written to path: known extension, library available, folder writable. Fails
 * with NST_ERROR_ARGUMENT or G_FILE_ERROR. */
gboolean nst_animation_check_path (const char *path, GError **error);

/* Starts an animation of a result of width x height pixels. Frames are scaled so that neither side exceeds
 * 480 pixels. The temporary file is created. Owned by the caller. */
NstAnimation *nst_animation_new (const char *path, int width, int height, GError **error);
void          nst_animation_free (NstAnimation *animation); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstAnimation, nst_animation_free)

/* The memory, in bytes, that an animation of a result of this size takes at most. */
gsize nst_animation_bytes (int width, int height);

/* Appends a frame. An image of any size is scaled to that of the animation. After about 4 GB, which is all
 * that WebP allows, a message is printed, and this and all further frames are left out. */
gboolean nst_animation_add (NstAnimation *animation, const NstImage *image, GError **error);

/* Completes the file and gives it its name. No frame may be added afterwards. */
gboolean nst_animation_write (NstAnimation *animation, GError **error);

/* An encoder, implemented by animation-gif.c and animation-webp.c. */
typedef struct
{
  /* Returns the encoder's state, or NULL on failure. It writes to file (borrowed), which it may position. */
  gpointer (*begin) (FILE *file, int width, int height);

  /* Appends a frame of 8-bit RGB, rows without padding, shown for this time. FALSE on failure. */
  gboolean (*frame) (gpointer state, const guint8 *rgb, int milliseconds);

  /* Writes what follows the last frame. FALSE on failure. */
  gboolean (*end) (gpointer state);

  void (*free) (gpointer state);
} NstAnimationFormat;

extern const NstAnimationFormat nst_animation_gif, nst_animation_webp;

G_END_DECLS
