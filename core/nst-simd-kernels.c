/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-simd.h"

/* Compiled once for each instruction set; the build says which by NST_SIMD_AVX2 or NST_SIMD_AVX512. Vectors are GCC's vector
 * extension, which clang has too; loops over them have constant bounds and are unrolled, so that arrays of vectors are registers.
 * The accumulators of multiply () are ROWS * VECTORS registers and should be most of those there are, so that each value that is
 * loaded is used often. Additions of products are contracted to FMA where there is one, by the compilers' own default. */

#if defined NST_SIMD_AVX512
#define KERNELS nst_simd_avx512
#define NAME "avx512"
#define LANES 16
#define VECTORS 2
#define ROWS 12
#elif defined NST_SIMD_AVX2
#define KERNELS nst_simd_avx2
#define NAME "avx2"
#define LANES 8
#define VECTORS 2
#define ROWS 6
#elif defined __aarch64__
#define KERNELS nst_simd_plain
#define NAME "plain"
#define LANES 4
#define VECTORS 4
#define ROWS 6
#else
#define KERNELS nst_simd_plain
#define NAME "plain"
#define LANES 4
#define VECTORS 2
#define ROWS 6
#endif

#define PANEL (VECTORS * LANES)

#ifdef __clang__
#define UNROLL _Pragma ("unroll")
#else
#define UNROLL _Pragma ("GCC unroll 16")
#endif
#define INLINE static inline __attribute__ ((always_inline))

typedef float Vec __attribute__ ((vector_size (4 * LANES), may_alias));
typedef int   Mask __attribute__ ((vector_size (4 * LANES), may_alias));

#define NST_VEC Vec
#include "nst-winograd-transforms.h"

INLINE Vec
positive (Vec mask,
          Vec value)
{
  return (Vec) ((Mask) (mask > 0) & (Mask) value);
}

/* The rest is written for both tile sizes; size is a constant wherever these are inlined. */

INLINE void
input_line (int        size,
            const Vec *d,
            Vec       *o)
{
  if (size == 4)
    nst_winograd_input4 (d, o);
  else
    nst_winograd_input6 (d, o);
}

INLINE void
weight_line (int        size,
             const Vec *d,
             Vec       *o)
{
  if (size == 4)
    nst_winograd_weight4 (d, o);
  else
    nst_winograd_weight6 (d, o);
}

INLINE void
output_line (int        size,
             const Vec *d,
             Vec       *o)
{
  if (size == 4)
    nst_winograd_output4 (d, o);
  else
    nst_winograd_output6 (d, o);
}

/* V = B^T d B of one tile, channels channels; block: floats in v between 16 channels and the next. */
INLINE void
input (int          size,
       const float *from,
       gsize        row,
       gsize        position,
       int          channels,
       float       *v,
       gsize        plane,
       gsize        block)
{
  const int n = size + 2;

  for (int c = 0; c < channels; c += LANES)
    {
      float *to = v + c / 16 * block + c % 16;
      Vec    half[8][8];

      for (int j = 0; j < n; j++)
        {
          Vec d[8], o[8];

          UNROLL
          for (int i = 0; i < n; i++)
            d[i] = *(const Vec *) (from + i * row + j * position + c);
          input_line (size, d, o);
          UNROLL
          for (int i = 0; i < n; i++)
            half[j][i] = o[i];
        }

      for (int i = 0; i < n; i++, to += n * plane)
        {
          Vec d[8], o[8];

          UNROLL
          for (int j = 0; j < n; j++)
            d[j] = half[j][i];
          input_line (size, d, o);
          UNROLL
          for (int j = 0; j < n; j++)
            *(Vec *) (to + j * plane) = o[j];
        }
    }
}

/* U = G g G^T. block: weights [9][16 channels][16 outputs], of which the first output is number first of its U; u: where the first
 * channel of the first panel is; panel_channels: channels of a panel. */
INLINE void
weight (int          size,
        const float *block,
        float       *u,
        gsize        plane,
        int          panel_channels,
        int          first)
{
  const int n = size + 2;

  for (int c = 0; c < 16; c++)
    for (int k = 0; k < 16; k += LANES)
      {
        float *to = u + (gsize) ((first + k) / PANEL) * panel_channels * PANEL + c * PANEL + (first + k) % PANEL;
        Vec    half[3][8];

        UNROLL
        for (int j = 0; j < 3; j++)
          {
            Vec g[3];

            UNROLL
            for (int i = 0; i < 3; i++)
              g[i] = *(const Vec *) (block + ((i * 3 + j) * 16 + c) * 16 + k);
            weight_line (size, g, half[j]);
          }

        UNROLL
        for (int i = 0; i < n; i++)
          {
            Vec g[3] = { half[0][i], half[1][i], half[2][i] }, o[8];

            weight_line (size, g, o);
            UNROLL
            for (int j = 0; j < n; j++)
              *(Vec *) (to + (i * n + j) * plane) = o[j];
          }
      }
}

