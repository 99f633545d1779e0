/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* Lines over a linear x axis from 0 and a logarithmic y axis, each labelled at its end. */

typedef struct
{
  const char   *name;
  guint32       colour; /* 0xRRGGBB */
  const double *x, *y;  /* borrowed; n of each; what is not above 0 in y is left out */
  int           n;
} NstCurve;

typedef struct
{
  const char     *x_label, *y_label;
  const NstCurve *curves;
  int             n;
  double          mark; /* y of a dashed line; 0: none */
} NstChart;

/* In the rectangle at x, y. Draws nothing but the frame where no value is above 0. */
void nst_chart_draw (cairo_t *cr, const NstChart *chart, double x, double y, double width, double height);

G_END_DECLS
