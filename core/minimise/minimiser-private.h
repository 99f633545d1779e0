/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A minimiser, shared by the files of minimiser.h. */
#pragma once

#include "core/base/spill.h"
#include "core/minimise/minimiser.h"

G_BEGIN_DECLS

struct _NstMinimiser
{
  NstOptimizer optimizer;
  gsize        n;
  int          history;
  double       learning_rate;
  double       beta1, beta2, epsilon; /* Adam */

  NstPreconditioner map; /* or NULL */
  gpointer          map_data;

  NstSpill spill;
  float   *work, *kept; /* owned; in memory or in files; everything below points into them */

  float *gradient; /* at x */
  float *trial, *trial_gradient;
  float *direction;
  /* L-BFGS: history x n differences of x and of the gradient, in a ring; Adam: the two moments */
  float  *s, *y;
  double *rho;  /* owned; 1 / s'y of each pair */
  double *step; /* owned; alpha of the first loop */
  double *sums; /* owned; one for each block of a dot product */

  gboolean known; /* value and gradient are those of x */
  double   value;
  int      pairs, newest; /* of the ring */
  int      iterations;    /* since the last reset */
  int      evaluations;
};

G_END_DECLS
