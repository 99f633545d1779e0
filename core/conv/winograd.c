/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Winograd's minimal filtering F(m x m, 3 x 3) (Lavin, Gray 2015, arXiv 1509.09308, section 4), m = 4 or 6.
 *
 * The picture is cut into tiles of m x m outputs. The n x n inputs of each tile, n = m + 2, and the kernels
 * are transformed; then the convolution is n^2 matrix products, (tiles x channels) times (channels x
 * outputs). That is 36 instead of 144 multiplications for the 16 outputs of a tile (m = 4), or 64 instead of
 * 324 for 36 outputs (m = 6). The transforms are in winograd-transforms.h, the layouts of V, U and M in
 * simd.h. backward does the same with the gradient and the flipped kernels. Channels are multiples of 16.
 *
 * The work is divided so that it stays in the caches: a block of tiles is transformed (V); then, for one
 * panel of outputs at a time, the products are computed (M), one slice of channels after the other, and
 * transformed back at once.
 *
 *   Small kernels: U is computed once. Each thread takes blocks of tiles with a V of its own; for a small
 * picture it takes panels instead, as below.
 *
 *   Large kernels: U would be 14 times as large as the kernels (m = 6, both passes), so it is computed on the
 * fly, one row of a slice's planes at a time, which is used while it is in the second-level cache. That takes
 * a twentieth of the time. All threads share the V of a larger block and take panels.
 *
 * Relative error (L2) for normally distributed data: m = 4: 5e-7 with 16 channels, 9e-7 with 64 to 512; m =
 * 6: 2e-6 and 4e-6. */
#include "core/conv/edge.h"

#include <string.h>

#include "core/base/parallel.h"
#include "core/base/profile.h"

#define SMALL_KERNELS (64 * 128) /* in x out */
#define KEPT_EDGE (128 * 128)    /* in x out of a layer that also keeps its kernels in the layout of edge.h */
#define SLICE 64                 /* channels that one product sums over */
#define PANEL 32                 /* outputs that are transformed back together */
#define OWN_V_BYTES (256 << 10)  /* limit of a thread's own V: half of a second-level cache */
#define SHARED_V_BYTES (12 << 20) /* limit of a shared V */
#define MAX_TILES 96              /* of a block */
/* The last tasks of each thread have only 16 outputs (or the kernels' panel), so that no thread waits long
 * for another. */
#define NARROW 4
#define PAD 16 /* floats between planes, so that they do not all map to the same cache sets */
#define BLOCKS_FLOATS (9 * SLICE * PANEL) /* of a slice's kernels before their transform */

typedef struct
{
  const NstConv           *conv;
  const NstSimd           *simd;
  const NstSimdTransforms *transforms;
  gboolean                 forward;
  int                      size, n; /* m, m + 2 */
  int                      C, K;    /* channels of the input and of the output of this pass */
  int                      height, width;
  int                      across, tiles; /* in a row of tiles, and in all */
  int                      block;         /* tiles of a block, a multiple of simd->rows */
  int                      panel;         /* outputs of a panel, a multiple of simd->panel */
  /* shared: the number of full panels, and the outputs of the narrower ones after them */
  int      wide, narrow;
  gboolean made;   /* U is precomputed */
  gboolean shared; /* all threads share V and take panels */
  gsize    v_plane, v_slice, m_plane;
  gsize    v_floats, m_floats, u_floats;

  const float *from;
  /* from is a pooled gradient and this its mask; or NULL */
  const guint8 *unpool;
  int           from_height, from_width;
  float         factor; /* of unpool */
  NstSimdEnd    end;
  float        *to;
  const float  *add;
  guint8       *mask;
  float        *scratch;
  int           first; /* tile of the shared block */
} Loop;

static int
tile_size (const NstConv *conv)
{
  return conv->method == NST_CONV_WINOGRAD4 ? 4 : 6;
}

static gboolean
small_kernels (const NstConv *conv)
{
  return conv->in_channels * conv->out_channels <= SMALL_KERNELS;
}

static int
round_up (int n, int unit)
{
  return (n + unit - 1) / unit * unit;
}

