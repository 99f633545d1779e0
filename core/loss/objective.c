/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective drives the network's passes, and each term in two of them: observe, conclude, gradient. */
#include "core/loss/objective.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/profile.h"
#include "core/loss/guidance.h"
#include "core/network/network.h"
#include "core/network/tiling.h"

#define BLOCK_FLOATS 16384 /* 64 KB of features, whose gradient is found in one task */
#define ROWS 4             /* of the picture, likewise */

struct _NstObjective
{
  NstModel    *model;   /* ref */
  NstNetwork  *network; /* owned */
  NstTerm    **terms;   /* owned, n_terms */
  NstTermSpec *specs;   /* owned, n_terms */
  int          n_terms, n_regions;
  NstBalance   balance;
  gsize        most_pixels; /* of a tile's frame */
  NstTiling    tiling;      /* of pictures; width 0: no targets yet */

  NstGuidance *regions; /* owned; n_regions x layers of the model: what positions weigh for style */
  NstGuidance *protect; /* owned; layers of the model: for content */

  NstWorkspace workspace; /* owned; for all terms */
  float       *blocks;    /* owned; threads x 2 x NST_TERM_BLOCK_FLOATS: gradients of blocks, and scratch */
};

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

  self->network = nst_network_new (model, pooling_of (model, recipe), nst_terms_depth (self->specs, n),
                                   nst_terms_layers (self->specs, n), NST_CONV_AUTO, error);
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

/* Regions */

static NstLayerSet
layers_of (const NstObjective *self, NstTargetSource source)
{
  NstLayerSet layers = 0;

  for (int t = 0; t < self->n_terms; t++)
    if (self->specs[t].class->source == source)
      layers |= nst_terms_layers (&self->specs[t], 1);

  return layers;
}

/* From a mask's values to a content term's weights: 1 to NST_PROTECTION. */
static void
protect_layer (NstGuidance *guidance, gsize positions)
{
  for (gsize p = 0; guidance->weights != NULL && p < positions; p++)
    guidance->weights[p] = 1 + (NST_PROTECTION - 1) * guidance->weights[p];
}

gboolean
nst_objective_set_masks (NstObjective   *objective,
                         NstMask *const *masks,
                         const NstMask  *protect,
                         GError        **error)
{
  const NstModel   *model = objective->model;
  const NstLayerSet style = layers_of (objective, NST_TARGET_STYLE);
  const NstLayerSet content = layers_of (objective, NST_TARGET_CONTENT);

  nst_guidance_clear (objective->regions, objective->n_regions * model->n_layers);
  nst_guidance_clear (objective->protect, model->n_layers);
  for (int r = 0; masks != NULL && r < objective->n_regions; r++)
    if (!nst_guidance_make (objective->regions + r * model->n_layers, model, style, masks[r],
                            NST_GUIDANCE_INSIDE))
      return nst_objective_out_of_memory (error);
  if (protect == NULL)
    return TRUE;

  if (!nst_guidance_make (objective->protect, model, content, protect, NST_GUIDANCE_POOLED))
    return nst_objective_out_of_memory (error);
  for (int i = 0; i < model->n_layers; i++)
    protect_layer (&objective->protect[i], nst_terms_positions (model, i, protect->width, protect->height));

  return TRUE;
}

/* What the positions of a term's layer weigh. NULL: 1 everywhere. */
static const NstGuidance *
guidance_of (const NstObjective *self, const NstTermSpec *spec)
{
  const NstGuidance *guidance = NULL;

  if (spec->class->source == NST_TARGET_STYLE)
    guidance = &self->regions[spec->region * self->model->n_layers + spec->layer];
  else if (spec->class->source == NST_TARGET_CONTENT)
    guidance = &self->protect[spec->layer];

  return guidance != NULL && guidance->weights != NULL ? guidance : NULL;
}

/* Tiles */

static void
make_tiling (const NstObjective *self, int width, int height, NstTiling *tiling)
{
  nst_tiling_init (tiling, self->model, nst_terms_depth (self->specs, self->n_terms), width, height,
                   self->most_pixels);
}

