/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a scene to an objective's targets at one size. */
#include "core/run/targets.h"

#include "core/run/scales.h"
#include "core/run/smoothing.h"
#include "core/scene/regions.h"

/* A style and its mask at the size at which it is evaluated, cropped first if the recipe says so. */
typedef struct
{
  NstImage *image; /* owned */
  NstMask  *part;  /* owned or NULL */
} Style;

static void
style_clear (Style *style)
{
  nst_image_unref (style->image);
  nst_mask_unref (style->part);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Style, style_clear)

static gboolean
crop (const Style *style, int width, int height, Style *middle, GError **error)
{
  const NstImage *image = style->image;

  middle->image = nst_image_crop_to_proportions (image, width, height, error);
  if (middle->image == NULL)
    return FALSE;
  if (style->part != NULL)
    {
      g_autoptr (NstMask) part = nst_mask_at_size (style->part, image->width, image->height, error);
      const int           w = middle->image->width, h = middle->image->height;

      if (part != NULL)
        middle->part = nst_mask_crop (part, (image->width - w) / 2, (image->height - h) / 2, w, h, error);
    }

  return style->part == NULL || middle->part != NULL;
}

static gboolean
resize_style (const NstRecipe     *recipe,
              int                  smallest,
              const NstSceneStyle *from,
              int                  width,
              int                  height,
              Style               *to,
              GError             **error)
{
  g_auto (Style) middle = { NULL };
  Style          style = { from->image, from->part };
  int            scaled_width, scaled_height;

  nst_scales_style_size (recipe, smallest, from, width, height, &scaled_width, &scaled_height);
  if (recipe->style_fit == NST_STYLE_FIT_CROP)
    {
      if (!crop (&style, width, height, &middle, error))
        return FALSE;
      style = middle;
    }
  to->image = nst_image_resize (style.image, scaled_width, scaled_height, error);
  /* What steps along smoothed gradients cannot paint is not asked for: otherwise waves that are only a little
   * longer would make up for it. */
  if (to->image != NULL && recipe->no_lattice)
    nst_smooth (to->image->data, scaled_width, scaled_height);
  if (to->image != NULL && style.part != NULL)
    to->part = nst_mask_at_size (style.part, scaled_width, scaled_height, error);

  return to->image != NULL && (style.part == NULL || to->part != NULL);
}

gboolean
nst_targets_set_masks (NstObjective *objective, const NstScene *scene, int width, int height, GError **error)
{
  g_autoptr (NstRegions) regions = nst_regions_new (scene, width, height, error);
  g_autoptr (NstMask)    protect = NULL;

  if (regions == NULL)
    return FALSE;
  if (scene->protect != NULL && (protect = nst_mask_at_size (scene->protect, width, height, error)) == NULL)
    return FALSE;

  return nst_objective_set_masks (objective, regions->masks, protect, error);
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
  g_autoptr (NstRegions) regions = nst_regions_list (scene);
  const int              smallest = nst_objective_smallest_side (model, recipe, error);

  if (smallest == 0 || !nst_targets_set_masks (objective, scene, content->width, content->height, error)
      || !nst_objective_set_content (objective, content, cancellable, error))
    return FALSE;

  for (int i = 0; i < scene->n_styles && recipe->style_layers.n > 0; i++)
    {
      const NstSceneStyle *from = &scene->styles[i];
      const int            region = regions->of_style[i];
      g_auto (Style)       style = { NULL };

      if (!resize_style (recipe, smallest, from, content->width, content->height, &style, error)
          || !nst_objective_add_style (objective, region, style.image, style.part,
                                       from->weight / regions->weights[region], cancellable, error))
        return FALSE;
    }

  return nst_objective_finish_targets (objective, error);
}
