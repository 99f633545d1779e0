/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/loss/part.h"

G_BEGIN_DECLS

/* First and second moments of a layer's features, on which every style loss depends, and the gradient of such
 * a loss with respect to the features.
 *
 * With f^ = [f 1] the features of a position and the constant 1, n = channels + 1 and a weight w for each
 * position, the moments are the symmetric matrix
 *     Q = sum w f^ f^' / sum w       (n x n floats, row-major)
 * Its first channels x channels entries are the Gram matrix divided by the number of positions; its last
 * column holds the means. Any loss of Q with the derivative D = dL/dQ (symmetric) has the gradient
 *     dL/df[p][k] = 2 w[p] / sum w * (D[n - 1][k] + sum over c of f[p][c] D[c][k])
 * so a new style loss only has to give D. */

/* Scratch floats for nst_moments (). */
gsize nst_moments_scratch (int channels);

/* Overwrite moments with Q of the part's core. Where its weights sum to 0, Q is 0. Positions with weight 0
 * cost almost nothing. The partition among threads is fixed, so that the result does not depend on
 * scheduling. */
void nst_moments (const NstPart *part, float *moments, float *scratch);

/* Prepare D for nst_moments_backward (). packed: channels x n floats, overwritten with factor * D in the
 * order that the kernels read. The factor has to include 2 / sum w. */
void nst_moments_pack (int channels, const float *derivative, double factor, float *packed);

/* gradient (positions x channels; must not be features) = [add] gradient + w * (what packed says), for any
 * range of positions; any thread. weights: of these positions, or NULL. scratch: positions x channels floats,
 * needed only with weights. */
void nst_moments_backward (int          channels,
                           gsize        positions,
                           const float *features,
                           const float *weights,
                           const float *packed,
                           gboolean     add,
                           float       *gradient,
                           float       *scratch);

G_END_DECLS
