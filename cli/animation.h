/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/image.h"

G_BEGIN_DECLS

/* A moving picture, frame by frame: GIF or WebP by the file's extension, each where Pastiche was built with
 * its library. It is repeated without end, and its last frame stays for a while. */
typedef struct _NstAnimation NstAnimation;

/* Whether the extension is known, its library there, and the folder. */
gboolean nst_animation_check_path (const char *path, GError **error);

/* width, height: of the run's result; frames are at most 480 pixels long. Owned by the caller. */
NstAnimation *nst_animation_new (const char *path, int width, int height, GError **error);
void          nst_animation_free (NstAnimation *animation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstAnimation, nst_animation_free)

/* A frame of any size; it is scaled to that of the animation. */
gboolean nst_animation_add (NstAnimation *animation, const NstImage *image, GError **error);

/* The file, written beside and renamed. Nothing can be added any more. */
gboolean nst_animation_write (NstAnimation *animation, GError **error);

/* For the formats' own files. An encoder's state is whatever begin () returns (NULL: it failed); frame ()
 * takes 8-bit RGB, rows without gaps, and how long it is seen; end () gives the whole file. */
typedef struct
{
  gpointer (*begin) (int width, int height);
  gboolean (*frame) (gpointer state, const guint8 *rgb, int milliseconds);
  GBytes *(*end) (gpointer state); /* NULL: it failed */
  void (*free) (gpointer state);
} NstAnimationFormat;

extern const NstAnimationFormat nst_animation_gif, nst_animation_webp;

G_END_DECLS
