/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* Parsers for options whose value is a list separated by commas. They fail with NST_ERROR_ARGUMENT; the
 * message names option. */

/* Parses one or more numbers, "1,30,200", each from min to max; whole: whole numbers only. Returns an array
 * of double, owned by the caller, or NULL with an error. */
GArray *nst_list_parse_numbers (
    const char *option, const char *text, double min, double max, gboolean whole, GError **error);

/* Parses one or more different layers, "conv1_1,conv2_1=0.5", into list. A layer's weight is from 0 to 1e9;
 * by default 1. A failure leaves list partly filled. */
gboolean nst_list_parse_layers (const char *option, const char *text, NstLayerWeights *list, GError **error);

G_END_DECLS
