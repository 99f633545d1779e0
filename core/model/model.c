/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network with its parameters, and the checks that every reader of a file ends with. */
#include "core/model/model.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/tsan.h"

NstModel *
nst_model_new (int n_layers)
{
  NstModel *model = g_new0 (NstModel, 1);

  g_atomic_ref_count_init (&model->references);
  model->n_layers = n_layers;
  model->layers = g_new0 (NstLayer, n_layers);
  model->scale = 1;
  for (int i = 0; i < 3; i++)
    {
      model->order[i] = i;
      model->std[i] = 1;
    }

  return model;
}

NstModel *
nst_model_ref (NstModel *model)
{
  g_atomic_ref_count_inc (&model->references);

  return model;
}

void
nst_model_unref (NstModel *model)
{
  NST_HAND_OVER (model);
  if (!g_atomic_ref_count_dec (&model->references))
    return;

  NST_TAKE_OVER (model);
  for (int i = 0; i < model->n_layers; i++)
    {
      g_free (model->layers[i].name);
      nst_floats_free (model->layers[i].weight);
      nst_floats_free (model->layers[i].bias);
      nst_floats_free (model->layers[i].head_weight);
      nst_floats_free (model->layers[i].head_bias);
    }
  g_free (model->layers);
  g_free (model->name);
  g_free (model->source);
  g_free (model->licence);
  g_free (model);
}

gboolean
nst_layer_try_alloc (NstLayer *layer)
{
  layer->weight = nst_floats_try_new ((gsize) layer->out_channels * layer->in_channels * 9);
  layer->bias = nst_floats_try_new (layer->out_channels);
  if (layer->weight == NULL || layer->bias == NULL)
    return FALSE;
  if (layer->head_channels == 0)
    return TRUE;

  layer->head_weight = nst_floats_try_new ((gsize) layer->head_channels * layer->out_channels);
  layer->head_bias = nst_floats_try_new (layer->head_channels);

  return layer->head_weight != NULL && layer->head_bias != NULL;
}

static gboolean
check_finite (const NstLayer *layer, const char *what, const float *values, gsize n, GError **error)
{
  if (values == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, _ ("%s: \"%s\" is missing"), layer->name, what);
      return FALSE;
    }

  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      {
        g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("%s.%s: value %zu of %zu is not a finite number"),
                     layer->name, what, i, n);
        return FALSE;
      }

  return TRUE;
}

static gboolean
check_layer (const NstLayer *layer, int channels, GError **error)
{
  gsize weights;

  if (layer->in_channels != channels)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                   _ ("%s: takes %d channels, but the layer before it has %d"), layer->name,
                   layer->in_channels, channels);
      return FALSE;
    }
  if (layer->kind == NST_LAYER_POOL)
    {
      if (layer->out_channels != channels)
        g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, _ ("%s: pooling of %d channels cannot result in %d"),
                     layer->name, channels, layer->out_channels);
      return layer->out_channels == channels;
    }
  if (layer->out_channels < 1 || layer->out_channels > NST_MOST_CHANNELS || layer->head_channels < 0
      || layer->head_channels > NST_MOST_CHANNELS)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                   _ ("%s: %d channels and a head of %d; expected 1 to %d"), layer->name, layer->out_channels,
                   layer->head_channels, NST_MOST_CHANNELS);
      return FALSE;
    }

  weights = (gsize) layer->out_channels * layer->in_channels * 9;
  if (!check_finite (layer, "weight", layer->weight, weights, error)
      || !check_finite (layer, "bias", layer->bias, layer->out_channels, error))
    return FALSE;

  return layer->head_channels == 0
         || (check_finite (layer, "head.weight", layer->head_weight,
                           (gsize) layer->head_channels * layer->out_channels, error)
             && check_finite (layer, "head.bias", layer->head_bias, layer->head_channels, error));
}

gboolean
nst_model_validate (const NstModel *model, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  int                    channels = 3;

  if (model->n_layers < 1 || model->n_layers > 64 || model->layers[0].kind != NST_LAYER_CONV)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                   _ ("The network has %d layers; expected 1 to 64, the first a convolution"),
                   model->n_layers);
      return FALSE;
    }
  for (int i = 0; i < 3; i++)
    if (model->order[i] < 0 || model->order[i] > 2 || !isfinite (model->mean[i]) || !isfinite (model->std[i])
        || model->std[i] == 0 || !isfinite (model->scale) || model->scale == 0)
      {
        g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                     _ ("Input channel %d: order %d, scale %g, mean %g, std %g; expected order 0 to 2, "
                        "finite numbers, scale and std not 0"),
                     i, model->order[i], model->scale, model->mean[i], model->std[i]);
        return FALSE;
      }

  for (int i = 0; i < model->n_layers; i++)
    {
      const NstLayer *layer = &model->layers[i];

      if (layer->name == NULL || *layer->name == '\0' || !g_hash_table_add (names, layer->name))
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("Layer %d has no name, or the name of another layer"), i);
          return FALSE;
        }
      if (!check_layer (layer, channels, error))
        return FALSE;
      channels = layer->out_channels;
    }

  return TRUE;
}

int
nst_model_find_layer (const NstModel *model, const char *name)
{
  const char *relu = g_str_has_prefix (name, "relu") ? name + 4 : NULL;

  for (int i = 0; i < model->n_layers; i++)
    {
      const char *other = model->layers[i].name;

      if (strcmp (other, name) == 0
          || (relu != NULL && g_str_has_prefix (other, "conv") && strcmp (other + 4, relu) == 0))
        return i;
    }

  return -1;
}
