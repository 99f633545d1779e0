/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inner loops of simd.h for one instruction set: Winograd transforms with their output stages, and small
 * products. */
#include "core/simd/simd.h"

#ifdef __SSE__
#include <immintrin.h>
#endif

/* This file is compiled once for each instruction set; NST_SIMD_AVX2, NST_SIMD_AVX512 or NST_SIMD_BF16 says
 * which. The last one is AVX-512 with V and U in bf16. NST_SIMD_NARROW: for layers of 16 outputs. Vectors
 * use the vector extension of GCC and clang. Loops over them have constant bounds and are unrolled, so that
 * arrays of vectors are registers. The accumulators of multiply () are ROWS * VECTORS registers; they should
 * be most of all registers, so that each loaded value is used often. Compilers contract products and sums to
 * FMA by default where it exists. */

#if defined NST_SIMD_BF16
#define KERNELS nst_simd_bf16
#define NAME "avx512-bf16"
#define LANES 16
#define VECTORS 2
#define ROWS 12
#define UNIT 8
#elif defined NST_SIMD_AVX512 && defined NST_SIMD_NARROW
#define KERNELS nst_simd_avx512_narrow
#define NAME "avx512-16"
#define LANES 16
#define VECTORS 1
#define ROWS 12
#elif defined NST_SIMD_AVX512
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
#ifndef UNIT
#define UNIT 16
#endif

#ifdef __clang__
#define UNROLL _Pragma ("unroll")
#define UNROLL4 _Pragma ("unroll 4")
#else
#define UNROLL _Pragma ("GCC unroll 16")
#define UNROLL4 _Pragma ("GCC unroll 4")
#endif
#define INLINE static inline __attribute__ ((always_inline))

typedef float Vec __attribute__ ((vector_size (4 * LANES), may_alias));
typedef int   Mask __attribute__ ((vector_size (4 * LANES), may_alias));
typedef int   Int __attribute__ ((may_alias));

#define NST_VEC Vec
#include "core/simd/winograd-transforms.h"

/* The selected lanes of v, and 0 in the others. */
INLINE Vec
select_lanes (Mask lanes, Vec v)
{
  return (Vec) (lanes & (Mask) v);
}

/* Each lane's bit. */
#if LANES == 16
#define LANE_BITS ((Mask){ 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768 })
#elif LANES == 8
#define LANE_BITS ((Mask){ 1, 2, 4, 8, 16, 32, 64, 128 })
#else
#define LANE_BITS ((Mask){ 1, 2, 4, 8 })
#endif

/* LANES bits of a mask from bit k on; each becomes a lane of all or no bits. */
INLINE Mask
mask_load (const guint8 *mask, int k)
{
#if LANES == 16
  Mask bits = (Mask){ 0 } + (mask[k / 8] | mask[k / 8 + 1] << 8);
#elif LANES == 8
  Mask bits = (Mask) _mm256_set1_epi8 (mask[k / 8]);
#else
  Mask bits = (Mask){ 0 } + (mask[k / 8] >> k % 8);
#endif

  return (bits & LANE_BITS) == LANE_BITS;
}

/* The inverse. With four lanes the upper half of a byte is added to the lower half that is there. */
INLINE void
mask_store (guint8 *mask, int k, Mask lanes)
{
#if LANES == 16
  guint32 bits = _mm512_movepi32_mask ((__m512i) lanes);

  mask[k / 8] = bits;
  mask[k / 8 + 1] = bits >> 8;
#elif LANES == 8
  mask[k / 8] = _mm256_movemask_ps ((__m256) lanes);
#else
#ifdef __SSE__
  int  bits = _mm_movemask_ps ((__m128) lanes);
#else
  Mask set = lanes & LANE_BITS;
  int  bits = set[0] + set[1] + set[2] + set[3];
#endif

  mask[k / 8] = k % 8 == 0 ? bits : mask[k / 8] | bits << 4;
#endif
}

/* Everything below is written for both tile sizes; size is a constant wherever it is inlined. */

