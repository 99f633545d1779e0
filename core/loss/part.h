/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/base/tensor.h"

G_BEGIN_DECLS

/* A part of the features that a term observes: a rectangle of the layer, or of the picture.
 *
 * Only the positions of its core count. The others are context: they contribute neither loss nor gradient,
 * and their features may differ from the whole's. The cores of all parts cover the whole, each position once.
 *
 * A term of the picture compares a position with its neighbours to the right and below. It ignores the core:
 * its context has weight 0, and a part that ends before the whole does needs at least one column or row of it
 * there. */
typedef struct
{
  const NstTensor *features;
  const float     *weights; /* of the first of these positions, at least 0, or NULL: 1 everywhere */
  int              row;     /* weights from one row to the next: they may be part of those of the whole */
  double           share;   /* of this core's weights in those of the whole; all parts' shares sum to 1 */
  int              x, y;    /* of the first of these positions in the whole */
  int              width, height; /* of the whole, in positions */
  NstRectangle     core;          /* in this part */
} NstPart;

/* The one part that is the whole, every position with weight 1. */
NstPart nst_part_whole (const NstTensor *features);

/* Positions of the core, and the sum of their weights. */
gsize  nst_part_positions (const NstPart *part);
double nst_part_total (const NstPart *part);

/* The core's positions, numbered row by row, are found in the part in runs: *position is that of number first
 * in the part. Returns how many, of first .. last - 1, follow one another there. */
gsize nst_part_run (const NstPart *part, gsize first, gsize last, gsize *position);

/* The weights of a run of the part's positions that begins with the given one; NULL: 1 everywhere. */
const float *nst_part_weights (const NstPart *part, gsize position);

/* How many of the part's positions first .. last - 1, from first on, are like first in or out of the core. */
gsize nst_part_side (const NstPart *part, gsize first, gsize last, gboolean *inside);

G_END_DECLS
