/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/widgets/style-strip.h"

G_BEGIN_DECLS

/* Shows the chosen style, and chooses one: a picture file, by a file chooser or dropped here, or a style of a
 * strip. Signal "changed" (NstStyleChooser *): another style is chosen. */
#define NST_TYPE_STYLE_CHOOSER (nst_style_chooser_get_type ())
G_DECLARE_FINAL_TYPE (NstStyleChooser, nst_style_chooser, NST, STYLE_CHOOSER, GtkBox)

/* Choose from this strip too, and take names and pictures of styles from it. strip is borrowed and must be
 * filled; call this once. folder: where the file chooser opens, or NULL. */
void nst_style_chooser_set_strip (NstStyleChooser *chooser, NstStyleStrip *strip, const char *folder);

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