/* Memory for the largest tile, once for all tiles. */
static gboolean
reserve_tiles (NstObjective *self, const NstTiling *tiling, GError **error)
{
  int width, height;

  nst_tiling_largest (tiling, &width, &height);

  return nst_network_resize (self->network, width, height, error);
}

/* After a tile: its part of targets in files need not stay in memory. */
static void
release_targets (const NstObjective *self)
{
  for (int t = 0; t < self->n_terms; t++)
    if (self->terms[t]->target != NULL)
      nst_target_release (self->terms[t]->target);
}

/* Start the network's forward pass over a tile of rgb. */
static gboolean
begin_tile (
    NstObjective *self, const NstTiling *tiling, const NstTile *tile, const float *rgb, GError **error)
{
  const NstRectangle *frame = &tile->frame;

  if (!nst_network_resize (self->network, frame->width, frame->height, error))
    return FALSE;
  nst_network_begin (self->network, rgb + ((gsize) frame->y * tiling->width + frame->x) * 3, tiling->width);

  return TRUE;
}

/* The features of a layer in a tile, every position with weight 1. */
static NstPart
part_of (const NstObjective *self,
         const NstTiling    *tiling,
         const NstTile      *tile,
         int                 layer,
         const NstTensor    *features)
{
  const int          reduction = nst_layer_reduction (self->model, layer);
  const NstRectangle all = { 0, 0, tiling->width, tiling->height };
  const NstRectangle whole = nst_rectangle_reduce (&all, reduction);
  const NstRectangle frame = nst_rectangle_reduce (&tile->frame, reduction);
  NstPart            part = { .features = features,
                              .x = frame.x,
                              .y = frame.y,
                              .width = whole.width,
                              .height = whole.height,
                              .core = nst_rectangle_reduce (&tile->core, reduction) };

  part.core.x -= frame.x;
  part.core.y -= frame.y;
  part.share = nst_part_total (&part) / ((double) whole.width * whole.height);

  return part;
}

/* Let positions weigh what guidance says; NULL or without weights: 1 everywhere. Leaves the part's share. */
static void
set_weights (NstPart *part, const NstGuidance *guidance)
{
  if (guidance == NULL || guidance->weights == NULL)
    return;

  part->weights = guidance->weights + (gsize) part->y * part->width + part->x;
  part->row = part->width;
}

/* The same positions with these weights, and their share. */
static NstPart
weigh (const NstPart *part, const NstGuidance *guidance)
{
  NstPart weighted = *part;

  set_weights (&weighted, guidance);
  if (weighted.weights != NULL)
    weighted.share = guidance->total > 0 ? nst_part_total (&weighted) / guidance->total : 0;

  return weighted;
}

/* Targets */

/* What a target picture is for, and which part of it counts. */
typedef struct
{
  NstTargetSource    source;
  int                region;
  const NstGuidance *part; /* for each layer, or NULL: all of it */
  double             share;
} Aim;

static gboolean
part_is_empty (const NstModel *model, int layer, GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
               _ ("The marked part of the style is too small: the layer %s of the network sees nothing of "
                  "it"),
               model->layers[layer].name);

  return FALSE;
}

/* A forward pass over one tile of a target picture; every term that it is for takes what it needs. */
static gboolean
aim_tile (NstObjective    *self,
          const Aim       *aim,
          const NstTiling *tiling,
          const NstTile   *tile,
          const float     *rgb,
          GCancellable    *cancellable,
          GError         **error)
{
  NstNetworkTap tap;

  if (!begin_tile (self, tiling, tile, rgb, error))
    return FALSE;
  for (;;)
    {
      NstPart part;

      if (!nst_network_forward (self->network, &tap, cancellable, error))
        return FALSE;
      if (tap.features == NULL)
        return TRUE;
      part = part_of (self, tiling, tile, tap.layer, tap.features);
      part = weigh (&part, aim->part != NULL ? &aim->part[tap.layer] : NULL);
      for (int t = 0; t < self->n_terms; t++)
        {
          const NstTermSpec *spec = &self->specs[t];

          if (spec->class->source != aim->source || spec->region != aim->region || spec->layer != tap.layer)
            continue;
          if (part.weights != NULL && aim->part[tap.layer].total == 0)
            return part_is_empty (self->model, tap.layer, error);
          if (!spec->class->aim (self->terms[t], &part, aim->share, &self->workspace))
            return nst_objective_out_of_memory (error);
        }
    }
}

