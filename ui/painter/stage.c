/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The recipes of the preview and of the runs that continue from it. */
#include "ui/painter/stage.h"

#include <math.h>

#define PREVIEW_SIZE 384
#define LEAST_RATIO 1.1 /* between the painted picture and the first scale after it */

NstRecipe
nst_stage_recipe (const NstRecipe *recipe, const NstSources *sources, int size, int from)
{
  NstRecipe stage = *recipe;

  stage.palette = 1; /* done when the picture is finished, so that it can be switched at any time */
  stage.size = size < MAX (sources->width, sources->height) ? size : 0;
  if (from > 0)
    {
      stage.init = NST_INIT_IMAGE;
      stage.noise = stage.freedom = 0;
      if (from >= size)
        stage.scale_ratio = 1;
      else
        stage.first_size = CLAMP ((int) ceil (from * MAX (LEAST_RATIO, stage.scale_ratio)), 16, 32768);
    }

  return stage;
}

gboolean
nst_stage_plan (
    NstPlan *plan, const NstModel *model, const NstRecipe *stage, const NstSources *sources, GError **error)
{
  g_autoptr (NstScene) scene = nst_sources_make_scene (sources);

  return nst_plan (plan, model, stage, sources->width, sources->height, scene, error);
}

int
nst_stage_preview_size (const NstModel *model, const NstRecipe *recipe, const NstSources *sources, int size)
{
  int preview = MIN (PREVIEW_SIZE, size);

  while (preview < size)
    {
      const NstRecipe stage = nst_stage_recipe (recipe, sources, preview, 0);
      NstPlan         plan;

      if (nst_stage_plan (&plan, model, &stage, sources, NULL))
        break;
      preview = MIN (size, preview * 5 / 4);
    }

  return preview;
}
