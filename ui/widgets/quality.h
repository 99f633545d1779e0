/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Chooses the size of the result: Draft, Normal, Fine, Full size, each with its size in pixels and a note
 * about its costs. Signal "changed" (NstQuality *): another one is chosen. */
#define NST_TYPE_QUALITY (nst_quality_get_type ())
G_DECLARE_FINAL_TYPE (NstQuality, nst_quality, NST, QUALITY, GtkGrid)

/* Make the rows for a layer of width x height pixels: the sizes that are smaller, and its own. Call this
 * once. size: longer side of the one to choose; 0: the layer's own; -1: the default. A size that is none of
 * the usual ones gets a row too. */
void nst_quality_fill (NstQuality *quality, int width, int height, int size);

/* Choose the default. */
void nst_quality_reset (NstQuality *quality);

/* Longer side of the chosen size in pixels, at most the layer's own. */
int nst_quality_get_size (NstQuality *quality);

/* Longer side of row i, or 0 after the last row; and the note beside it. */
int  nst_quality_get_nth (NstQuality *quality, int i);
void nst_quality_set_note (NstQuality *quality, int i, const char *text);

/* A size that cannot be painted cannot be chosen. If row i is chosen, the next one is chosen instead. */
void nst_quality_set_possible (NstQuality *quality, int i, gboolean possible);

G_END_DECLS
