/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all terms have in common: finding a recipe's terms, their targets, their memory. */
#include "core/loss/term.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/spill.h"
#include "core/loss/metric.h"
#include "core/loss/style.h"
#include "core/network/layer.h"

/* Targets */

NstTarget *
nst_target_try_new (gsize n, gboolean in_file)
{
  NstTarget *target;
  float     *data = in_file ? nst_spill_try_new (n, NULL) : nst_floats_try_new (n);

  if (data == NULL)
    return NULL;

  if (!in_file)
    memset (data, 0, n * sizeof (float));
  target = g_new0 (NstTarget, 1);
  target->n = n;
  target->data = data;
  target->references = 1;
  target->in_file = in_file;

  return target;
}

NstTarget *
nst_target_ref (NstTarget *target)
{
  g_atomic_int_inc (&target->references);

  return target;
}

void
nst_target_unref (NstTarget *target)
{
  if (target == NULL || !g_atomic_int_dec_and_test (&target->references))
    return;

  if (target->in_file)
    nst_spill_free (target->data, target->n);
  else
    nst_floats_free (target->data);
  g_free (target);
}

void
nst_target_release (const NstTarget *target)
{
  if (target->in_file)
    nst_spill_release (target->data, 0, target->n);
}

void
nst_term_set_target (NstTerm *term, NstTarget *target)
{
  NstTarget *old = term->target;

  term->target = target != NULL ? nst_target_ref (target) : NULL;
  nst_target_unref (old);
}

/* A recipe's terms */

static int
compare_layers (const void *a, const void *b)
{
  return ((const NstTermSpec *) a)->layer - ((const NstTermSpec *) b)->layer;
}

/* What a layer's weight in the recipe is multiplied by: the recipe's detail, for content. */
static double
factor (const NstModel *model, const NstRecipe *recipe, const NstTermClass *class, int layer)
{
  int poolings = 0;

  for (int i = 0; i < layer; i++)
    poolings += nst_layer_class (model->layers[i].kind)->reduction > 1;

  return class->source == NST_TARGET_CONTENT ? pow (64, (2 * recipe->detail - 1) * (2.5 - poolings)) : 1;
}

/* Append one kind's terms, sorted by layer. Returns how many, or -1. */
static int
find_kind (const NstModel        *model,
           const NstRecipe       *recipe,
           const NstLayerWeights *list,
           const NstTermClass *class,
           NstTermSpec *specs,
           GError     **error)
{
  for (int i = 0; i < list->n; i++)
    {
      const char *name = list->layers[i].layer;
      const int   layer = nst_model_find_layer (model, name);

      if (layer < 0)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                       _ ("The model \"%s\" has no layer \"%s\"; it goes from %s to %s"),
                       model->name != NULL ? model->name : "", name, model->layers[0].name,
                       model->layers[model->n_layers - 1].name);
          return -1;
        }
      for (int k = 0; k < i; k++)
        if (specs[k].layer == layer)
          {
            g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                         _ ("%s_layers: \"%s\" is the layer \"%s\", which is listed already"), class->name,
                         name, model->layers[layer].name);
            return -1;
          }
      specs[i] = (NstTermSpec){ class, layer, factor (model, recipe, class, layer) * list->layers[i].weight };
    }
  qsort (specs, list->n, sizeof (NstTermSpec), compare_layers);

  return list->n;
}

int
nst_terms_find (const NstModel *model, const NstRecipe *recipe, NstTermSpec *specs, GError **error)
{
  int content, style;

  content = find_kind (model, recipe, &recipe->content_layers, &nst_term_class_content, specs, error);
  if (content < 0)
    return 0;
  style = find_kind (model, recipe, &recipe->style_layers, &nst_term_class_style, specs + content, error);
  if (style < 0)
    return 0;
  specs[content + style] = (NstTermSpec){ &nst_term_class_variation, NST_TERM_PICTURE, 1 };

  return content + style + 1;
}

NstTermSpec *
nst_terms_spread (const NstTermSpec *specs, int n, int n_regions, int *n_all)
{
  NstTermSpec *all = g_new (NstTermSpec, (gsize) n * MAX (n_regions, 1));

  *n_all = 0;
  for (int t = 0; t < n; t++)
    for (int r = 0; r < (specs[t].class->source == NST_TARGET_STYLE ? n_regions : 1); r++)
      {
        all[*n_all] = specs[t];
        all[(*n_all)++].region = r;
      }

  return all;
}

int
nst_terms_depth (const NstTermSpec *specs, int n)
{
  int depth = 0;

  for (int i = 0; i < n; i++)
    depth = MAX (depth, specs[i].layer + 1);

  return depth;
}

guint64
nst_terms_layers (const NstTermSpec *specs, int n)
{
  guint64 layers = 0;

  for (int i = 0; i < n; i++)
    if (specs[i].layer != NST_TERM_PICTURE)
      layers |= G_GUINT64_CONSTANT (1) << specs[i].layer;

  return layers;
}

/* Memory */

gsize
nst_terms_positions (const NstModel *model, int layer, int width, int height)
{
  gsize w = width, h = height;

  for (int i = 0; i <= layer; i++)
    {
      const int reduction = nst_layer_class (model->layers[i].kind)->reduction;

      w /= reduction;
      h /= reduction;
    }

  return w * h;
}

gsize
nst_terms_plan (
    const NstModel *model, const NstRecipe *recipe, const NstTermSpec *specs, int n, int width, int height)
{
  gsize scratch = 2 * NST_TERM_BLOCK_FLOATS * nst_threads (), square = 0, floats = 0, bytes = 0;

  for (int i = 0; i < n; i++)
    {
      const NstTermSpec *spec = &specs[i];
      const NstLayer    *layer;
      gsize              side;

      if (spec->layer == NST_TERM_PICTURE)
        continue;
      layer = &model->layers[spec->layer];
      side = layer->out_channels + 1;
      if (spec->class->source == NST_TARGET_STYLE)
        {
          floats += 2 * side * side;
          bytes += nst_style_distance_of (recipe)->bytes (layer->out_channels);
        }
      else
        floats += nst_terms_positions (model, spec->layer, width, height) * layer->out_channels;
      if (layer->head_channels > 0)
        floats += (MIN ((gsize) layer->head_channels, side) + side) * side;
      square = MAX (square, side * side);
      scratch = MAX (scratch, spec->class->scratch (recipe, layer->out_channels));
    }

  return (floats + scratch + 2 * square) * sizeof (float) + bytes;
}

gsize
nst_terms_target_bytes (const NstModel *model, const NstTermSpec *specs, int n, int width, int height)
{
  gsize floats = 0;

  for (int i = 0; i < n; i++)
    if (specs[i].class->source == NST_TARGET_CONTENT)
      floats += nst_terms_positions (model, specs[i].layer, width, height)
                * model->layers[specs[i].layer].out_channels;

  return floats * sizeof (float);
}

/* Life */

NstTerm *
nst_term_try_new (const NstTermSpec *spec, const NstModel *model, const NstRecipe *recipe)
{
  const NstLayer *layer = spec->layer == NST_TERM_PICTURE ? NULL : &model->layers[spec->layer];
  NstTerm        *term = spec->class->try_new (recipe, layer);

  if (term != NULL)
    {
      term->class = spec->class;
      term->layer = spec->layer;
      term->weight = spec->weight;
      term->area = 1;
    }

  return term;
}

void
nst_term_free (NstTerm *term)
{
  if (term == NULL)
    return;

  nst_target_unref (term->target);
  term->class->free (term);
}
