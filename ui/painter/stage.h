/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/engine.h"
#include "ui/painter/sources.h"

G_BEGIN_DECLS

/* A picture is painted in stages: a small preview from the beginning, then runs that continue from it up to
 * larger sizes. These functions say what the engine is asked for in each stage. Sizes are the longer side in
 * pixels. */

/* The recipe of the run up to size: from the beginning, or (from above 0) from a picture of size from. */
NstRecipe nst_stage_recipe (const NstRecipe *recipe, const NstSources *sources, int size, int from);

/* The plan of that run, with the styles that are read. Errors: as nst_plan (). */
gboolean nst_stage_plan (
    NstPlan *plan, const NstModel *model, const NstRecipe *stage, const NstSources *sources, GError **error);

/* The size of the preview: small, but not too small for the model, and at most size. */
int nst_stage_preview_size (const NstModel   *model,
                            const NstRecipe  *recipe,
                            const NstSources *sources,
                            int               size);

G_END_DECLS
