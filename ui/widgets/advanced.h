/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/model/model.h"
#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* What of a recipe few want to change: layers and their weights, iterations, start, pooling, optimiser.
 * Signal "changed" (NstAdvanced *) when the user changed something. */
#define NST_TYPE_ADVANCED (nst_advanced_get_type ())
G_DECLARE_FINAL_TYPE (NstAdvanced, nst_advanced, NST, ADVANCED, GtkGrid)

/* Show recipe with the layers of model. Layers that the model does not have are not shown, and are lost when
 * the recipe is read. has_start: there is a start picture, which can be chosen as the start. */
void nst_advanced_load (NstAdvanced     *advanced,
                        const NstModel  *model,
                        const NstRecipe *recipe,
                        gboolean         has_start);

/* Put what is shown into recipe; other fields stay. At the user's changes only: numbers are rounded to what
 * is shown. */
void nst_advanced_read (NstAdvanced *advanced, NstRecipe *recipe);

/* The box in which a chooser of models has its place. */
GtkWidget *nst_advanced_get_model_place (NstAdvanced *advanced);

G_END_DECLS
