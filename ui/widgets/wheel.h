/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* One notch of the wheel over a GtkRange or GtkSpinButton is one step, and only when it has the focus;
 * otherwise what is around it scrolls. */
void nst_wheel_tame (GtkWidget *widget);

/* The same for widget, if it is one of these or a GtkComboBox (which then ignores the wheel), and for all
 * widgets inside. */
void nst_wheel_tame_all (GtkWidget *widget);

G_END_DECLS
