/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error domain. */
#include "core/base/error.h"

G_DEFINE_QUARK (nst - error - quark, nst_error)
