/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of features, and the gradient of any loss of them with respect to the features (formulas in
 * moments.h). Channels that come in sixteens use our own kernels, others BLAS. */
#include "core/loss/moments.h"

#include <string.h>

#include "core/base/blas.h"
#include "core/base/parallel.h"
#include "core/base/profile.h"
#include "core/simd/simd.h"

#define BLOCK 128          /* positions that are added up at a time, while they are in the cache */
#define ROWS 32            /* of a moment matrix, in one task */
#define SMALL_SUMS 128     /* channels, whose sums are 74 KB */
#define MATRIX_IN_CACHE 64 /* channels, whose square takes half of a first-level cache */

static gboolean
own_kernels (int channels)
{
  return channels % 16 == 0;
}

/* Floats of one part's sums, rounded up for alignment. */
static gsize
part_floats (int channels)
{
  gsize n = channels + 1;

  return (n * (n + 15) + 15) / 16 * 16;
}

/* The positions are divided into this many parts, each with sums of its own. The partition is fixed, so
 * results do not depend on scheduling. There are more parts than threads, so that one slow thread does not
 * hold up the others; but the sums of many channels are large. */
static int
count_parts (int channels)
{
  return nst_threads () * (channels <= SMALL_SUMS ? 4 : 1);
}

/* Floats of a thread's copies of a block: the features, and the weighted features. */
static gsize
copy_floats (int channels)
{
  return (gsize) 2 * BLOCK * channels;
}

gsize
nst_moments_scratch (int channels)
{
  return part_floats (channels) * count_parts (channels) + copy_floats (channels) * nst_threads ();
}

typedef struct
{
  const NstPart *part;
  int            channels;
  /* parts x part_floats (): n rows of stride floats. The last row holds the sums of the features */
  float         *sums;
  float         *copies; /* threads x copy_floats () */
  const gsize   *starts; /* parts + 1: first position of each part, and their number */
  int            parts, stride;
  const NstSimd *simd;
  float         *moments;
  double         total; /* of the weights */
} Moments;

/* One block without our own kernels. weighted: room for a copy. */
static void
add_block_blas (const Moments *m, const float *f, const float *w, int rows, float *sum, float *weighted)
{
  const int C = m->channels;

  if (w == NULL)
    cblas_ssyrk (CblasRowMajor, CblasUpper, CblasTrans, C, rows, 1, f, C, 1, sum, m->stride);
  else
    {
      for (int p = 0; p < rows; p++)
        for (int c = 0; c < C; c++)
          weighted[p * C + c] = w[p] * f[p * C + c];
      cblas_sgemm (CblasRowMajor, CblasTrans, CblasNoTrans, C, C, rows, 1, f, C, weighted, C, 1, sum,
                   m->stride);
    }
  for (int p = 0; p < rows; p++)
    for (int c = 0; c < C; c++)
      sum[(gsize) C * m->stride + c] += w == NULL ? f[p * C + c] : weighted[p * C + c];
}

/* Copy the first positions of a block that weigh anything to [channels / 16][BLOCK][16], as they are and
 * times their weights. Returns how many these are; *taken: how many positions were passed, at most n. */
static int
copy_weighted (
    int channels, const float *f, const float *w, gsize n, float *copy, float *weighted, gsize *taken)
{
  int   rows = 0;
  gsize p;

  for (p = 0; p < n && rows < BLOCK; p++)
    {
      if (w[p] == 0)
        continue;
      for (int c = 0; c < channels; c += 16)
        {
          const float *from = f + p * channels + c;
          const gsize  to = (gsize) c * BLOCK + rows * 16;

          memcpy (copy + to, from, 16 * sizeof (float));
          for (int i = 0; i < 16; i++)
            weighted[to + i] = w[p] * from[i];
        }
      rows++;
    }
  *taken = p;

  return rows;
}

static void
copy_block (int channels, const float *f, int rows, float *copy)
{
  for (int p = 0; p < rows; p++)
    for (int c = 0; c < channels; c += 16)
      memcpy (copy + (gsize) c * BLOCK + p * 16, f + (gsize) p * channels + c, 16 * sizeof (float));
}

