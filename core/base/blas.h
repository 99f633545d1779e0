/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The only file that includes a BLAS header. All matrices are row-major. */

#include <cblas.h>
#include <glib.h>

G_BEGIN_DECLS

/* Before the first product of matrices: OpenBLAS gets the scratch memory for n calls at a time. Where the
 * system has none left, OpenBLAS would ask for it again and again and never return; this fails with
 * NST_ERROR_MEMORY instead. With any other BLAS it does nothing. Any thread; calls after the first are cheap.
 */
gboolean nst_blas_reserve (int n, GError **error);

G_END_DECLS
