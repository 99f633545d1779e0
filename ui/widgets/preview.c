/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws the layer before and the painted picture, zoomed, panned and split. */
#include "ui/widgets/preview.h"

#include <math.h>

#define ZOOM_STEP 1.25
#define MAX_ZOOM 16.0
#define GRIP 12.0 /* distance in pixels at which the divider can be dragged */

typedef enum
{
  DRAG_NONE,
  DRAG_PAN,
  DRAG_DIVIDER
} Drag;

#define FADE 0.3 /* seconds */

struct _NstPreview
{
  GtkDrawingArea parent;

  NstSurface      *before, *after; /* owned; after may be NULL */
  NstSurface      *faded;          /* owned; what after replaces, or NULL */
  guint            fade;           /* tick callback; 0: none */
  gint64           fade_begin;     /* in microseconds; 0: with the next frame */
  double           fade_share;     /* of after, 0 .. 1 */
  cairo_surface_t *transparency;   /* owned; A8, 255 - alpha; NULL: opaque */
  NstSplit         split;
  gboolean         comparing;
  double           divider;            /* 0 .. 1 of the visible part of the picture */
  double           zoom;               /* screen pixels per pixel of the layer; 0: fitted */
  double           scale;              /* pixels of the layer per pixel of before */
  double           centre_x, centre_y; /* 0 .. 1: the point of the picture in the middle of the widget */
  Drag             drag;
  double           last_x, last_y;
};

G_DEFINE_TYPE (NstPreview, nst_preview, GTK_TYPE_DRAWING_AREA)

static guint zoomed_signal;

typedef struct
{
  double x, y, width, height;      /* of the whole picture on the widget */
  double left, right, top, bottom; /* its visible part */
  double zoom;
} Area;

static double
layer_width (NstPreview *preview)
{
  return nst_surface_width (preview->before) * preview->scale;
}

static double
layer_height (NstPreview *preview)
{
  return nst_surface_height (preview->before) * preview->scale;
}

static Area
find_area (NstPreview *preview)
{
  const double width = gtk_widget_get_allocated_width (GTK_WIDGET (preview));
  const double height = gtk_widget_get_allocated_height (GTK_WIDGET (preview));
  const double picture_width = layer_width (preview), picture_height = layer_height (preview);
  Area         area;

  area.zoom = preview->zoom > 0 ? preview->zoom : MIN (width / picture_width, height / picture_height);
  area.width = picture_width * area.zoom;
  area.height = picture_height * area.zoom;
  area.x = area.width <= width ? (width - area.width) / 2
                               : CLAMP (width / 2 - preview->centre_x * area.width, width - area.width, 0);
  area.y = area.height <= height
               ? (height - area.height) / 2
               : CLAMP (height / 2 - preview->centre_y * area.height, height - area.height, 0);
  area.left = MAX (0, area.x);
  area.right = MIN (width, area.x + area.width);
  area.top = MAX (0, area.y);
  area.bottom = MIN (height, area.y + area.height);

  return area;
}

/* Position of the divider in pixels: x, or y where before is above. */
static double
divider_at (NstPreview *preview, const Area *area)
{
  return preview->split == NST_SPLIT_TOP ? area->top + preview->divider * (area->bottom - area->top)
                                         : area->left + preview->divider * (area->right - area->left);
}

static gboolean
divider_shown (NstPreview *preview)
{
  return preview->split != NST_SPLIT_NONE && preview->after != NULL && !preview->comparing;
}

/* A line at x down to height, with a grip in its middle. */
static void
draw_divider (cairo_t *cr, double x, double height)
{
  cairo_set_line_width (cr, 3);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.5);
  cairo_move_to (cr, x, 0);
  cairo_line_to (cr, x, height);
  cairo_stroke (cr);
  cairo_set_line_width (cr, 1);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_move_to (cr, x, 0);
  cairo_line_to (cr, x, height);
  cairo_stroke (cr);

  cairo_arc (cr, x, height / 2, 9, 0, 2 * G_PI);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.6);
  cairo_stroke (cr);
  for (int side = -1; side <= 1; side += 2)
    {
      cairo_move_to (cr, x + 5.5 * side, height / 2);
      cairo_rel_line_to (cr, -3 * side, -3);
      cairo_rel_line_to (cr, 0, 6);
      cairo_close_path (cr);
      cairo_fill (cr);
    }
}

