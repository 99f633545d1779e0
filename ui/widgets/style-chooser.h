/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where the look comes from: a picture file, by its chooser or dropped here, or one of the pictures in a
 * strip: layers of open images and files that were used lately. Signal "changed" (NstStyleChooser *) when the
 * user chose another one. */
#define NST_TYPE_STYLE_CHOOSER (nst_style_chooser_get_type ())
G_DECLARE_FINAL_TYPE (NstStyleChooser, nst_style_chooser, NST, STYLE_CHOOSER, GtkBox)

/* Fill the strip, once. layers: of NstHostLayer. recent: file names, the newest first, NULL at the end; what
 * is no file (any more) is left out. folder: where the file chooser begins, or NULL. */
void nst_style_chooser_fill (NstStyleChooser   *chooser,
                             GPtrArray         *layers,
                             const char *const *recent,
                             const char        *folder);

/* A layer, or with drawable -1 a file ("": none). Emits "changed". */
void nst_style_chooser_set (NstStyleChooser *chooser, int drawable, const char *file);

int         nst_style_chooser_get_drawable (NstStyleChooser *chooser); /* -1: none */
const char *nst_style_chooser_get_file (NstStyleChooser *chooser);     /* "": none; borrowed */
/* for people; NULL: none; borrowed until the next change */
const char *nst_style_chooser_get_name (NstStyleChooser *chooser);

/* The folder that the file chooser shows; owned; NULL: none yet. */
char *nst_style_chooser_get_folder (NstStyleChooser *chooser);

/* Take files that are dropped on another widget too. */
void nst_style_chooser_accept_drops (NstStyleChooser *chooser, GtkWidget *widget);

G_END_DECLS
