/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear maps of a picture's gradient that keep a lattice of pixels, or colours, out of the picture. */
#include "core/run/smoothing.h"

#include <string.h>

#include "core/base/parallel.h"

#define REACH 6   /* pixels on each side */
#define BLOCK 256 /* pixels of a row that are smoothed at once */
#define STRIP 192 /* floats of each row, in one task */

/* The square of the filter (1, -6, 15, 44, 15, -6, 1) / 64, from its middle on. */
static const float taps[REACH + 1] = {
  2460 / 4096.f, 1128 / 4096.f, -273 / 4096.f, -92 / 4096.f, 66 / 4096.f, -12 / 4096.f, 1 / 4096.f,
};

typedef struct
{
  float *gradient;
  int    width, height;
} Gradient;

/* A place outside of 0 .. n - 1 is that of its mirror image, whose edge lies between two pixels. */
static int
mirror (int i, int n)
{
  while (i < 0 || i >= n)
    i = i < 0 ? -1 - i : 2 * n - 1 - i;

  return i;
}

typedef float Vec __attribute__ ((vector_size (16), aligned (4), may_alias));

/* to = sum of taps over the 2 REACH + 1 places from[-REACH] .. from[REACH], each n floats. */
static void
weigh (const float *const *from, int n, float *to)
{
  int i = 0;

  for (; i + 4 <= n; i += 4)
    {
      Vec sum = taps[0] * *(const Vec *) (from[0] + i);

      for (int k = 1; k <= REACH; k++)
        sum += taps[k] * (*(const Vec *) (from[-k] + i) + *(const Vec *) (from[k] + i));
      *(Vec *) (to + i) = sum;
    }
  for (; i < n; i++)
    {
      float sum = taps[0] * from[0][i];

      for (int k = 1; k <= REACH; k++)
        sum += taps[k] * (from[-k][i] + from[k][i]);
      to[i] = sum;
    }
}

/* One row, along x. What is overwritten is still needed: it is read from a copy. */
static void
smooth_row (int y, int thread G_GNUC_UNUSED, gpointer data)
{
  const Gradient *all = data;
  const int       width = all->width;
  float          *row = all->gradient + (gsize) y * width * 3;
  float           copy[(BLOCK + 2 * REACH) * 3], last[REACH * 3], first[REACH * 3];
  const float    *places[2 * REACH + 1];

  for (int k = 0; k <= 2 * REACH; k++)
    places[k] = copy + k * 3;
  for (int i = 0; i < REACH; i++)
    {
      memcpy (first + i * 3, row + mirror (i - REACH, width) * 3, 3 * sizeof (float));
      memcpy (last + i * 3, row + mirror (width + i, width) * 3, 3 * sizeof (float));
    }
  for (int x = 0; x < width; x += BLOCK)
    {
      const int n = MIN (BLOCK, width - x), more = MIN (REACH, width - x - n);

      memcpy (copy, first, sizeof first);
      memcpy (copy + REACH * 3, row + x * 3, (n + more) * 3 * sizeof (float));
      memcpy (copy + (REACH + n + more) * 3, last, (REACH - more) * 3 * sizeof (float));
      memcpy (first, copy + n * 3, sizeof first);
      weigh (places + REACH, n * 3, row + x * 3);
    }
}

/* One strip, along y. The rows that are overwritten are kept in a ring as they were. */
static void
smooth_strip (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Gradient *all = data;
  const gsize     row = (gsize) all->width * 3;
  float          *strip = all->gradient + (gsize) task * STRIP;
  const int       n = MIN (STRIP, row - (gsize) task * STRIP), height = all->height;
  float           ring[REACH + 1][STRIP];
  const float    *places[2 * REACH + 1];

  for (int y = 0; y < height; y++)
    {
      memcpy (ring[y % (REACH + 1)], strip + y * row, n * sizeof (float));
      for (int k = -REACH; k <= REACH; k++)
        {
          const int from = mirror (y + k, height);

          places[REACH + k] = from <= y ? ring[from % (REACH + 1)] : strip + from * row;
        }
      weigh (places + REACH, n, strip + y * row);
    }
}

void
nst_smooth (float *gradient, int width, int height)
{
  Gradient all = { gradient, width, height };

  nst_parallel (height, smooth_row, &all);
  nst_parallel (((gsize) width * 3 + STRIP - 1) / STRIP, smooth_strip, &all);
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
nst_remove_colours (float *gradient, int width, int height)
{
  Gradient all = { gradient, width, height };

  nst_parallel (height, grey_row, &all);
}
