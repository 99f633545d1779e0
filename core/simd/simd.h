/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The inner loops, compiled from one source (kernels.c) for several instruction sets. Channels are multiples
 * of 16 everywhere; all pointers are aligned to 64 bytes.
 *
 * A Winograd transform works on one tile of size x size outputs and n x n inputs, n = size + 2. Its n * n
 * products lie in as many planes.
 *
 * V, a plane of transformed inputs: [groups of rows tiles][channels / 16][rows][16].
 * U, a plane of transformed kernels: [outputs / panel][channels][panel].
 * M, a plane of products:           [outputs / panel][tiles][panel].
 *
 * In a set of unit 8, V and U are bf16, and U is [outputs / panel][channels / 2][panel][2]; their sizes and
 * offsets are in floats, too: half as many. Products are summed as floats. */

typedef enum
{
  NST_SIMD_FORWARD,  /* to = relu (y + bias), mask = to > 0 */
  NST_SIMD_AVERAGE,  /* the same, then averages of 2 x 2; mask is of the values before pooling */
  NST_SIMD_MAXIMUM,  /* the same, then maxima of 2 x 2; mask: the first greatest, if it is above 0 */
  NST_SIMD_BACKWARD, /* to = mask ? y + add : 0 */
} NstSimdEnd;

/* Where and how a tile's outputs are stored. All pointers are to the first of 16 or more outputs of the
 * tile's upper left position; after pooling, to is that of the pooled position. */
typedef struct
{
  NstSimdEnd   end;
  float       *to;
  const float *bias;                    /* of these outputs */
  const float *add;                     /* laid out as to; may be to, or NULL */
  guint8      *mask;                    /* see core/conv/relu-mask.h; may be NULL; backward only reads it */
  gsize        row, position;           /* floats between rows and between positions of to */
  gsize        mask_row, mask_position; /* bytes */
  int          rows, columns;           /* of the tile that lie in the picture */
  /* store past the caches, because to is too large for them and add was not read just before; not with
   * pooling */
  gboolean stream;
} NstSimdStore;

/* A tensor of this many bytes is too large for the caches. */
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
  int         rows;  /* tiles or positions that are computed at once */
  int         panel; /* outputs at once */
  int         unit;  /* floats that 16 channels take in V and in U: 16, or 8 in bf16 */

  NstSimdTransforms transforms4, transforms6;

  /* m = v u, or with add m += v u, for groups * rows tiles and panels * panel outputs. m_panel: floats from
   * one panel of m to the next. */
  void (*multiply) (int          groups,
                    int          panels,
                    int          channels,
                    const float *v,
                    const float *u,
                    float       *m,
                    gsize        m_panel,
                    gboolean     add);

  /* to[r][k] = relu (bias[k] + sum over 3 lines and q < taps of u[line][q][k] line[r * step + q]) for
   * store->columns positions of one row, at most rows, and outputs k < panel. All rows positions are read. */
  void (*direct) (const float *const line[3], int step, int taps, const float *u, const NstSimdStore *store);

  /* mask = from > 0 for n numbers. */
  void (*positive) (const float *from, gsize n, guint8 *mask);

  /* Undo 2x2 pooling for one row and 16 channels: to[i] = mask at column x + i ? factor * from at column (x +
   * i) / 2 : 0, for count positions. from, mask: column 0 of the row; columns are position floats or
   * mask_position bytes apart. */
  void (*unpool) (const float  *from,
                  gsize         position,
                  const guint8 *mask,
                  gsize         mask_position,
                  float         factor,
                  int           x,
                  int           count,
                  float        *to);

  /* to[r][k] = (add ? to[r][k] : 0) + u[0][k] + sum over channels c of u[1 + c][k] from[r * step + c] for
   * count <= rows positions, which are position floats apart in to, and outputs k < panel. */
  void (*project) (int          channels,
                   const float *from,
                   gsize        step,
                   const float *u,
                   gboolean     add,
                   float       *to,
                   gsize        position,
                   int          count);

  /* sum[i][k] += sum over n positions of a[p][i] b[p][k] for i, k < 16; rows of sum are row floats apart; a,
   * b: [n][16]. column[k] += sum over positions of b[p][k]; or NULL. */
  void (*moments) (int n, const float *a, const float *b, float *sum, gsize row, float *column);
} NstSimd;

/* The kernels for a layer with this many outputs: of the best instruction set that this processor has and
 * whose panel divides outputs. The environment variable PASTICHE_SIMD, read once, limits the choice: plain,
 * avx2, avx512-16 (panels of 16) or avx512. */
const NstSimd *nst_simd_for (int outputs);

/* The same with a unit of 8, for V and U in bf16, if this processor can; otherwise as nst_simd_for (). */
const NstSimd *nst_simd_for_bf16 (int outputs);

/* Limit the choice from now on; for tests. FALSE, and nothing changes, if this processor or build does not
 * have the set. */
gboolean nst_simd_limit (const char *name);

/* The sets that this processor and build have, best first, ending with NULL. */
const char *const *nst_simd_names (void);

G_END_DECLS
