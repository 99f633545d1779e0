/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 2x2 pooling as a layer of its own, where no convolution before it pools by itself. */
#include "core/network/layer.h"

typedef struct
{
  NstNetworkLayer base;
  NstPooling      pooling;
} PoolLayer;

static NstLayerNeeds
pool_plan (const NstLayer        *model G_GNUC_UNUSED,
           const NstLayerOptions *options G_GNUC_UNUSED,
           int                    height G_GNUC_UNUSED,
           int                    width G_GNUC_UNUSED)
{
  return (NstLayerNeeds){ .bytes = sizeof (PoolLayer), .grid = 1 };
}

static NstNetworkLayer *
pool_try_new (const NstLayer *model G_GNUC_UNUSED, const NstLayerOptions *options)
{
  PoolLayer *layer = g_new0 (PoolLayer, 1);

  layer->base.class = &nst_layer_class_pool;
  layer->pooling = options->pooling;

  return &layer->base;
}

static void
pool_free (NstNetworkLayer *layer)
{
  g_free (layer);
}

static void
pool_forward (const NstNetworkLayer *layer, const NstLayerForward *pass)
{
  nst_pool_forward (((const PoolLayer *) layer)->pooling, pass->input, pass->output, pass->input_mask,
                    pass->rectified);
}

static void
pool_backward (const NstNetworkLayer *layer, const NstLayerBackward *pass)
{
  nst_pool_backward (((const PoolLayer *) layer)->pooling, pass->input_mask, pass->output, pass->input,
                     pass->add);
}

const NstLayerClass nst_layer_class_pool = {
  .reach = 0,
  .reduction = 2,
  .writes_input_mask = TRUE,
  .absorbable = TRUE,
  .plan = pool_plan,
  .try_new = pool_try_new,
  .free = pool_free,
  .forward = pool_forward,
  .backward = pool_backward,
};
