/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* A picture in tiles, so that a network runs on one at a time. Each pixel belongs to the core of one tile.
 * The network runs on the tile's frame: its core and as much around it as the features of the core depend on,
 * where the picture has that. So the features of the core's positions are those of the whole picture, at
 * every layer, and so is what their gradient does to the picture: the picture's gradient is the sum of the
 * frames'.
 *
 * Frames begin where every layer's pooling and its squares of outputs (nst_conv_grid ()) begin. So features
 * are equal to the bit, and ReLU and maximum decide alike, except in the squares near a frame's edge, which
 * round differently. */
typedef struct
{
  int width, height; /* of the picture, in pixels */
  int columns, rows; /* of tiles; 1 x 1: the frame is the picture */
  int grid, halo;    /* in pixels; private */
} NstTiling;

typedef struct
{
  NstRectangle core, frame; /* of the picture, in pixels */
} NstTile;

/* The tiles of a picture of width x height pixels for a network of the model's first depth layers: those with
 * the least work whose frames have at most most_pixels pixels; where a tile would be too small to make sense,
 * they have more. */
void nst_tiling_init (
    NstTiling *tiling, const NstModel *model, int depth, int width, int height, gsize most_pixels);

/* How many tiles there are, and one of them: 0 .. count - 1. */
int     nst_tiling_count (const NstTiling *tiling);
NstTile nst_tiling_get (const NstTiling *tiling, int tile);

/* The size of the largest frame; every other one fits into it. */
void nst_tiling_largest (const NstTiling *tiling, int *width, int *height);

/* Pixels of all frames together; the picture's at least. The network's work is in proportion. */
gsize nst_tiling_work (const NstTiling *tiling);

/* Pixels of a side that one position of a layer stands for: the product of the reductions of layers 0 ..
 * layer; 1 for layer -1, the picture. Rectangles of tiles, divided by this and rounded down at both ends, are
 * rectangles of the layer. */
int          nst_layer_reduction (const NstModel *model, int layer);
NstRectangle nst_rectangle_reduce (const NstRectangle *pixels, int reduction);

G_END_DECLS
