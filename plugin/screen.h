/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* GTK+ 3 in a plug-in's process, without libgimpui (which brings GTK+ 2 on GIMP 2.10). Main thread only. */

/* Initialise GTK+; call once. FALSE: there is no screen for a dialog. Also starts a timer that ends the
 * process once its parent, GIMP, is gone. */
gboolean nst_screen_open (void);

/* Use the host's theme instead of the desktop's, after nst_screen_open (). css: path of a style sheet, or
 * NULL; one that cannot be loaded is skipped with a message. */
void nst_screen_set_theme (const char *css, gboolean dark);

G_END_DECLS
