/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/model/model.h"
#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* The controls of a recipe that few users change: layers and their weights, iterations, start, pooling,
 * optimiser. Signal "changed" (NstAdvanced *): the user changed something. */
#define NST_TYPE_ADVANCED (nst_advanced_get_type ())
G_DECLARE_FINAL_TYPE (NstAdvanced, nst_advanced, NST, ADVANCED, GtkGrid)

/* Show recipe with the layers of model. Layers that the model does not have are not shown, and are lost when
 * the recipe is read. has_start: there is a start picture, which can be chosen as the start. */
void nst_advanced_load (NstAdvanced     *advanced,
                        const NstModel  *model,
                        const NstRecipe *recipe,
                        gboolean         has_start);

/* Put the shown values into recipe; other fields stay. Numbers are rounded to the digits that are shown, so
 * call this only after the user changed something. */
void nst_advanced_read (NstAdvanced *advanced, NstRecipe *recipe);

/* The box for the model chooser. Borrowed. */
GtkWidget *nst_advanced_get_model_box (NstAdvanced *advanced);

G_END_DECLS
