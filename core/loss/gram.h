/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* Gram matrices, and distances in the space that a tap's linear head maps to, without ever building a
 * projected feature map.
 *
 * With f^ = [f 1] the feature of a position and one constant, and M positions, the moments of a layer are the
 * symmetric Q = 1/M sum f^ f^'      (n x n, n = channels + 1; row-major floats) The Gram matrix of the
 * projected features A f + b, divided by M, is H Q H' with H = [A b], and for any symmetric X sum (H X H')^2
 * = sum (R X R')^2      where H = O R, O orthogonal: R from Cholesky's H' H = R' R. So a head with more
 * channels than the layer costs no more than the layer itself. Without a head H = [1 0]: the plain Gram
 * matrix. */

typedef struct
{
  int    channels;  /* of the layer */
  int    projected; /* of the head, or of the layer: N of the style formulas */
  int    rank;      /* rows of root: at most n; 0 without a head */
  float *root;      /* owned; R, rank x n, or NULL */
  float *square;    /* owned; H' H, n x n, or NULL */
} NstMetric;

/* For a layer with or without a head. NULL when there is no memory. */
NstMetric *nst_metric_try_new (const NstLayer *layer);
void       nst_metric_free (NstMetric *metric);

/* Side of a moments matrix: channels + 1. */
int nst_metric_side (const NstMetric *metric);

/* Scratch floats for what wants some below. */
gsize nst_gram_scratch (int channels);

/* Q of the features, n x n, overwritten. */
void nst_gram_moments (const NstTensor *features, float *moments, float *scratch);

/* sum (H (Q - T) H')^2; target NULL: T = 0. gradient (n x n, overwritten, may be NULL): its derivative with
 * respect to Q. */
double nst_gram_distance (
    const NstMetric *metric, const float *moments, const float *target, float *gradient, float *scratch);

/* The gradient with respect to the features F is linear in F and in the derivative D with respect to Q:
 *     dF[p][k] = 2/M (D[n - 1][k] + sum over c of F[p][c] D[c][k])
 * pack (): packed (channels x n floats, overwritten) = factor * D, for backward. backward (): gradient
 * (positions x channels, not features) = add * gradient + that, without 2/M, which belongs into factor; any
 * positions of a layer, by any thread. */
void nst_gram_pack (int channels, const float *moments_gradient, double factor, float *packed);
void nst_gram_backward (
    int channels, gsize positions, const float *features, const float *packed, gboolean add, float *gradient);

/* sum over positions of |H f^|^2, from the moments. */
double nst_gram_energy (const NstMetric *metric, const float *moments, gsize positions);

G_END_DECLS
