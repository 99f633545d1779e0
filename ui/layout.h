/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The widgets of dialog.ui. Owned; the window has a reference of its own. */
GtkBuilder *nst_layout_load (void);

/* The widget of this name, which must exist. Borrowed. */
GtkWidget *nst_layout_widget (GtkBuilder *layout, const char *name);

G_END_DECLS
