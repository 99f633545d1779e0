/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* IEEE 754 binary16 as bits. Conversion to float is exact, and converting back gives the same bits, also for
 * NaNs. */
float nst_half_to_float (guint16 half);

/* Rounds to nearest, ties to even; values from 65520 on become infinity. */
guint16 nst_half_from_float (float value);

G_END_DECLS
