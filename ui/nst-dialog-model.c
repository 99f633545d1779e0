/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The choice of the model, in Advanced: the names of those that are installed, or any file's name typed. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "nst-advanced.h"
#include "nst-dialog-private.h"

static void
add_models (GtkComboBoxText *combo,
            const char      *data_folder)
{
  g_autofree char *folder = g_build_filename (data_folder, "pastiche", "models", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *entry;

  while (dir && (entry = g_dir_read_name (dir)))
    if (g_str_has_suffix (entry, ".safetensors"))
      {
        g_autofree char *name = g_strndup (entry, strlen (entry) - strlen (".safetensors"));

        gtk_combo_box_text_append (combo, NULL, name);
      }
}

void
nst_dialog_show_model (NstDialog *dialog)
{
  gtk_entry_set_text (GTK_ENTRY (gtk_bin_get_child (GTK_BIN (dialog->model_combo))), dialog->recipe.model);
}

/* A name that was chosen, or typed and finished by Enter. */
static void
take_model (NstDialog *dialog)
{
  g_autofree char   *name = gtk_combo_box_text_get_active_text (GTK_COMBO_BOX_TEXT (dialog->model_combo));
  g_autoptr (GError) error = NULL;

  if (dialog->loading || !name || !*name)
    return;

  if (nst_dialog_set_model (dialog, name, &error))
    nst_dialog_show_error (dialog, NULL);
  else
    nst_dialog_show_error (dialog, error->message);
}

static void
model_chosen (NstDialog *dialog)
{
  if (gtk_combo_box_get_active (GTK_COMBO_BOX (dialog->model_combo)) >= 0)
    take_model (dialog);
}

void
nst_dialog_make_model (NstDialog *dialog)
{
  GtkWidget *place = nst_advanced_get_model_place (NST_ADVANCED (dialog->advanced));
  GtkWidget *entry;

  dialog->model_combo = gtk_combo_box_text_new_with_entry ();
  entry = gtk_bin_get_child (GTK_BIN (dialog->model_combo));
  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (dialog->model_combo), NULL, "slim");
  add_models (GTK_COMBO_BOX_TEXT (dialog->model_combo), g_get_user_data_dir ());
  for (const char *const *folder = g_get_system_data_dirs (); *folder; folder++)
    add_models (GTK_COMBO_BOX_TEXT (dialog->model_combo), *folder);
  gtk_widget_set_tooltip_text (dialog->model_combo, _("The network that looks at the pictures: the one that is built in (slim), an "
                                                      "installed one, or a model file's name and Enter"));
  atk_object_set_name (gtk_widget_get_accessible (dialog->model_combo), _("Model"));
  atk_object_set_name (gtk_widget_get_accessible (entry), _("Model"));
  g_signal_connect_swapped (dialog->model_combo, "changed", G_CALLBACK (model_chosen), dialog);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (take_model), dialog);
  gtk_box_pack_start (GTK_BOX (place), dialog->model_combo, TRUE, TRUE, 0);
  gtk_widget_show (dialog->model_combo);
}
