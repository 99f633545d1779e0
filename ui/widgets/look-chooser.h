/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The presets and the user's own looks, each a picture of what it does and a name. Signal "chosen"
 * (NstLookChooser *) when the user chose one, even the same again. */
#define NST_TYPE_LOOK_CHOOSER (nst_look_chooser_get_type ())
G_DECLARE_FINAL_TYPE (NstLookChooser, nst_look_chooser, NST, LOOK_CHOOSER, GtkBox)

/* Read the own looks again; nothing is selected then. */
void nst_look_chooser_reload (NstLookChooser *chooser);

/* The name of a preset, or of an own look; NULL: none. No signal. */
void nst_look_chooser_select (NstLookChooser *chooser, const char *name, gboolean own);

/* Borrowed until the next reload; NULL: none is selected. */
const char *nst_look_chooser_get_name (NstLookChooser *chooser, gboolean *own);

G_END_DECLS
