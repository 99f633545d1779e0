/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where the look comes from: a picture file, by its chooser or dropped here, or a layer of an open image. Signal "changed"
 * (NstStyleChooser *) when the user chose another one. */
#define NST_TYPE_STYLE_CHOOSER (nst_style_chooser_get_type ())
G_DECLARE_FINAL_TYPE (NstStyleChooser, nst_style_chooser, NST, STYLE_CHOOSER, GtkBox)

/* layers: of NstHostLayer, taken. */
GtkWidget  *nst_style_chooser_new (GPtrArray *layers);

/* A layer, or with drawable -1 a file ("": none). Emits "changed". */
void        nst_style_chooser_set (NstStyleChooser *chooser, int drawable, const char *file);

int         nst_style_chooser_get_drawable (NstStyleChooser *chooser);      /* -1: none */
const char *nst_style_chooser_get_file (NstStyleChooser *chooser);          /* "": none; borrowed */

/* Take files that are dropped on another widget too. */
void        nst_style_chooser_accept_drops (NstStyleChooser *chooser, GtkWidget *widget);

G_END_DECLS