INLINE void
input_line (int size, const Vec *d, Vec *o)
{
  if (size == 4)
    nst_winograd_input4 (d, o);
  else
    nst_winograd_input6 (d, o);
}

INLINE void
weight_line (int size, const Vec *d, Vec *o)
{
  if (size == 4)
    nst_winograd_weight4 (d, o);
  else
    nst_winograd_weight6 (d, o);
}

INLINE void
output_line (int size, const Vec *d, Vec *o)
{
  if (size == 4)
    nst_winograd_output4 (d, o);
  else
    nst_winograd_output6 (d, o);
}

/* Numbers of V, one of each of LANES channels. */
INLINE void
put_input (float *to, Vec v)
{
#if UNIT == 8
  _mm256_store_si256 ((__m256i *) to, (__m256i) _mm512_cvtneps_pbh ((__m512) v));
#else
  *(Vec *) to = v;
#endif
}

#if UNIT == 8
/* In each lane the bf16 of a below that of b. */
INLINE __m512i
pairs (Vec a, Vec b)
{
  const __m512i low = _mm512_cvtepu16_epi32 ((__m256i) _mm512_cvtneps_pbh ((__m512) a));
  const __m512i high = _mm512_cvtepu16_epi32 ((__m256i) _mm512_cvtneps_pbh ((__m512) b));

  return _mm512_or_si512 (low, _mm512_slli_epi32 (high, 16));
}
#endif

/* V = B^T d B of one tile. block: floats in v from one group of 16 channels to the next. */
INLINE void
input (
    int size, const float *from, gsize row, gsize position, int channels, float *v, gsize plane, gsize block)
{
  const int n = size + 2;

  for (int c = 0; c < channels; c += LANES)
    {
      float *to = v + c / 16 * block + c % 16 * UNIT / 16;
      Vec    half[8][8];

      for (int j = 0; j < n; j++)
        {
          Vec d[8], o[8];

          UNROLL
          for (int i = 0; i < n; i++)
            {
              const float *at = from + i * row + j * position + c;

              d[i] = *(const Vec *) at;
              if (j > 1 && c % 16 == 0)
                __builtin_prefetch (at + size * position); /* the tile to the right */
            }
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
            put_input (to + j * plane, o[j]);
        }
    }
}

/* One row of G g G^T for channel c and LANES outputs from k: n vectors. block: kernels [9][16 channels][16
 * outputs]. */
INLINE void
weight_row (int size, int row, const float *block, int c, int k, Vec *o)
{
  Vec half[3];

  UNROLL
  for (int j = 0; j < 3; j++)
    {
      Vec g[3], all[8];

      UNROLL
      for (int i = 0; i < 3; i++)
        g[i] = *(const Vec *) (block + ((i * 3 + j) * 16 + c) * 16 + k);
      weight_line (size, g, all);
      half[j] = all[row];
    }

  weight_line (size, half, o);
}

/* One row of U: n planes. first: the number of the block's first output in U; u: the first channel of the
 * first panel; panel_channels: channels of a panel. row is a constant wherever this is inlined. */
INLINE void
weight (int size, int row, const float *block, float *u, gsize plane, int panel_channels, int first)
{
  const int n = size + 2;

#if UNIT == 8
  for (int c = 0; c < 16; c += 2)
    {
      float *to = u + (gsize) (first / PANEL) * panel_channels * PANEL / 2 + c / 2 * PANEL + first % PANEL;
      Vec    even[8], odd[8];

      weight_row (size, row, block, c, 0, even);
      weight_row (size, row, block, c + 1, 0, odd);
      UNROLL
      for (int j = 0; j < n; j++)
        _mm512_store_si512 (to + j * plane, pairs (even[j], odd[j]));
    }
#else
  for (int c = 0; c < 16; c++)
    for (int k = 0; k < 16; k += LANES)
      {
        float *to = u + (gsize) ((first + k) / PANEL) * panel_channels * PANEL + c * PANEL
                    + (first + k) % PANEL;
        Vec o[8];

        weight_row (size, row, block, c, k, o);
        UNROLL
        for (int j = 0; j < n; j++)
          *(Vec *) (to + j * plane) = o[j];
      }
#endif
}