static gboolean
aim (NstObjective *self, const Aim *aim, const NstImage *image, GCancellable *cancellable, GError **error)
{
  NstTiling tiling;

  make_tiling (self, image->width, image->height, &tiling);
  if (!reserve_tiles (self, &tiling, error))
    return FALSE;
  for (int i = 0; i < nst_tiling_count (&tiling); i++)
    {
      const NstTile tile = nst_tiling_get (&tiling, i);

      if (!aim_tile (self, aim, &tiling, &tile, image->data, cancellable, error))
        return FALSE;
      release_targets (self);
    }

  return TRUE;
}

static gboolean
has_source (const NstObjective *self, NstTargetSource source)
{
  for (int t = 0; t < self->n_terms; t++)
    if (self->specs[t].class->source == source)
      return TRUE;

  return FALSE;
}

gboolean
nst_objective_set_content (NstObjective   *objective,
                           const NstImage *content,
                           GCancellable   *cancellable,
                           GError        **error)
{
  const Aim whole = { NST_TARGET_CONTENT, 0, NULL, 1 };

  for (int t = 0; t < objective->n_terms; t++)
    nst_term_set_target (objective->terms[t], NULL);
  make_tiling (objective, content->width, content->height, &objective->tiling);

  return !has_source (objective, NST_TARGET_CONTENT) || aim (objective, &whole, content, cancellable, error);
}

gboolean
nst_objective_add_style (NstObjective   *objective,
                         int             region,
                         const NstImage *style,
                         const NstMask  *part,
                         double          share,
                         GCancellable   *cancellable,
                         GError        **error)
{
  const NstLayerSet layers = layers_of (objective, NST_TARGET_STYLE);
  const int         n = objective->model->n_layers;
  NstGuidance      *guidance;
  Aim               what = { NST_TARGET_STYLE, region, NULL, share };
  gboolean          good;

  if (!has_source (objective, NST_TARGET_STYLE))
    return TRUE;

  what.part = guidance = g_new0 (NstGuidance, n);
  good = part == NULL || nst_guidance_make (guidance, objective->model, layers, part, NST_GUIDANCE_INSIDE);
  good = good ? aim (objective, &what, style, cancellable, error) : nst_objective_out_of_memory (error);
  nst_guidance_clear (guidance, n);
  g_free (guidance);

  return good;
}

gboolean
nst_objective_finish_targets (NstObjective *objective, GError **error)
{
  return reserve_tiles (objective, &objective->tiling, error);
}

GPtrArray *
nst_objective_get_targets (const NstObjective *objective)
{
  GPtrArray *targets = g_ptr_array_new_with_free_func ((GDestroyNotify) nst_target_unref);

  for (int t = 0; t < objective->n_terms; t++)
    g_ptr_array_add (targets, objective->terms[t]->target != NULL
                                  ? nst_target_ref (objective->terms[t]->target)
                                  : NULL);

  return targets;
}

gboolean
nst_objective_restore_targets (
    NstObjective *objective, GPtrArray *targets, int width, int height, GError **error)
{
  for (int t = 0; t < objective->n_terms; t++)
    nst_term_set_target (objective->terms[t], g_ptr_array_index (targets, t));
  make_tiling (objective, width, height, &objective->tiling);

  return reserve_tiles (objective, &objective->tiling, error);
}

/* Evaluation */

