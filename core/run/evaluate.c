/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every loss of one picture, without optimisation. */
#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/run/engine.h"
#include "core/run/targets.h"
#include "core/scene/regions.h"

static GArray *
list_losses (const NstModel *model, const NstObjective *objective)
{
  GArray               *losses = g_array_new (FALSE, FALSE, sizeof (NstTermLoss));
  int                   n;
  const NstTerm *const *terms = nst_objective_get_terms (objective, &n);

  for (int t = 0; t < n; t++)
    {
      const NstTerm *term = terms[t];
      NstTermLoss    loss = { .kind = term->class->letter,
                              .weight = term->weight * term->area,
                              .loss = term->loss };

      g_strlcpy (loss.layer,
                 term->layer == NST_TERM_PICTURE ? term->class->name : model->layers[term->layer].name,
                 sizeof loss.layer);
      g_array_append_val (losses, loss);
    }

  return losses;
}

gboolean
nst_evaluate (NstModel        *model,
              const NstRecipe *recipe,
              const NstScene  *scene,
              const NstImage  *picture,
              NstLosses       *losses,
              GArray         **terms,
              NstImage       **gradient,
              GError         **error)
{
  g_autoptr (NstImage)     content = NULL;
  g_autoptr (NstObjective) objective = NULL;
  g_autoptr (NstRegions)   regions = nst_regions_list (scene);
  g_autoptr (NstImage)     slope = NULL;
  NstPlan                  plan;

  if (!nst_plan (&plan, model, recipe, scene->content->width, scene->content->height, scene, error))
    return FALSE;
  if (picture->width != plan.width || picture->height != plan.height)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                   _ ("The picture to evaluate is %d x %d pixels; expected %d x %d"), picture->width,
                   picture->height, plan.width, plan.height);
      return FALSE;
    }

  objective = nst_objective_new (model, recipe, regions->n, error);
  if (objective != NULL)
    {
      nst_objective_set_tiles (objective, plan.tile);
      nst_objective_set_spill (objective, plan.spill != NST_SPILL_NOTHING);
    }
  if (objective == NULL || (slope = nst_image_new (plan.width, plan.height, error)) == NULL
      || (content = nst_image_at_size (scene->content, plan.width, plan.height, error)) == NULL
      || !nst_targets_set (objective, model, recipe, scene, content, NULL, error)
      || !nst_objective_evaluate (objective, picture->data, slope->data, losses, NULL, error))
    return FALSE;

  if (terms != NULL)
    *terms = list_losses (model, objective);
  if (gradient != NULL)
    *gradient = g_steal_pointer (&slope);

  return TRUE;
}
