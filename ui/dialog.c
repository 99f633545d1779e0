/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog: makes its parts, runs until the user applies or cancels, and remembers the window's size. */
#include "ui/dialog.h"

#include <gdk/gdk.h>
#include <glib/gi18n-lib.h>
#ifdef GDK_WINDOWING_X11
#include <gdk/gdkx.h>
#endif
#ifdef GDK_WINDOWING_WAYLAND
#include <gdk/gdkwayland.h>
#endif

#include "ui/dialog-private.h"
#include "ui/help.h"
#include "ui/layout.h"
#include "ui/result.h"
#include "ui/widgets/style-chooser.h"

#define WATCH 500       /* milliseconds between two looks whether the layer is there */
#define MUCH_WORK 120.0 /* seconds of painting that are not discarded without a question */

static void
quit (NstDialog *dialog)
{
  if (dialog->loop != NULL)
    g_main_loop_quit (dialog->loop);
}

/* Cancel */

/* Write the picture in the size that was painted so far. */
static void
keep_picture (NstDialog *dialog)
{
  NstPainter *painter = dialog->painter;

  nst_painter_stop (painter);
  nst_painter_set_size (painter, nst_painter_run_size (painter));
  nst_painter_finish (painter);
}

static gboolean
may_discard (NstDialog *dialog)
{
  GtkWidget *question;
  int        answer;

  if (nst_painter_picture (dialog->painter) == NULL || nst_painter_spent (dialog->painter) < MUCH_WORK)
    return TRUE;

  question = gtk_message_dialog_new (GTK_WINDOW (dialog->window),
                                     GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION,
                                     GTK_BUTTONS_NONE, _ ("Discard the painted picture?"));
  gtk_dialog_add_buttons (GTK_DIALOG (question), _ ("_Go On"), GTK_RESPONSE_CANCEL, _ ("_Discard"),
                          GTK_RESPONSE_ACCEPT, _ ("_Keep as It Is"), GTK_RESPONSE_APPLY, NULL);
  answer = gtk_dialog_run (GTK_DIALOG (question));
  gtk_widget_destroy (question);
  if (answer == GTK_RESPONSE_APPLY)
    keep_picture (dialog);

  return answer == GTK_RESPONSE_ACCEPT;
}

void
nst_dialog_cancel (NstDialog *dialog)
{
  if (may_discard (dialog) && !dialog->applied)
    quit (dialog);
}

/* Apply */

static void
write_result (NstDialog *dialog)
{
  g_autoptr (GError)   error = NULL;
  g_autoptr (NstImage) picture = nst_painter_take_result (dialog->painter);

  dialog->applied = nst_result_write (dialog->host, dialog->settings, dialog->painter, &dialog->controls,
                                      &dialog->looks, picture, &error);
  if (dialog->applied)
    quit (dialog);
  else
    nst_notice_show (&dialog->notice, error->message);
}

static void
painter_changed (NstDialog *dialog, guint changes)
{
  if (changes & NST_PAINTER_CHANGED_RESULT)
    write_result (dialog);
}

/* The layer */

/* Every WATCH milliseconds: is the layer there? The host says what is going on; what it was asked to do
 * meanwhile, reading a style, may have put another text in that place. */
static gboolean
watch_layer (gpointer data)
{
  NstDialog *dialog = data;
  int        width, height;

  nst_host_progress (dialog->host, nst_painter_status (dialog->painter).fraction,
                     _ ("Neural Style Transfer: open"));
  nst_host_get_size (dialog->host, &width, &height);
  if (width > 0 || dialog->gone)
    return G_SOURCE_CONTINUE;

  dialog->gone = TRUE;
  nst_controls_keep_new_image (&dialog->controls);
  nst_notice_set_standing (&dialog->notice,
                           _ ("The layer was deleted, or its image was closed. What is painted can be kept: "
                              "Apply makes a new image of it."));

  return G_SOURCE_CONTINUE;
}