/* A checkerboard where the layer is transparent. Its squares have the same size at every zoom. */
static void
draw_checkerboard (NstPreview *preview, cairo_t *cr, const Area *area)
{
  static const guint32 squares[2][2] = { { 0x999999, 0x666666 }, { 0x666666, 0x999999 } };
  cairo_surface_t     *board;
  cairo_pattern_t     *mask;
  cairo_matrix_t       matrix;

  if (preview->transparency == NULL)
    return;

  board = cairo_image_surface_create_for_data ((guchar *) squares, CAIRO_FORMAT_RGB24, 2, 2,
                                               sizeof squares[0]);
  cairo_save (cr);
  cairo_rectangle (cr, area->left, area->top, area->right - area->left, area->bottom - area->top);
  cairo_clip (cr);
  cairo_set_source_surface (cr, board, 0, 0);
  cairo_matrix_init_scale (&matrix, 1 / 8.0, 1 / 8.0);
  cairo_pattern_set_matrix (cairo_get_source (cr), &matrix);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_REPEAT);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  mask = cairo_pattern_create_for_surface (preview->transparency);
  cairo_matrix_init_scale (&matrix, cairo_image_surface_get_width (preview->transparency) / area->width,
                           cairo_image_surface_get_height (preview->transparency) / area->height);
  cairo_matrix_translate (&matrix, -area->x, -area->y);
  cairo_pattern_set_matrix (mask, &matrix);
  cairo_pattern_set_filter (mask, CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend (mask, CAIRO_EXTEND_PAD);
  cairo_mask (cr, mask);
  cairo_pattern_destroy (mask);
  cairo_restore (cr);
  cairo_surface_destroy (board);
}

static gboolean
nst_preview_draw (GtkWidget *widget, cairo_t *cr)
{
  NstPreview  *preview = NST_PREVIEW (widget);
  const double width = gtk_widget_get_allocated_width (widget),
               height = gtk_widget_get_allocated_height (widget);
  Area area;

  cairo_set_source_rgb (cr, 0.16, 0.16, 0.16);
  cairo_paint (cr);
  if (preview->before == NULL)
    return TRUE;

  area = find_area (preview);
  nst_surface_draw (preview->after != NULL && !preview->comparing ? preview->after : preview->before, cr,
                    area.x, area.y, area.width, area.height);
  if (preview->faded != NULL && !preview->comparing)
    {
      cairo_push_group (cr);
      nst_surface_draw (preview->faded, cr, area.x, area.y, area.width, area.height);
      cairo_pop_group_to_source (cr);
      cairo_paint_with_alpha (cr, 1 - CLAMP (preview->fade_share, 0, 1));
    }
  if (divider_shown (preview))
    {
      const gboolean top = preview->split == NST_SPLIT_TOP;
      const double   at = divider_at (preview, &area);

      cairo_save (cr);
      cairo_rectangle (cr, 0, 0, top ? width : at, top ? at : height);
      cairo_clip (cr);
      nst_surface_draw (preview->before, cr, area.x, area.y, area.width, area.height);
      cairo_restore (cr);
    }
  draw_checkerboard (preview, cr, &area);
  if (divider_shown (preview))
    {
      const cairo_matrix_t swapped = { 0, 1, 1, 0, 0, 0 };

      if (preview->split == NST_SPLIT_TOP)
        cairo_transform (cr, &swapped);
      draw_divider (cr, round (divider_at (preview, &area)) + 0.5,
                    preview->split == NST_SPLIT_TOP ? width : height);
    }

  return TRUE;
}

