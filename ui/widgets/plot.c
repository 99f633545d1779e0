/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws the losses over the iterations. */
#include "ui/widgets/plot.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define LEGEND_HEIGHT 16 /* above the curves */

enum
{
  TOTAL,
  CONTENT,
  STYLE,
  N_CURVES
};

typedef struct
{
  double values[N_CURVES];
} Point;

struct _NstPlot
{
  GtkDrawingArea parent;

  GArray *points; /* owned; of Point */
};

G_DEFINE_TYPE (NstPlot, nst_plot, GTK_TYPE_DRAWING_AREA)

/* Content and style have colours that do not rely on red and green; the total has the theme's text colour. */
static void
set_colour (GtkWidget *widget, cairo_t *cr, int curve)
{
  GdkRGBA colour;

  if (curve == CONTENT)
    cairo_set_source_rgb (cr, 0.20, 0.55, 0.90);
  else if (curve == STYLE)
    cairo_set_source_rgb (cr, 0.93, 0.56, 0.10);
  else
    {
      gtk_style_context_get_color (gtk_widget_get_style_context (widget), gtk_widget_get_state_flags (widget),
                                   &colour);
      gdk_cairo_set_source_rgba (cr, &colour);
    }
}

static void
find_range (const GArray *points, double *low, double *high)
{
  *low = G_MAXDOUBLE;
  *high = -G_MAXDOUBLE;
  for (guint i = 0; i < points->len; i++)
    for (int curve = 0; curve < N_CURVES; curve++)
      {
        double value = g_array_index (points, Point, i).values[curve];

        if (value > 0 && isfinite (value))
          {
            *low = MIN (*low, log10 (value));
            *high = MAX (*high, log10 (value));
          }
      }
}

static void
draw_curve (NstPlot *plot, cairo_t *cr, int curve, double width, double height, double low, double high)
{
  const double step = width / MAX (1u, plot->points->len - 1);

  cairo_new_path (cr);
  for (guint i = 0; i < plot->points->len; i++)
    {
      double value = g_array_index (plot->points, Point, i).values[curve];

      if (value > 0 && isfinite (value))
        cairo_line_to (cr, i * step,
                       LEGEND_HEIGHT + 2
                           + (height - LEGEND_HEIGHT - 4) * (high - log10 (value)) / MAX (0.1, high - low));
    }
  set_colour (GTK_WIDGET (plot), cr, curve);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static void
draw_legend (NstPlot *plot, cairo_t *cr, double width)
{
  const char *const       names[N_CURVES] = { _ ("Total"), _ ("Content"), _ ("Style") };
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (plot), NULL);
  PangoAttrList          *small = pango_attr_list_new ();
  double                  x = width - 4;

  pango_attr_list_insert (small, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_layout_set_attributes (layout, small);
  pango_attr_list_unref (small);
  for (int curve = N_CURVES - 1; curve >= 0; curve--)
    {
      int text_width;

      pango_layout_set_text (layout, names[curve], -1);
      pango_layout_get_pixel_size (layout, &text_width, NULL);
      x -= text_width;
      set_colour (GTK_WIDGET (plot), cr, curve);
      cairo_move_to (cr, x, 0);
      pango_cairo_show_layout (cr, layout);
      x -= 10;
    }
}

static gboolean
nst_plot_draw (GtkWidget *widget, cairo_t *cr)
{
  NstPlot     *plot = NST_PLOT (widget);
  const double width = gtk_widget_get_allocated_width (widget),
               height = gtk_widget_get_allocated_height (widget);
  double low, high;

  find_range (plot->points, &low, &high);
  if (plot->points->len > 0 && high >= low)
    for (int curve = N_CURVES - 1; curve >= 0; curve--)
      draw_curve (plot, cr, curve, width, height, low, high);
  draw_legend (plot, cr, width);

  return TRUE;
}

static void
nst_plot_finalize (GObject *object)
{
  g_array_unref (NST_PLOT (object)->points);
  G_OBJECT_CLASS (nst_plot_parent_class)->finalize (object);
}

static void
nst_plot_class_init (NstPlotClass *class)
{
  G_OBJECT_CLASS (class)->finalize = nst_plot_finalize;
  GTK_WIDGET_CLASS (class)->draw = nst_plot_draw;
}

static void
nst_plot_init (NstPlot *plot)
{
  plot->points = g_array_new (FALSE, FALSE, sizeof (Point));
  gtk_widget_set_size_request (GTK_WIDGET (plot), -1, 72);
  gtk_widget_set_tooltip_text (GTK_WIDGET (plot),
                               _ ("The losses after each iteration, on a logarithmic scale. Lower is closer "
                                  "to the wanted content and style."));
}

GtkWidget *
nst_plot_new (void)
{
  return g_object_new (NST_TYPE_PLOT, NULL);
}

void
nst_plot_clear (NstPlot *plot)
{
  g_array_set_size (plot->points, 0);
  gtk_widget_queue_draw (GTK_WIDGET (plot));
}

void
nst_plot_add (NstPlot *plot, const NstLosses *losses, double alpha, double beta)
{
  const Point point = { { losses->total, alpha * losses->content, beta * losses->style } };

  g_array_append_val (plot->points, point);
  gtk_widget_queue_draw (GTK_WIDGET (plot));
}
