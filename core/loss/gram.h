/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/loss/metric.h"

G_BEGIN_DECLS

/* The distance of two Gram matrices in a head's feature space (Gatys, Ecker, Bethge 2015, arXiv 1508.06576,
 * equation 4; the projection as in metric.h). */

/* Scratch floats. */
gsize nst_gram_scratch (int channels);

/* Returns sum (H (Q - T) H')^2, with Q the moments and T the target's (NULL: 0), n x n each. derivative: n x
 * n, overwritten with the derivative with respect to Q; may be NULL. */
double nst_gram_distance (
    const NstMetric *metric, const float *moments, const float *target, float *derivative, float *scratch);

G_END_DECLS
