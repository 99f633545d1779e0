/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* How large the result is painted: Draft, Normal, Fine, Full size, each with its pixels and what it costs.
 * Signal "changed" (NstQuality *). */
#define NST_TYPE_QUALITY (nst_quality_get_type ())
G_DECLARE_FINAL_TYPE (NstQuality, nst_quality, NST, QUALITY, GtkGrid)

/* Once: those that are smaller than the layer, and its own size. size: the longer side to begin with; 0: the
 * layer's own; -1: a usual one. One that is none of them has a place too. */
void nst_quality_fill (NstQuality *quality, int width, int height, int size);

/* Choose the usual one again. */
void nst_quality_reset (NstQuality *quality);

/* Longer side of the chosen one; the layer's own at most. */
int nst_quality_get_size (NstQuality *quality);

/* Longer side of the i-th, or 0 after the last; and what is said beside it. */
int  nst_quality_get_nth (NstQuality *quality, int i);
void nst_quality_set_note (NstQuality *quality, int i, const char *text);

/* What cannot be painted cannot be chosen; where it was, the next larger one is. */
void nst_quality_set_possible (NstQuality *quality, int i, gboolean possible);

G_END_DECLS
