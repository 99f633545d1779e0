/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The content term: squared distance to the content's features (Gatys et al. 2015, equation 1). */
#include "core/loss/content.h"

#include <math.h>
#include <string.h>

#include "core/base/blas.h"
#include "core/base/parallel.h"
#include "core/loss/moments.h"
#include "core/loss/term.h"

#define BLOCK 64    /* positions in one task */
#define BLOCKS 1024 /* tasks whose sums are kept at a time */

double
nst_content_loss (
    NstContentFormula formula, double q, double energy, int channels, double positions, double *slope)
{
  double values = (double) channels * positions;

  switch (formula)
    {
    case NST_CONTENT_NORMALISED:
      *slope = 1 / MAX (energy, 1e-20);
      return *slope * q;
    case NST_CONTENT_HALF_SUM:
      *slope = 0.5;
      return *slope * q;
    case NST_CONTENT_SUM:
      *slope = 1;
      return q;
    case NST_CONTENT_MEAN:
      *slope = 1 / values;
      return *slope * q;
    case NST_CONTENT_ROOT_MEAN:
      *slope = q > 0 ? 0.5 / sqrt (q * values) : 0;
      return sqrt (q / values);
    }

  g_return_val_if_reached (0);
}

typedef struct
{
  const NstMetric *metric;
  const NstPart   *part;
  const float     *target;
  float           *scratch; /* threads x 2 x BLOCK x channels */
  int              first;   /* block of sums[0] */
  double          *sums;    /* one for each of BLOCKS blocks */
} Content;

gsize
nst_content_scratch (int channels)
{
  return (gsize) nst_threads () * 2 * BLOCK * channels;
}

/* The target at position first of a part. *run: how many positions from there to before last follow one
 * another in the whole as well. */
static float *
target_at (int channels, float *target, const NstPart *part, gsize first, gsize last, gsize *run)
{
  const gsize width = part->features->width, x = first % width;

  *run = part->width == (int) width ? last - first : MIN (last - first, width - x);

  return target + ((part->y + first / width) * part->width + part->x + x) * channels;
}

/* difference = f - target, of the part's positions first .. first + n - 1. */
static void
subtract (int channels, const NstPart *part, gsize first, gsize n, const float *target, float *difference)
{
  const gsize last = first + n;

  for (gsize run; first < last; first += run)
    {
      const float *f = part->features->data + first * channels;
      const float *t = target_at (channels, (float *) target, part, first, last, &run);

      for (gsize i = 0; i < run * channels; i++)
        *difference++ = f[i] - t[i];
    }
}

/* to = [add] to + factor d A'A, or without a head factor d. d: the differences of n positions. */
static void
project_difference (
    const NstMetric *metric, gsize n, const float *difference, float factor, gboolean add, float *to)
{
  const int C = metric->channels;

  if (metric->square != NULL)
    cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, n, C, C, factor, difference, C, metric->square,
                 C + 1, add ? 1 : 0, to, C);
  else if (add)
    for (gsize i = 0; i < n * C; i++)
      to[i] += factor * difference[i];
  else
    for (gsize i = 0; i < n * C; i++)
      to[i] = factor * difference[i];
}

static void
measure_block (int task, int thread, gpointer data)
{
  const Content *c = data;
  const int      C = c->metric->channels;
  const gsize    first = ((gsize) c->first + task) * BLOCK;
  const gsize    last = MIN (first + BLOCK, nst_part_positions (c->part));
  float         *d = c->scratch + (gsize) thread * 2 * BLOCK * C, *e = d + BLOCK * C;

  c->sums[task] = 0;
  for (gsize p = first, run, at; p < last; p += run)
    {
      const float *w;

      run = nst_part_run (c->part, p, last, &at);
      w = nst_part_weights (c->part, at);
      subtract (C, c->part, at, run, c->target, d);
      project_difference (c->metric, run, d, 1, FALSE, e);
      for (gsize i = 0; i < run; i++)
        c->sums[task] += (w != NULL ? w[i] : 1) * cblas_sdot (C, d + i * C, 1, e + i * C, 1);
    }
}

double
nst_content_distance (const NstMetric *metric, const NstPart *part, const float *target, float *scratch)
{
  const int blocks = (nst_part_positions (part) + BLOCK - 1) / BLOCK;
  double    sums[BLOCKS], q = 0;
  Content   content = { metric, part, target, scratch, 0, sums };

  for (; content.first < blocks; content.first += BLOCKS)
    {
      const int n = MIN (BLOCKS, blocks - content.first);

      nst_parallel (n, measure_block, &content);
      for (int b = 0; b < n; b++)
        q += sums[b];
    }

  return q;
}