/* The point of the picture that is under x, y stays there. */
static void
zoom_about (NstPreview *preview, double factor, double x, double y)
{
  const double width = gtk_widget_get_allocated_width (GTK_WIDGET (preview));
  const double height = gtk_widget_get_allocated_height (GTK_WIDGET (preview));
  Area         area;
  double       u, v, fitted;

  if (preview->before == NULL)
    return;

  area = find_area (preview);
  u = (x - area.x) / area.width;
  v = (y - area.y) / area.height;
  fitted = MIN (width / layer_width (preview), height / layer_height (preview));
  preview->zoom = MIN (area.zoom * factor, MAX (MAX_ZOOM, fitted));
  if (preview->zoom <= fitted)
    preview->zoom = 0;
  else
    {
      preview->centre_x = CLAMP (u + (width / 2 - x) / (layer_width (preview) * preview->zoom), 0, 1);
      preview->centre_y = CLAMP (v + (height / 2 - y) / (layer_height (preview) * preview->zoom), 0, 1);
    }
  gtk_widget_queue_draw (GTK_WIDGET (preview));
  g_signal_emit (preview, zoomed_signal, 0);
}

static gboolean
nst_preview_scroll (GtkWidget *widget, GdkEventScroll *event)
{
  double dx, dy = event->direction == GDK_SCROLL_UP ? -1 : event->direction == GDK_SCROLL_DOWN ? 1 : 0;

  if (event->direction == GDK_SCROLL_SMOOTH)
    gdk_event_get_scroll_deltas ((GdkEvent *) event, &dx, &dy);
  zoom_about (NST_PREVIEW (widget), pow (ZOOM_STEP, -dy), event->x, event->y);

  return TRUE;
}

static void
compare (NstPreview *preview, gboolean comparing)
{
  preview->comparing = comparing;
  gtk_widget_queue_draw (GTK_WIDGET (preview));
}

static gboolean
on_divider (NstPreview *preview, double x, double y)
{
  Area area;

  if (!divider_shown (preview))
    return FALSE;

  area = find_area (preview);
  return fabs ((preview->split == NST_SPLIT_TOP ? y : x) - divider_at (preview, &area)) <= GRIP;
}

static gboolean
nst_preview_button_press (GtkWidget *widget, GdkEventButton *event)
{
  NstPreview *preview = NST_PREVIEW (widget);

  gtk_widget_grab_focus (widget);
  if (preview->before == NULL)
    return FALSE;

  if (event->button == GDK_BUTTON_SECONDARY)
    compare (preview, TRUE);
  else if (event->type == GDK_2BUTTON_PRESS && !on_divider (preview, event->x, event->y))
    {
      if (preview->zoom > 0)
        nst_preview_set_zoom (preview, 0);
      else
        zoom_about (preview, 1.0 / find_area (preview).zoom, event->x, event->y);
    }
  else
    preview->drag = on_divider (preview, event->x, event->y) ? DRAG_DIVIDER : DRAG_PAN;
  preview->last_x = event->x;
  preview->last_y = event->y;

  return TRUE;
}

static gboolean
nst_preview_button_release (GtkWidget *widget, GdkEventButton *event G_GNUC_UNUSED)
{
  NST_PREVIEW (widget)->drag = DRAG_NONE;
  compare (NST_PREVIEW (widget), FALSE);

  return TRUE;
}

static void
set_cursor (GtkWidget *widget, const char *name)
{
  g_autoptr (GdkCursor) cursor = name != NULL
                                     ? gdk_cursor_new_from_name (gtk_widget_get_display (widget), name)
                                     : NULL;

  gdk_window_set_cursor (gtk_widget_get_window (widget), cursor);
}

