/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Eigenvalues and eigenvectors of a symmetric matrix, by LAPACK, which OpenBLAS brings along. */

/* Doubles of work memory for a matrix of n x n. */
gsize nst_eigen_scratch (int n);

/* matrix: n x n, symmetric, overwritten: row i becomes the unit eigenvector of values[i]. values: n, in
 * ascending order. FALSE: no convergence, or numbers that are not finite; then both are undefined. Any
 * thread. */
gboolean nst_eigen (int n, double *matrix, double *values, double *scratch);

G_END_DECLS