static void
set_title (NstDialog *dialog)
{
  g_autofree char *name = nst_host_get_name (dialog->host);
  g_autofree char *valid = name != NULL ? g_utf8_make_valid (name, -1) : NULL;
  g_autofree char *title = valid != NULL ? g_strdup_printf (_ ("Neural Style Transfer: %s"), valid) : NULL;

  if (title != NULL)
    gtk_window_set_title (GTK_WINDOW (dialog->window), title);
}

/* The window */

static void
show_help (NstDialog *dialog)
{
  nst_help_show (GTK_WINDOW (dialog->window));
}

static gboolean
key_pressed (NstDialog *dialog, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape)
    nst_dialog_cancel (dialog);
  else if (event->keyval == GDK_KEY_F1)
    show_help (dialog);
  else if ((event->state & GDK_CONTROL_MASK) && gdk_keyval_to_lower (event->keyval) == GDK_KEY_z)
    nst_history_go (&dialog->history, event->state & GDK_SHIFT_MASK ? 1 : -1);
  else
    return FALSE;

  return TRUE;
}

static gboolean
close_asked (NstDialog *dialog)
{
  nst_dialog_cancel (dialog);
  return TRUE;
}

/* Limit the window's size and place in state to the screen: the part without the desktop's panels of the
 * monitor that has most of the window. */
static void
limit_to_screen (NstState *state)
{
  GdkMonitor  *monitor = gdk_display_get_monitor_at_point (gdk_display_get_default (),
                                                           state->x + state->width / 2,
                                                           state->y + state->height / 2);
  GdkRectangle area;

  if (monitor == NULL)
    return;

  gdk_monitor_get_workarea (monitor, &area);
  state->width = MIN (state->width, area.width);
  state->height = MIN (state->height, area.height);
  state->x = CLAMP (state->x, area.x, area.x + area.width - state->width);
  state->y = CLAMP (state->y, area.y, area.y + area.height - state->height);
}

static void
load_state (NstDialog *dialog)
{
  NstState  *state = dialog->state;
  GtkWindow *window = GTK_WINDOW (dialog->window);

  limit_to_screen (state);
  gtk_window_set_position (window, GTK_WIN_POS_CENTER);
  if (state->width > 0 && state->height > 0)
    {
      gtk_window_set_default_size (window, state->width, state->height);
      gtk_window_set_position (window, GTK_WIN_POS_NONE);
      gtk_window_move (window, state->x, state->y);
    }
  if (state->maximised)
    gtk_window_maximize (window);
}

static void
save_state (NstDialog *dialog)
{
  NstState  *state = dialog->state;
  GtkWindow *window = GTK_WINDOW (dialog->window);

  state->maximised = gtk_window_is_maximized (window);
  if (!state->maximised)
    {
      gtk_window_get_size (window, &state->width, &state->height);
      gtk_window_get_position (window, &state->x, &state->y);
      limit_to_screen (state);
    }
  nst_view_save_state (&dialog->view);
  nst_controls_save_state (&dialog->controls);
  nst_state_save (state);
}

static void
make_window (NstDialog *dialog)
{
  g_autoptr (GtkBuilder) layout = nst_layout_load ();
  NstPainter            *painter = dialog->painter;
  GtkWidget             *window = nst_layout_widget (layout, "window");

  dialog->window = g_object_ref (window);
  set_title (dialog);
  load_state (dialog);
  nst_notice_init (&dialog->notice, layout, painter);
  nst_view_init (&dialog->view, layout, dialog->host, painter, &dialog->notice, dialog->state);
  nst_controls_init (&dialog->controls, layout, dialog->host, painter, &dialog->notice, dialog->state,
                     dialog->settings);
  nst_looks_init (&dialog->looks, layout, dialog->host, painter, &dialog->notice, &dialog->controls);
  nst_progress_init (&dialog->progress, layout, painter);
  nst_history_init (&dialog->history, layout, painter, &dialog->notice);
  nst_style_chooser_accept_drops (NST_STYLE_CHOOSER (dialog->controls.style_chooser), dialog->view.preview);
  g_signal_connect_swapped (painter, "changed", G_CALLBACK (painter_changed), dialog);
  g_signal_connect_swapped (window, "key-press-event", G_CALLBACK (key_pressed), dialog);
  g_signal_connect_swapped (window, "delete-event", G_CALLBACK (close_asked), dialog);
  g_signal_connect_swapped (nst_layout_widget (layout, "help"), "clicked", G_CALLBACK (show_help), dialog);
  g_signal_connect_swapped (nst_layout_widget (layout, "cancel"), "clicked", G_CALLBACK (nst_dialog_cancel),
                            dialog);
}

