/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a scene to an objective's targets at one size. */
#include "core/run/targets.h"

#include "core/run/scales.h"

/* A style at the size at which it is evaluated, cropped first if the recipe says so. */
static NstImage *
resize_style (
    const NstRecipe *recipe, int smallest, const NstImage *style, int width, int height, GError **error)
{
  g_autoptr (NstImage) middle = NULL;
  int                  scaled_width, scaled_height;

  nst_scales_style_size (recipe, smallest, style->width, style->height, width, height, &scaled_width,
                         &scaled_height);
  if (recipe->style_fit == NST_STYLE_FIT_CROP)
    {
      style = middle = nst_image_crop_to_proportions (style, width, height, error);
      if (middle == NULL)
        return NULL;
    }

  return nst_image_resize (style, scaled_width, scaled_height, error);
}

gboolean
nst_targets_set (NstObjective    *objective,
                 const NstModel  *model,
                 const NstRecipe *recipe,
                 const NstScene  *scene,
                 const NstImage  *content,
                 GCancellable    *cancellable,
                 GError         **error)
{
  const int smallest = nst_objective_smallest_side (model, recipe, error);
  double    sum = 0;

  if (smallest == 0 || !nst_objective_set_content (objective, content, cancellable, error))
    return FALSE;

  for (int i = 0; i < scene->n_styles; i++)
    sum += scene->styles[i].weight;
  for (int i = 0; i < scene->n_styles && recipe->style_layers.n > 0; i++)
    {
      const NstSceneStyle *style = &scene->styles[i];
      g_autoptr (NstImage) image = resize_style (recipe, smallest, style->image, content->width,
                                                 content->height, error);

      if (image == NULL
          || !nst_objective_add_style (objective, image, style->weight / sum, cancellable, error))
        return FALSE;
    }

  return nst_objective_finish_targets (objective, error);
}
