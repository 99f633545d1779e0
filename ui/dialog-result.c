/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The dialog's picture on its way to the screen, and to the host. */

#include "ui/dialog-private.h"
#include "ui/widgets/look-chooser.h"
#include "ui/widgets/preview.h"
#include "ui/widgets/quality.h"
#include "ui/widgets/style-chooser.h"

static double
get_strength (NstDialog *dialog)
{
  return gtk_range_get_value (GTK_RANGE (dialog->strength)) / 100;
}

static NstOutput
get_output (NstDialog *dialog)
{
  return gtk_combo_box_get_active (GTK_COMBO_BOX (dialog->output));
}

/* The picture on its way to the screen */

static void
picture_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstDialog         *dialog = data; /* gone when cancelled */
  g_autoptr (GError) error = NULL;
  NstSurface        *surface = nst_finish_get_surface (result, &error);

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
  how = (NstFinish){ dialog->painted->image->width, dialog->painted->image->height,
                     dialog->recipe.keep_colours, get_strength (dialog), .for_screen = TRUE };
  nst_finish_async (dialog->painted, dialog->content, &how, dialog->cancellable, picture_ready, dialog);
}

/* To the host */

gboolean
nst_dialog_read_full (NstDialog *dialog, GError **error)
{
  NstImage *full;

  if (dialog->full)
    return TRUE;

  full = nst_host_read_content (dialog->host, dialog->settings, error);
  if (!full)
    return FALSE;

  dialog->full = nst_shared_new (full);
  return TRUE;
}

void
nst_dialog_quit (NstDialog *dialog)
{
  if (dialog->loop)
    g_main_loop_quit (dialog->loop);
}

/* What was used, for the next time and for the layer. */
static void
remember (NstDialog *dialog)
{
  NstSettings     *settings = dialog->settings;
  NstStyleChooser *chooser = NST_STYLE_CHOOSER (dialog->style_chooser);
  gboolean         own;
  const char      *preset = nst_look_chooser_get_name (NST_LOOK_CHOOSER (dialog->looks), &own);
  const NstRecipe  recipe = dialog->recipe;

  g_free (settings->style_file);
  g_free (settings->preset);
  settings->style_drawable = nst_style_chooser_get_drawable (chooser);
  settings->style_file = g_strdup (nst_style_chooser_get_file (chooser));
  settings->preset = g_strdup (preset && !own ? preset : "");
  settings->output = get_output (dialog);
  settings->strength = get_strength (dialog);
  dialog->recipe.size
      = nst_dialog_make_recipe (dialog, nst_quality_get_size (NST_QUALITY (dialog->quality)), 0).size;
  nst_settings_set_recipe (settings, &dialog->recipe);
  dialog->recipe = recipe;
}

static char *
make_text (NstDialog *dialog)
{
  NstRecipe recipe = dialog->recipe;

  recipe.size = nst_dialog_make_recipe (dialog, dialog->job_size, 0).size;

  return nst_settings_to_json (dialog->settings, &recipe,
                               nst_style_chooser_get_name (NST_STYLE_CHOOSER (dialog->style_chooser)));
}

static void
result_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstDialog           *dialog = data; /* gone when cancelled */
  g_autoptr (GError)   error = NULL;
  g_autoptr (NstImage) picture = nst_finish_get_image (result, &error);
  g_autofree char     *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  dialog->applying = FALSE;
  remember (dialog);
  text = make_text (dialog);
  if (picture && nst_host_write (dialog->host, picture, get_output (dialog), text, &error))
    {
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
  g_autoptr (GError) error = NULL;
  NstFinish          how;

  nst_dialog_read_controls (dialog);
  how = (NstFinish){ dialog->width, dialog->height, dialog->recipe.keep_colours, get_strength (dialog) };
  dialog->applying = !how.keep_colours && how.strength >= 1 ? TRUE : nst_dialog_read_full (dialog, &error);
  if (!dialog->applying)
    {
      nst_dialog_show_error (dialog, error->message);
      return;
    }

  nst_finish_async (dialog->painted, dialog->full ? dialog->full : dialog->content, &how, dialog->cancellable,
                    result_ready, dialog);
}