/* Y = A^T M A of one tile, PANEL outputs, and what follows it. */
INLINE void
output (int                 size,
        const float        *m,
        gsize               plane,
        const NstSimdStore *store)
{
  const int n = size + 2;

  for (int k = 0; k < PANEL; k += LANES)
    {
      Vec half[8][8];

      for (int j = 0; j < n; j++)
        {
          Vec d[8], o[8];

          UNROLL
          for (int i = 0; i < n; i++)
            d[i] = *(const Vec *) (m + (i * n + j) * plane + k);
          output_line (size, d, o);
          UNROLL
          for (int i = 0; i < size; i++)
            half[i][j] = o[i];
        }

      for (int i = 0; i < store->rows; i++)
        {
          Vec o[8];

          output_line (size, half[i], o);
          UNROLL
          for (int j = 0; j < size; j++)
            if (j < store->columns)
              {
                gsize at = i * store->row + j * store->position + k;
                Vec   y = o[j];

                if (store->bias != NULL)
                  {
                    y += *(const Vec *) (store->bias + k);
                    y = positive (y, y);
                  }
                if (store->add != NULL)
                  y += *(const Vec *) (store->add + at);
                if (store->mask != NULL)
                  y = positive (*(const Vec *) (store->mask + at), y);
                *(Vec *) (store->to + at) = y;
              }
        }
    }
}

#define TRANSFORMS(size) \
  static void \
  input##size (const float *from, gsize row, gsize position, int channels, float *v, gsize plane, gsize block) \
  { \
    input (size, from, row, position, channels, v, plane, block); \
  } \
  static void \
  weight##size (const float *block, float *u, gsize plane, int panel_channels, int first) \
  { \
    weight (size, block, u, plane, panel_channels, first); \
  } \
  static void \
  output##size (const float *m, gsize plane, const NstSimdStore *store) \
  { \
    output (size, m, plane, store); \
  }

TRANSFORMS (4)
TRANSFORMS (6)

/* One group of tiles, one panel of outputs. What is there is added last: sums over slices of the channels are then summed, which
 * rounds less than one long sum. */
INLINE void
multiply_group (int          channels,
                const float *v,
                const float *u,
                float       *m,
                gboolean     add)
{
  Vec sum[ROWS][VECTORS];

  UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
    for (int j = 0; j < VECTORS; j++)
      sum[i][j] = (Vec) { 0 };

  for (; channels > 0; channels -= 16, v += 16 * ROWS)
    for (int c = 0; c < 16; c++, u += PANEL)
      UNROLL
      for (int i = 0; i < ROWS; i++)
        UNROLL
        for (int j = 0; j < VECTORS; j++)
          sum[i][j] += v[i * 16 + c] * *(const Vec *) (u + j * LANES);

  UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
    for (int j = 0; j < VECTORS; j++)
      {
        Vec *to = (Vec *) (m + i * PANEL + j * LANES);

        if (add)
          *to += sum[i][j];
        else
          *to = sum[i][j];
      }
}

static void
multiply (int          groups,
          int          panels,
          int          channels,
          const float *v,
          const float *u,
          float       *m,
          gsize        m_panel,
          gboolean     add)
{
  for (int g = 0; g < groups; g++, v += ROWS * channels, m += ROWS * PANEL)
    for (int p = 0; p < panels; p++)
      multiply_group (channels, v, u + (gsize) p * channels * PANEL, m + p * m_panel, add);
}

static void
direct (const float *const line[3],
        int                step,
        int                taps,
        const float       *u,
        const float       *bias,
        float             *to,
        gsize              position,
        int                count)
{
  Vec sum[ROWS][VECTORS];

  UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
    for (int j = 0; j < VECTORS; j++)
      sum[i][j] = *(const Vec *) (bias + j * LANES);

  for (int l = 0; l < 3; l++)
    for (int q = 0; q < taps; q++, u += PANEL)
      UNROLL
      for (int i = 0; i < ROWS; i++)
        UNROLL
        for (int j = 0; j < VECTORS; j++)
          sum[i][j] += line[l][i * step + q] * *(const Vec *) (u + j * LANES);

  UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
    for (int j = 0; j < VECTORS; j++)
      if (i < count)
        *(Vec *) (to + i * position + j * LANES) = positive (sum[i][j], sum[i][j]);
}

static void
project (int          channels,
         const float *from,
         gsize        step,
         const float *u,
         float       *to,
         gsize        position)
{
  Vec sum[ROWS][VECTORS];

  UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
    for (int j = 0; j < VECTORS; j++)
      sum[i][j] = (Vec) { 0 };

  for (int c = 0; c < channels; c++, u += PANEL)
    UNROLL
    for (int i = 0; i < ROWS; i++)
      UNROLL
      for (int j = 0; j < VECTORS; j++)
        sum[i][j] += from[i * step + c] * *(const Vec *) (u + j * LANES);

  UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
    for (int j = 0; j < VECTORS; j++)
      *(Vec *) (to + i * position + j * LANES) = sum[i][j];
}

const NstSimd KERNELS = {
  NAME, ROWS, PANEL, { input4, weight4, output4 }, { input6, weight6, output6 }, multiply, direct, project
};
