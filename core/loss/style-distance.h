/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/loss/metric.h"

G_BEGIN_DECLS

/* How far the moments of one layer are from those of the painting: one style loss behind one small interface.
 * Each is one file: gram.c, centred.c, wasserstein.c. Moments (moments.h) are n x n with n = channels + 1. */
typedef struct
{
  /* What the distance keeps of a layer and its target; owned. NULL: not enough memory. A distance that keeps
   * nothing has no try_new (); its state is NULL. */
  gpointer (*try_new) (const NstMetric *metric);
  void (*free) (gpointer state);
  gsize (*bytes) (int channels); /* of the state */

  /* Floats of shared scratch memory, aligned to 64 bytes. */
  gsize (*scratch) (int channels);

  /* Take the target's moments. Returns what the normalised formula divides by: the size of the target in the
   * unit of the distance. */
  double (*aim) (gpointer state, const NstMetric *metric, const float *target, float *scratch);

  /* Returns the distance of moments to target. derivative: n x n, overwritten with the symmetric derivative
   * with respect to moments; entry (n - 1, n - 1) has no meaning. */
  double (*distance) (gpointer         state,
                      const NstMetric *metric,
                      const float     *moments,
                      const float     *target,
                      float           *derivative,
                      float           *scratch);
} NstStyleDistance;

extern const NstStyleDistance nst_style_distance_gram;
extern const NstStyleDistance nst_style_distance_centred;
extern const NstStyleDistance nst_style_distance_wasserstein;

/* The covariance matrix Q - q q' of moments Q with the means q, their last column: n x n. Its last row and
 * column are 0. */
void nst_covariance (int channels, const float *moments, double *covariance);

/* Returns |H (q - t)|^2 with the means q and t of two moment matrices (target NULL: t = 0). slope: n,
 * overwritten with the derivative with respect to q; may be NULL. */
double nst_means_distance (const NstMetric *metric, const float *moments, const float *target, double *slope);

/* From a derivative with respect to means and covariance to one with respect to moments. on_covariance: n x
 * n, symmetric, its last row and column are not read; on_means: n; derivative: n x n, overwritten. */
void nst_covariance_backward (int           channels,
                              const float  *moments,
                              const double *on_covariance,
                              const double *on_means,
                              float        *derivative);

G_END_DECLS
