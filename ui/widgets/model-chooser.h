/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The network that looks at the pictures: the one in the program, those that are installed, those of the
 * catalogue that can be fetched (after a question, with progress and a button to stop it), and any file of
 * weights. Signal "changed" (NstModelChooser *) when the user has chosen another one that is there. */
#define NST_TYPE_MODEL_CHOOSER (nst_model_chooser_get_type ())
G_DECLARE_FINAL_TYPE (NstModelChooser, nst_model_chooser, NST, MODEL_CHOOSER, GtkBox)

GtkWidget *nst_model_chooser_new (void);

/* A name or a file as nst_model_get () takes it; no signal. */
void nst_model_chooser_set (NstModelChooser *chooser, const char *model);

/* Borrowed until the next change. */
const char *nst_model_chooser_get (NstModelChooser *chooser);

G_END_DECLS