/* Add f f' w of a block that was copied. */
static void
add_copies (const Moments *m, int rows, const float *copy, const float *weighted, float *sum)
{
  const int C = m->channels;

  for (int k = 0; k < C; k += 16)
    for (int i = 0; i <= k; i += 16)
      m->simd->moments (rows, copy + (gsize) i * BLOCK, weighted + (gsize) k * BLOCK,
                        sum + (gsize) i * m->stride + k, m->stride,
                        i == 0 ? sum + (gsize) C * m->stride + k : NULL);
}

/* Add n positions that follow one another. w: their weights, or NULL. */
static void
add_run (const Moments *m, const float *f, const float *w, gsize n, float *sum, float *copy)
{
  const int C = m->channels;
  float    *weighted = copy + (gsize) BLOCK * C;

  for (gsize first = 0, taken; first < n; first += taken)
    {
      const float *from = f + first * C, *own = w != NULL ? w + first : NULL;

      taken = MIN (BLOCK, n - first);
      if (!own_kernels (C))
        add_block_blas (m, from, own, taken, sum, weighted);
      else if (own != NULL)
        {
          const int rows = copy_weighted (C, from, own, n - first, copy, weighted, &taken);

          add_copies (m, rows, copy, weighted, sum);
        }
      else if (C == 16)
        m->simd->moments (taken, from, from, sum, m->stride, sum + (gsize) C * m->stride);
      else
        {
          copy_block (C, from, taken, copy);
          add_copies (m, taken, copy, copy, sum);
        }
    }
}

/* Add the core's positions first .. last - 1. */
static void
add_positions (const Moments *m, gsize first, gsize last, float *sum, float *copy)
{
  const NstPart *part = m->part;

  for (gsize run, at; first < last; first += run)
    {
      run = nst_part_run (part, first, last, &at);
      add_run (m, part->features->data + at * m->channels, nst_part_weights (part, at), run, sum, copy);
    }
}

static void
add_part (int part, int thread, gpointer data)
{
  const Moments *m = data;
  const gint64   since = nst_profile_now ();
  const int      C = m->channels;
  float         *sum = m->sums + part * part_floats (C), *copy = m->copies + thread * copy_floats (C);

  memset (sum, 0, part_floats (C) * sizeof (float));
  add_positions (m, m->starts[part], m->starts[part + 1], sum, copy);
  nst_profile_lap (thread, NST_PHASE_GRAM, since);
}

/* Divide the core's positions into parts of equal work: of whole blocks, or with weights of as many positions
 * that weigh anything. Sets total. */
static void
divide (Moments *m, gsize *starts)
{
  const NstPart *core = m->part;
  const gsize    positions = nst_part_positions (core), blocks = (positions + BLOCK - 1) / BLOCK;
  gsize          heavy = 0, passed = 0, run, at;
  int            part = 0;

  m->total = nst_part_total (core);
  starts[0] = 0;
  if (core->weights == NULL)
    {
      for (int i = 1; i <= m->parts; i++)
        starts[i] = MIN (blocks * i / m->parts * BLOCK, positions);
      return;
    }

  for (gsize p = 0; p < positions; p += run)
    {
      run = nst_part_run (core, p, positions, &at);
      for (gsize i = 0; i < run; i++)
        heavy += nst_part_weights (core, at)[i] > 0;
    }
  for (gsize p = 0; p < positions; p += run)
    {
      run = nst_part_run (core, p, positions, &at);
      for (gsize i = 0; i < run; i++)
        {
          while (part + 1 < m->parts && passed >= heavy * (part + 1) / m->parts)
            starts[++part] = p + i;
          passed += nst_part_weights (core, at)[i] > 0;
        }
    }
  while (part < m->parts)
    starts[++part] = positions;
}

static int
row_tasks (int n)
{
  return (n + ROWS - 1) / ROWS;
}

