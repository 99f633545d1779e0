/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* The style loss by a formula, from q: the sum of squared differences of Gram matrices, each divided by its
 * own number of positions. energy: sum of the target's squares; channels N, positions M, pixels: width *
 * height of the picture itself. *slope = d loss / d q. */
double nst_style_loss (NstStyleFormula formula,
                       double          q,
                       double          energy,
                       int             channels,
                       double          positions,
                       gsize           pixels,
                       double         *slope);

G_END_DECLS
