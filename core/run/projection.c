/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a gradient must not do to a picture: paint a lattice, or colours where there are none. */
#include "core/run/projection.h"

#include "core/base/parallel.h"

#define PERIOD 4 /* pixels: of two poolings */
#define TILE 16  /* pixels; a multiple of PERIOD */

typedef struct
{
  float *gradient;
  int    width, height;
} Gradient;

/* One tile; width and height are multiples of PERIOD. */
static void
clean_tile (float *at, gsize row, int width, int height)
{
  const float in_phase = (width / PERIOD) * (height / PERIOD);
  float       phases[PERIOD][PERIOD * 3] = { { 0 } }, means[3] = { 0 };

  if (in_phase == 0)
    return;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x += PERIOD)
      for (int i = 0; i < PERIOD * 3; i++)
        phases[y % PERIOD][i] += at[y * row + x * 3 + i];
  for (int y = 0; y < PERIOD; y++)
    for (int i = 0; i < PERIOD * 3; i++)
      means[i % 3] += phases[y][i] / (PERIOD * PERIOD);

  /* What all pixels of one phase have in common, beyond the tile's mean. */
  for (int y = 0; y < PERIOD; y++)
    for (int i = 0; i < PERIOD * 3; i++)
      phases[y][i] = (phases[y][i] - means[i % 3]) / in_phase;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x += PERIOD)
      for (int i = 0; i < PERIOD * 3; i++)
        at[y * row + x * 3 + i] -= phases[y % PERIOD][i];
}

static void
clean_row (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Gradient *l = data;
  const int       y = task * TILE, height = MIN (TILE, l->height - y) / PERIOD * PERIOD;

  for (int x = 0; x < l->width; x += TILE)
    clean_tile (l->gradient + ((gsize) y * l->width + x) * 3, (gsize) l->width * 3,
                MIN (TILE, l->width - x) / PERIOD * PERIOD, height);
}

void
nst_projection_remove_lattice (float *gradient, int width, int height)
{
  Gradient all = { gradient, width, height };

  nst_parallel ((height + TILE - 1) / TILE, clean_row, &all);
}

static void
grey_row (int y, int thread G_GNUC_UNUSED, gpointer data)
{
  const Gradient *all = data;
  float          *row = all->gradient + (gsize) y * all->width * 3;

  for (int i = 0; i < all->width * 3; i += 3)
    row[i] = row[i + 1] = row[i + 2] = (row[i] + row[i + 1] + row[i + 2]) / 3;
}

void
nst_projection_remove_colours (float *gradient, int width, int height)
{
  Gradient all = { gradient, width, height };

  nst_parallel (height, grey_row, &all);
}
