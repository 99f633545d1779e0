/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A GtkScale of a position, 0 .. 1, that stands for a value: its accessible has the value that is shown, not
 * the position. */
#define NST_TYPE_LOG_SCALE (nst_log_scale_get_type ())
G_DECLARE_FINAL_TYPE (NstLogScale, nst_log_scale, NST, LOG_SCALE, GtkScale)

/* shown: has the value and the range for the accessible; borrowed, must live as long. */
GtkWidget *nst_log_scale_new (GtkAdjustment *shown);

G_END_DECLS
