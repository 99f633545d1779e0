/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* IEEE 754 binary16, as its bits. Every half is exact as a float, and comes back as the same bits, NaNs too.
 */
float nst_half_to_float (guint16 half);

/* Rounds to nearest, ties to even; from 65520 on the result is infinity. */
guint16 nst_half_from_float (float value);

G_END_DECLS
