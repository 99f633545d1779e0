/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/dialog.h"

#include <gdk/gdk.h>
#ifdef GDK_WINDOWING_X11
#include <gdk/gdkx.h>
#endif
#ifdef GDK_WINDOWING_WAYLAND
#include <gdk/gdkwayland.h>
#endif

#include "ui/dialog-private.h"
#include "ui/widgets/advanced.h"
#include "ui/widgets/preview.h"
#include "ui/widgets/quality.h"
#include "ui/widgets/style-chooser.h"
#include "weights/model-file.h"

/* A longer side beyond which the layer is first read smaller: time to open, memory and the preview then do
 * not depend on it. */
#define LARGE 4096

/* Longer side of what previews are painted from: a run copies what it is given, which takes half a second for
 * 12 megapixels. A thin layer is left as it is: made smaller it would have another shape. */
#define SMALL 1024
#define THIN 256

#define THUMBNAIL_SIZE 192

/* The content in a size for previews. */
static NstShared *
make_small (NstShared *content, GError **error)
{
  NstImage *small;
  int       width, height;

  nst_image_fit (content->image->width, content->image->height, SMALL, &width, &height);
  if (width >= content->image->width || MIN (width, height) < THIN)
    return nst_shared_ref (content);

  small = nst_image_resize (content->image, width, height, error);

  return small ? nst_shared_new (small) : NULL;
}

static gboolean
read_content (NstDialog *dialog, GError **error)
{
  NstImage *content;

  nst_host_get_size (dialog->host, &dialog->width, &dialog->height);
  content = nst_host_read_content_small (dialog->host, dialog->settings, LARGE, error);
  if (!content)
    return FALSE;

  dialog->content = nst_shared_new (content);
  if (content->width == dialog->width && content->height == dialog->height)
    dialog->full = nst_shared_ref (dialog->content);
  dialog->small = make_small (dialog->content, error);

  return dialog->small != NULL;
}

/* The style that settings name is shown, and read at the first start. */
static void
set_controls (NstDialog *dialog)
{
  const NstSettings *settings = dialog->settings;
  const NstImage    *content = dialog->content->image;
  const gboolean     asked = settings->size >= 0 || *settings->json;
  GPtrArray         *layers = nst_host_list_layers (dialog->host, THUMBNAIL_SIZE);

  nst_preview_set_before (NST_PREVIEW (dialog->preview), nst_surface_new (content));
  nst_preview_set_scale (NST_PREVIEW (dialog->preview), (double) dialog->width / content->width);
  nst_preview_set_alpha (NST_PREVIEW (dialog->preview),
                         nst_host_read_alpha (dialog->host, content->width, content->height), content->width,
                         content->height);
  nst_quality_fill (NST_QUALITY (dialog->quality), dialog->width, dialog->height,
                    asked ? dialog->recipe.size : -1);
  gtk_range_set_value (GTK_RANGE (dialog->strength), 100 * settings->strength);
  gtk_combo_box_set_active (GTK_COMBO_BOX (dialog->output), settings->output);
  nst_style_chooser_fill (NST_STYLE_CHOOSER (dialog->style_chooser), layers,
                          (const char *const *) dialog->state->recent, dialog->state->folder);
  g_ptr_array_unref (layers);
  nst_style_chooser_set (NST_STYLE_CHOOSER (dialog->style_chooser), settings->style_drawable,
                         settings->style_file);
  nst_dialog_load_recipe (dialog);
  nst_dialog_find_look (dialog);
}

NstDialog *
nst_dialog_new (NstHost *host, NstSettings *settings, GError **error)
{
  g_autoptr (NstDialog) dialog = g_new0 (NstDialog, 1);

  dialog->host = host;
  dialog->settings = settings;
  dialog->cancellable = g_cancellable_new ();
  dialog->style_drawable = -1;
  dialog->style_file = g_strdup ("");
  dialog->timer = g_timer_new ();
  g_timer_stop (dialog->timer);
  g_timer_reset (dialog->timer);
  if (!nst_settings_get_recipe (settings, &dialog->recipe, error)
      || !(dialog->model = nst_model_get (dialog->recipe.model, error)) || !read_content (dialog, error))
    return NULL;

  if (dialog->recipe.init == NST_INIT_IMAGE)
    dialog->recipe.init = NST_INIT_CONTENT;
  dialog->state = nst_state_load ();
  dialog->loading = TRUE;
  nst_dialog_make_window (dialog);
  nst_dialog_load_state (dialog);
  set_controls (dialog);
  dialog->loading = FALSE;
  nst_dialog_calibrate (dialog);
  nst_dialog_describe_quality (dialog);
  nst_dialog_update (dialog);

  return g_steal_pointer (&dialog);
}

void
nst_dialog_free (NstDialog *dialog)
{
  if (!dialog)
    return;

  g_cancellable_cancel (dialog->cancellable);
  if (dialog->calibration)
    g_cancellable_cancel (dialog->calibration);
  g_clear_object (&dialog->calibration);
  g_clear_handle_id (&dialog->restart, g_source_remove);
  g_clear_pointer (&dialog->job, nst_job_free);
  if (dialog->window)
    {
      gtk_widget_destroy (dialog->window);
      g_object_unref (dialog->window);
    }
  nst_state_free (dialog->state);
  nst_shared_unref (dialog->painted);
  nst_image_unref (dialog->style);
  g_free (dialog->style_file);
  nst_shared_unref (dialog->content);
  nst_shared_unref (dialog->small);
  nst_shared_unref (dialog->full);
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
  GdkDisplay        *display = gtk_widget_get_display (dialog->window);
  gsize              size = 0;
  gconstpointer      bytes = handle ? g_bytes_get_data (handle, &size) : NULL;

  if (!bytes)
    return;

#ifdef GDK_WINDOWING_X11
  if (GDK_IS_X11_DISPLAY (display) && size == sizeof (gulong))
    {
      g_autoptr (GdkWindow) parent = gdk_x11_window_foreign_new_for_display (display,
                                                                             *(const gulong *) bytes);

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
nst_dialog_run (NstHost *host, NstSettings *settings, GError **error)
{
  g_autoptr (NstDialog) dialog = nst_dialog_new (host, settings, error);

  if (!dialog)
    return FALSE;

  stay_above_host (dialog);
  gtk_window_present (GTK_WINDOW (dialog->window));
  dialog->loop = g_main_loop_new (NULL, FALSE);
  g_main_loop_run (dialog->loop);
  g_clear_pointer (&dialog->loop, g_main_loop_unref);
  nst_dialog_save_state (dialog);

  return dialog->applied;
}
