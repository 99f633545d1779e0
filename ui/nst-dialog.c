/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-dialog.h"

#include <gdk/gdk.h>
#ifdef GDK_WINDOWING_X11
#include <gdk/gdkx.h>
#endif
#ifdef GDK_WINDOWING_WAYLAND
#include <gdk/gdkwayland.h>
#endif

#include "nst-dialog-private.h"
#include "nst-preview.h"
#include "nst-style-chooser.h"
#include "weights/nst-model-file.h"

/* The style that settings name is shown, and read at the first start. */
static void
set_controls (NstDialog *dialog)
{
  const NstSettings *settings = dialog->settings;

  nst_preview_set_before (NST_PREVIEW (dialog->preview), nst_surface_new (dialog->content->image));
  dialog->loading = TRUE;
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (dialog->preset), *settings->preset ? settings->preset : nst_presets ()->name);
  nst_dialog_load_recipe (dialog);
  nst_style_chooser_set (NST_STYLE_CHOOSER (dialog->style_chooser), settings->style_drawable, settings->style_file);
  g_signal_connect_swapped (dialog->style_chooser, "changed", G_CALLBACK (nst_dialog_read_style), dialog);
  nst_dialog_describe_quality (dialog);
  nst_dialog_update (dialog);
}

NstDialog *
nst_dialog_new (NstHost      *host,
                NstSettings  *settings,
                GError      **error)
{
  g_autoptr (NstDialog) dialog = g_new0 (NstDialog, 1);
  NstImage *content;

  dialog->host = host;
  dialog->settings = settings;
  dialog->cancellable = g_cancellable_new ();
  dialog->timer = g_timer_new ();
  g_timer_stop (dialog->timer);
  if (!nst_settings_get_recipe (settings, &dialog->recipe, error)
      || !(dialog->model = nst_model_get (dialog->recipe.model, error))
      || !(content = nst_host_read_content (host, settings, error)))
    return NULL;

  dialog->content = nst_shared_new (content);
  if (dialog->recipe.init == NST_INIT_IMAGE)
    dialog->recipe.init = NST_INIT_CONTENT;
  nst_dialog_make_window (dialog);
  set_controls (dialog);

  return g_steal_pointer (&dialog);
}

void
nst_dialog_free (NstDialog *dialog)
{
  if (!dialog)
    return;

  g_cancellable_cancel (dialog->cancellable);
  g_clear_pointer (&dialog->job, nst_job_free);
  if (dialog->window)
    {
      gtk_widget_destroy (dialog->window);
      g_object_unref (dialog->window);
    }
  nst_shared_unref (dialog->painted);
  nst_image_free (dialog->style);
  nst_shared_unref (dialog->content);
  if (dialog->model)
    nst_model_unref (dialog->model);
  g_timer_destroy (dialog->timer);
  g_object_unref (dialog->cancellable);
  g_free (dialog);
}

/* The host's window is another program's: GTK+ knows it by what the window system calls it only. */
static void
stay_above_host (NstDialog *dialog)
{
  g_autoptr (GBytes) handle = nst_host_get_window (dialog->host);
  GdkDisplay *display = gtk_widget_get_display (dialog->window);
  gsize       size = 0;
  gconstpointer bytes = handle ? g_bytes_get_data (handle, &size) : NULL;

  if (!bytes)
    return;

#ifdef GDK_WINDOWING_X11
  if (GDK_IS_X11_DISPLAY (display) && size == sizeof (gulong))
    {
      g_autoptr (GdkWindow) parent = gdk_x11_window_foreign_new_for_display (display, *(const gulong *) bytes);

      gtk_widget_realize (dialog->window);
      if (parent)
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
nst_dialog_run (NstHost      *host,
                NstSettings  *settings,
                GError      **error)
{
  g_autoptr (NstDialog) dialog = nst_dialog_new (host, settings, error);
  gboolean applied;

  if (!dialog)
    return FALSE;

  stay_above_host (dialog);
  gtk_widget_show_all (dialog->window);
  gtk_window_present (GTK_WINDOW (dialog->window));
  dialog->loop = g_main_loop_new (NULL, FALSE);
  g_main_loop_run (dialog->loop);
  g_clear_pointer (&dialog->loop, g_main_loop_unref);
  applied = dialog->applied;

  return applied;
}
