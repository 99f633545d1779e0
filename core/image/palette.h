/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/mask.h"

G_BEGIN_DECLS

/* The colours of a picture, or of a mixture of pictures, as moments of R'G'B'. { 0 }: nothing yet. */
typedef struct
{
  double mean[3];
  double square[3][3]; /* mean of v v' */
  float  low, high;    /* the values' range; at most 0 and at least 0 */
} NstPalette;

/* Add a picture's colours; all shares sum to 1. mask: of image's size, what its pixels count; NULL: 1. */
void nst_palette_add (NstPalette *palette, const NstImage *image, const NstMask *mask, double share);

/* Give image the palette's mean and covariance, by the linear map that moves its colours least
 * (Monge-Kantorovich; Pitie, Kokaram 2007, "The linear Monge-Kantorovitch linear colour mapping for
 * example-based colour transfer"), mixed with what it had; share 0 .. 1. No direction of colour is stretched
 * to more than three times its range, so that noise in flat pictures stays noise. Values are clamped to 0..1
 * and, where the palette has colours outside of sRGB, to their range. mask: of image's size; only what it
 * marks is measured and changed; NULL: all. from: the picture before the first of several masks; without
 * masks image itself. */
void nst_palette_apply (
    const NstPalette *palette, const NstImage *from, NstImage *image, const NstMask *mask, double share);

/* In place: the pastiche keeps its lightness; its colours become palette (0 .. 1) of its own and the rest of
 * the content's, in OKLab. content has the same size. 1: nothing changes. FALSE: not enough memory, nothing
 * changed. */
gboolean nst_palette_finish (NstImage *pastiche, const NstImage *content, double palette);

/* Bytes that nst_palette_finish () takes for a picture of this size. */
gsize nst_palette_finish_bytes (int width, int height, double palette);

G_END_DECLS
