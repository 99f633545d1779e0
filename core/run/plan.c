/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run will need: its scales, its work and its memory. */
#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/image/palette.h"
#include "core/minimise/minimiser.h"
#include "core/run/engine.h"
#include "core/run/scales.h"
#include "core/scene/regions.h"

/* What a process takes before it computes anything: code, libraries, stacks. Measured for the command line's
 * program. */
#define PROCESS_BYTES (42 << 20)

static gsize
parameter_bytes (const NstModel *model)
{
  gsize floats = 0;

  for (int i = 0; i < model->n_layers; i++)
    {
      const NstLayer *layer = &model->layers[i];

      if (layer->kind == NST_LAYER_CONV)
        floats += (gsize) layer->out_channels * (layer->in_channels * 9 + 1)
                  + (gsize) layer->head_channels * (layer->out_channels + 1);
    }

  return floats * sizeof (float);
}

/* Bytes of the objective, for the style that needs most. */
static gboolean
plan_objective (const NstModel  *model,
                const NstRecipe *recipe,
                const NstPlan   *plan,
                int              smallest,
                const NstScene  *scene,
                gsize           *most,
                gsize           *targets,
                GError         **error)
{
  const int              n = scene != NULL ? scene->n_styles : 0;
  g_autoptr (NstRegions) regions = n > 0 ? nst_regions_list (scene) : NULL;
  const gboolean         guided = scene != NULL && (nst_regions_any (scene) || scene->protect != NULL);

  *most = 0;
  for (int i = 0; i < MAX (n, 1); i++)
    {
      gsize bytes;
      int   width, height;

      nst_scales_style_size (recipe, smallest, n > 0 ? &scene->styles[i] : NULL, plan->width, plan->height,
                             &width, &height);
      if (!nst_objective_plan (model, recipe, regions != NULL ? regions->n : 1, guided, plan->width,
                               plan->height, width, height, plan->tile, &bytes, targets, error))
        return FALSE;
      *most = MAX (*most, bytes);
    }

  return TRUE;
}

/* Bytes of the pictures at their own size. A picture that is there twice counts once. */
static gsize
picture_bytes (const NstPlan *plan, int width, int height, const NstScene *scene)
{
  const gsize pixel = 3 * sizeof (float);
  gsize       bytes = (gsize) width * height * pixel;

  if (scene != NULL && scene->content != NULL && scene->content->width == width
      && scene->content->height == height)
    bytes = 0; /* counted below */
  if (scene != NULL)
    bytes += nst_scene_bytes (scene);
  if (scene == NULL || scene->n_styles == 0)
    bytes += (gsize) plan->width * plan->width * pixel;

  return bytes;
}

/* The masks of all regions at the size of a scale, while the targets are set; and what share of the result is
 * painted. */
static gsize
mask_floats (const NstScene *scene, int width, int height)
{
  g_autoptr (NstRegions) regions = nst_regions_list (scene);

  return (regions->n + 2) * (gsize) width * height;
}

/* What does not depend on the choices: pictures and parameters. At the last scale: the picture, a snapshot on
 * its way to the caller, the content where it had to be made smaller, and the last good picture, which L-BFGS
 * keeps itself; and the colours of the snapshot. */
static gsize
fixed_bytes (const NstPlan   *plan,
             const NstModel  *model,
             const NstRecipe *recipe,
             int              width,
             int              height,
             const NstScene  *scene)
{
  const gsize numbers = (gsize) plan->width * plan->height * 3;
  gsize       bytes = PROCESS_BYTES + parameter_bytes (model) + picture_bytes (plan, width, height, scene)
                + 2 * numbers * sizeof (float)
                + nst_palette_finish_bytes (plan->width, plan->height, recipe->palette);

  if (plan->width != width || plan->height != height)
    bytes += numbers * sizeof (float);
  if (scene != NULL && (nst_regions_any (scene) || scene->strength != NULL))
    bytes += mask_floats (scene, plan->width, plan->height) * sizeof (float);
  if (recipe->optimizer != NST_OPTIMIZER_LBFGS)
    bytes += numbers * sizeof (float);

  return bytes;
}

/* Bytes in memory and on disk with one choice of tiles and spill. */
static gboolean
try_choice (NstPlan         *plan,
            const NstModel  *model,
            const NstRecipe *recipe,
            int              smallest,
            const NstScene  *scene,
            gsize            fixed,
            GError         **error)
{
  const gsize numbers = (gsize) plan->width * plan->height * 3;
  gsize       objective, targets, in_files, minimiser;

  if (!plan_objective (model, recipe, plan, smallest, scene, &objective, &targets, error))
    return FALSE;
  minimiser = nst_minimiser_floats (recipe->optimizer, numbers, recipe->history, plan->spill, &in_files);
  plan->bytes = fixed + objective + minimiser * sizeof (float);
  plan->disk = in_files * sizeof (float);
  if (plan->spill != NST_SPILL_NOTHING)
    {
      plan->bytes -= targets;
      plan->disk += targets;
    }

  return TRUE;
}

/* The largest of these that fits is taken. Tiles cost half as much work again, because pass 1 and 2 both run
 * the network forward; files cost little as long as the system's cache holds them. So they are tried first.
 * Few sizes, so that a little more or less memory does not change what rounding does. */
static const gsize tiles[] = { G_MAXSIZE, 2048 * 2048, 1024 * 1024, 512 * 512 };

static gboolean
choose (NstPlan         *plan,
        const NstModel  *model,
        const NstRecipe *recipe,
        int              smallest,
        const NstScene  *scene,
        gsize            fixed,
        GError         **error)
{
  const guint64 limit = nst_memory_limit (), room = nst_spill_room ();
  NstPlan       best = { .bytes = G_MAXSIZE };

  for (gsize t = 0; t < G_N_ELEMENTS (tiles); t++)
    for (int spill = NST_SPILL_NOTHING; spill <= NST_SPILL_ALL; spill++)
      {
        plan->spill = spill;
        plan->tile = tiles[t];
        if (!try_choice (plan, model, recipe, smallest, scene, fixed, error))
          return FALSE;
        if (plan->disk > room)
          continue;
        if (limit == 0 || plan->bytes <= limit)
          return TRUE;
        if (plan->bytes < best.bytes)
          best = *plan;
      }
  *plan = best;

  return TRUE;
}

gboolean
nst_plan (NstPlan         *plan,
          const NstModel  *model,
          const NstRecipe *recipe,
          int              width,
          int              height,
          const NstScene  *scene,
          GError         **error)
{
  const int smallest = nst_image_check_size (width, height, error) && nst_recipe_validate (recipe, error)
                           ? nst_objective_smallest_side (model, recipe, error)
                           : 0;
  NstScales scales;

  if (smallest == 0)
    return FALSE;

  nst_scales_init (&scales, recipe, width, height, smallest);
  plan->n_scales = scales.n;
  plan->iterations = nst_scales_total (&scales);
  plan->width = scales.widths[scales.n - 1];
  plan->height = scales.heights[scales.n - 1];
  plan->pixel_iterations = nst_scales_work (&scales, recipe, scales.n, 0);
  if (!choose (plan, model, recipe, smallest, scene, fixed_bytes (plan, model, recipe, width, height, scene),
               error))
    return FALSE;
  plan->tiles = nst_objective_count_tiles (model, recipe, plan->width, plan->height, plan->tile);

  return TRUE;
}
