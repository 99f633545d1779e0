/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective: its network and terms, their memory, and other recipes for the same layers. Its targets are
 * in objective-targets.c, an evaluation in objective-evaluate.c. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/loss/objective-private.h"

gboolean
nst_objective_out_of_memory (GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
               _ ("There is not enough memory for this size; a smaller one needs less"));

  return FALSE;
}

/* Life */

static NstPooling
pooling_of (const NstModel *model, const NstRecipe *recipe)
{
  switch (recipe->pooling)
    {
    case NST_RECIPE_POOLING_MAX:
      return NST_POOLING_MAX;
    case NST_RECIPE_POOLING_AVERAGE:
      return NST_POOLING_AVERAGE;
    default:
      return model->pooling;
    }
}

static int
channels_of (const NstModel *model, const NstTermSpec *spec)
{
  return spec->layer == NST_TERM_PICTURE ? 3 : model->layers[spec->layer].out_channels;
}

static void
free_workspace (NstWorkspace *workspace)
{
  nst_floats_free (workspace->scratch);
  nst_floats_free (workspace->moments);
  nst_floats_free (workspace->derivative);
}

/* Memory that the terms of a recipe share. workspace: overwritten. */
static gboolean
make_workspace (const NstObjective *self,
                const NstRecipe    *recipe,
                const NstTermSpec  *specs,
                int                 n,
                NstWorkspace       *workspace)
{
  gsize scratch = 0, square = 0;

  for (int t = 0; t < n; t++)
    {
      const gsize channels = channels_of (self->model, &specs[t]), side = channels + 1;

      scratch = MAX (scratch, specs[t].class->scratch (recipe, channels));
      square = MAX (square, side * side);
    }
  workspace->scratch = nst_floats_try_new (scratch);
  workspace->moments = nst_floats_try_new (square);
  workspace->derivative = nst_floats_try_new (square);
  if (workspace->scratch != NULL && workspace->moments != NULL && workspace->derivative != NULL)
    return TRUE;

  free_workspace (workspace);

  return FALSE;
}

static void
free_terms (NstTerm **terms, int n)
{
  for (int t = 0; terms != NULL && t < n; t++)
    nst_term_free (terms[t]);
  g_free (terms);
}

/* An owned array; NULL: not enough memory. */
static NstTerm **
make_terms (const NstModel *model, const NstRecipe *recipe, const NstTermSpec *specs, int n, GError **error)
{
  NstTerm **terms = g_new0 (NstTerm *, n);

  for (int t = 0; t < n; t++)
    {
      terms[t] = nst_term_try_new (&specs[t], model, recipe);
      if (terms[t] == NULL)
        {
          free_terms (terms, t);
          nst_objective_out_of_memory (error);
          return NULL;
        }
    }

  return terms;
}

/* The recipe's terms for that many regions: an owned array of *n, or NULL. */
static NstTermSpec *
find_terms (const NstModel *model, const NstRecipe *recipe, int n_regions, int *n, GError **error)
{
  NstTermSpec found[NST_MAX_TERMS];
  const int   n_found = nst_terms_find (model, recipe, found, error);

  return n_found > 0 ? nst_terms_spread (found, n_found, n_regions, n) : NULL;
}

static NstBalance
balance_of (const NstRecipe *recipe)
{
  return (NstBalance){ recipe->alpha, recipe->beta, recipe->tv };
}

NstObjective *
nst_objective_new (NstModel *model, const NstRecipe *recipe, int n_regions, GError **error)
{
  g_autoptr (NstObjective) self = g_new0 (NstObjective, 1);
  int                      n;

  self->model = nst_model_ref (model);
  self->balance = balance_of (recipe);
  self->most_pixels = G_MAXSIZE;
  self->n_regions = n_regions;
  self->regions = g_new0 (NstGuidance, (gsize) n_regions * model->n_layers);
  self->protect = g_new0 (NstGuidance, model->n_layers);
  self->specs = find_terms (model, recipe, n_regions, &n, error);
  if (self->specs == NULL)
    return NULL;

  if (recipe->precision == NST_PRECISION_FAST && !nst_conv_has_bf16 ())
    g_message (_ ("This processor has no products of bf16 numbers; precision \"fast\" computes exactly"));
  self->network = nst_network_new (model, pooling_of (model, recipe), nst_terms_depth (self->specs, n),
                                   nst_terms_layers (self->specs, n),
                                   recipe->precision == NST_PRECISION_FAST ? NST_CONV_FAST : NST_CONV_AUTO,
                                   error);
  self->terms = self->network != NULL ? make_terms (model, recipe, self->specs, n, error) : NULL;
  if (self->terms == NULL)
    return NULL;

  self->n_terms = n;

  self->blocks = nst_floats_try_new ((gsize) nst_threads () * 2 * NST_TERM_BLOCK_FLOATS);
  if (self->blocks == NULL || !make_workspace (self, recipe, self->specs, n, &self->workspace))
    {
      self->workspace = (NstWorkspace){ 0 };
      nst_objective_out_of_memory (error);
      return NULL;
    }

  return g_steal_pointer (&self);
}