/* Some rows of Q from all parts' sums. */
static void
sum_rows (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Moments *m = data;
  const int      C = m->channels, n = C + 1;
  const gsize    part = part_floats (C);

  for (int i = task * ROWS; i < MIN (n, (task + 1) * ROWS); i++)
    for (int j = i; j < n; j++)
      {
        /* The sums of the features are the last row of each part; its last column does not exist. */
        gsize  at = j < C ? (gsize) i * m->stride + j : (gsize) C * m->stride + i;
        double sum = 0;

        for (int p = 0; p < m->parts; p++)
          sum += m->sums[p * part + at];
        if (m->total == 0)
          sum = 0;
        else
          sum = i == C ? 1 : sum / m->total;
        m->moments[(gsize) i * n + j] = m->moments[(gsize) j * n + i] = sum;
      }
}

void
nst_moments (const NstPart *part, float *moments, float *scratch)
{
  const int C = part->features->channels, parts = count_parts (C);
  gsize     starts[4 * NST_MAX_THREADS + 1];
  Moments   m = {
      .part = part,
      .channels = C,
      .sums = scratch,
      .copies = scratch + parts * part_floats (C),
      .starts = starts,
      .parts = parts,
      .stride = own_kernels (C) ? C : C + 1,
      .simd = nst_simd_for (32), /* the best instruction set: moments come in sixteens on all of them */
      .moments = moments,
  };

  divide (&m, starts);
  nst_parallel (parts, add_part, &m);
  nst_parallel (row_tasks (C + 1), sum_rows, &m);
}

/* The order of the kernels: for each panel of channels first the row of the constant, then one row for each
 * channel. */
void
nst_moments_pack (int channels, const float *derivative, double factor, float *packed)
{
  const int panel = own_kernels (channels) ? nst_simd_for (channels)->panel : channels, n = channels + 1;

  for (int k = 0; k < channels; k += panel)
    for (int c = -1; c < channels; c++)
      for (int i = 0; i < panel; i++)
        *packed++ = factor * derivative[(gsize) (c < 0 ? channels : c) * n + k + i];
}

/* gradient = [add] gradient + what packed says, without weights. */
static void
project (
    int channels, gsize positions, const float *features, const float *packed, gboolean add, float *gradient)
{
  const NstSimd *simd = nst_simd_for (channels);

  if (own_kernels (channels))
    {
      /* What stays in the first-level cache: all of packed, or else the current panel. */
      const gsize step = channels <= MATRIX_IN_CACHE ? (gsize) simd->rows : positions;

      for (gsize first = 0; first < positions; first += step)
        for (int k = 0; k < channels; k += simd->panel)
          for (gsize p = first; p < MIN (first + step, positions); p += simd->rows)
            simd->project (channels, features + p * channels, channels, packed + (gsize) k * (channels + 1),
                           add, gradient + p * channels + k, channels,
                           MIN ((gsize) simd->rows, positions - p));
      return;
    }

  for (gsize p = 0; p < positions; p++)
    for (int c = 0; c < channels; c++)
      gradient[p * channels + c] = (add ? gradient[p * channels + c] : 0) + packed[c];
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, positions, channels, channels, 1, features,
               channels, packed + channels, channels, 1, gradient, channels);
}

void
nst_moments_backward (int          channels,
                      gsize        positions,
                      const float *features,
                      const float *weights,
                      const float *packed,
                      gboolean     add,
                      float       *gradient,
                      float       *scratch)
{
  if (weights == NULL)
    {
      project (channels, positions, features, packed, add, gradient);
      return;
    }

  if (!add)
    memset (gradient, 0, positions * channels * sizeof (float));
  for (gsize first = 0, last; first < positions; first = last)
    {
      const gsize at = first * channels;

      for (last = first; last < positions && (weights[last] > 0) == (weights[first] > 0); last++)
        ;
      if (weights[first] == 0)
        continue;
      project (channels, last - first, features + at, packed, FALSE, scratch);
      for (gsize p = first; p < last; p++)
        for (int c = 0; c < channels; c++)
          gradient[p * channels + c] += weights[p] * scratch[(p - first) * channels + c];
    }
}