/* Store a vector of outputs. Streaming stores become visible to other threads with the next locked
 * instruction; there is one at the end of every task. */
INLINE void
put (float *to, gboolean stream, Vec v)
{
#if LANES == 16
  if (stream)
    _mm512_stream_ps (to, (__m512) v);
  else
#elif LANES == 8
  if (stream)
    _mm256_stream_ps (to, (__m256) v);
  else
#elif defined __SSE__
  if (stream)
    _mm_stream_ps (to, (__m128) v);
  else
#endif
    *(Vec *) to = v;
}

/* Store one row of a tile's outputs without pooling. */
INLINE void
finish_row (int                 size,
            const NstSimdStore *store,
            gboolean            forward,
            int                 columns,
            gboolean            masked,
            gboolean            stream,
            gboolean            add,
            int                 i,
            int                 k,
            const Vec          *y)
{
  gsize   at = i * store->row + k;
  guint8 *mask = store->mask + i * store->mask_row;

  UNROLL
  for (int j = 0; j < size; j++, at += store->position, mask += store->mask_position)
    if (j < columns)
      {
        Vec v = y[j];

        if (forward)
          {
            Mask positive;

            v += *(const Vec *) (store->bias + k);
            positive = v > 0;
            v = select_lanes (positive, v);
            if (masked)
              mask_store (mask, k, positive);
          }
        else
          {
            if (add)
              v += *(const Vec *) (store->add + at);
            if (masked)
              v = select_lanes (mask_load (mask, k), v);
          }
        put (store->to + at, stream, v);
      }
}

/* Store all rows. half: [VECTORS][rows][n]. */
INLINE void
finish (int                 size,
        const NstSimdStore *store,
        gboolean            forward,
        int                 columns,
        gboolean            masked,
        gboolean            stream,
        gboolean            add,
        const Vec (*half)[8][8])
{
  for (int i = 0; i < store->rows; i++)
    for (int v = 0; v < VECTORS; v++)
      {
        Vec y[8];

        output_line (size, half[v][i], y);
        finish_row (size, store, forward, columns, masked, stream, add, i, v * LANES, y);
      }
}

/* Store rows i and i + 1 pooled. A window that lies partly outside the picture has no output. */
INLINE void
pool_rows (int                 size,
           const NstSimdStore *store,
           gboolean            average,
           int                 columns,
           gboolean            masked,
           int                 i,
           int                 k,
           const Vec (*y)[8])
{
  const Vec bias = *(const Vec *) (store->bias + k);
  float    *at = store->to + i / 2 * store->row + k;
  guint8   *mask = store->mask + i * store->mask_row, *below = mask + store->mask_row;

  UNROLL
  for (int j = 0; j < size;
       j += 2, at += store->position, mask += 2 * store->mask_position, below += 2 * store->mask_position)
    if (j + 1 < columns)
      {
        Vec  v[4] = { y[0][j] + bias, y[0][j + 1] + bias, y[1][j] + bias, y[1][j + 1] + bias }, to;
        Mask pass[4];

        UNROLL
        for (int p = 0; p < 4; p++)
          {
            pass[p] = v[p] > 0;
            v[p] = select_lanes (pass[p], v[p]);
          }
        if (average)
          to = 0.25f * ((v[0] + v[1]) + (v[2] + v[3]));
        else
          {
            Mask t = v[1] > v[0], b = v[3] > v[2], low, some;
            Vec  top = (Vec) ((t & (Mask) v[1]) | (~t & (Mask) v[0])),
                bottom = (Vec) ((b & (Mask) v[3]) | (~b & (Mask) v[2]));

            low = bottom > top;
            to = (Vec) ((low & (Mask) bottom) | (~low & (Mask) top));
            some = to > 0;
            pass[0] = some & ~low & ~t;
            pass[1] = some & ~low & t;
            pass[2] = some & low & ~b;
            pass[3] = some & low & b;
          }
        *(Vec *) at = to;
        if (masked)
          {
            mask_store (mask, k, pass[0]);
            mask_store (mask + store->mask_position, k, pass[1]);
            mask_store (below, k, pass[2]);
            mask_store (below + store->mask_position, k, pass[3]);
          }
      }
}