/* What a term's loss is multiplied by in the total. */
static double
factor_of (const NstObjective *self, const NstTerm *term)
{
  switch (term->class->source)
    {
    case NST_TARGET_CONTENT:
      return self->balance.alpha * term->weight;
    case NST_TARGET_STYLE:
      return self->balance.beta * term->weight;
    default:
      return self->balance.tv * term->weight;
    }
}

static void
observe (NstObjective *self, int layer, const NstPart *plain)
{
  for (int t = 0; t < self->n_terms; t++)
    if (self->specs[t].layer == layer)
      {
        const NstPart part = weigh (plain, guidance_of (self, &self->specs[t]));

        self->terms[t]->class->observe (self->terms[t], &part, &self->workspace);
      }
}

/* The forward pass over a tile. observing: the terms see it. */
static gboolean
forward_tile (NstObjective  *self,
              const NstTile *tile,
              const float   *rgb,
              gboolean       observing,
              GCancellable  *cancellable,
              GError       **error)
{
  NstNetworkTap tap;

  if (!begin_tile (self, &self->tiling, tile, rgb, error))
    return FALSE;
  for (;;)
    {
      NstPart part;

      if (!nst_network_forward (self->network, &tap, cancellable, error))
        return FALSE;
      if (tap.features == NULL)
        return TRUE;
      part = part_of (self, &self->tiling, tile, tap.layer, tap.features);
      if (observing)
        observe (self, tap.layer, &part);
    }
}

static gboolean
first_pass (NstObjective *self, const NstTensor *picture, GCancellable *cancellable, GError **error)
{
  const NstPart whole = nst_part_whole (picture);

  for (int t = 0; t < self->n_terms; t++)
    self->terms[t]->class->begin (self->terms[t]);
  observe (self, NST_TERM_PICTURE, &whole);
  for (int i = 0; i < nst_tiling_count (&self->tiling); i++)
    {
      const NstTile tile = nst_tiling_get (&self->tiling, i);

      if (!forward_tile (self, &tile, picture->data, TRUE, cancellable, error))
        return FALSE;
      release_targets (self);
    }

  return TRUE;
}

/* Every term's loss is known now; its gradient can be asked for. */
static void
conclude (NstObjective *self, NstLosses *losses)
{
  const int width = self->tiling.width, height = self->tiling.height;

  *losses = (NstLosses){ 0 };
  for (int t = 0; t < self->n_terms; t++)
    {
      NstTerm           *term = self->terms[t];
      const NstGuidance *guidance = guidance_of (self, &self->specs[t]);
      const gsize        positions = nst_terms_positions (self->model, term->layer, width, height);
      double             loss;

      if (guidance != NULL && term->class->source == NST_TARGET_STYLE)
        term->area = guidance->total / positions;
      else
        term->area = 1;
      loss = term->class->conclude (term, term->area > 0 ? factor_of (self, term) : 0, positions,
                                    (gsize) width * height, &self->workspace);
      loss = term->area > 0 ? term->area * loss : 0;
      switch (term->class->source)
        {
        case NST_TARGET_CONTENT:
          losses->content += term->weight * loss;
          break;
        case NST_TARGET_STYLE:
          losses->style += term->weight * loss;
          break;
        default:
          losses->variation += term->weight * loss;
        }
    }
  losses->total = self->balance.alpha * losses->content + self->balance.beta * losses->style
                  + self->balance.tv * losses->variation;
}

/* The gradients of all terms of one layer, block after block. */
typedef struct
{
  NstObjective        *self;
  int                  layer;
  const NstPart       *part;
  gsize                block;    /* positions */
  const NstNetworkTap *tap;      /* where the gradient goes, or NULL: */
  float               *gradient; /* of the picture */
} Gradients;

