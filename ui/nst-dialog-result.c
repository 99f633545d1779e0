/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The dialog's picture on its way to the screen, and to the host. */

#include "nst-dialog-private.h"
#include "nst-preview.h"
#include "nst-slider.h"
#include "nst-style-chooser.h"

void
nst_dialog_read_controls (NstDialog *dialog)
{
  dialog->recipe.alpha = nst_slider_get_value (NST_SLIDER (dialog->alpha));
  dialog->recipe.beta = nst_slider_get_value (NST_SLIDER (dialog->beta));
  dialog->recipe.tv = nst_slider_get_value (NST_SLIDER (dialog->tv));
  dialog->recipe.keep_colours = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (dialog->keep_colours));
}

/* The picture on its way to the screen */

static void
picture_ready (GObject      *source G_GNUC_UNUSED,
               GAsyncResult *result,
               gpointer      data)
{
  NstDialog *dialog = data;     /* gone when cancelled */
  g_autoptr (GError) error = NULL;
  NstSurface *surface = nst_finish_get_surface (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  dialog->finishing = FALSE;
  if (surface)
    nst_preview_set_after (NST_PREVIEW (dialog->preview), surface);
  else
    nst_dialog_show_error (dialog, error->message);
  if (dialog->finish_again)
    nst_dialog_show_picture (dialog);
}

void
nst_dialog_show_picture (NstDialog *dialog)
{
  NstFinish how;

  if (dialog->loading)
    return;
  nst_dialog_read_controls (dialog);
  if (!dialog->painted)
    {
      nst_preview_set_after (NST_PREVIEW (dialog->preview), NULL);
      return;
    }
  dialog->finish_again = dialog->finishing;
  if (dialog->finishing)
    return;

  dialog->finishing = TRUE;
  how = (NstFinish) { dialog->painted->image->width, dialog->painted->image->height, dialog->recipe.keep_colours,
                      gtk_range_get_value (GTK_RANGE (dialog->strength)) / 100, .for_screen = TRUE };
  nst_finish_async (dialog->painted, dialog->content, &how, dialog->cancellable, picture_ready, dialog);
}

/* To the host */

void
nst_dialog_quit (NstDialog *dialog)
{
  if (dialog->loop)
    g_main_loop_quit (dialog->loop);
}

static void
remember (NstDialog *dialog)
{
  NstSettings     *settings = dialog->settings;
  NstStyleChooser *chooser = NST_STYLE_CHOOSER (dialog->style_chooser);
  const char      *preset = gtk_combo_box_get_active_id (GTK_COMBO_BOX (dialog->preset));

  g_free (settings->style_file);
  g_free (settings->preset);
  settings->style_drawable = nst_style_chooser_get_drawable (chooser);
  settings->style_file = g_strdup (nst_style_chooser_get_file (chooser));
  settings->preset = g_strdup (preset ? preset : "");
  settings->output = nst_dialog_get_output (dialog);
  settings->strength = gtk_range_get_value (GTK_RANGE (dialog->strength)) / 100;
  dialog->recipe = nst_dialog_make_recipe (dialog, nst_dialog_get_size (dialog), 0);
  nst_dialog_read_controls (dialog);
  nst_settings_set_recipe (settings, &dialog->recipe);
}

static void
result_ready (GObject      *source G_GNUC_UNUSED,
              GAsyncResult *result,
              gpointer      data)
{
  NstDialog *dialog = data;     /* gone when cancelled */
  g_autoptr (GError) error = NULL;
  g_autoptr (NstImage) picture = nst_finish_get_image (result, &error);
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  dialog->recipe.size = MAX (picture ? picture->width : 0, picture ? picture->height : 0) > dialog->job_size ? dialog->job_size : 0;
  text = nst_settings_to_json (dialog->settings, &dialog->recipe, NULL);
  dialog->applying = FALSE;
  if (picture && nst_host_write (dialog->host, picture, nst_dialog_get_output (dialog), text, &error))
    {
      remember (dialog);
      dialog->applied = TRUE;
      nst_dialog_quit (dialog);
      return;
    }
  nst_dialog_show_error (dialog, error->message);
  nst_dialog_update (dialog);
}

void
nst_dialog_write (NstDialog *dialog)
{
  NstFinish how;

  dialog->applying = TRUE;
  nst_dialog_read_controls (dialog);
  how = (NstFinish) { dialog->content->image->width, dialog->content->image->height, dialog->recipe.keep_colours,
                      gtk_range_get_value (GTK_RANGE (dialog->strength)) / 100 };
  nst_finish_async (dialog->painted, dialog->content, &how, dialog->cancellable, result_ready, dialog);
}
