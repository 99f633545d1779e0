/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/loss/loss.h"
#include "core/run/engine-private.h"

/* What a process takes that does nothing: code, libraries, stacks. Measured on the command line's program. */
#define PROCESS_BYTES (20 << 20)

/* Layers */

static int
compare_taps (const void *a, const void *b)
{
  return ((const NstEngineTap *) a)->layer - ((const NstEngineTap *) b)->layer;
}

/* The recipe's layers in the model's order, one entry for each layer; returns how many, or 0 with an error.
 */
int
nst_engine_find_taps (const NstModel *model, const NstRecipe *recipe, NstEngineTap *taps, GError **error)
{
  const NstTapList *lists[2] = { &recipe->content_layers, &recipe->style_layers };
  int               n = 0;

  for (int kind = 0; kind < 2; kind++)
    for (int i = 0; i < lists[kind]->n; i++)
      {
        const NstTap *wanted = &lists[kind]->taps[i];
        int           layer = nst_model_find_layer (model, wanted->layer), t = 0;

        if (layer < 0)
          {
            g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                         "The model \"%s\" has no layer \"%s\"; it goes from %s to %s",
                         model->name != NULL ? model->name : "", wanted->layer, model->layers[0].name,
                         model->layers[model->n_layers - 1].name);
            return 0;
          }
        while (t < n && taps[t].layer != layer)
          t++;
        if (t == n)
          taps[n++] = (NstEngineTap){ .layer = layer };
        if (kind == 0 ? taps[t].content : taps[t].style)
          {
            g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "%s: \"%s\" is \"%s\", which is there already",
                         kind == 0 ? "content_layers" : "style_layers", wanted->layer,
                         model->layers[layer].name);
            return 0;
          }
        if (kind == 0)
          {
            taps[t].content = TRUE;
            taps[t].content_weight = wanted->weight;
          }
        else
          {
            taps[t].style = TRUE;
            taps[t].style_weight = wanted->weight;
          }
      }
  qsort (taps, n, sizeof (NstEngineTap), compare_taps);

  return n;
}

NstLayerSet
nst_engine_kept (const NstEngineTap *taps, int n_taps)
{
  NstLayerSet kept = 0;

  for (int t = 0; t < n_taps; t++)
    kept |= NST_LAYER (taps[t].layer);

  return kept;
}

/* Sizes */

gsize
nst_engine_tap_scratch (int channels)
{
  gsize distance = MAX (nst_gram_scratch (channels), nst_content_scratch (channels));

  return MAX (distance, (gsize) nst_threads () * NST_TAP_FLOATS);
}

/* Sides below this leave some layer without a position. */
int
nst_engine_smallest_side (const NstModel *model, int depth)
{
  int side = 1;

  for (int i = 0; i < depth; i++)
    if (model->layers[i].kind == NST_LAYER_POOL)
      side *= 2;

  return side;
}

/* Sizes of all scales from coarse to fine; the coarser ones are left out where their shorter side would be
 * less than twice the least. */
int
nst_engine_find_scales (
    const NstRecipe *recipe, int width, int height, int smallest, int *widths, int *heights)
{
  int longest = MAX (width, height), last = recipe->size > 0 ? MIN (recipe->size, longest) : longest, n = 1;
  double size = last;

  while (recipe->scale_ratio > 1 && n < NST_MAX_SCALES && size > recipe->first_size)
    {
      int w, h;

      size /= recipe->scale_ratio;
      nst_image_fit (width, height, (int) lround (size), &w, &h);
      if (MIN (w, h) < 2 * smallest)
        break;
      n++;
    }
  for (int i = 0; i < n; i++)
    nst_image_fit (width, height,
                   i == n - 1 ? last : (int) lround (last / pow (recipe->scale_ratio, n - 1 - i)), &widths[i],
                   &heights[i]);

  return n;
}

double
nst_engine_work (const NstRecipe *recipe, int n_scales, const int *widths, const int *heights)
{
  double work = 0;

  for (int i = 0; i < n_scales; i++)
    work += (double) widths[i] * heights[i] * recipe->iterations * MAX (1, recipe->evaluations);

  return work;
}