/* The gradient of the features of positions first .. first + n - 1, all in the core or all not. */
static void
find_gradient (const Gradients *g, gsize first, gsize n, gboolean inside, float *own)
{
  const int channels = g->part->features->channels;
  float    *scratch = own + NST_TERM_BLOCK_FLOATS;
  float    *to = g->tap != NULL ? own : g->gradient + first * channels;
  gboolean  added = FALSE;

  for (int t = 0; inside && t < g->self->n_terms; t++)
    {
      const NstTerm *term = g->self->terms[t];
      NstPart        part;

      if (term->layer != g->layer)
        continue;
      part = *g->part;
      set_weights (&part, guidance_of (g->self, &g->self->specs[t]));
      added |= term->class->gradient (term, &part, first, n, added, to, scratch);
    }
  if (g->tap != NULL)
    nst_network_put_gradient (g->self->network, g->tap, first, n, added ? own : NULL);
  else if (!added)
    memset (to, 0, n * channels * sizeof (float));
}

static void
gradient_block (int task, int thread, gpointer data)
{
  const Gradients *g = data;
  const gsize      first = task * g->block;
  const gsize      last = MIN (first + g->block, nst_tensor_positions (g->part->features));
  const gint64     since = nst_profile_now ();

  for (gsize p = first, n; p < last; p += n)
    {
      gboolean inside;

      n = nst_part_side (g->part, p, last, &inside);
      find_gradient (g, p, n, inside, g->self->blocks + (gsize) thread * 2 * NST_TERM_BLOCK_FLOATS);
    }
  nst_profile_lap (thread, NST_PHASE_LOSS, since);
}

/* tap: where the gradient goes, or NULL: to gradient. */
static void
gradients_of (NstObjective *self, const NstPart *part, const NstNetworkTap *tap, float *gradient)
{
  const NstTensor *features = part->features;
  Gradients        g = { self, tap != NULL ? tap->layer : NST_TERM_PICTURE, part, 0, tap, gradient };

  g.block = tap != NULL ? MAX (BLOCK_FLOATS / features->channels / 12 * 12, 12) : ROWS * features->width;
  nst_parallel ((nst_tensor_positions (features) + g.block - 1) / g.block, gradient_block, &g);
}

/* The backward pass over a tile, after its forward pass. Its gradient is added to that of the picture. */
static gboolean
backward_tile (
    NstObjective *self, const NstTile *tile, float *gradient, GCancellable *cancellable, GError **error)
{
  NstNetworkTap tap;
  float        *corner = gradient + ((gsize) tile->frame.y * self->tiling.width + tile->frame.x) * 3;

  for (;;)
    {
      NstPart part;

      if (!nst_network_backward (self->network, &tap, corner, cancellable, error))
        return FALSE;
      if (tap.features == NULL)
        return TRUE;
      part = part_of (self, &self->tiling, tile, tap.layer, tap.features);
      gradients_of (self, &part, &tap, NULL);
    }
}

/* The picture's own terms write the gradient first; the network's is added to it. The last tile has just
 * passed forward; all others do so again. */
static gboolean
second_pass (
    NstObjective *self, const NstTensor *picture, float *gradient, GCancellable *cancellable, GError **error)
{
  const NstPart whole = nst_part_whole (picture);
  const int     last = nst_tiling_count (&self->tiling) - 1;

  gradients_of (self, &whole, NULL, gradient);
  for (int i = last; i >= 0; i--)
    {
      const NstTile tile = nst_tiling_get (&self->tiling, i);

      if ((i < last && !forward_tile (self, &tile, picture->data, FALSE, cancellable, error))
          || !backward_tile (self, &tile, gradient, cancellable, error))
        return FALSE;
      release_targets (self);
    }

  return TRUE;
}

gboolean
nst_objective_evaluate (NstObjective *objective,
                        const float  *rgb,
                        float        *gradient,
                        NstLosses    *losses,
                        GCancellable *cancellable,
                        GError      **error)
{
  const NstTensor picture = { objective->tiling.height, objective->tiling.width, 3, (float *) rgb };

  g_return_val_if_fail (objective->tiling.width > 0, FALSE);

  if (!first_pass (objective, &picture, cancellable, error))
    return FALSE;
  conclude (objective, losses);

  return second_pass (objective, &picture, gradient, cancellable, error);
}