void
nst_content_backward (const NstMetric *metric,
                      const NstPart   *part,
                      gsize            first,
                      gsize            n,
                      const float     *target,
                      double           factor,
                      gboolean         add,
                      float           *gradient,
                      float           *scratch)
{
  const int    C = metric->channels;
  const float *w = nst_part_weights (part, first);

  subtract (C, part, first, n, target, scratch);
  for (gsize p = 0; w != NULL && p < n; p++)
    for (int c = 0; c < C; c++)
      scratch[p * C + c] *= w[p];
  project_difference (metric, n, scratch, 2 * factor, add, gradient);
}

/* The term */

typedef struct
{
  NstTerm           base;
  NstContentFormula formula;
  NstMetric        *metric; /* owned */
  double            q;      /* of what was observed */
  double            factor; /* of dq/df */
} ContentTerm;

static void
content_free (NstTerm *term)
{
  nst_metric_free (((ContentTerm *) term)->metric);
  g_free (term);
}

static NstTerm *
content_try_new (const NstRecipe *recipe, const NstLayer *layer)
{
  ContentTerm *self = g_new0 (ContentTerm, 1);

  self->formula = recipe->content_formula;
  self->metric = nst_metric_try_new (layer);
  if (self->metric == NULL)
    g_clear_pointer (&self, g_free);

  return (NstTerm *) self;
}

static gsize
content_scratch (const NstRecipe *recipe G_GNUC_UNUSED, int channels)
{
  return MAX (nst_content_scratch (channels), nst_moments_scratch (channels));
}

/* The target is the content's features themselves. */
static gboolean
content_aim (NstTerm *term, const NstPart *part, double share G_GNUC_UNUSED, const NstWorkspace *workspace)
{
  ContentTerm *self = (ContentTerm *) term;
  const int    C = self->metric->channels;
  const gsize  positions = nst_part_positions (part);

  if (term->target == NULL)
    term->target = nst_target_try_new ((gsize) part->width * part->height * C, workspace->spill);
  if (term->target == NULL)
    return FALSE;

  for (gsize p = 0, at, run; p < positions; p += run)
    {
      float *to;

      run = nst_part_run (part, p, positions, &at);
      to = target_at (C, term->target->data, part, at, at + run, &run);
      memcpy (to, part->features->data + at * C, run * C * sizeof (float));
    }
  nst_moments (part, workspace->moments, workspace->scratch);
  term->target->energy += nst_metric_energy (self->metric, workspace->moments, nst_part_total (part));

  return TRUE;
}

static void
content_begin (NstTerm *term)
{
  ((ContentTerm *) term)->q = 0;
}

static void
content_observe (NstTerm *term, const NstPart *part, const NstWorkspace *workspace)
{
  ContentTerm *self = (ContentTerm *) term;

  self->q += nst_content_distance (self->metric, part, term->target->data, workspace->scratch);
}

static double
content_conclude (NstTerm            *term,
                  double              factor,
                  double              positions,
                  gsize               pixels G_GNUC_UNUSED,
                  const NstWorkspace *workspace G_GNUC_UNUSED)
{
  ContentTerm *self = (ContentTerm *) term;
  double       slope = 0;

  term->loss = nst_content_loss (self->formula, self->q, term->target->energy, self->metric->projected,
                                 positions, &slope);
  self->factor = factor * slope;

  return term->loss;
}

static gboolean
content_gradient (const NstTerm *term,
                  const NstPart *part,
                  gsize          first,
                  gsize          n,
                  gboolean       add,
                  float         *gradient,
                  float         *scratch)
{
  const ContentTerm *self = (const ContentTerm *) term;

  if (self->factor == 0)
    return FALSE;

  nst_content_backward (self->metric, part, first, n, term->target->data, self->factor, add, gradient,
                        scratch);

  return TRUE;
}

const NstTermClass nst_term_class_content = {
  .name = "content",
  .letter = 'c',
  .source = NST_TARGET_CONTENT,
  .try_new = content_try_new,
  .free = content_free,
  .scratch = content_scratch,
  .aim = content_aim,
  .begin = content_begin,
  .observe = content_observe,
  .conclude = content_conclude,
  .gradient = content_gradient,
};
