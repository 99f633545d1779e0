/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* Distances in the feature space that a layer's linear head maps to, without ever building a projected
 * feature map.
 *
 * f^ = [f 1] is the feature vector of one position and the constant 1; n = channels + 1. The head maps it to
 * H f^ with H = [A b]. For any symmetric n x n matrix X
 *     sum (H X H')^2 = sum (R X R')^2      where H = O R with O orthogonal,
 * and R comes from the Cholesky factorisation H'H = R'R. So a head with more channels than the layer costs no
 * more than the layer itself. Without a head H = [I 0]: the layer's own feature space. */
typedef struct
{
  int    channels;  /* of the layer */
  int    projected; /* channels of the head, or of the layer: N in the formulas of the losses */
  int    rank;      /* rows of root, at most n; 0 without a head */
  float *root;      /* owned; R, rank x n; NULL without a head */
  float *square;    /* owned; H'H, n x n; NULL without a head */
} NstMetric;

/* The metric of a layer with or without a head; owned. NULL when there is not enough memory. */
NstMetric *nst_metric_try_new (const NstLayer *layer);
void       nst_metric_free (NstMetric *metric); /* NULL is allowed */

/* n = channels + 1: rows and columns of a moment matrix. */
int nst_metric_side (const NstMetric *metric);

/* Entry i of H'H, n x n. */
double nst_metric_square (const NstMetric *metric, gsize i);

/* sum over positions of w |H f^|^2, from the moments (n x n) of these positions and the sum of their weights
 * w; without weights that is their number. */
double nst_metric_energy (const NstMetric *metric, const float *moments, double total);

G_END_DECLS
