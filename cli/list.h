/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* What options hold beside single values: lists. A flaw is one of the command line (NST_ERROR_ARGUMENT), and
 * the message names option. */

/* "1,30,200": an owned array of double, one or more, each from min to max, whole if so wished. */
GArray *nst_list_parse_numbers (
    const char *option, const char *text, double min, double max, gboolean whole, GError **error);

/* "conv1_1,conv2_1=0.5": layers and weights, 1 if there is none. */
gboolean nst_list_parse_layers (const char *option, const char *text, NstTapList *list, GError **error);

G_END_DECLS
