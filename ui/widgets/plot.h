/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/run/engine.h"

G_BEGIN_DECLS

/* The losses over the iterations of a run, on a logarithmic scale: total, and what content and style have in
 * it. */
#define NST_TYPE_PLOT (nst_plot_get_type ())
G_DECLARE_FINAL_TYPE (NstPlot, nst_plot, NST, PLOT, GtkDrawingArea)

GtkWidget *nst_plot_new (void);
void       nst_plot_clear (NstPlot *plot);

/* content and style come times alpha and beta. */
void nst_plot_add (NstPlot *plot, const NstLosses *losses, double alpha, double beta);

G_END_DECLS
