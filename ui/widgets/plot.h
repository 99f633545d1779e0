/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/run/engine.h"

G_BEGIN_DECLS

/* The losses over the iterations of a run, on a logarithmic scale: the total, and the shares of content and
 * style in it. */
#define NST_TYPE_PLOT (nst_plot_get_type ())
G_DECLARE_FINAL_TYPE (NstPlot, nst_plot, NST, PLOT, GtkDrawingArea)

GtkWidget *nst_plot_new (void);
void       nst_plot_clear (NstPlot *plot);

/* Add an iteration. The content loss is shown multiplied by alpha, the style loss by beta. */
void nst_plot_add (NstPlot *plot, const NstLosses *losses, double alpha, double beta);

G_END_DECLS