/* Everything that does not depend on the picture's size. */
static void
set_up (Loop *l, const NstConv *conv, gboolean forward)
{
  l->conv = conv;
  l->forward = forward;
  l->simd = conv->simd[!forward];
  l->size = tile_size (conv);
  l->n = l->size + 2;
  l->transforms = l->size == 4 ? &l->simd->transforms4 : &l->simd->transforms6;
  l->C = forward ? conv->in_channels : conv->out_channels;
  l->K = forward ? conv->out_channels : conv->in_channels;
  l->panel = MIN (PANEL, l->K);
  l->made = small_kernels (conv);
  l->narrow = MAX (l->simd->panel, 16);
  l->wide = (l->made ? l->K : MAX (l->K - NARROW * nst_threads () * l->narrow, 0)) / l->panel;
  l->u_floats = !l->made ? l->n * ((gsize) SLICE * l->panel * l->simd->unit / 16 + PAD) + BLOCKS_FLOATS : 0;
}

static void
set_size (Loop *l, int height, int width)
{
  gsize tile_bytes = (gsize) l->n * l->n * l->C * l->simd->unit / 16 * sizeof (float);
  gsize fitting;
  int   wanted;

  l->height = height;
  l->width = width;
  l->across = (width + l->size - 1) / l->size;
  l->tiles = l->across * ((height + l->size - 1) / l->size);

  /* V is also shared where there would be fewer blocks than panels or threads. */
  l->shared = !l->made
              || l->tiles < 2 * l->simd->rows * MIN (nst_threads (), (l->K + l->panel - 1) / l->panel);
  fitting = (l->shared ? SHARED_V_BYTES : OWN_V_BYTES) / tile_bytes;

  /* At least two groups, so that each kernel value is used twice; not so many that threads have nothing to
   * do. */
  wanted = CLAMP ((int) MIN (fitting, MAX_TILES), 2 * l->simd->rows, MAX_TILES);
  if (!l->shared)
    wanted = MIN (wanted, MAX (2 * l->simd->rows, l->tiles / (4 * nst_threads ())));
  l->block = MIN (wanted / l->simd->rows * l->simd->rows, round_up (l->tiles, l->simd->rows));

  l->v_plane = (gsize) l->block * MIN (SLICE, l->C) * l->simd->unit / 16 + PAD;
  l->m_plane = (gsize) l->block * l->simd->panel + PAD;
  l->v_slice = l->n * l->n * l->v_plane;
  l->v_floats = (l->C + SLICE - 1) / SLICE * l->v_slice;
  l->m_floats = l->n * l->n * l->m_plane * (l->panel / l->simd->panel);
}

/* Kernels */

/* Any four floats. */
typedef float Vec __attribute__ ((vector_size (16), aligned (4), may_alias));

/* Transpose: column i of four rows, row floats apart, goes to to + place[i]. */
static inline void
transpose (const float *from, gsize row, float *to, const int *place)
{
  Vec a = *(const Vec *) from, b = *(const Vec *) (from + row), c = *(const Vec *) (from + 2 * row),
      d = *(const Vec *) (from + 3 * row);
  Vec ab = __builtin_shufflevector (a, b, 0, 4, 1, 5), cd = __builtin_shufflevector (c, d, 0, 4, 1, 5);
  Vec AB = __builtin_shufflevector (a, b, 2, 6, 3, 7), CD = __builtin_shufflevector (c, d, 2, 6, 3, 7);

  *(Vec *) (to + place[0]) = __builtin_shufflevector (ab, cd, 0, 1, 4, 5);
  *(Vec *) (to + place[1]) = __builtin_shufflevector (ab, cd, 2, 3, 6, 7);
  *(Vec *) (to + place[2]) = __builtin_shufflevector (AB, CD, 0, 1, 4, 5);
  *(Vec *) (to + place[3]) = __builtin_shufflevector (AB, CD, 2, 3, 6, 7);
}

/* The offset in a block of kernel position t of channel c: index i is c * 9 + t. */
static void
find_places (int *places)
{
  for (int c = 0; c < 16; c++)
    for (int t = 0; t < 9; t++)
      *places++ = (t * 16 + c) * 16;
}

/* Prefetch the kernels of sixteen channels that the next block of 16 x 16 needs; they are far apart in
 * memory. */
static inline void
expect (const float *weights)
{
  for (int f = 0; f < 16 * 9; f += 16)
    __builtin_prefetch (weights + f);
}

