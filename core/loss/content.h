/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/loss/metric.h"
#include "core/loss/term.h"

G_BEGIN_DECLS

/* The content loss: squared distance of features in a head's space (Gatys, Ecker, Bethge 2015, arXiv
 * 1508.06576, equation 1). The functions that the content term (term.h) is made of. */

/* The loss by a formula, from q: the sum of squared differences of the projected features. energy: sum of the
 * target's squares; channels N and positions M as in the formulas. *slope = d loss / d q. */
double nst_content_loss (
    NstContentFormula formula, double q, double energy, int channels, double positions, double *slope);

/* Returns q = sum over a part's positions of w |A (f - p)|^2. target: p of the whole, width x height x
 * channels floats. scratch: nst_content_scratch () floats. */
double nst_content_distance (const NstMetric *metric,
                             const NstPart   *part,
                             const float     *target,
                             float           *scratch);
gsize  nst_content_scratch (int channels);

/* gradient (n x channels) = [add] gradient + factor * dq/df for the part's positions first .. first + n - 1;
 * any thread. target: of the whole. scratch: as many floats as gradient. */
void nst_content_backward (const NstMetric *metric,
                           const NstPart   *part,
                           gsize            first,
                           gsize            n,
                           const float     *target,
                           double           factor,
                           gboolean         add,
                           float           *gradient,
                           float           *scratch);

G_END_DECLS
