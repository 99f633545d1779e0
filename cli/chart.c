/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws line charts with a logarithmic y axis: ranges, axes, curves and their names. */
#include "cli/chart.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "cli/draw.h"

#define LEFT 66 /* margins around the frame, for numbers and labels */
#define RIGHT 76
#define TOP 10
#define BOTTOM 46
#define LINE 15 /* smallest vertical distance between the names of two curves */

typedef struct
{
  double x, y, width, height; /* the rectangle inside the axes, in pixels */
  double most_x;              /* end of the x axis, which begins at 0 */
  double low, high;           /* ends of the y axis, log10 */
} Frame;

static const NstTextStyle number_style = { .size = 12, .colour = NST_DRAW_GREY };

static gboolean
is_good (double y)
{
  return isfinite (y) && y > 0;
}

static void
find_ranges (Frame *frame, const NstChart *chart)
{
  frame->most_x = 0;
  frame->low = G_MAXDOUBLE;
  frame->high = -G_MAXDOUBLE;
  for (int c = 0; c < chart->n; c++)
    for (int i = 0; i < chart->curves[c].n; i++)
      if (is_good (chart->curves[c].y[i]))
        {
          frame->most_x = MAX (frame->most_x, chart->curves[c].x[i]);
          frame->low = MIN (frame->low, log10 (chart->curves[c].y[i]));
          frame->high = MAX (frame->high, log10 (chart->curves[c].y[i]));
        }
  if (frame->low > frame->high)
    {
      frame->low = 0;
      frame->high = 1;
    }
  frame->low -= 0.05 * MAX (frame->high - frame->low, 0.2);
  frame->high += 0.05 * MAX (frame->high - frame->low, 0.2);
  if (frame->most_x <= 0)
    frame->most_x = 1;
}

static double
place_x (const Frame *frame, double x)
{
  return frame->x + frame->width * x / frame->most_x;
}

static double
place_y (const Frame *frame, double y)
{
  return frame->y + frame->height * (frame->high - log10 (y)) / (frame->high - frame->low);
}

/* A grid line. */
static void
rule (cairo_t *cr, double x, double y, double to_x, double to_y)
{
  nst_draw_colour (cr, NST_DRAW_PALE);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, floor (x) + 0.5, floor (y) + 0.5);
  cairo_line_to (cr, floor (to_x) + 0.5, floor (to_y) + 0.5);
  cairo_stroke (cr);
}

/* The distance of grid lines: 1, 2 or 5 times a power of ten, about a sixth of range. */
static double
step_of (double range)
{
  double rough = range / 6, power = pow (10, floor (log10 (rough)));

  return power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
}

static void
draw_axes (cairo_t *cr, const NstChart *chart, const Frame *frame)
{
  static const int all[] = { 1, 2, 5 };
  const double     bottom = frame->y + frame->height, step = step_of (frame->most_x),
               decades = frame->high - frame->low;
  NstTextStyle     style = number_style;
  g_autofree char *y_label = g_strdup_printf (_ ("%s, logarithmic"), chart->y_label);

  style.align = 0.5;
  for (int i = 0; i * step <= frame->most_x * 1.0001; i++)
    {
      g_autofree char *text = g_strdup_printf ("%g", i * step);

      rule (cr, place_x (frame, i * step), frame->y, place_x (frame, i * step), bottom);
      nst_draw_text (cr, &style, place_x (frame, i * step), bottom + 5, text);
    }

  style.align = 1;
  for (int power = (int) floor (frame->low); power <= (int) ceil (frame->high); power++)
    for (gsize k = 0; k < (decades < 2.5 ? G_N_ELEMENTS (all) : 1); k++)
      {
        double           y = all[k] * pow (10, power);
        g_autofree char *text = g_strdup_printf ("%g", y);

        if (log10 (y) < frame->low || log10 (y) > frame->high)
          continue;
        rule (cr, frame->x, place_y (frame, y), frame->x + frame->width, place_y (frame, y));
        nst_draw_text (cr, &style, frame->x - 6, place_y (frame, y) - 8, text);
      }

  style.align = 0.5;
  style.colour = NST_DRAW_BLACK;
  nst_draw_text (cr, &style, frame->x + frame->width / 2, bottom + 24, chart->x_label);
  cairo_save (cr);
  cairo_translate (cr, frame->x - LEFT + 2, frame->y + frame->height / 2);
  cairo_rotate (cr, -G_PI / 2);
  nst_draw_text (cr, &style, 0, 0, y_label);
  cairo_restore (cr);
}

static void
draw_mark (cairo_t *cr, const Frame *frame, double y)
{
  static const double dashes[] = { 4, 4 };

  nst_draw_colour (cr, NST_DRAW_GREY);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_move_to (cr, frame->x, place_y (frame, y));
  cairo_line_to (cr, frame->x + frame->width, place_y (frame, y));
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

/* Draws the curve. *end_x, *end_y: its last point in pixels; -1 if it has no point. */
static void
draw_curve (cairo_t *cr, const Frame *frame, const NstCurve *curve, double *end_x, double *end_y)
{
  *end_x = *end_y = -1;
  cairo_new_path (cr);
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  nst_draw_colour (cr, curve->colour);
  for (int i = 0; i < curve->n; i++)
    if (is_good (curve->y[i]))
      {
        *end_x = place_x (frame, curve->x[i]);
        *end_y = place_y (frame, curve->y[i]);
        cairo_line_to (cr, *end_x, *end_y);
      }
  cairo_stroke (cr);
}

/* Draws the name next to the end of the curve, lower if another name is there. taken: the y of the names so
 * far. */
static void
draw_name (cairo_t *cr, const NstCurve *curve, double x, double y, GArray *taken)
{
  NstTextStyle style = { .size = 13, .bold = TRUE, .colour = curve->colour };

  for (guint i = 0; i < taken->len; i++)
    if (fabs (y - g_array_index (taken, double, i)) < LINE)
      {
        y = g_array_index (taken, double, i) + LINE;
        i = -1; /* check all of them again; this ends because y only grows */
      }
  g_array_append_val (taken, y);
  nst_draw_text (cr, &style, x + 6, y - 9, curve->name);
}

void
nst_chart_draw (cairo_t *cr, const NstChart *chart, double x, double y, double width, double height)
{
  Frame              frame = { x + LEFT, y + TOP, width - LEFT - RIGHT, height - TOP - BOTTOM };
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (double));

  find_ranges (&frame, chart);
  draw_axes (cr, chart, &frame);
  if (is_good (chart->mark))
    draw_mark (cr, &frame, chart->mark);
  for (int c = 0; c < chart->n; c++)
    {
      double end_x, end_y;

      draw_curve (cr, &frame, &chart->curves[c], &end_x, &end_y);
      if (end_x >= 0)
        draw_name (cr, &chart->curves[c], end_x, end_y, taken);
    }
}
