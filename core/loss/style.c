/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The style term: the distance of a layer's moments to the painting's (Gatys et al. 2015, equations 4 and 6,
 * for Gram matrices). Which distance is measured is behind style-distance.h. */
#include "core/loss/style.h"

#include <math.h>
#include <string.h>

#include "core/loss/moments.h"
#include "core/loss/term.h"

const NstStyleDistance *
nst_style_distance_of (const NstRecipe *recipe)
{
  switch (recipe->style_loss)
    {
    case NST_STYLE_GRAM:
      return &nst_style_distance_gram;
    case NST_STYLE_CENTRED:
      return &nst_style_distance_centred;
    case NST_STYLE_WASSERSTEIN:
      return &nst_style_distance_wasserstein;
    }

  g_return_val_if_reached (&nst_style_distance_gram);
}

double
nst_style_loss (NstStyleFormula formula,
                double          q,
                double          energy,
                int             channels,
                double          positions,
                gsize           pixels,
                double         *slope)
{
  double N = channels, M = positions, S = pixels;

  switch (formula)
    {
    case NST_STYLE_NORMALISED:
      *slope = 1 / MAX (energy, 1e-20);
      return *slope * q;
    case NST_STYLE_GATYS:
      *slope = 1 / (4 * N * N);
      return *slope * q;
    case NST_STYLE_KERAS:
      *slope = M * M / (36 * S * S);
      return *slope * q;
    case NST_STYLE_MEAN:
      *slope = M * M / (N * N);
      return *slope * q;
    case NST_STYLE_ROOT_MEAN:
      *slope = q > 0 ? 0.5 / (N * sqrt (q)) : 0;
      return sqrt (q) / N;
    case NST_STYLE_MEAN_SHARED:
      *slope = M / (N * N * N);
      return *slope * q;
    }

  g_return_val_if_reached (0);
}

typedef struct
{
  NstTerm                 base;
  NstStyleFormula         formula;
  NstMetric              *metric; /* owned */
  const NstStyleDistance *distance;
  gpointer                state;  /* owned; of the distance; NULL if it has none */
  NstTarget              *aimed;  /* ref; the target that state and energy belong to, or NULL */
  double                  energy; /* of that target */
  float   *matrix; /* owned, n x n; the moments observed, and after conclude () the packed derivative */
  gboolean flat;   /* the gradient is 0 everywhere */
} StyleTerm;

static gsize
matrix_floats (const StyleTerm *self)
{
  const gsize n = nst_metric_side (self->metric);

  return n * n;
}

static void
style_free (NstTerm *term)
{
  StyleTerm *self = (StyleTerm *) term;

  if (self->state != NULL)
    self->distance->free (self->state);
  nst_target_unref (self->aimed);
  nst_metric_free (self->metric);
  nst_floats_free (self->matrix);
  g_free (self);
}

static NstTerm *
style_try_new (const NstRecipe *recipe, const NstLayer *layer)
{
  StyleTerm *self = g_new0 (StyleTerm, 1);

  self->formula = recipe->style_formula;
  self->metric = nst_metric_try_new (layer);
  self->distance = nst_style_distance_of (recipe);
  self->matrix = self->metric != NULL ? nst_floats_try_new (matrix_floats (self)) : NULL;
  if (self->matrix != NULL && self->distance->try_new != NULL)
    self->state = self->distance->try_new (self->metric);
  if (self->matrix == NULL || (self->distance->try_new != NULL && self->state == NULL))
    {
      style_free (&self->base);
      return NULL;
    }

  return &self->base;
}

static gsize
style_scratch (const NstRecipe *recipe, int channels)
{
  return MAX (nst_moments_scratch (channels), nst_style_distance_of (recipe)->scratch (channels));
}

/* to += share * moments of the part. */
static void
add_moments (
    const StyleTerm *self, const NstPart *part, double share, const NstWorkspace *workspace, float *to)
{
  const gsize floats = matrix_floats (self);

  nst_moments (part, workspace->moments, workspace->scratch);
  for (gsize i = 0; i < floats; i++)
    to[i] += share * workspace->moments[i];
}

static gboolean
style_aim (NstTerm *term, const NstPart *part, double share, const NstWorkspace *workspace)
{
  StyleTerm *self = (StyleTerm *) term;

  if (term->target == NULL)
    term->target = nst_target_try_new (matrix_floats (self), FALSE);
  if (term->target == NULL)
    return FALSE;
  add_moments (self, part, share * part->share, workspace, term->target->data);

  return TRUE;
}

/* What the distance needs to know of the target, once for each target. */
static void
take_aim (StyleTerm *self, const NstWorkspace *workspace)
{
  NstTarget *target = self->base.target;

  if (self->aimed == target)
    return;

  nst_target_unref (self->aimed);
  self->aimed = nst_target_ref (target);
  self->energy = self->distance->aim (self->state, self->metric, target->data, workspace->scratch);
}

static void
style_begin (NstTerm *term)
{
  StyleTerm *self = (StyleTerm *) term;

  memset (self->matrix, 0, matrix_floats (self) * sizeof (float));
}

static void
style_observe (NstTerm *term, const NstPart *part, const NstWorkspace *workspace)
{
  StyleTerm *self = (StyleTerm *) term;

  add_moments (self, part, part->share, workspace, self->matrix);
}

static double
style_conclude (NstTerm *term, double factor, double positions, gsize pixels, const NstWorkspace *workspace)
{
  StyleTerm *self = (StyleTerm *) term;
  double     slope = 0, q;

  take_aim (self, workspace);
  q = self->distance->distance (self->state, self->metric, self->matrix, term->target->data,
                                workspace->derivative, workspace->scratch);
  term->loss = nst_style_loss (self->formula, q, self->energy, self->metric->projected, positions, pixels,
                               &slope);
  self->flat = factor * slope == 0;
  nst_moments_pack (self->metric->channels, workspace->derivative, 2 * (factor * slope) / positions,
                    self->matrix);

  return term->loss;
}

static gboolean
style_gradient (const NstTerm *term,
                const NstPart *part,
                gsize          first,
                gsize          n,
                gboolean       add,
                float         *gradient,
                float         *scratch)
{
  const StyleTerm *self = (const StyleTerm *) term;
  const int        C = self->metric->channels;

  if (self->flat)
    return FALSE;

  nst_moments_backward (C, n, part->features->data + first * C, nst_part_weights (part, first), self->matrix,
                        add, gradient, scratch);

  return TRUE;
}

const NstTermClass nst_term_class_style = {
  .name = "style",
  .letter = 's',
  .source = NST_TARGET_STYLE,
  .try_new = style_try_new,
  .free = style_free,
  .scratch = style_scratch,
  .aim = style_aim,
  .begin = style_begin,
  .observe = style_observe,
  .conclude = style_conclude,
  .gradient = style_gradient,
};
