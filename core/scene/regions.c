/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the masks of a scene's styles to regions that share the picture. */
#include "core/scene/regions.h"

#define ROUNDING 1e-6 /* masks that sum to 1 but for this do */

NstRegions *
nst_regions_list (const NstScene *scene)
{
  NstRegions *regions = g_new0 (NstRegions, 1);

  regions->of_style = g_new (int, scene->n_styles);
  regions->weights = g_new0 (double, scene->n_styles);
  for (int i = 0; i < scene->n_styles; i++)
    {
      int same = 0;

      while (scene->styles[same].mask != scene->styles[i].mask)
        same++;
      regions->of_style[i] = same == i ? regions->n++ : regions->of_style[same];
      regions->weights[regions->of_style[i]] += scene->styles[i].weight;
    }
  regions->masks = g_new0 (NstMask *, regions->n);

  return regions;
}

void
nst_regions_free (NstRegions *regions)
{
  if (regions == NULL)
    return;

  for (int r = 0; r < regions->n; r++)
    nst_mask_unref (regions->masks[r]);
  nst_mask_unref (regions->painted);
  g_free (regions->masks);
  g_free (regions->weights);
  g_free (regions->of_style);
  g_free (regions);
}

gboolean
nst_regions_any (const NstScene *scene)
{
  for (int i = 0; i < scene->n_styles; i++)
    if (scene->styles[i].mask != NULL)
      return TRUE;

  return FALSE;
}

/* Divide the masks by their sum where it exceeds 1. The rest of the others goes to the region rest, or if it
 * is -1 to nobody; then painted says what is left. */
static void
share_pixels (NstRegions *regions, int rest, gsize n)
{
  for (gsize p = 0; p < n; p++)
    {
      float sum = 0;

      for (int r = 0; r < regions->n; r++)
        if (r != rest)
          sum += regions->masks[r]->data[p];
      for (int r = 0; r < regions->n && sum > 1; r++)
        if (r != rest)
          regions->masks[r]->data[p] /= sum;
      if (rest >= 0)
        regions->masks[rest]->data[p] = sum < 1 - ROUNDING ? 1 - sum : 0;
      else
        regions->painted->data[p] = sum < 1 - ROUNDING ? sum : 1;
    }
}

/* A copy of a mask, at the given size, to be written to. */
static NstMask *
own_mask (NstMask *mask, int width, int height, GError **error)
{
  g_autoptr (NstMask) scaled = nst_mask_at_size (mask, width, height, error);

  return scaled != NULL ? nst_mask_crop (scaled, 0, 0, width, height, error) : NULL;
}

/* A mask of ones is none. */
static void
drop_ones (NstMask **mask)
{
  float least = 0, most;

  if (*mask != NULL)
    nst_mask_range (*mask, &least, &most);
  if (least == 1)
    g_clear_pointer (mask, nst_mask_unref);
}

NstRegions *
nst_regions_new (const NstScene *scene, int width, int height, GError **error)
{
  g_autoptr (NstRegions) regions = nst_regions_list (scene);
  int                    rest = -1;

  if (!nst_regions_any (scene))
    return g_steal_pointer (&regions);

  for (int i = 0; i < scene->n_styles; i++)
    {
      const int r = regions->of_style[i];

      if (regions->masks[r] != NULL)
        continue;
      if (scene->styles[i].mask == NULL)
        rest = r;
      regions->masks[r] = scene->styles[i].mask != NULL
                              ? own_mask (scene->styles[i].mask, width, height, error)
                              : nst_mask_new (width, height, error);
      if (regions->masks[r] == NULL)
        return NULL;
    }
  if (rest < 0)
    {
      regions->painted = nst_mask_new (width, height, error);
      if (regions->painted == NULL)
        return NULL;
    }
  share_pixels (regions, rest, (gsize) width * height);
  for (int r = 0; r < regions->n; r++)
    drop_ones (&regions->masks[r]);
  drop_ones (&regions->painted);

  return g_steal_pointer (&regions);
}

gboolean
nst_regions_strength (const NstScene *scene, int width, int height, NstMask **share, GError **error)
{
  g_autoptr (NstRegions) regions = nst_regions_new (scene, width, height, error);

  *share = NULL;
  if (regions == NULL)
    return FALSE;

  *share = g_steal_pointer (&regions->painted);
  if (scene->strength != NULL)
    {
      g_autoptr (NstMask) painted = *share;

      *share = own_mask (scene->strength, width, height, error);
      for (gsize p = 0; painted != NULL && *share != NULL && p < (gsize) width * height; p++)
        (*share)->data[p] *= painted->data[p];
    }

  return *share != NULL || scene->strength == NULL;
}
