/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows the painter's picture in the preview, with its zoom and the comparison with the layer before. */
#include "ui/view.h"

#include <glib/gi18n-lib.h>

#include "ui/layout.h"
#include "ui/widgets/preview.h"

static void show_picture (NstView *view);

/* Runs in the thread that finishes the picture: the conversion of a large picture would block the window. */
static gpointer
convert_to_surface (NstImage *picture)
{
  return nst_surface_new (picture);
}

static gpointer
convert_to_grey (NstImage *picture)
{
  return nst_surface_new_grey (picture);
}

static void
picture_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstView           *view = data; /* no longer valid when cancelled */
  g_autoptr (GError) error = NULL;
  NstSurface        *surface = nst_finish_get (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  view->finishing = FALSE;
  if (surface != NULL && view->settled)
    nst_preview_fade_to (NST_PREVIEW (view->preview), surface);
  else if (surface != NULL)
    nst_preview_set_after (NST_PREVIEW (view->preview), surface);
  else
    nst_notice_show (view->notice, error->message);
  if (view->changed_since)
    show_picture (view);
}

/* At most one picture is being finished at a time; the newest one is always shown in the end. After a start
 * the old picture stays until there is a new one. */
static void
show_picture (NstView *view)
{
  if (nst_painter_picture (view->painter) == NULL)
    return;

  view->changed_since = view->finishing;
  if (view->finishing)
    return;

  view->finishing = TRUE;
  view->settled = view->settling;
  view->settling = FALSE;
  nst_painter_show_async (view->painter, view->grey ? convert_to_grey : convert_to_surface,
                          (GDestroyNotify) nst_surface_free, view->cancellable, picture_ready, view);
}

static void
painter_changed (NstView *view, guint changes)
{
  if (changes & NST_PAINTER_CHANGED_PICTURE)
    view->settling = (changes & NST_PAINTER_CHANGED_SETTLED) != 0;
  if (changes & (NST_PAINTER_CHANGED_PICTURE | NST_PAINTER_CHANGED_FINISH))
    show_picture (view);
}

static void
split_toggled (NstView *view)
{
  NstSplit split = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (view->split_left))  ? NST_SPLIT_LEFT
                   : gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (view->split_top)) ? NST_SPLIT_TOP
                                                                                        : NST_SPLIT_NONE;

  nst_preview_set_split (NST_PREVIEW (view->preview), split);
  view->state->split = split;
}

static void
zoom_to_fit (NstView *view)
{
  nst_preview_set_zoom (NST_PREVIEW (view->preview), 0);
}

static void
zoom_to_pixels (NstView *view)
{
  nst_preview_set_zoom (NST_PREVIEW (view->preview), 1);
}

static void
zoomed (NstView *view)
{
  g_autofree char *text = g_strdup_printf ("%.0f %%",
                                           100 * nst_preview_get_shown_zoom (NST_PREVIEW (view->preview)));

  gtk_label_set_text (GTK_LABEL (view->zoom), text);
}

static void
load_state (NstView *view)
{
  const NstState *state = view->state;
  GtkWidget      *split = state->split == NST_SPLIT_LEFT  ? view->split_left
                          : state->split == NST_SPLIT_TOP ? view->split_top
                                                          : view->split_none;

  nst_preview_set_divider (NST_PREVIEW (view->preview), state->divider);
  nst_preview_set_zoom (NST_PREVIEW (view->preview), state->zoom);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (split), TRUE);
}

void
nst_view_save_state (NstView *view)
{
  view->state->divider = nst_preview_get_divider (NST_PREVIEW (view->preview));
  view->state->zoom = nst_preview_get_zoom (NST_PREVIEW (view->preview));
}

static void
show_layer (NstView *view, NstHost *host)
{
  const NstSources *sources = nst_painter_sources (view->painter);
  const NstImage   *content = sources->content;
  NstPreview       *preview = NST_PREVIEW (view->preview);

  view->grey = nst_host_is_grey (host);
  if (view->grey)
    nst_notice_set_standing (view->notice,
                             _ ("This layer is in greyscale, so the result has no colours. For a result "
                                "with colours, first choose Image > Mode > RGB."));
  nst_preview_set_before (preview, nst_surface_new (content));
  nst_preview_set_scale (preview, (double) sources->width / content->width);
  nst_preview_set_alpha (preview, nst_host_read_alpha (host, content->width, content->height), content->width,
                         content->height);
}

void
nst_view_init (
    NstView *view, GtkBuilder *layout, NstHost *host, NstPainter *painter, NstNotice *notice, NstState *state)
{
  GtkWidget *fit = nst_layout_widget (layout, "fit");
  GtkWidget *pixels = nst_layout_widget (layout, "pixels");

  view->painter = painter;
  view->notice = notice;
  view->state = state;
  view->preview = nst_layout_widget (layout, "preview");
  view->zoom = nst_layout_widget (layout, "zoom");
  view->split_none = nst_layout_widget (layout, "split_none");
  view->split_left = nst_layout_widget (layout, "split_left");
  view->split_top = nst_layout_widget (layout, "split_top");
  view->cancellable = g_cancellable_new ();
  g_signal_connect_swapped (view->preview, "zoomed", G_CALLBACK (zoomed), view);
  g_signal_connect_swapped (fit, "clicked", G_CALLBACK (zoom_to_fit), view);
  g_signal_connect_swapped (pixels, "clicked", G_CALLBACK (zoom_to_pixels), view);
  g_signal_connect_swapped (view->split_none, "toggled", G_CALLBACK (split_toggled), view);
  g_signal_connect_swapped (view->split_left, "toggled", G_CALLBACK (split_toggled), view);
  g_signal_connect_swapped (view->split_top, "toggled", G_CALLBACK (split_toggled), view);
  g_signal_connect_swapped (painter, "changed", G_CALLBACK (painter_changed), view);
  load_state (view);
  show_layer (view, host);
}

void
nst_view_clear (NstView *view)
{
  if (view->cancellable != NULL)
    g_cancellable_cancel (view->cancellable);
  g_clear_object (&view->cancellable);
}