/* Store all rows pooled. */
INLINE void
pool (int                 size,
      const NstSimdStore *store,
      gboolean            average,
      int                 columns,
      gboolean            masked,
      const Vec (*half)[8][8])
{
  for (int i = 0; i + 1 < store->rows; i += 2)
    for (int v = 0; v < VECTORS; v++)
      {
        Vec y[2][8];

        output_line (size, half[v][i], y[0]);
        output_line (size, half[v][i + 1], y[1]);
        pool_rows (size, store, average, columns, masked, i, v * LANES, (const Vec (*)[8]) y);
      }
}

/* Y = A^T M A of one tile and PANEL outputs, with the output stage. Whole cache lines are written at once. */
INLINE void
output (int size, const float *m, gsize plane, const NstSimdStore *where, NstSimdEnd end)
{
  const NstSimdStore store = *where; /* a copy that no pointer aliases */
  const int          n = size + 2;
  Vec                half[VECTORS][8][8];

  for (int v = 0; v < VECTORS; v++)
    for (int j = 0; j < n; j++)
      {
        Vec d[8], o[8];

        UNROLL
        for (int i = 0; i < n; i++)
          d[i] = *(const Vec *) (m + (i * n + j) * plane + v * LANES);
        output_line (size, d, o);
        UNROLL
        for (int i = 0; i < size; i++)
          half[v][i][j] = o[i];
      }

  if (end == NST_SIMD_FORWARD || end == NST_SIMD_BACKWARD)
    {
      const gboolean forward = end == NST_SIMD_FORWARD, add = !forward && store.add != NULL;

      /* The common cases are compiled separately, without a branch for each number. */
      if (store.columns < size || store.mask == NULL)
        finish (size, &store, forward, store.columns, store.mask != NULL, store.stream, add, half);
      else if (store.stream)
        finish (size, &store, forward, size, TRUE, TRUE, add, half);
      else if (add)
        finish (size, &store, forward, size, TRUE, FALSE, TRUE, half);
      else
        finish (size, &store, forward, size, TRUE, FALSE, FALSE, half);
    }
  else if (store.columns < size || store.mask == NULL)
    pool (size, &store, end == NST_SIMD_AVERAGE, store.columns, store.mask != NULL, half);
  else
    pool (size, &store, end == NST_SIMD_AVERAGE, size, TRUE, half);
}

#define TRANSFORMS(size)                                                                                     \
  static void input##size (const float *from, gsize row, gsize position, int channels, float *v,             \
                           gsize plane, gsize block)                                                         \
  {                                                                                                          \
    input (size, from, row, position, channels, v, plane, block);                                            \
  }                                                                                                          \
  static void weight##size (const float *block, int row, float *u, gsize plane, int panel_channels,          \
                            int first)                                                                       \
  {                                                                                                          \
    switch (row)                                                                                             \
      {                                                                                                      \
      case 0:                                                                                                \
        weight (size, 0, block, u, plane, panel_channels, first);                                            \
        break;                                                                                               \
      case 1:                                                                                                \
        weight (size, 1, block, u, plane, panel_channels, first);                                            \
        break;                                                                                               \
      case 2:                                                                                                \
        weight (size, 2, block, u, plane, panel_channels, first);                                            \
        break;                                                                                               \
      case 3:                                                                                                \
        weight (size, 3, block, u, plane, panel_channels, first);                                            \
        break;                                                                                               \
      case 4:                                                                                                \
        weight (size, 4, block, u, plane, panel_channels, first);                                            \
        break;                                                                                               \
      case 5:                                                                                                \
        weight (size, 5, block, u, plane, panel_channels, first);                                            \
        break;                                                                                               \
      case 6:                                                                                                \
        weight (size, size == 6 ? 6 : 0, block, u, plane, panel_channels, first);                            \
        break;                                                                                               \
      case 7:                                                                                                \
        weight (size, size == 6 ? 7 : 0, block, u, plane, panel_channels, first);                            \
        break;                                                                                               \
      }                                                                                                      \
  }                                                                                                          \
  static void output##size (const float *m, gsize plane, const NstSimdStore *store)                          \
  {                                                                                                          \
    switch (store->end)                                                                                      \
      {                                                                                                      \
      case NST_SIMD_FORWARD:                                                                                 \
        output (size, m, plane, store, NST_SIMD_FORWARD);                                                    \
        break;                                                                                               \
      case NST_SIMD_AVERAGE:                                                                                 \
        output (size, m, plane, store, NST_SIMD_AVERAGE);                                                    \
        break;                                                                                               \
      case NST_SIMD_MAXIMUM:                                                                                 \
        output (size, m, plane, store, NST_SIMD_MAXIMUM);                                                    \
        break;                                                                                               \
      case NST_SIMD_BACKWARD:                                                                                \
        output (size, m, plane, store, NST_SIMD_BACKWARD);                                                   \
        break;                                                                                               \
      }                                                                                                      \
  }

