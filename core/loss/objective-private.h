/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of an objective, shared by the files of objective.h. */
#pragma once

#include "core/loss/guidance.h"
#include "core/loss/objective.h"
#include "core/network/network.h"
#include "core/network/tiling.h"

G_BEGIN_DECLS

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

/* The layers at which the terms want features of the content or of a style. */
NstLayerSet nst_objective_layers (const NstObjective *self, NstTargetSource source);

/* What the positions of a term's layer weigh. NULL: 1 everywhere. */
const NstGuidance *nst_objective_guidance (const NstObjective *self, const NstTermSpec *spec);

/* How a picture of this size is cut. */
void nst_objective_make_tiling (const NstObjective *self, int width, int height, NstTiling *tiling);

/* Memory for the largest tile, once for all tiles. */
gboolean nst_objective_reserve_tiles (NstObjective *self, const NstTiling *tiling, GError **error);

/* After a tile: its part of targets in files need not stay in memory. */
void nst_objective_release_targets (const NstObjective *self);

/* Start the network's forward pass over a tile of rgb. */
gboolean nst_objective_begin_tile (
    NstObjective *self, const NstTiling *tiling, const NstTile *tile, const float *rgb, GError **error);

/* The features of a layer in a tile, every position with weight 1. */
NstPart nst_objective_part (const NstObjective *self,
                            const NstTiling    *tiling,
                            const NstTile      *tile,
                            int                 layer,
                            const NstTensor    *features);

/* Let positions weigh what guidance says; NULL or without weights: 1 everywhere. Leaves the part's share. */
void nst_objective_set_weights (NstPart *part, const NstGuidance *guidance);

/* The same positions with these weights, and their share. */
NstPart nst_objective_weigh (const NstPart *part, const NstGuidance *guidance);

G_END_DECLS