void
nst_objective_free (NstObjective *objective)
{
  if (objective == NULL)
    return;

  free_terms (objective->terms, objective->n_terms);
  g_free (objective->specs);
  nst_guidance_clear (objective->regions, objective->n_regions * objective->model->n_layers);
  nst_guidance_clear (objective->protect, objective->model->n_layers);
  g_free (objective->regions);
  g_free (objective->protect);
  nst_network_free (objective->network);
  free_workspace (&objective->workspace);
  nst_floats_free (objective->blocks);
  nst_model_unref (objective->model);
  g_free (objective);
}

gboolean
nst_objective_set_recipe (NstObjective *objective, const NstRecipe *recipe, GError **error)
{
  int                     n;
  g_autofree NstTermSpec *specs = find_terms (objective->model, recipe, objective->n_regions, &n, error);
  NstTerm               **terms;
  NstWorkspace            workspace;
  gboolean                same;

  if (specs == NULL)
    return FALSE;
  same = n == objective->n_terms;
  for (int t = 0; same && t < n; t++)
    same = specs[t].class == objective->specs[t].class && specs[t].layer == objective->specs[t].layer;
  if (!same)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("A run cannot start over with other layers"));
      return FALSE;
    }
  terms = make_terms (objective->model, recipe, specs, n, error);
  if (terms == NULL)
    return FALSE;
  if (!make_workspace (objective, recipe, specs, n, &workspace))
    {
      free_terms (terms, n);
      return nst_objective_out_of_memory (error);
    }

  free_workspace (&objective->workspace);
  workspace.spill = objective->workspace.spill;
  objective->workspace = workspace;
  for (int t = 0; t < n; t++)
    {
      nst_term_set_target (terms[t], objective->terms[t]->target);
      terms[t]->area = objective->terms[t]->area;
    }
  free_terms (objective->terms, n);
  objective->terms = terms;
  memcpy (objective->specs, specs, n * sizeof specs[0]);
  objective->balance = balance_of (recipe);

  return TRUE;
}

void
nst_objective_set_tiles (NstObjective *objective, gsize most_pixels)
{
  objective->most_pixels = most_pixels;
}

void
nst_objective_set_spill (NstObjective *objective, gboolean spill)
{
  objective->workspace.spill = spill;
}

void
nst_objective_set_balance (NstObjective *objective, const NstBalance *balance)
{
  objective->balance = *balance;
}

const NstTerm *const *
nst_objective_get_terms (const NstObjective *objective, int *n)
{
  *n = objective->n_terms;

  return (const NstTerm *const *) objective->terms;
}

/* Planning */

int
nst_objective_smallest_side (const NstModel *model, const NstRecipe *recipe, GError **error)
{
  NstTermSpec specs[NST_MAX_TERMS];
  const int   n = nst_terms_find (model, recipe, specs, error);

  return n > 0 ? nst_network_smallest_side (model, nst_terms_depth (specs, n)) : 0;
}

/* Bytes of the weights of all regions and of the protection, and of the maps that they are made from. */
static gsize
guidance_bytes (const NstModel *model, const NstTermSpec *specs, int n, int width, int height)
{
  gsize floats = 3 * (gsize) width * height;

  for (int t = 0; t < n; t++)
    if (specs[t].layer != NST_TERM_PICTURE)
      floats += nst_terms_positions (model, specs[t].layer, width, height);

  return floats * sizeof (float);
}

int
nst_objective_count_tiles (
    const NstModel *model, const NstRecipe *recipe, int width, int height, gsize most_pixels)
{
  NstTermSpec specs[NST_MAX_TERMS];
  const int   n = nst_terms_find (model, recipe, specs, NULL);
  NstTiling   tiling;

  nst_tiling_init (&tiling, model, nst_terms_depth (specs, n), width, height, most_pixels);

  return n > 0 ? nst_tiling_count (&tiling) : 0;
}

/* Bytes of the network for the largest frame of a picture of width x height pixels. */
static gboolean
plan_network (const NstModel    *model,
              const NstTermSpec *specs,
              int                n,
              int                width,
              int                height,
              gsize              most_pixels,
              gsize             *bytes,
              GError           **error)
{
  const int depth = nst_terms_depth (specs, n);
  NstTiling tiling;

  /* The checks are those of the whole picture. */
  if (!nst_network_plan (model, depth, nst_terms_layers (specs, n), width, height, bytes, error))
    return FALSE;
  nst_tiling_init (&tiling, model, depth, width, height, most_pixels);
  nst_tiling_largest (&tiling, &width, &height);

  return nst_network_plan (model, depth, nst_terms_layers (specs, n), width, height, bytes, error);
}

gboolean
nst_objective_plan (const NstModel  *model,
                    const NstRecipe *recipe,
                    int              n_regions,
                    gboolean         guided,
                    int              width,
                    int              height,
                    int              style_width,
                    int              style_height,
                    gsize            most_pixels,
                    gsize           *bytes,
                    gsize           *targets,
                    GError         **error)
{
  int                     n = 0;
  g_autofree NstTermSpec *specs = find_terms (model, recipe, n_regions, &n, error);
  gsize                   own, style;

  if (specs == NULL || !plan_network (model, specs, n, width, height, most_pixels, &own, error)
      || !plan_network (model, specs, n, style_width, style_height, most_pixels, &style, error))
    return FALSE;
  *bytes = MAX (own, style) + nst_terms_plan (model, recipe, specs, n, width, height);
  *targets = nst_terms_target_bytes (model, specs, n, width, height);
  if (guided)
    *bytes += guidance_bytes (model, specs, n, width, height);

  return TRUE;
}
