/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a picture that terms see: tiles of it, and what their positions weigh. */
#include "core/loss/objective-private.h"

/* Regions */

NstLayerSet
nst_objective_layers (const NstObjective *self, NstTargetSource source)
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
  const NstLayerSet style = nst_objective_layers (objective, NST_TARGET_STYLE);
  const NstLayerSet content = nst_objective_layers (objective, NST_TARGET_CONTENT);

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
const NstGuidance *
nst_objective_guidance (const NstObjective *self, const NstTermSpec *spec)
{
  const NstGuidance *guidance = NULL;

  if (spec->class->source == NST_TARGET_STYLE)
    guidance = &self->regions[spec->region * self->model->n_layers + spec->layer];
  else if (spec->class->source == NST_TARGET_CONTENT)
    guidance = &self->protect[spec->layer];

  return guidance != NULL && guidance->weights != NULL ? guidance : NULL;
}

/* Tiles */

void
nst_objective_make_tiling (const NstObjective *self, int width, int height, NstTiling *tiling)
{
  nst_tiling_init (tiling, self->model, nst_terms_depth (self->specs, self->n_terms), width, height,
                   self->most_pixels);
}

/* Memory for the largest tile, once for all tiles. */
gboolean
nst_objective_reserve_tiles (NstObjective *self, const NstTiling *tiling, GError **error)
{
  int width, height;

  nst_tiling_largest (tiling, &width, &height);

  return nst_network_resize (self->network, width, height, error);
}

/* After a tile: its part of targets in files need not stay in memory. */
void
nst_objective_release_targets (const NstObjective *self)
{
  for (int t = 0; t < self->n_terms; t++)
    if (self->terms[t]->target != NULL)
      nst_target_release (self->terms[t]->target);
}

/* Start the network's forward pass over a tile of rgb. */
gboolean
nst_objective_begin_tile (
    NstObjective *self, const NstTiling *tiling, const NstTile *tile, const float *rgb, GError **error)
{
  const NstRectangle *frame = &tile->frame;

  if (!nst_network_resize (self->network, frame->width, frame->height, error))
    return FALSE;
  nst_network_begin (self->network, rgb + ((gsize) frame->y * tiling->width + frame->x) * 3, tiling->width);

  return TRUE;
}

/* The features of a layer in a tile, every position with weight 1. */
NstPart
nst_objective_part (const NstObjective *self,
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
void
nst_objective_set_weights (NstPart *part, const NstGuidance *guidance)
{
  if (guidance == NULL || guidance->weights == NULL)
    return;

  part->weights = guidance->weights + (gsize) part->y * part->width + part->x;
  part->row = part->width;
}

/* The same positions with these weights, and their share. */
NstPart
nst_objective_weigh (const NstPart *part, const NstGuidance *guidance)
{
  NstPart weighted = *part;

  nst_objective_set_weights (&weighted, guidance);
  if (weighted.weights != NULL)
    weighted.share = guidance->total > 0 ? nst_part_total (&weighted) / guidance->total : 0;

  return weighted;
}
