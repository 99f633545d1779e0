/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The one place that includes a BLAS. All matrices are row-major. */

#include <cblas.h>
