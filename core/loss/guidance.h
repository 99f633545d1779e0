/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/mask.h"
#include "core/model/model.h"

G_BEGIN_DECLS

/* How much each position of a network's layers counts for a mask on the picture: the guidance channels of
 * Gatys et al. 2017 (arXiv 1611.07865, section 3).
 *
 * Two maps follow the network from the picture down. m is what the poolings make of the mask: the mean of
 * each 2 x 2 cell; an odd last row or column is dropped, as by the network. s is the share of a position's
 * receptive field that lies inside: poolings treat it as m, and each 3 x 3 convolution replaces it by the
 * mean of the 3 x 3 positions around, those that exist. The iterated means give pixels in the middle of a
 * receptive field more weight than its edge, as the network does.
 *
 *   NST_GUIDANCE_INSIDE   w = m s: positions outside count nothing, and those whose receptive field crosses
 *                         the border less than the others
 *   NST_GUIDANCE_POOLED   w = m */
typedef enum
{
  NST_GUIDANCE_INSIDE,
  NST_GUIDANCE_POOLED,
} NstGuidanceKind;

typedef struct
{
  float *weights; /* owned; one for each position; NULL: 1 everywhere */
  double total;   /* sum of the weights; 0 where weights is NULL */
} NstGuidance;

/* guidance: one for each layer of model, of which those in the set layers (bit i for layer i) are overwritten
 * and the others left; clear it first. mask: at the size of the picture; NULL or all ones: every position
 * counts 1. FALSE: not enough memory; what was made stays until it is cleared. */
gboolean nst_guidance_make (
    NstGuidance *guidance, const NstModel *model, guint64 layers, const NstMask *mask, NstGuidanceKind kind);

/* Free and forget the weights of n layers. */
void nst_guidance_clear (NstGuidance *guidance, int n);

G_END_DECLS