static gboolean
nst_preview_motion (GtkWidget *widget, GdkEventMotion *event)
{
  NstPreview *preview = NST_PREVIEW (widget);
  Area        area;

  if (preview->before == NULL)
    return FALSE;

  area = find_area (preview);
  if (preview->drag == DRAG_DIVIDER)
    preview->divider = preview->split == NST_SPLIT_TOP
                           ? CLAMP ((event->y - area.top) / MAX (1, area.bottom - area.top), 0, 1)
                           : CLAMP ((event->x - area.left) / MAX (1, area.right - area.left), 0, 1);
  else if (preview->drag == DRAG_PAN)
    {
      preview->centre_x = CLAMP (preview->centre_x - (event->x - preview->last_x) / area.width, 0, 1);
      preview->centre_y = CLAMP (preview->centre_y - (event->y - preview->last_y) / area.height, 0, 1);
    }
  preview->last_x = event->x;
  preview->last_y = event->y;
  set_cursor (widget, on_divider (preview, event->x, event->y)
                          ? preview->split == NST_SPLIT_TOP ? "ns-resize" : "ew-resize"
                      : preview->zoom > 0 ? "grab"
                                          : NULL);
  if (preview->drag != DRAG_NONE)
    gtk_widget_queue_draw (widget);

  return TRUE;
}

