/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures in tiles: where they begin, and what is around them. */
#include "core/network/tiling.h"

#include "core/network/layer.h"

#define MOST_PIECES 1024 /* of one side */

static int
common_multiple (int a, int b)
{
  int x = a, y = b;

  while (y != 0)
    {
      const int rest = x % y;

      x = y;
      y = rest;
    }

  return (int) MIN ((gint64) a / x * b, NST_MOST_SIDE);
}

int
nst_layer_reduction (const NstModel *model, int layer)
{
  gint64 reduction = 1;

  for (int i = 0; i <= layer; i++)
    reduction = MIN (reduction * nst_layer_class (model->layers[i].kind)->reduction, NST_MOST_SIDE);

  return reduction;
}

NstRectangle
nst_rectangle_reduce (const NstRectangle *pixels, int reduction)
{
  const int x = pixels->x / reduction, y = pixels->y / reduction;

  return (NstRectangle){ x, y, (pixels->x + pixels->width) / reduction - x,
                         (pixels->y + pixels->height) / reduction - y };
}

/* Pieces of one side. Those but the first begin at a multiple of the grid plus halo, so that their frames
 * begin at a multiple of the grid. */

static int
most_pieces (const NstTiling *t, int length)
{
  return CLAMP (length / (2 * (t->grid + t->halo)), 1, MOST_PIECES);
}

static int
piece_begins (const NstTiling *t, int length, int pieces, int i)
{
  if (i == 0 || i == pieces)
    return i == 0 ? 0 : length;

  return (int) (((gint64) length * i / pieces - t->halo) / t->grid) * t->grid + t->halo;
}

static void
get_piece (const NstTiling *t, int length, int pieces, int i, int *core, int *core_end, int *frame, int *end)
{
  *core = piece_begins (t, length, pieces, i);
  *core_end = piece_begins (t, length, pieces, i + 1);
  *frame = MAX (*core - t->halo, 0);
  *end = *core_end < length ? MIN (*core_end + t->halo, length) : length;
}

/* The longest frame of a side, and the sum of all. */
static void
measure_side (const NstTiling *t, int length, int pieces, int *longest, gsize *sum)
{
  *longest = 0;
  *sum = 0;
  for (int i = 0; i < pieces; i++)
    {
      int core, core_end, frame, end;

      get_piece (t, length, pieces, i, &core, &core_end, &frame, &end);
      *longest = MAX (*longest, end - frame);
      *sum += end - frame;
    }
}

static void
find_grid (NstTiling *t, const NstModel *model, int depth)
{
  const NstLayerOptions options = { model->pooling, NST_CONV_AUTO };
  const int             unit = nst_layer_reduction (model, depth - 1);
  gint64                reach = 0;

  t->grid = unit;
  for (int i = 0; i < depth; i++)
    {
      const NstLayerClass *class = nst_layer_class (model->layers[i].kind);
      const int reduction = nst_layer_reduction (model, i);

      t->grid = common_multiple (t->grid, class->plan (&model->layers[i], &options, 1, 1).grid * reduction);
      reach += class->reach * reduction;
    }
  t->halo = (int) MIN ((reach + unit - 1) / unit * unit, NST_MOST_SIDE);
}

void
nst_tiling_init (
    NstTiling *tiling, const NstModel *model, int depth, int width, int height, gsize most_pixels)
{
  gsize least = G_MAXSIZE;
  int   columns, rows = 1;

  *tiling = (NstTiling){ .width = width, .height = height, .columns = 1, .rows = 1, .grid = 1 };
  if ((gsize) width * height <= most_pixels || depth == 0)
    return;

  /* The more columns, the fewer rows are needed. */
  find_grid (tiling, model, depth);
  rows = most_pieces (tiling, height);
  for (columns = 1; columns <= most_pieces (tiling, width); columns++)
    {
      int   widest, tallest;
      gsize across, down;

      measure_side (tiling, width, columns, &widest, &across);
      measure_side (tiling, height, rows, &tallest, &down);
      while (rows > 1 && (gsize) widest * tallest <= most_pixels)
        {
          int   taller;
          gsize fewer;

          measure_side (tiling, height, rows - 1, &taller, &fewer);
          if ((gsize) widest * taller > most_pixels)
            break;
          rows--;
          tallest = taller;
          down = fewer;
        }
      if (least == G_MAXSIZE || ((gsize) widest * tallest <= most_pixels && across * down < least))
        {
          least = (gsize) widest * tallest <= most_pixels ? across * down : G_MAXSIZE;
          tiling->columns = columns;
          tiling->rows = rows;
        }
    }
}

int
nst_tiling_count (const NstTiling *tiling)
{
  return tiling->columns * tiling->rows;
}

NstTile
nst_tiling_get (const NstTiling *tiling, int tile)
{
  int x, right, frame_x, frame_right, y, bottom, frame_y, frame_bottom;

  get_piece (tiling, tiling->width, tiling->columns, tile % tiling->columns, &x, &right, &frame_x,
             &frame_right);
  get_piece (tiling, tiling->height, tiling->rows, tile / tiling->columns, &y, &bottom, &frame_y,
             &frame_bottom);

  return (NstTile){ { x, y, right - x, bottom - y },
                    { frame_x, frame_y, frame_right - frame_x, frame_bottom - frame_y } };
}

void
nst_tiling_largest (const NstTiling *tiling, int *width, int *height)
{
  gsize sum;

  measure_side (tiling, tiling->width, tiling->columns, width, &sum);
  measure_side (tiling, tiling->height, tiling->rows, height, &sum);
}

gsize
nst_tiling_work (const NstTiling *tiling)
{
  int   longest;
  gsize across, down;

  measure_side (tiling, tiling->width, tiling->columns, &longest, &across);
  measure_side (tiling, tiling->height, tiling->rows, &longest, &down);

  return across * down;
}
