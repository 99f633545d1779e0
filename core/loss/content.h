/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/loss/metric.h"
#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* The content loss: squared distance of features in a head's space (Gatys, Ecker, Bethge 2015, arXiv
 * 1508.06576, equation 1). The functions that the content term (term.h) is made of. */

/* The loss by a formula, from q: the sum of squared differences of the projected features. energy: sum of the
 * target's squares; channels N and positions M as in the formulas. *slope = d loss / d q. */
double nst_content_loss (
    NstContentFormula formula, double q, double energy, int channels, double positions, double *slope);

/* Returns q = sum over positions of w |A (f - p)|^2. target: p, as many floats as features; weights: w, one
 * for each position, or NULL. scratch: nst_content_scratch () floats. */
double nst_content_distance (const NstMetric *metric,
                             const NstTensor *features,
                             const float     *weights,
                             const float     *target,
                             float           *scratch);
gsize  nst_content_scratch (int channels);

/* gradient (positions x channels) = [add] gradient + factor * dq/df for any range of positions; any thread.
 * features, weights (or NULL) and target begin at the first of these positions. scratch: as many floats as
 * gradient. */
void nst_content_backward (const NstMetric *metric,
                           gsize            positions,
                           const float     *features,
                           const float     *weights,
                           const float     *target,
                           double           factor,
                           gboolean         add,
                           float           *gradient,
                           float           *scratch);

G_END_DECLS
