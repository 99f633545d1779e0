/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Chooses the model: the built-in one, an installed one, one of the catalogue (downloaded after a question,
 * with progress and a button to stop), or any model file. Signal "changed" (NstModelChooser *): the user
 * chose another model, and it is installed. */
#define NST_TYPE_MODEL_CHOOSER (nst_model_chooser_get_type ())
G_DECLARE_FINAL_TYPE (NstModelChooser, nst_model_chooser, NST, MODEL_CHOOSER, GtkBox)

GtkWidget *nst_model_chooser_new (void);

/* Show a model by its name or file, as nst_model_get () takes it. Emits no signal. */
void nst_model_chooser_set (NstModelChooser *chooser, const char *model);

/* The chosen model's name or file. Borrowed until the next change. */
const char *nst_model_chooser_get (NstModelChooser *chooser);

G_END_DECLS
