/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-network.h"

#include "nst-error.h"
#include "nst-parallel.h"

struct _NstNetwork
{
  NstModel   *model;        /* ref */
  NstPooling  pooling;
  int         depth;
  NstConv   **convs;        /* owned, depth of them; NULL for pooling */

  float      *arena;        /* owned; everything below points into it */
  gsize       capacity;     /* floats */
  NstTensor   input;        /* the picture as the network wants it */
  NstTensor  *features;     /* owned array, depth of them */
  float      *gradients[2];
  float      *scratch;
};

NstNetwork *
nst_network_new (NstModel     *model,
                 NstPooling    pooling,
                 int           depth,
                 NstConvMethod method,
                 GError      **error)
{
  NstNetwork *network = g_new0 (NstNetwork, 1);

  network->model = nst_model_ref (model);
  network->pooling = pooling;
  network->depth = depth;
  network->convs = g_new0 (NstConv *, depth);
  network->features = g_new0 (NstTensor, depth);

  for (int i = 0; i < depth; i++)
    {
      const NstLayer *layer = &model->layers[i];

      if (layer->kind != NST_LAYER_CONV)
        continue;
      network->convs[i] = nst_conv_try_new (layer->in_channels, layer->out_channels, layer->weight, layer->bias, layer->padding, method);
      if (network->convs[i] == NULL)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, "%s: no memory for %d x %d weights", layer->name, layer->out_channels,
                       layer->in_channels);
          nst_network_free (network);
          return NULL;
        }
    }

  return network;
}

void
nst_network_free (NstNetwork *network)
{
  if (network == NULL)
    return;

  for (int i = 0; i < network->depth; i++)
    nst_conv_free (network->convs[i]);
  g_free (network->convs);
  g_free (network->features);
  nst_floats_free (network->arena);
  nst_model_unref (network->model);
  g_free (network);
}

/* Floats, rounded up so that what follows in the arena is aligned too. */
static gsize
aligned (gsize floats)
{
  return (floats + 15) / 16 * 16;
}

/* The shapes of all layers for a picture of this size (features may be NULL), the floats of the largest of them, and of all together. */
static gboolean
shapes (const NstModel *model,
        int             depth,
        int             width,
        int             height,
        NstTensor      *features,
        gsize          *largest,
        gsize          *all,
        GError        **error)
{
  NstTensor t = { height, width, 3, NULL };
  int       smallest = 1;

  for (int i = 0; i < depth; i++)
    if (model->layers[i].kind == NST_LAYER_POOL && smallest < 1 << 20)
      smallest *= 2;

  *largest = *all = aligned (nst_tensor_length (&t));
  for (int i = 0; i < depth; i++)
    {
      const NstLayer *layer = &model->layers[i];

      if (layer->kind == NST_LAYER_POOL)
        {
          t.width /= 2;
          t.height /= 2;
        }
      if (t.width < 1 || t.height < 1)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_SIZE, "A picture of %d x %d pixels is too small for %s: each side must be at least %d",
                       width, height, model->layers[depth - 1].name, smallest);
          return FALSE;
        }
      t.channels = layer->out_channels;
      *largest = MAX (*largest, aligned (nst_tensor_length (&t)));
      *all += aligned (nst_tensor_length (&t));
      if (features != NULL)
        features[i] = t;
    }

  return TRUE;
}

gboolean
nst_network_plan (const NstModel *model,
                  int             depth,
                  int             width,
                  int             height,
                  gsize          *bytes,
                  GError        **error)
{
  NstTensor features[64];
  gsize     largest, all, scratch = 0;

  g_return_val_if_fail (depth <= (int) G_N_ELEMENTS (features), FALSE);

  if (!shapes (model, depth, width, height, features, &largest, &all, error))
    return FALSE;

  *bytes = sizeof (NstNetwork) + depth * (sizeof (NstConv *) + sizeof (NstTensor));
  for (int i = 0; i < depth; i++)
    if (model->layers[i].kind == NST_LAYER_CONV)
      {
        gsize own, needed;

        nst_conv_plan (model->layers[i].in_channels, model->layers[i].out_channels, model->layers[i].padding, NST_CONV_AUTO,
                       features[i].height, features[i].width, &own, &needed);
        *bytes += own;
        scratch = MAX (scratch, needed);
      }
  *bytes += (all + 2 * largest + aligned (scratch)) * sizeof (float);

  return TRUE;
}