static gboolean
nst_preview_key (GtkWidget *widget, GdkEventKey *event)
{
  NstPreview  *preview = NST_PREVIEW (widget);
  const double x = gtk_widget_get_allocated_width (widget) / 2.0,
               y = gtk_widget_get_allocated_height (widget) / 2.0;
  const gboolean pressed = event->type == GDK_KEY_PRESS;

  switch (event->keyval)
    {
    case GDK_KEY_space:
      compare (preview, pressed);
      return TRUE;
    case GDK_KEY_plus:
    case GDK_KEY_KP_Add:
      if (pressed)
        zoom_about (preview, ZOOM_STEP, x, y);
      return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      if (pressed)
        zoom_about (preview, 1 / ZOOM_STEP, x, y);
      return TRUE;
    case GDK_KEY_0:
    case GDK_KEY_1:
      if (pressed)
        nst_preview_set_zoom (preview, event->keyval - GDK_KEY_0);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
nst_preview_finalize (GObject *object)
{
  NstPreview *preview = NST_PREVIEW (object);

  nst_surface_free (preview->before);
  nst_surface_free (preview->faded);
  nst_surface_free (preview->after);
  if (preview->transparency != NULL)
    cairo_surface_destroy (preview->transparency);
  G_OBJECT_CLASS (nst_preview_parent_class)->finalize (object);
}

static void
nst_preview_size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  GTK_WIDGET_CLASS (nst_preview_parent_class)->size_allocate (widget, allocation);
  g_signal_emit (widget, zoomed_signal, 0);
}

static void
nst_preview_class_init (NstPreviewClass *class)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = nst_preview_finalize;
  widget->draw = nst_preview_draw;
  widget->scroll_event = nst_preview_scroll;
  widget->button_press_event = nst_preview_button_press;
  widget->button_release_event = nst_preview_button_release;
  widget->motion_notify_event = nst_preview_motion;
  widget->key_press_event = nst_preview_key;
  widget->key_release_event = nst_preview_key;
  widget->size_allocate = nst_preview_size_allocate;
  zoomed_signal = g_signal_new ("zoomed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
nst_preview_init (NstPreview *preview)
{
  preview->divider = preview->centre_x = preview->centre_y = 0.5;
  preview->scale = 1;
  gtk_widget_set_can_focus (GTK_WIDGET (preview), TRUE);
  gtk_widget_set_size_request (GTK_WIDGET (preview), 320, 240);
  gtk_widget_add_events (GTK_WIDGET (preview), GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK
                                                   | GDK_POINTER_MOTION_MASK | GDK_SCROLL_MASK
                                                   | GDK_SMOOTH_SCROLL_MASK | GDK_KEY_PRESS_MASK
                                                   | GDK_KEY_RELEASE_MASK);
}

GtkWidget *
nst_preview_new (void)
{
  return g_object_new (NST_TYPE_PREVIEW, NULL);
}

void
nst_preview_set_before (NstPreview *preview, NstSurface *before)
{
  nst_surface_free (preview->before);
  preview->before = before;
  gtk_widget_queue_draw (GTK_WIDGET (preview));
}

static void
end_fade (NstPreview *preview)
{
  if (preview->fade != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (preview), preview->fade);
  preview->fade = 0;
  g_clear_pointer (&preview->faded, nst_surface_free);
}

static gboolean
fade (GtkWidget *widget, GdkFrameClock *clock, gpointer data G_GNUC_UNUSED)
{
  NstPreview  *preview = NST_PREVIEW (widget);
  const gint64 now = gdk_frame_clock_get_frame_time (clock);

  if (preview->fade_begin == 0)
    preview->fade_begin = now;
  preview->fade_share = (now - preview->fade_begin) / (1e6 * FADE);
  gtk_widget_queue_draw (widget);
  if (preview->fade_share < 1)
    return G_SOURCE_CONTINUE;

  preview->fade = 0;
  end_fade (preview);
  return G_SOURCE_REMOVE;
}

void
nst_preview_fade_to (NstPreview *preview, NstSurface *after)
{
  GtkSettings *settings = gtk_widget_get_settings (GTK_WIDGET (preview));
  gboolean     animated;

  g_object_get (settings, "gtk-enable-animations", &animated, NULL);
  end_fade (preview);
  if (animated && preview->after != NULL)
    {
      preview->faded = g_steal_pointer (&preview->after);
      preview->fade_begin = 0;
      preview->fade_share = 0;
      preview->fade = gtk_widget_add_tick_callback (GTK_WIDGET (preview), fade, NULL, NULL);
    }
  nst_surface_free (preview->after);
  preview->after = after;
  gtk_widget_queue_draw (GTK_WIDGET (preview));
}

void
nst_preview_set_after (NstPreview *preview, NstSurface *after)
{
  end_fade (preview);
  nst_surface_free (preview->after);
  preview->after = after;
  gtk_widget_queue_draw (GTK_WIDGET (preview));
}

void
nst_preview_set_alpha (NstPreview *preview, guint8 *alpha, int width, int height)
{
  guint8 *data;
  int     stride;

  g_clear_pointer (&preview->transparency, cairo_surface_destroy);
  if (alpha != NULL)
    {
      preview->transparency = cairo_image_surface_create (CAIRO_FORMAT_A8, width, height);
      data = cairo_image_surface_get_data (preview->transparency);
      stride = cairo_image_surface_get_stride (preview->transparency);
      for (int y = 0; data != NULL && y < height; y++)
        for (int x = 0; x < width; x++)
          data[(gsize) y * stride + x] = 255 - alpha[(gsize) y * width + x];
      cairo_surface_mark_dirty (preview->transparency);
    }
  g_free (alpha);
  gtk_widget_queue_draw (GTK_WIDGET (preview));
}

void
nst_preview_set_split (NstPreview *preview, NstSplit split)
{
  preview->split = split;
  gtk_widget_queue_draw (GTK_WIDGET (preview));
}

void
nst_preview_set_divider (NstPreview *preview, double divider)
{
  preview->divider = CLAMP (divider, 0, 1);
  gtk_widget_queue_draw (GTK_WIDGET (preview));
}

double
nst_preview_get_divider (NstPreview *preview)
{
  return preview->divider;
}

void
nst_preview_set_scale (NstPreview *preview, double scale)
{
  preview->scale = scale;
}

void
nst_preview_set_zoom (NstPreview *preview, double zoom)
{
  preview->zoom = CLAMP (zoom, 0, MAX_ZOOM);
  gtk_widget_queue_draw (GTK_WIDGET (preview));
  g_signal_emit (preview, zoomed_signal, 0);
}

double
nst_preview_get_zoom (NstPreview *preview)
{
  return preview->zoom;
}

double
nst_preview_get_shown_zoom (NstPreview *preview)
{
  return preview->before != NULL ? find_area (preview).zoom : 1;
}
