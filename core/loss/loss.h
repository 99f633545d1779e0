/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/image.h"
#include "core/loss/gram.h"
#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* The three losses, each as value and gradient. A formula turns a sum of squares q into a loss; what the
 * gradient of q has to be multiplied with comes out as slope. */

/* q: sum of squared differences of the projected features; energy: sum of the target's squares; channels N,
 * positions M. */
double nst_content_loss (
    NstContentFormula formula, double q, double energy, int channels, gsize positions, double *slope);

/* q: sum of squared differences of Gram matrices divided by M; energy: sum of the target's squares; pixels:
 * width * height of the picture itself. */
double nst_style_loss (NstStyleFormula formula,
                       double          q,
                       double          energy,
                       int             channels,
                       gsize           positions,
                       gsize           pixels,
                       double         *slope);

/* q = sum over positions of |A (f - p)|^2. */
double nst_content_distance (const NstMetric *metric,
                             const NstTensor *features,
                             const float     *target,
                             float           *scratch);

/* gradient (positions x channels, overwritten) = factor * dq/dF of any positions of a layer, by any thread.
 * scratch: as many floats, or NULL for a metric without a head. */
void nst_content_backward (const NstMetric *metric,
                           gsize            positions,
                           const float     *features,
                           const float     *target,
                           double           factor,
                           float           *gradient,
                           float           *scratch);

/* Scratch floats of nst_content_distance (). */
gsize nst_content_scratch (int channels);

/* Total variation of a picture of width x height pixels, R'G'B' side by side; squared and absolute are
 * divided by the number of pixels. gradient += factor * its derivative, where the absolute value's at 0 is 0.
 */
double nst_tv_loss (
    NstTvFormula formula, const float *rgb, int width, int height, double factor, float *gradient);

G_END_DECLS
