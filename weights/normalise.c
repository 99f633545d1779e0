/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weight normalisation (Gatys, Ecker, Bethge 2015): mean activations over pictures, and a rescaled model. */
#include "weights/normalise.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/network/network.h"

struct _NstActivations
{
  NstModel   *model;     /* ref */
  NstNetwork *network;   /* owned */
  double    **sums;      /* owned; sums[layer][filter] of activations; NULL for pooling layers */
  double     *positions; /* owned; number of positions summed, per layer */
};

NstActivations *
nst_activations_new (NstModel *model, GError **error)
{
  g_autoptr (NstActivations) a = g_new0 (NstActivations, 1);
  NstLayerSet                kept = 0;

  a->model = nst_model_ref (model);
  a->sums = g_new0 (double *, model->n_layers);
  a->positions = g_new0 (double, model->n_layers);
  for (int l = 0; l < model->n_layers; l++)
    if (model->layers[l].kind == NST_LAYER_CONV)
      {
        kept |= NST_LAYER (l);
        a->sums[l] = g_new0 (double, model->layers[l].out_channels);
      }
  a->network = nst_network_new (model, model->pooling, model->n_layers, kept, NST_CONV_AUTO, error);

  return a->network != NULL ? g_steal_pointer (&a) : NULL;
}

void
nst_activations_free (NstActivations *a)
{
  if (a == NULL)
    return;

  for (int l = 0; l < a->model->n_layers; l++)
    g_free (a->sums[l]);
  g_free (a->sums);
  g_free (a->positions);
  g_clear_pointer (&a->network, nst_network_free);
  nst_model_unref (a->model);
  g_free (a);
}

static void
add_activations (NstActivations *a, const NstNetworkTap *tap)
{
  const int   channels = tap->features->channels;
  const gsize n = nst_tensor_positions (tap->features);

  for (gsize p = 0; p < n; p++)
    for (int k = 0; k < channels; k++)
      a->sums[tap->layer][k] += tap->features->data[p * channels + k];
  a->positions[tap->layer] += n;
}

gboolean
nst_activations_add (NstActivations *a, const NstImage *image, GCancellable *cancellable, GError **error)
{
  NstNetworkTap tap;

  if (!nst_network_resize (a->network, image->width, image->height, error))
    return FALSE;

  nst_network_begin (a->network, image->data, image->width);
  while (nst_network_forward (a->network, &tap, cancellable, error))
    {
      if (tap.features == NULL)
        return TRUE;
      if (a->sums[tap.layer] != NULL)
        add_activations (a, &tap);
    }

  return FALSE;
}

double
nst_activations_mean (const NstActivations *a, int layer, int filter)
{
  return a->positions[layer] > 0 ? a->sums[layer][filter] / a->positions[layer] : 0;
}

/* Applies the formulas of normalise.h. input: mean activations of the layer's input channels, NULL for the
 * first layer; output: those of its own filters. */
static void
rescale (NstLayer *layer, const double *input, const double *output)
{
  for (int k = 0; k < layer->out_channels; k++)
    {
      for (int c = 0; c < layer->in_channels; c++)
        for (int i = 0; i < 9; i++)
          layer->weight[((gsize) k * layer->in_channels + c) * 9 + i] *= (input != NULL ? input[c] : 1)
                                                                         / output[k];
      layer->bias[k] /= output[k];
      for (int h = 0; h < layer->head_channels; h++)
        layer->head_weight[(gsize) h * layer->out_channels + k] *= output[k];
    }
}

static gboolean
copy_layer (NstLayer *to, const NstLayer *from)
{
  *to = *from;
  to->name = g_strdup (from->name);
  to->weight = to->bias = to->head_weight = to->head_bias = NULL;
  if (from->kind != NST_LAYER_CONV)
    return TRUE;
  if (!nst_layer_try_alloc (to))
    return FALSE;

  memcpy (to->weight, from->weight, sizeof (float) * from->out_channels * from->in_channels * 9);
  memcpy (to->bias, from->bias, sizeof (float) * from->out_channels);
  if (from->head_channels > 0)
    {
      memcpy (to->head_weight, from->head_weight, sizeof (float) * from->head_channels * from->out_channels);
      memcpy (to->head_bias, from->head_bias, sizeof (float) * from->head_channels);
    }

  return TRUE;
}

NstModel *
nst_activations_normalise (const NstActivations *a, int *dead, GError **error)
{
  g_autoptr (NstModel) model = nst_model_new (a->model->n_layers);
  g_autofree double   *input = NULL;
  int                  n_dead = 0;

  model->name = g_strdup_printf ("%s-normalised", a->model->name != NULL ? a->model->name : "model");
  model->source = g_strdup_printf ("%s; weights normalised",
                                   a->model->source != NULL ? a->model->source : "unknown");
  model->licence = g_strdup (a->model->licence);
  model->pooling = a->model->pooling;
  memcpy (model->order, a->model->order, sizeof model->order);
  model->scale = a->model->scale;
  memcpy (model->mean, a->model->mean, sizeof model->mean);
  memcpy (model->std, a->model->std, sizeof model->std);

  for (int l = 0; l < model->n_layers; l++)
    {
      g_autofree double *output = NULL;

      if (!copy_layer (&model->layers[l], &a->model->layers[l]))
        {
          g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                       _ ("%s: there is not enough memory for the parameters of this layer"),
                       a->model->layers[l].name);
          return NULL;
        }
      if (a->sums[l] == NULL)
        continue;
      output = g_new (double, model->layers[l].out_channels);
      for (int k = 0; k < model->layers[l].out_channels; k++)
        {
          output[k] = nst_activations_mean (a, l, k);
          if (!(output[k] > 0))
            {
              output[k] = 1;
              n_dead++;
            }
        }
      rescale (&model->layers[l], input, output);
      g_free (input);
      input = g_steal_pointer (&output);
    }
  if (dead != NULL)
    *dead = n_dead;

  return nst_model_validate (model, error) ? g_steal_pointer (&model) : NULL;
}
