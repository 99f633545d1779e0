/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Open the help window above parent, which it closes with. */
void nst_help_show (GtkWindow *parent);

G_END_DECLS
