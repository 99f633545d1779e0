/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Chooses the style: a picture file, by a file chooser or dropped here, or a picture of the strip, which
 * shows the layers of open images and recent files. Signal "changed" (NstStyleChooser *): another style is
 * chosen. */
#define NST_TYPE_STYLE_CHOOSER (nst_style_chooser_get_type ())
G_DECLARE_FINAL_TYPE (NstStyleChooser, nst_style_chooser, NST, STYLE_CHOOSER, GtkBox)

/* Fill the strip; call this once. layers: NstHostLayer. recent: file names, newest first, NULL-terminated, or
 * NULL; names of missing files are left out. folder: where the file chooser opens, or NULL. */
void nst_style_chooser_fill (NstStyleChooser   *chooser,
                             GPtrArray         *layers,
                             const char *const *recent,
                             const char        *folder);

/* Choose a layer, or with drawable -1 a file ("": none). Emits "changed". */
void nst_style_chooser_set (NstStyleChooser *chooser, int drawable, const char *file);

int         nst_style_chooser_get_drawable (NstStyleChooser *chooser); /* -1: none */
const char *nst_style_chooser_get_file (NstStyleChooser *chooser);     /* "": none; borrowed */
/* The name that users see; NULL: no style. Borrowed until the next change. */
const char *nst_style_chooser_get_name (NstStyleChooser *chooser);

/* The folder that the file chooser shows. Owned; NULL: none yet. */
char *nst_style_chooser_get_folder (NstStyleChooser *chooser);

/* Files dropped on widget are chosen too. */
void nst_style_chooser_accept_drops (NstStyleChooser *chooser, GtkWidget *widget);

G_END_DECLS
