/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The only file that includes a BLAS header. All matrices are row-major. */

#include <cblas.h>
