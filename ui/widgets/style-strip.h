/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "shelf/shelf.h"

G_BEGIN_DECLS

/* The styles to choose from by one click, as a row of thumbnails: layers of open images, recent files, the
 * paintings of the shelf, and pictures in the user's folders. They are searched as one types, and limited to
 * one kind. Thumbnails of files are read one after the other in a thread. Signals: "chosen" (NstStyleStrip
 * *): the user clicked on a style, which nst_style_strip_get_chosen () gives; "kept" (NstStyleStrip *):
 * favourites or folders were changed by the user. */
#define NST_TYPE_STYLE_STRIP (nst_style_strip_get_type ())
G_DECLARE_FINAL_TYPE (NstStyleStrip, nst_style_strip, NST, STYLE_STRIP, GtkBox)

#define NST_STRIP_WIDTH 96 /* most pixels of a thumbnail */
#define NST_STRIP_HEIGHT 72

/* One style. */
typedef struct
{
  int          drawable; /* -1: file */
  const char  *file;     /* "": drawable */
  const char  *name;     /* for the user: of the layer or file; of a painting with painter and year */
  NstPainting *painting; /* NULL: nothing is known of it */
  GdkPixbuf   *pixbuf;   /* NULL: not read yet */
} NstStripStyle;

/* Fill the strip; call this once. layers: NstHostLayer. recent, favourites, folders: names, newest first,
 * each NULL-terminated; those that do not exist are left out. */
void nst_style_strip_fill (NstStyleStrip     *strip,
                           GPtrArray         *layers,
                           const char *const *recent,
                           const char *const *favourites,
                           const char *const *folders);

/* Show this style as the chosen one, if it is in the strip. Emits nothing. */
void nst_style_strip_select (NstStyleStrip *strip, int drawable, const char *file);

/* Borrowed until the strip is filled or changed by the user; NULL: it is not in the strip. */
const NstStripStyle *nst_style_strip_find (NstStyleStrip *strip, int drawable, const char *file);
const NstStripStyle *nst_style_strip_get_chosen (NstStyleStrip *strip);

/* Names of favourite files, and of the user's folders. Owned by the caller. */
char **nst_style_strip_get_favourites (NstStyleStrip *strip);
char **nst_style_strip_get_folders (NstStyleStrip *strip);

G_END_DECLS