/* block = kernels as [9][16 channels][16 outputs], channels from c, outputs from k of this pass. Backward
 * flips the nine positions. */
static void
weight_block (const Loop *l, const int *places, int c, int k, float *block)
{
  static const int turned[9] = { 8 * 256, 7 * 256, 6 * 256, 5 * 256, 4 * 256, 3 * 256, 2 * 256, 256, 0 };
  const gsize      row = (gsize) l->conv->in_channels * 9;
  const float     *from = l->conv->weight + (l->forward ? k * row + c * 9 : c * row + k * 9);

  if (l->forward)
    for (int out = 0; out < 16; out += 4, from += 4 * row)
      {
        for (int i = 0; i < 4; i++)
          expect (from + i * row + 16 * 9);
        for (int f = 0; f < 16 * 9; f += 4)
          transpose (from + f, row, block + out, places + f);
      }
  else
    for (int out = 0; out < 16; out++, from += row)
      {
        expect (from + 16 * row);
        for (int in = 0; in < 16; in += 4)
          {
            transpose (from + in * 9, 9, block + out * 16 + in, turned);
            transpose (from + in * 9 + 4, 9, block + out * 16 + in, turned + 4);
            for (int i = 0; i < 4; i++)
              block[out * 16 + in + i] = from[(in + i) * 9 + 8];
          }
      }
}

/* Kernels of n_c channels from c and n_k outputs from k as [outputs / 16][channels / 16] blocks. */
static void
gather_weights (const Loop *l, int c, int n_c, int k, int n_k, float *blocks)
{
  int places[16 * 9];

  find_places (places);
  for (int j = 0; j < n_k; j += 16)
    for (int i = 0; i < n_c; i += 16, blocks += 9 * 256)
      weight_block (l, places, c + i, k + j, blocks);
}

/* Their transform: one row of its planes. */
static void
transform_weights (const Loop *l, const float *blocks, int row, int n_c, int n_k, float *u, gsize plane)
{
  for (int j = 0; j < n_k; j += 16)
    for (int i = 0; i < n_c; i += 16, blocks += 9 * 256)
      l->transforms->weight (blocks, row, u + i * l->simd->panel * l->simd->unit / 16, plane, n_c, j);
}

/* Of U, for the forward or the backward pass; 0: it is computed on the fly. */
static gsize
made_floats (const NstConv *conv, gboolean forward)
{
  gsize n = tile_size (conv) + 2, weights = (gsize) conv->in_channels * conv->out_channels;

  return small_kernels (conv) ? n * n * weights * conv->simd[!forward]->unit / 16 : 0;
}

static gboolean
keeps_taps (const NstConv *conv)
{
  return conv->padding == NST_PADDING_REPLICATE && conv->in_channels * conv->out_channels <= KEPT_EDGE;
}

static gsize
prepared_floats (const NstConv *conv)
{
  return made_floats (conv, TRUE) + made_floats (conv, FALSE)
         + (keeps_taps (conv) ? NST_CONV_EDGE_TAPS (conv) : 0);
}

/* All slices in the order in which multiply_panel () reads them. blocks: room for one slice. */
static void
make_slices (const NstConv *conv, gboolean forward, float *blocks, float *u)
{
  Loop l = { NULL };

  set_up (&l, conv, forward);
  for (int k = 0; k < l.K; k += l.panel)
    for (int c = 0; c < l.C; c += SLICE)
      {
        int   n_c = MIN (SLICE, l.C - c), n_k = MIN (l.panel, l.K - k);
        gsize plane = (gsize) n_c * n_k * l.simd->unit / 16;

        gather_weights (&l, c, n_c, k, n_k, blocks);
        for (int row = 0; row < l.n; row++, u += l.n * plane)
          transform_weights (&l, blocks, row, n_c, n_k, u, plane);
      }
}