TRANSFORMS (4)
TRANSFORMS (6)

/* sum + the number of a channel, or of two in bf16, times those of LANES outputs. */
INLINE Vec
multiply_add (Vec sum, const float *v, const float *u)
{
#if UNIT == 8
  return (Vec) _mm512_dpbf16_ps ((__m512) sum, (__m512bh) _mm512_set1_epi32 (*(const Int *) v),
                                 (__m512bh) * (const Vec *) u);
#else
  return sum + *v * *(const Vec *) u;
#endif
}

/* One group of tiles and one panel of outputs. The earlier value of m is added last: sums over slices of
 * channels are summed, which rounds less than one long sum. */
INLINE void
multiply_group (int channels, const float *v, const float *u, float *m, gboolean add)
{
  Vec sum[ROWS][VECTORS];

  UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
  for (int j = 0; j < VECTORS; j++)
    sum[i][j] = (Vec){ 0 };

  for (; channels > 0; channels -= 16, v += UNIT * ROWS)
    UNROLL4
  for (int c = 0; c < UNIT; c++, u += PANEL)
    UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
  for (int j = 0; j < VECTORS; j++)
    sum[i][j] = multiply_add (sum[i][j], v + i * UNIT + c, u + j * LANES);

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
  for (int p = 0; p < panels; p++, u += (gsize) channels * PANEL * UNIT / 16, m += m_panel)
    for (int g = 0; g < groups; g++)
      multiply_group (channels, v + (gsize) g * ROWS * channels * UNIT / 16, u, m + g * ROWS * PANEL, add);
}

static void
direct (const float *const line[3], int step, int taps, const float *u, const NstSimdStore *where)
{
  const NstSimdStore store = *where;
  Vec                sum[ROWS][VECTORS];

  UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
  for (int j = 0; j < VECTORS; j++)
    sum[i][j] = *(const Vec *) (store.bias + j * LANES);

  for (int l = 0; l < 3; l++)
    for (int q = 0; q < taps; q++, u += PANEL)
      UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
  for (int j = 0; j < VECTORS; j++)
    sum[i][j] += line[l][i * step + q] * *(const Vec *) (u + j * LANES);

  UNROLL
  for (int i = 0; i < ROWS; i++)
    if (i < store.columns)
      UNROLL
  for (int j = 0; j < VECTORS; j++)
    {
      Mask positive = sum[i][j] > 0;

      put (store.to + i * store.position + j * LANES, store.stream, select_lanes (positive, sum[i][j]));
      if (store.mask != NULL)
        mask_store (store.mask + i * store.mask_position, j * LANES, positive);
    }
}

static void
positive (const float *from, gsize n, guint8 *mask)
{
  for (gsize i = 0; i < n; i += 16, mask += 2)
    for (int k = 0; k < 16; k += LANES)
      mask_store (mask, k, *(const Vec *) (from + i + k) > 0);
}