NstDialog *
nst_dialog_new (NstHost *host, NstSettings *settings, GError **error)
{
  g_autoptr (NstDialog) dialog = g_new0 (NstDialog, 1);

  dialog->host = host;
  dialog->settings = settings;
  dialog->painter = nst_painter_new (host, settings, error);
  if (dialog->painter == NULL)
    return NULL;

  dialog->state = nst_state_load ();
  make_window (dialog);
  dialog->watch = g_timeout_add (WATCH, watch_layer, dialog);

  return g_steal_pointer (&dialog);
}

void
nst_dialog_free (NstDialog *dialog)
{
  if (dialog == NULL)
    return;

  g_clear_handle_id (&dialog->watch, g_source_remove);
  /* Nobody observes the painter from here on. It is freed after the window, whose widgets may still call it.
   */
  if (dialog->painter != NULL)
    g_object_run_dispose (G_OBJECT (dialog->painter));
  nst_view_clear (&dialog->view);
  if (dialog->window != NULL)
    {
      gtk_widget_destroy (dialog->window);
      g_object_unref (dialog->window);
    }
  g_clear_object (&dialog->painter);
  nst_history_clear (&dialog->history);
  nst_state_free (dialog->state);
  g_free (dialog);
}

/* The host's window belongs to another process, so GTK knows it only by its name in the window system. */
static void
stay_above_host (NstDialog *dialog)
{
  g_autoptr (GBytes) handle = nst_host_get_window (dialog->host);
  GdkDisplay        *display = gtk_widget_get_display (dialog->window);
  gsize              size = 0;
  gconstpointer      bytes = handle != NULL ? g_bytes_get_data (handle, &size) : NULL;

  if (bytes == NULL)
    return;

#ifdef GDK_WINDOWING_X11
  if (GDK_IS_X11_DISPLAY (display) && size == sizeof (gulong))
    {
      g_autoptr (GdkWindow) parent = gdk_x11_window_foreign_new_for_display (display,
                                                                             *(const gulong *) bytes);

      gtk_widget_realize (dialog->window);
      if (parent != NULL)
        gdk_window_set_transient_for (gtk_widget_get_window (dialog->window), parent);
    }
#endif
#ifdef GDK_WINDOWING_WAYLAND
  if (GDK_IS_WAYLAND_DISPLAY (display) && ((const char *) bytes)[size - 1] == '\0')
    {
      gtk_widget_realize (dialog->window);
      gdk_wayland_window_set_transient_for_exported (gtk_widget_get_window (dialog->window), (char *) bytes);
    }
#endif
}

gboolean
nst_dialog_run (NstHost *host, NstSettings *settings, GError **error)
{
  g_autoptr (NstDialog) dialog = nst_dialog_new (host, settings, error);

  if (dialog == NULL)
    return FALSE;

  stay_above_host (dialog);
  gtk_widget_grab_focus (dialog->view.preview);
  if (nst_sources_has_style (nst_painter_sources (dialog->painter)))
    nst_painter_start_unasked (dialog->painter);
  gtk_window_present (GTK_WINDOW (dialog->window));
  dialog->loop = g_main_loop_new (NULL, FALSE);
  g_main_loop_run (dialog->loop);
  g_clear_pointer (&dialog->loop, g_main_loop_unref);
  save_state (dialog);

  return dialog->applied;
}