static gboolean
prepare (NstConv *conv)
{
  float *blocks;

  if (keeps_taps (conv))
    {
      conv->taps = nst_floats_try_new (NST_CONV_EDGE_TAPS (conv));
      if (conv->taps == NULL)
        return FALSE;
      nst_conv_edge_taps (conv, conv->taps);
    }
  if (!small_kernels (conv))
    return TRUE;

  blocks = nst_floats_try_new (BLOCKS_FLOATS);
  for (int way = 0; way < 2; way++)
    {
      conv->prepared[way] = nst_floats_try_new (made_floats (conv, way == 0));
      if (blocks != NULL && conv->prepared[way] != NULL)
        make_slices (conv, way == 0, blocks, conv->prepared[way]);
    }
  nst_floats_free (blocks);

  return blocks != NULL && conv->prepared[0] != NULL && conv->prepared[1] != NULL;
}

/* Tiles. A slot is the number of a tile in its block. */

/* Copy the part of a tile's n x n inputs that lies in the picture, or with replicated padding all of it; 16
 * channels from c. */
static void
copy_patch (const Loop *l, int y, int x, int c, float *patch)
{
  const gboolean replicate = l->forward && l->conv->padding == NST_PADDING_REPLICATE;
  const int      first_i = replicate ? 0 : MAX (0, -y), end_i = replicate ? l->n : MIN (l->n, l->height - y);
  const int      first_j = replicate ? 0 : MAX (0, -x), end_j = replicate ? l->n : MIN (l->n, l->width - x);

  for (int i = first_i; i < end_i; i++)
    for (int j = first_j; j < end_j; j++)
      {
        gsize row = CLAMP (y + i, 0, l->height - 1), column = CLAMP (x + j, 0, l->width - 1);

        memcpy (patch + (i * l->n + j) * 16, l->from + (row * l->width + column) * l->C + c,
                16 * sizeof (float));
      }
}

/* The same where from is a pooled gradient; an odd last row or column has none. */
static void
unpool_patch (const Loop *l, int y, int x, int c, float *patch)
{
  const int first = MAX (0, -x), end = MIN (l->n, 2 * l->from_width - x);

  if (x + l->n > 2 * l->from_width)
    memset (patch, 0, l->n * l->n * 16 * sizeof (float));
  for (int i = MAX (0, -y); i < l->n; i++)
    if (y + i < 2 * l->from_height)
      l->simd->unpool (l->from + (gsize) (y + i) / 2 * l->from_width * l->C + c, l->C,
                       l->unpool + ((gsize) (y + i) * l->width * l->C + c) / 8, l->C / 8, l->factor,
                       x + first, end - first, patch + (i * l->n + first) * 16);
    else
      memset (patch + i * l->n * 16, 0, l->n * 16 * sizeof (float));
}

/* Transform one tile, channels c .. c + channels - 1. */
static void
input_tile (const Loop *l, int tile, int c, int channels, float *v)
{
  const int      y = tile / l->across * l->size - 1, x = tile % l->across * l->size - 1, n = l->n, C = l->C;
  const gsize    block = l->simd->unit * l->simd->rows;
  const gboolean inside = y >= 0 && x >= 0 && y + n <= l->height && x + n <= l->width;
  float          patch[64 * 16] __attribute__ ((aligned (64)));

  if (inside && l->unpool == NULL)
    {
      l->transforms->input (l->from + ((gsize) y * l->width + x) * C + c, (gsize) l->width * C, C, channels,
                            v, l->v_plane, block);
      return;
    }

  for (int end = c + channels; c < end; c += 16, v += block)
    {
      if (!inside)
        memset (patch, 0, n * n * 16 * sizeof (float));
      if (l->unpool != NULL)
        unpool_patch (l, y, x, c, patch);
      else
        copy_patch (l, y, x, c, patch);
      l->transforms->input (patch, n * 16, 16, 16, v, l->v_plane, block);
    }
}

/* Transform slots slot .. slot + n - 1 of the block that begins with tile first. v: [slices of
 * channels][planes][slots / rows][channels of the slice / 16][rows][16]. Slots without a tile are cleared. */
