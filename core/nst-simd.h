/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The inner loops of the convolutions, compiled from one source (nst-simd-kernels.c) for several instruction sets. Channels are
 * multiples of 16 everywhere; all pointers are aligned to 64 bytes.
 *
 * A transform works on one tile, of size x size outputs and n x n inputs, n = size + 2, whose n * n products lie in as many planes.
 *
 * V, a plane of transformed inputs: [groups of rows tiles][channels / 16][rows][16].
 * U, a plane of transformed weights: [outputs / panel][channels][panel].
 * M, a plane of products:           [outputs / panel][tiles][panel]. */

typedef struct
{
  float       *to;          /* first of 16 or more outputs of the tile's upper left position */
  const float *bias;        /* of those outputs: forward, to = relu (y + bias); NULL: backward */
  const float *add, *mask;  /* backward, to = mask > 0 ? y + add : 0; where to's element is; either may be NULL; add may be to */
  gsize        row, position;   /* floats between rows and between positions of to, add, mask */
  int          rows, columns;   /* of the tile that exist */
} NstSimdStore;

typedef struct
{
  void (*input)  (const float *from, gsize row, gsize position, int channels, float *v, gsize plane, gsize block);
  void (*weight) (const float *block, float *u, gsize plane, int panel_channels, int first);
  void (*output) (const float *m, gsize plane, const NstSimdStore *store);
} NstSimdTransforms;

typedef struct _NstSimd
{
  const char *name;
  int         rows;         /* tiles, or positions, that multiply () takes at once */
  int         panel;        /* outputs at once */

  NstSimdTransforms transforms4, transforms6;

  /* m = v u, or with add m += v u, for groups * rows tiles, panels * panel outputs. m_panel: floats from one panel to the next. */
  void (*multiply) (int groups, int panels, int channels, const float *v, const float *u, float *m, gsize m_panel, gboolean add);

  /* to[r][k] = relu (bias[k] + sum over 3 lines, q < taps of u[line][q][k] line[r * step + q]) for count <= rows positions and
   * outputs k < panel, position floats apart. All rows positions are read. */
  void (*direct) (const float *const line[3], int step, int taps, const float *u, const float *bias, float *to, gsize position,
                  int count);

  /* to[r][k] = sum over channels c of u[c][k] from[r * step + c], rows positions, outputs k < panel, position floats apart. */
  void (*project) (int channels, const float *from, gsize step, const float *u, float *to, gsize position);
} NstSimd;

/* The kernels for layers of so many outputs: those of the best instruction set that this processor has and whose panel divides
 * outputs. The environment variable PASTICHE_SIMD (plain, avx2, avx512), read once, sets the best that may be used. */
const NstSimd *nst_simd_for (int outputs);

/* Set the best that may be used, from now on; for tests. FALSE, and nothing changes, when this processor or build lacks it. */
gboolean       nst_simd_limit (const char *name);

/* Names that this processor and build have, best first, ending with NULL. */
const char *const *nst_simd_names (void);

G_END_DECLS