gboolean
nst_network_resize (NstNetwork *network,
                    int         width,
                    int         height,
                    GError    **error)
{
  gsize  largest, all, scratch = 0, total;
  float *at;

  network->input.data = NULL;
  if (!shapes (network->model, network->depth, width, height, network->features, &largest, &all, error))
    return FALSE;
  for (int i = 0; i < network->depth; i++)
    if (network->convs[i] != NULL)
      scratch = MAX (scratch, nst_conv_scratch (network->convs[i], network->features[i].height, network->features[i].width));

  total = all + 2 * largest + aligned (scratch);
  if (total > network->capacity)
    {
      nst_floats_free (network->arena);
      network->arena = nst_floats_try_new (total);
      network->capacity = network->arena != NULL ? total : 0;
    }
  if (network->arena == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, "A picture of %d x %d pixels needs %.1f GB of memory, which there is not",
                   width, height, total * 4e-9);
      return FALSE;
    }

  at = network->arena;
  network->input = (NstTensor) { height, width, 3, at };
  at += aligned (nst_tensor_length (&network->input));
  for (int i = 0; i < network->depth; i++)
    {
      network->features[i].data = at;
      at += aligned (nst_tensor_length (&network->features[i]));
    }
  for (int i = 0; i < 2; i++, at += largest)
    network->gradients[i] = at;
  network->scratch = at;

  return TRUE;
}

gboolean
nst_network_forward (NstNetwork   *network,
                     const float  *rgb,
                     GCancellable *cancellable,
                     GError      **error)
{
  const NstModel  *model = network->model;
  const NstTensor *from = &network->input;
  const gsize      pixels = nst_tensor_positions (from);

  g_return_val_if_fail (from->data != NULL, FALSE);

  for (gsize p = 0; p < pixels; p++)
    for (int i = 0; i < 3; i++)
      from->data[3 * p + i] = (model->scale * rgb[3 * p + model->order[i]] - model->mean[i]) / model->std[i];

  for (int i = 0; i < network->depth; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (network->convs[i] != NULL)
        nst_conv_forward (network->convs[i], from, &network->features[i], network->scratch);
      else
        nst_pool_forward (network->pooling, from, &network->features[i]);
      from = &network->features[i];
    }

  return TRUE;
}

/* The gradient with respect to what the last layer gave, from its tap alone. */
static void
begin (NstNetwork    *network,
       NstTapGradient tap,
       gpointer       data,
       NstTensor     *gradient)
{
  int              last = network->depth - 1;
  const NstTensor *features = &network->features[last];
  gboolean         tapped = tap (last, features, gradient, data), relu = network->convs[last] != NULL;
  gsize            n = nst_tensor_length (features);

  for (gsize i = 0; i < n; i++)
    if (!tapped || (relu && !(features->data[i] > 0)))
      gradient->data[i] = 0;
}

gboolean
nst_network_backward (NstNetwork    *network,
                      NstTapGradient tap,
                      gpointer       data,
                      float         *rgb_gradient,
                      GCancellable  *cancellable,
                      GError       **error)
{
  const NstModel *model = network->model;
  const gsize     pixels = nst_tensor_positions (&network->input);
  NstTensor       gradient = network->features[network->depth - 1];
  int             turn = 0;

  gradient.data = network->gradients[turn];
  begin (network, tap, data, &gradient);

  for (int i = network->depth - 1; i >= 0; i--)
    {
      const NstTensor *below = i > 0 ? &network->features[i - 1] : &network->input;
      NstTensor        to = *below;
      const float     *add = NULL;
      gboolean         relu = i > 0 && network->convs[i - 1] != NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      turn = !turn;
      to.data = network->gradients[turn];
      if (i > 0 && tap (i - 1, below, &to, data))
        add = to.data;
      if (network->convs[i] != NULL)
        nst_conv_backward (network->convs[i], &gradient, &to, add, relu ? below->data : NULL, network->scratch);
      else
        nst_pool_backward (network->pooling, below, &gradient, &to, add, relu);
      gradient = to;
    }

  for (gsize p = 0; p < pixels; p++)
    for (int i = 0; i < 3; i++)
      rgb_gradient[3 * p + model->order[i]] = gradient.data[3 * p + i] * model->scale / model->std[i];

  return TRUE;
}

const NstTensor *
nst_network_features (const NstNetwork *network,
                      int               layer)
{
  return &network->features[layer];
}
