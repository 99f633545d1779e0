/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour quantisation: median cut (Heckbert 1982) and error diffusion (Floyd, Steinberg 1976). */
#include "cli/palette.h"

#include <stdlib.h>
#include <string.h>

/* The histogram has 5 bits a channel. */
#define BITS 5
#define LEVELS (1 << BITS)
#define CELLS (LEVELS * LEVELS * LEVELS)

typedef struct
{
  guint16 cell;   /* r, g, b, 5 bits each */
  guint32 count;  /* pixels */
  guint64 sum[3]; /* of the 8-bit values of these pixels */
} Colour;

/* A box of median cut: the colours [begin, end) of the array. */
typedef struct
{
  int     begin, end;
  guint64 count;
  int     channel, extent; /* the channel of the longest side, and its length in levels */
} Box;

static inline int
level (const Colour *colour, int channel)
{
  return colour->cell >> (BITS * (2 - channel)) & (LEVELS - 1);
}

static inline int
cell_of (int r, int g, int b)
{
  return (r >> 3) << 10 | (g >> 3) << 5 | b >> 3;
}

static void
measure (Box *box, const Colour *colours)
{
  box->count = 0;
  box->extent = -1;
  for (int c = 0; c < 3; c++)
    {
      int low = LEVELS, high = -1;

      for (int i = box->begin; i < box->end; i++)
        {
          low = MIN (low, level (&colours[i], c));
          high = MAX (high, level (&colours[i], c));
          box->count += c == 0 ? colours[i].count : 0;
        }
      if (high - low > box->extent)
        {
          box->extent = high - low;
          box->channel = c;
        }
    }
}

static int
compare (gconstpointer a, gconstpointer b, gpointer channel)
{
  int difference = level (a, GPOINTER_TO_INT (channel)) - level (b, GPOINTER_TO_INT (channel));

  return difference != 0 ? difference : ((const Colour *) a)->cell - ((const Colour *) b)->cell;
}

/* Splits the box with the largest product of pixels and extent at its median; boxes[n] receives the second
 * half. FALSE if every box has a single colour. */
static gboolean
split (Box *boxes, int n, Colour *colours)
{
  Box    *box = NULL, *other = &boxes[n];
  guint64 half = 0;
  int     middle;

  for (int i = 0; i < n; i++)
    if (boxes[i].extent > 0 && (box == NULL || boxes[i].count * boxes[i].extent > box->count * box->extent))
      box = &boxes[i];
  if (box == NULL)
    return FALSE;

  g_qsort_with_data (colours + box->begin, box->end - box->begin, sizeof (Colour), compare,
                     GINT_TO_POINTER (box->channel));
  middle = box->begin;
  do
    half += colours[middle++].count;
  while (middle < box->end - 1 && half + colours[middle].count <= box->count / 2);
  *other = (Box){ .begin = middle, .end = box->end };
  box->end = middle;
  measure (box, colours);
  measure (other, colours);

  return TRUE;
}

/* Fills in the palette by median cut. colours: CELLS, cleared. Returns the number of colours used. */
static int
find_palette (const guint8 *rgb, gsize pixels, Colour *colours, guint8 palette[NST_PALETTE_SIZE][3])
{
  Box boxes[NST_PALETTE_SIZE];
  int n = 0, used = 1;

  for (gsize i = 0; i < pixels; i++)
    {
      const guint8 *p = rgb + 3 * i;
      Colour       *colour = &colours[cell_of (p[0], p[1], p[2])];

      colour->count++;
      for (int c = 0; c < 3; c++)
        colour->sum[c] += p[c];
    }
  for (int i = 0; i < CELLS; i++)
    if (colours[i].count > 0)
      {
        colours[n] = colours[i];
        colours[n++].cell = i;
      }

  boxes[0] = (Box){ .begin = 0, .end = n };
  measure (&boxes[0], colours);
  while (used < NST_PALETTE_SIZE && split (boxes, used, colours))
    used++;

  memset (palette, 0, 3 * NST_PALETTE_SIZE);
  for (int b = 0; b < used; b++)
    for (int c = 0; c < 3; c++)
      {
        guint64 sum = 0;

        for (int i = boxes[b].begin; i < boxes[b].end; i++)
          sum += colours[i].sum[c];
        palette[b][c] = (sum + boxes[b].count / 2) / MAX (1, boxes[b].count);
      }

  return used;
}

static int
nearest (guint8 palette[NST_PALETTE_SIZE][3], int used, const int rgb[3])
{
  int best = 0, least = G_MAXINT;

  for (int i = 0; i < used; i++)
    {
      int distance = 0;

      for (int c = 0; c < 3; c++)
        distance += (palette[i][c] - rgb[c]) * (palette[i][c] - rgb[c]);
      if (distance < least)
        {
          least = distance;
          best = i;
        }
    }

  return best;
}

gboolean
nst_palette_quantise (
    const guint8 *rgb, int width, int height, guint8 palette[NST_PALETTE_SIZE][3], guint8 *indices)
{
  g_autofree Colour *colours = g_try_new0 (Colour, CELLS);
  /* cache: the nearest palette entry of each cell, or -1 */
  g_autofree gint16 *known = g_try_new (gint16, CELLS);
  /* diffused errors of this row and the next, in sixteenths; one pixel of margin on either side */
  g_autofree int *errors = g_try_new0 (int, 2 * 3 * (width + 2));
  int             used;

  if (colours == NULL || known == NULL || errors == NULL)
    return FALSE;

  used = find_palette (rgb, (gsize) width * height, colours, palette);
  memset (known, 0xff, CELLS * sizeof *known);
  for (int y = 0; y < height; y++)
    {
      int *here = errors + (y % 2) * 3 * (width + 2) + 3, *below = errors + (1 - y % 2) * 3 * (width + 2) + 3;

      memset (below - 3, 0, 3 * (width + 2) * sizeof *below);
      for (int x = 0; x < width; x++)
        {
          gsize at = (gsize) y * width + x;
          int   wanted[3], cell;

          for (int c = 0; c < 3; c++)
            wanted[c] = CLAMP (rgb[3 * at + c] + here[3 * x + c] / 16, 0, 255);
          cell = cell_of (wanted[0], wanted[1], wanted[2]);
          if (known[cell] < 0)
            known[cell] = nearest (palette, used, wanted);
          indices[at] = known[cell];
          for (int c = 0; c < 3; c++)
            {
              int error = wanted[c] - palette[indices[at]][c];

              here[3 * (x + 1) + c] += 7 * error;
              below[3 * (x - 1) + c] += 3 * error;
              below[3 * x + c] += 5 * error;
              below[3 * (x + 1) + c] += error;
            }
        }
    }

  return TRUE;
}
