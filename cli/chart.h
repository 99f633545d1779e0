/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* A line chart with a linear x axis from 0 and a logarithmic y axis. Each curve's name is drawn at its end.
 */

typedef struct
{
  const char   *name;
  guint32       colour; /* 0xRRGGBB */
  const double *x,
      *y; /* borrowed; n values each; points whose y is not a finite number above 0 are left out */
  int n;
} NstCurve;

typedef struct
{
  const char     *x_label, *y_label;
  const NstCurve *curves; /* borrowed */
  int             n;
  double          mark; /* y of a dashed horizontal line; 0: none */
} NstChart;

/* Draws the chart in the rectangle whose top left corner is at x, y (pixels). Without any value above 0 only
 * the axes are drawn. */
void nst_chart_draw (cairo_t *cr, const NstChart *chart, double x, double y, double width, double height);

G_END_DECLS
