/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/loss/style-distance.h"
#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* The distance of moments that a recipe asks for. */
const NstStyleDistance *nst_style_distance_of (const NstRecipe *recipe);

/* The style loss by a formula, from the distance q of the picture's moments to the target's. energy: what the
 * target's aim () returned; channels N, positions M, pixels: width *
 * height of the picture itself. *slope = d loss / d q. */
double nst_style_loss (NstStyleFormula formula,
                       double          q,
                       double          energy,
                       int             channels,
                       double          positions,
                       gsize           pixels,
                       double         *slope);

G_END_DECLS