static void
input_tiles (const Loop *l, int thread, int first, int slot, int n, float *v)
{
  const int    rows = l->simd->rows, unit = l->simd->unit;
  const gint64 since = nst_profile_now ();

  for (; n > 0; n--, slot++)
    for (int c = 0; c < l->C; c += SLICE)
      {
        int    channels = MIN (SLICE, l->C - c);
        float *to = v + c / SLICE * l->v_slice + (gsize) (slot / rows * rows) * channels * unit / 16
                    + slot % rows * unit;

        if (first + slot < l->tiles)
          input_tile (l, first + slot, c, channels, to);
        else
          for (int plane = 0; plane < l->n * l->n; plane++)
            for (int i = 0; i < channels; i += 16)
              memset (to + plane * l->v_plane + i / 16 * rows * unit, 0, unit * sizeof (float));
      }
  nst_profile_lap (thread, NST_PHASE_INPUT, since);
}

/* m = the products of all slots of v for outputs k .. k + n_k - 1. u: room for one row of a slice's planes
 * and its blocks; NULL if U is precomputed. */
static void
multiply_panel (const Loop *l, int thread, const float *v, int slots, int k, int n_k, float *u, float *m)
{
  const NstSimd *simd = l->simd;
  const gsize    first = (gsize) l->n * l->n * k * l->C * simd->unit / 16;
  const float   *made = l->made ? l->conv->prepared[!l->forward] + first : NULL;
  float         *blocks = l->made ? NULL : u + l->u_floats - BLOCKS_FLOATS;
  gint64         since = nst_profile_now ();

  for (int c = 0; c < l->C; c += SLICE, v += l->v_slice)
    {
      int   n_c = MIN (SLICE, l->C - c);
      gsize plane = (gsize) n_c * n_k * simd->unit / 16 + (l->made ? 0 : PAD);

      if (!l->made)
        gather_weights (l, c, n_c, k, n_k, blocks);
      for (int row = 0; row < l->n; row++)
        {
          if (!l->made)
            {
              transform_weights (l, blocks, row, n_c, n_k, u, plane);
              made = u;
              since = nst_profile_lap (thread, NST_PHASE_WEIGHTS, since);
            }
          for (int i = row * l->n; i < (row + 1) * l->n; i++, made += plane)
            simd->multiply (slots / simd->rows, n_k / simd->panel, n_c, v + i * l->v_plane, made,
                            m + i * l->m_plane, l->n * l->n * l->m_plane, c > 0);
          if (!l->made)
            since = nst_profile_lap (thread, NST_PHASE_MULTIPLY, since);
        }
    }
  nst_profile_lap (thread, NST_PHASE_MULTIPLY, since);
}

static void
output_panel (const Loop *l, int thread, int first, int n, int k, int n_k, const float *m)
{
  const NstSimd *simd = l->simd;
  const gint64   since = nst_profile_now ();
  const gboolean pooled = l->end == NST_SIMD_AVERAGE || l->end == NST_SIMD_MAXIMUM;
  const int      width = pooled ? l->width / 2 : l->width;
  NstSimdStore   store = {
      .end = l->end,
      .row = (gsize) width * l->K,
      .position = l->K,
      .mask_row = (gsize) l->width * l->K / 8,
      .mask_position = l->K / 8,
      .stream = l->add == NULL && (gsize) l->height * l->width * l->K * sizeof (float) >= NST_SIMD_STREAM
  };

  for (int slot = 0; slot < n; slot++)
    for (int p = 0; p < n_k / simd->panel; p++)
      {
        int   y = (first + slot) / l->across * l->size, x = (first + slot) % l->across * l->size;
        int   output = k + p * simd->panel;
        gsize at = pooled ? ((gsize) y / 2 * width + x / 2) * l->K + output
                          : ((gsize) y * width + x) * l->K + output;

        store.to = l->to + at;
        store.bias = l->forward ? l->conv->bias + output : NULL;
        store.add = l->add != NULL ? l->add + at : NULL;
        store.mask = l->mask != NULL ? l->mask + ((gsize) y * l->width + x) * l->K / 8 + output / 8 : NULL;
        store.rows = MIN (l->size, l->height - y);
        store.columns = MIN (l->size, l->width - x);
        l->transforms->output (m + p * l->n * l->n * l->m_plane + slot * simd->panel, l->m_plane, &store);
      }
  nst_profile_lap (thread, NST_PHASE_OUTPUT, since);
}

