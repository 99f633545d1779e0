/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Initialise GTK+ for a plug-in's process, without libgimpui. FALSE: there is no screen to ask the user on.
 * From then on the process ends itself as soon as GIMP, its parent, is gone. Main thread, once. */
gboolean nst_screen_open (void);

/* Look like the host, whatever the desktop looks like. css: the file of its style sheet, or NULL. After
 * nst_screen_open (). */
void nst_screen_set_theme (const char *css, gboolean dark);

G_END_DECLS