/* Bytes at one scale beside the network: pictures, optimiser, targets. */
static gsize
other_bytes (const NstModel     *model,
             const NstRecipe    *recipe,
             const NstEngineTap *taps,
             int                 n_taps,
             int                 width,
             int                 height)
{
  gsize pixels = (gsize) width * height, n = pixels * 3, floats, scratch = 0, moments = 0;

  /* Content, picture and a copy on its way to the screen; and the last good picture, which L-BFGS keeps
   * itself. */
  floats = (recipe->optimizer == NST_OPTIMIZER_LBFGS ? 3 : 4) * n
           + nst_minimiser_floats (recipe->optimizer, n, recipe->history);
  for (int t = 0; t < n_taps; t++)
    {
      const NstLayer *layer = &model->layers[taps[t].layer];
      gsize           C = layer->out_channels, side = C + 1, positions = pixels;

      for (int i = 0; i <= taps[t].layer; i++)
        if (model->layers[i].kind == NST_LAYER_POOL)
          positions /= 4;
      floats += (taps[t].style ? 2 * side * side : 0) + (taps[t].content ? positions * C : 0);
      if (layer->head_channels > 0)
        floats += (MIN ((gsize) layer->head_channels, side) + side) * side;
      moments = MAX (moments, side * side);
      scratch = MAX (scratch, nst_engine_tap_scratch (C));
    }

  return (floats + scratch + 2 * moments) * sizeof (float);
}

void
nst_engine_style_size (const NstRecipe *recipe,
                       int              smallest,
                       int              style_width,
                       int              style_height,
                       int              width,
                       int              height,
                       int             *scaled_width,
                       int             *scaled_height)
{
  int longest = MAX (1, (int) lround (recipe->style_scale * MAX (width, height))), shorter;

  if (recipe->style_fit == NST_STYLE_FIT_OWN)
    nst_image_fit (style_width, style_height, longest, scaled_width, scaled_height);
  else
    nst_image_fit (width, height, longest, scaled_width, scaled_height);
  shorter = MIN (*scaled_width, *scaled_height);
  if (shorter < smallest)
    {
      double scale = (double) smallest / shorter;

      *scaled_width = MAX (smallest, (int) lround (*scaled_width * scale));
      *scaled_height = MAX (smallest, (int) lround (*scaled_height * scale));
    }
}

static gsize
weight_bytes (const NstModel *model)
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

/* Memory of the network while it evaluates the styles, and of the styles' own pictures. */
static gboolean
plan_styles (const NstModel     *model,
             const NstRecipe    *recipe,
             const NstEngineTap *taps,
             int                 n_taps,
             const NstPlan      *plan,
             const NstScene     *scene,
             gsize              *network,
             GError            **error)
{
  const int depth = taps[n_taps - 1].layer + 1, smallest = nst_engine_smallest_side (model, depth);
  const int n = scene != NULL ? scene->n_styles : 0;

  *network = 0;
  for (int i = 0; i < MAX (n, 1); i++)
    {
      const NstImage *style = n > 0 ? scene->styles[i].image : NULL;
      gsize           bytes;
      int             width, height;

      nst_engine_style_size (recipe, smallest, style != NULL ? style->width : 1,
                             style != NULL ? style->height : 1, plan->width, plan->height, &width, &height);
      if (!nst_network_plan (model, depth, nst_engine_kept (taps, n_taps), width, height, &bytes, error))
        return FALSE;
      *network = MAX (*network, bytes);
    }

  return TRUE;
}

gboolean
nst_engine_make_plan (NstPlan            *plan,
                      const NstModel     *model,
                      const NstRecipe    *recipe,
                      const NstEngineTap *taps,
                      int                 n_taps,
                      int                 width,
                      int                 height,
                      const NstScene     *scene,
                      GError            **error)
{
  const gsize pixel = 3 * sizeof (float);
  int         widths[NST_MAX_SCALES], heights[NST_MAX_SCALES], depth = taps[n_taps - 1].layer + 1, n;
  gsize       own, other, pictures;

  n = nst_engine_find_scales (recipe, width, height, nst_engine_smallest_side (model, depth), widths,
                              heights);
  plan->n_scales = n;
  plan->width = widths[n - 1];
  plan->height = heights[n - 1];
  plan->pixel_iterations = nst_engine_work (recipe, n, widths, heights);

  if (!nst_network_plan (model, depth, nst_engine_kept (taps, n_taps), plan->width, plan->height, &own, error)
      || !plan_styles (model, recipe, taps, n_taps, plan, scene, &other, error))
    return FALSE;

  pictures = (gsize) width * height * pixel;
  if (scene == NULL || scene->n_styles == 0)
    pictures += (gsize) plan->width * plan->width * pixel;
  for (int i = 0; scene != NULL && i < scene->n_styles; i++)
    pictures += nst_image_bytes (scene->styles[i].image);
  if (scene != NULL && scene->start != NULL)
    pictures += nst_image_bytes (scene->start);
  plan->bytes = PROCESS_BYTES + MAX (own, other) + weight_bytes (model) + pictures
                + other_bytes (model, recipe, taps, n_taps, plan->width, plan->height);

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
  NstEngineTap taps[2 * NST_MAX_TAPS];
  int n = nst_recipe_validate (recipe, error) ? nst_engine_find_taps (model, recipe, taps, error) : 0;

  return n > 0 && nst_engine_make_plan (plan, model, recipe, taps, n, width, height, scene, error);
}