/* Each thread has a V of its own: a task is a block. */
static void
own_block (int task, int thread, gpointer data)
{
  const Loop *l = data;
  int    first = task * l->block, n = MIN (l->block, l->tiles - first), slots = round_up (n, l->simd->rows);
  float *v = l->scratch + thread * (l->v_floats + l->m_floats), *m = v + l->v_floats;

  input_tiles (l, thread, first, 0, slots, v);
  for (int k = 0; k < l->K; k += l->panel)
    {
      int n_k = MIN (l->panel, l->K - k);

      multiply_panel (l, thread, v, slots, k, n_k, NULL, m);
      output_panel (l, thread, first, n, k, n_k, m);
    }
}

/* V is shared: a task is a group of tiles in the first loop, a panel in the second. */
static void
shared_input (int task, int thread, gpointer data)
{
  const Loop *l = data;

  input_tiles (l, thread, l->first, task * l->simd->rows, l->simd->rows, l->scratch);
}

static void
shared_panel (int task, int thread, gpointer data)
{
  const Loop *l = data;
  int         n = MIN (l->block, l->tiles - l->first), narrow = MAX (task - l->wide, 0);
  int    k = (task - narrow) * l->panel + narrow * l->narrow, n_k = task < l->wide ? l->panel : l->narrow;
  float *u = l->scratch + l->v_floats + thread * (l->u_floats + l->m_floats), *m = u + l->u_floats;

  multiply_panel (l, thread, l->scratch, round_up (n, l->simd->rows), k, n_k, u, m);
  output_panel (l, thread, l->first, n, k, n_k, m);
}

static void
run (Loop *l)
{
  if (!l->shared)
    {
      nst_parallel ((l->tiles + l->block - 1) / l->block, own_block, l);
      return;
    }

  for (l->first = 0; l->first < l->tiles; l->first += l->block)
    {
      nst_parallel ((MIN (l->block, l->tiles - l->first) + l->simd->rows - 1) / l->simd->rows, shared_input,
                    l);
      nst_parallel (l->wide + (l->K - l->wide * l->panel) / l->narrow, shared_panel, l);
    }
}

static gsize
scratch_floats (const NstConv *conv, int height, int width)
{
  gsize most = conv->padding == NST_PADDING_REPLICATE ? nst_conv_edge_scratch (conv, keeps_taps (conv)) : 0;

  for (int way = 0; way < 2; way++)
    {
      Loop  l = { NULL };
      gsize floats;

      set_up (&l, conv, way == 0);
      set_size (&l, height, width);
      floats = l.shared ? l.v_floats + nst_threads () * (l.u_floats + l.m_floats)
                        : nst_threads () * (l.v_floats + l.m_floats);
      most = MAX (most, floats);
    }

  return most;
}

static void
forward (const NstConv *conv, const NstTensor *input, const NstConvOutput *output, float *scratch)
{
  Loop l = { .from = input->data, .end = NST_SIMD_FORWARD, .mask = output->mask, .scratch = scratch };

  if (output->pooled != NULL)
    l.end = output->pooling == NST_POOLING_AVERAGE ? NST_SIMD_AVERAGE : NST_SIMD_MAXIMUM;
  l.to = output->pooled != NULL ? output->pooled->data : output->features->data;
  set_up (&l, conv, TRUE);
  set_size (&l, input->height, input->width);
  run (&l);
}

static void
backward (const NstConv *conv, const NstConvGradient *gradient, float *scratch)
{
  Loop l = { .from = gradient->output->data,
             .unpool = gradient->unpool,
             .from_height = gradient->output->height,
             .from_width = gradient->output->width,
             .factor = gradient->pooling == NST_POOLING_AVERAGE ? 0.25f : 1,
             .end = NST_SIMD_BACKWARD,
             .to = gradient->input->data,
             .add = gradient->add,
             .mask = (guint8 *) gradient->mask,
             .scratch = scratch };

  set_up (&l, conv, FALSE);
  set_size (&l, gradient->input->height, gradient->input->width);
  run (&l);
  if (conv->padding == NST_PADDING_REPLICATE)
    nst_conv_edge_fold (conv, gradient, conv->taps, scratch);
}

const NstConvKernel nst_conv_winograd4 = { "winograd4", prepare, prepared_floats, scratch_floats, forward,
                                           backward,    TRUE };
const NstConvKernel nst_conv_winograd6 = { "winograd6", prepare, prepared_floats, scratch_floats, forward,
                                           backward,    TRUE };