static void
unpool (const float  *from,
        gsize         position,
        const guint8 *mask,
        gsize         mask_position,
        float         factor,
        int           x,
        int           count,
        float        *to)
{
  for (int end = x + count; x < end; x++, to += 16)
    for (int k = 0; k < 16; k += LANES)
      *(Vec *) (to + k) = select_lanes (mask_load (mask + x * mask_position, k),
                                        factor * *(const Vec *) (from + x / 2 * position + k));
}

static void
project (int          channels,
         const float *from,
         gsize        step,
         const float *u,
         gboolean     add,
         float       *to,
         gsize        position,
         int          count)
{
  Vec          sum[ROWS][VECTORS];
  const float *row[ROWS];

  /* Rows beyond count are computed from an existing row. */
  UNROLL
  for (int i = 0; i < ROWS; i++)
    {
      row[i] = from + MIN (i, count - 1) * step;
      UNROLL
      for (int j = 0; j < VECTORS; j++)
        sum[i][j] = *(const Vec *) (u + j * LANES);
    }
  u += PANEL;

  UNROLL4
  for (int c = 0; c < channels; c++, u += PANEL)
    UNROLL
  for (int i = 0; i < ROWS; i++)
    UNROLL
  for (int j = 0; j < VECTORS; j++)
    sum[i][j] += row[i][c] * *(const Vec *) (u + j * LANES);

  UNROLL
  for (int i = 0; i < ROWS; i++)
    if (i < count)
      UNROLL
  for (int j = 0; j < VECTORS; j++)
    {
      Vec *out = (Vec *) (to + i * position + j * LANES);

      if (add)
        *out += sum[i][j];
      else
        *out = sum[i][j];
    }
}

/* Eight registers of sums, as many as additions can be in flight. The first rows also compute the sums of b.
 */
#define MOMENT_ROWS (LANES / 2)
#define MOMENT_VECTORS (16 / LANES)

INLINE void
moment_rows (int n, const float *a, const float *b, float *sum, gsize row, float *column)
{
  Vec s[MOMENT_ROWS][MOMENT_VECTORS], whole[MOMENT_VECTORS];

  UNROLL
  for (int j = 0; j < MOMENT_VECTORS; j++)
    {
      whole[j] = (Vec){ 0 };
      UNROLL
      for (int i = 0; i < MOMENT_ROWS; i++)
        s[i][j] = (Vec){ 0 };
    }
  UNROLL4
  for (int p = 0; p < n; p++)
    {
      UNROLL
      for (int i = 0; i < MOMENT_ROWS; i++)
        UNROLL
      for (int j = 0; j < MOMENT_VECTORS; j++)
        s[i][j] += a[p * 16 + i] * *(const Vec *) (b + p * 16 + j * LANES);
      if (column != NULL)
        UNROLL
      for (int j = 0; j < MOMENT_VECTORS; j++)
        whole[j] += *(const Vec *) (b + p * 16 + j * LANES);
    }
  UNROLL
  for (int j = 0; j < MOMENT_VECTORS; j++)
    {
      UNROLL
      for (int i = 0; i < MOMENT_ROWS; i++)
        *(Vec *) (sum + i * row + j * LANES) += s[i][j];
      if (column != NULL)
        *(Vec *) (column + j * LANES) += whole[j];
    }
}

static void
moments (int n, const float *a, const float *b, float *sum, gsize row, float *column)
{
  int first = 0;

  if (column != NULL)
    {
      moment_rows (n, a, b, sum, row, column);
      first = MOMENT_ROWS;
    }
  for (; first < 16; first += MOMENT_ROWS)
    moment_rows (n, a + first, b, sum + first * row, row, NULL);
}

const NstSimd KERNELS = { NAME,
                          ROWS,
                          PANEL,
                          UNIT,
                          { input4, weight4, output4 },
                          { input6, weight6, output6 },
                          multiply,
                          direct,
                          positive,
                          unpool,
                          project,
                          moments };
