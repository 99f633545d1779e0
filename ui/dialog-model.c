/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The choice of the model, in Advanced. */

#include "ui/dialog-private.h"
#include "ui/widgets/advanced.h"
#include "ui/widgets/model-chooser.h"

void
nst_dialog_show_model (NstDialog *dialog)
{
  nst_model_chooser_set (NST_MODEL_CHOOSER (dialog->model_chooser), dialog->recipe.model);
}

static void
model_chosen (NstDialog *dialog)
{
  g_autoptr (GError) error = NULL;

  if (dialog->loading)
    return;

  if (nst_dialog_set_model (dialog, nst_model_chooser_get (NST_MODEL_CHOOSER (dialog->model_chooser)),
                            &error))
    nst_dialog_show_error (dialog, NULL);
  else
    {
      nst_dialog_show_error (dialog, error->message);
      nst_dialog_show_model (dialog);
    }
}

void
nst_dialog_make_model (NstDialog *dialog)
{
  dialog->model_chooser = nst_model_chooser_new ();
  g_signal_connect_swapped (dialog->model_chooser, "changed", G_CALLBACK (model_chosen), dialog);
  gtk_box_pack_start (GTK_BOX (nst_advanced_get_model_place (NST_ADVANCED (dialog->advanced))),
                      dialog->model_chooser, TRUE, TRUE, 0);
  gtk_widget_show (dialog->model_chooser);
}
