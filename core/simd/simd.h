/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The inner loops of the convolutions, compiled from one source (nst-simd-kernels.c) for several instruction
 * sets. Channels are multiples of 16 everywhere; all pointers are aligned to 64 bytes.
 *
 * A transform works on one tile, of size x size outputs and n x n inputs, n = size + 2, whose n * n products
 * lie in as many planes.
 *
 * V, a plane of transformed inputs: [groups of rows tiles][channels / 16][rows][16].
 * U, a plane of transformed weights: [outputs / panel][channels][panel].
 * M, a plane of products:           [outputs / panel][tiles][panel]. */

typedef enum
{
  NST_SIMD_FORWARD,  /* to = relu (y + bias), mask = to > 0 */
  NST_SIMD_AVERAGE,  /* to = the same, averages of 2 x 2; mask as before that */
  NST_SIMD_MAXIMUM,  /* to = maxima; mask: the first greatest, if greater than 0 */
  NST_SIMD_BACKWARD, /* to = mask ? y + add : 0 */
} NstSimdEnd;

/* What becomes of a tile's outputs. All pointers to the first of 16 or more outputs of the tile's upper left
 * position, or, of to after pooling, of what that goes into. */
typedef struct
{
  NstSimdEnd   end;
  float       *to;
  const float *bias;                    /* of those outputs */
  const float *add;                     /* may be to, or NULL; as to */
  guint8      *mask;                    /* nst-mask.h; may be NULL; backward only reads it */
  gsize        row, position;           /* floats between rows and between positions of to */
  gsize        mask_row, mask_position; /* bytes */
  int          rows, columns;           /* of the tile that exist */
  /* to is too large for the caches and add has not just been read there: store around them; not after pooling
   */
  gboolean stream;
} NstSimdStore;

/* Bytes of a tensor from which on it is too large for the caches. */
#define NST_SIMD_STREAM (12 << 20)

typedef struct
{
  void (*input) (
      const float *from, gsize row, gsize position, int channels, float *v, gsize plane, gsize block);
  void (*weight) (const float *block, int row, float *u, gsize plane, int panel_channels, int first);
  void (*output) (const float *m, gsize plane, const NstSimdStore *store);
} NstSimdTransforms;

typedef struct _NstSimd
{
  const char *name;
  int         rows;  /* tiles, or positions, that multiply () takes at once */
  int         panel; /* outputs at once */

  NstSimdTransforms transforms4, transforms6;

  /* m = v u, or with add m += v u, for groups * rows tiles, panels * panel outputs. m_panel: floats from one
   * panel to the next. */
  void (*multiply) (int          groups,
                    int          panels,
                    int          channels,
                    const float *v,
                    const float *u,
                    float       *m,
                    gsize        m_panel,
                    gboolean     add);

  /* to[r][k] = relu (bias[k] + sum over 3 lines, q < taps of u[line][q][k] line[r * step + q]) for store's
   * columns <= rows positions (of one row) and outputs k < panel. All rows positions are read. */
  void (*direct) (const float *const line[3], int step, int taps, const float *u, const NstSimdStore *store);

  /* mask = from > 0, n numbers. */
  void (*positive) (const float *from, gsize n, guint8 *mask);

  /* One row of what pooling 2 x 2 read, 16 channels: to[i] = mask at x + i ? factor * from at (x + i) / 2 : 0
   * for count positions; from: position floats apart, its column 0; mask: mask_position bytes apart, its
   * column 0. */
  void (*unpool) (const float  *from,
                  gsize         position,
                  const guint8 *mask,
                  gsize         mask_position,
                  float         factor,
                  int           x,
                  int           count,
                  float        *to);

  /* to[r][k] = (add ? to[r][k] : 0) + u[0][k] + sum over channels c of u[1 + c][k] from[r * step + c], for
   * count <= rows positions, outputs k < panel, position floats apart. */
  void (*project) (int          channels,
                   const float *from,
                   gsize        step,
                   const float *u,
                   gboolean     add,
                   float       *to,
                   gsize        position,
                   int          count);

  /* sum[i][k] += sum over n positions of a[p][i] b[p][k], i, k < 16, rows of sum row floats apart; a, b:
   * [n][16]. column: [16] += sums of b; or NULL. */
  void (*moments) (int n, const float *a, const float *b, float *sum, gsize row, float *column);
} NstSimd;

/* The kernels for layers of so many outputs: those of the best instruction set that this processor has and
 * whose panel divides outputs. The environment variable PASTICHE_SIMD (plain, avx2, avx512), read once, sets
 * the best that may be used. */
const NstSimd *nst_simd_for (int outputs);

/* Set the best that may be used, from now on; for tests. FALSE, and nothing changes, when this processor or
 * build lacks it. */
gboolean nst_simd_limit (const char *name);

/* Names that this processor and build have, best first, ending with NULL. */
const char *const *nst_simd_names (void);

G_END_DECLS
