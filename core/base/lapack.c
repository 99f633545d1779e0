/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The eigenvalues of a symmetric matrix. Debian's OpenBLAS has LAPACK's routines but not their header. */
#include "core/base/lapack.h"

#include <math.h>

/* LAPACK, "dsyevd": divide and conquer. The strings' lengths are what Fortran compilers pass at the end. */
void dsyevd_ (const char *job,
              const char *triangle,
              const int  *n,
              double     *matrix,
              const int  *row,
              double     *values,
              double     *work,
              const int  *work_size,
              int        *integers,
              const int  *integers_size,
              int        *info,
              gsize       job_length,
              gsize       triangle_length);

static gsize
count_doubles (gsize n)
{
  return 1 + 6 * n + 2 * n * n;
}

static gsize
count_integers (gsize n)
{
  return 3 + 5 * n;
}

gsize
nst_eigen_scratch (int n)
{
  return count_doubles (n) + (count_integers (n) * sizeof (int) + sizeof (double) - 1) / sizeof (double);
}

gboolean
nst_eigen (int n, double *matrix, double *values, double *scratch)
{
  const int doubles = count_doubles (n), integers = count_integers (n);
  int       info = 0;

  if (n == 0)
    return TRUE;
  for (gsize i = 0; i < (gsize) n * n; i++)
    if (!isfinite (matrix[i]))
      return FALSE;
  dsyevd_ ("V", "U", &n, matrix, &n, values, scratch, &doubles, (int *) (scratch + doubles), &integers, &info,
           1, 1);

  return info == 0;
}
