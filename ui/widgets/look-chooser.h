/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The presets and the user's own looks, each with a name and a small picture of its effect. Signal "chosen"
 * (NstLookChooser *): the user chose one, perhaps the one that was selected already. */
#define NST_TYPE_LOOK_CHOOSER (nst_look_chooser_get_type ())
G_DECLARE_FINAL_TYPE (NstLookChooser, nst_look_chooser, NST, LOOK_CHOOSER, GtkBox)

/* Read the user's own looks again. Afterwards nothing is selected. */
void nst_look_chooser_reload (NstLookChooser *chooser);

/* Select a preset or one of the user's own looks; NULL: none. Emits no signal. */
void nst_look_chooser_select (NstLookChooser *chooser, const char *name, gboolean own);

/* The selected one. Borrowed until the next reload; NULL: none is selected. */
const char *nst_look_chooser_get_name (NstLookChooser *chooser, gboolean *own);

/* The settings are no longer those of the selected look; a click on it brings them back. */
void nst_look_chooser_set_changed (NstLookChooser *chooser, gboolean has_changed);

G_END_DECLS
