/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "core/base/archive.h"
#include "core/base/spill.h"
#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* Minimises a function of n floats, one iteration a call. It knows nothing of pictures.
 *
 * L-BFGS: Liu, Nocedal 1989, "On the limited memory BFGS method for large scale optimization", algorithm 2.1.
 * Two-loop recursion by Nocedal, Wright, "Numerical Optimization", algorithm 7.4, initial matrix by
 * equation 7.20. The line search tries step length 1 first and then backtracks by quadratic interpolation
 * until the function has decreased enough (Armijo, equation 3.4), so an iteration normally costs one
 * evaluation.
 *
 * Adam: Kingma, Ba 2015 (arXiv 1412.6980), algorithm 1; by default beta1 0.9, beta2 0.999, epsilon 1e-8.
 *
 * GD: x -= learning rate * gradient. */
typedef struct _NstMinimiser NstMinimiser;

/* The function to minimise: sets *value at x and overwrites gradient (n floats). FALSE, with error set, stops
 * the iteration. */
typedef gboolean (*NstFunction) (
    const float *x, float *gradient, double *value, gpointer data, GError **error);

typedef enum
{
  NST_STEP_GOOD,      /* x has moved */
  NST_STEP_CONVERGED, /* no direction decreases the function; x is unchanged */
  NST_STEP_NONFINITE, /* the function or its gradient is infinite or NaN; x is unchanged */
  NST_STEP_STOPPED,   /* the function failed and has set error; x is unchanged */
} NstStep;

/* history: L-BFGS pairs; learning_rate: for Adam and GD. spill: what lies in files; the steps are the same.
 * Owned; NULL with NST_ERROR_MEMORY. */
NstMinimiser *nst_minimiser_new (
    NstOptimizer optimizer, gsize n, int history, double learning_rate, NstSpill spill, GError **error);
void nst_minimiser_free (NstMinimiser *minimiser);

/* The floats of such a minimiser that are in memory at a time, and those in files. */
gsize nst_minimiser_floats (NstOptimizer optimizer, gsize n, int history, NstSpill spill, gsize *in_files);

/* Adam's constants, as in NstRecipe. */
void nst_minimiser_set_adam (NstMinimiser *minimiser, double beta1, double beta2, double epsilon);

/* From now on steps are taken along a linear, symmetric, positive semidefinite map of the gradient, so x
 * stays where its sums with x reach. L-BFGS begins with it in place of the identity (Nocedal, Wright, end of
 * section 7.2); Adam and GD take the mapped gradient. map: works on n floats in place. NULL: none. */
typedef void (*NstPreconditioner) (float *vector, gpointer data);
void nst_minimiser_set_preconditioner (NstMinimiser *minimiser, NstPreconditioner map, gpointer data);

/* One iteration from x (n floats, updated in place unless the result says otherwise). error is set with
 * NST_STEP_STOPPED only; then the minimiser is as it was before the call, so that the next one repeats the
 * step.
 */
NstStep nst_minimiser_step (
    NstMinimiser *minimiser, float *x, NstFunction function, gpointer data, GError **error);

/* The value at the x that step () left; with Adam and GD, at the x before it. */
double nst_minimiser_value (const NstMinimiser *minimiser);

/* The function has changed but x has not: forget value, gradient and curvature. */
void nst_minimiser_reset (NstMinimiser *minimiser);

/* Calls of the function so far, without those of a step that was stopped. */
int nst_minimiser_evaluations (const NstMinimiser *minimiser);

/* Store everything that the next steps depend on, except x and the arguments of try_new () and set_adam ().
 */
void nst_minimiser_save (const NstMinimiser *minimiser, NstArchiveWriter *archive);

/* Continue like the minimiser that was saved, which had the same optimiser, n and history. NST_ERROR_FORMAT;
 * then the minimiser is undefined until nst_minimiser_reset (). */
gboolean nst_minimiser_restore (NstMinimiser *minimiser, NstArchiveReader *archive, GError **error);

G_END_DECLS
