/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Convolution as a layer: 3x3 with bias and ReLU, and the 2x2 pooling that follows it where its method can.
 */
#include "core/network/layer.h"

typedef struct
{
  NstNetworkLayer base;
  NstConv        *conv; /* owned */
  NstPooling      pooling;
} ConvLayer;

static NstLayerNeeds
conv_plan (const NstLayer *model, const NstLayerOptions *options, int height, int width)
{
  NstLayerNeeds needs = { 0 };

  needs.pools = nst_conv_plan (model->in_channels, model->out_channels, model->padding, options->method,
                               height, width, &needs.bytes, &needs.scratch);
  needs.grid = nst_conv_grid (model->in_channels, model->out_channels, options->method);

  return needs;
}

static void
conv_free (NstNetworkLayer *layer)
{
  nst_conv_free (((ConvLayer *) layer)->conv);
  g_free (layer);
}

static NstNetworkLayer *
conv_try_new (const NstLayer *model, const NstLayerOptions *options)
{
  ConvLayer *layer = g_new0 (ConvLayer, 1);

  layer->base.class = &nst_layer_class_conv;
  layer->pooling = options->pooling;
  layer->conv = nst_conv_try_new (model->in_channels, model->out_channels, model->weight, model->bias,
                                  model->padding, options->method);
  if (layer->conv == NULL)
    g_clear_pointer (&layer, g_free);
  else
    {
      gboolean            bf16;
      const NstConvMethod method = nst_conv_method (layer->conv, &bf16);

      g_debug ("%s: %d to %d channels, %s%s", model->name, model->in_channels, model->out_channels,
               nst_conv_method_name (method), bf16 ? " with bf16 products" : "");
    }

  return (NstNetworkLayer *) layer;
}

static void
conv_forward (const NstNetworkLayer *layer, const NstLayerForward *pass)
{
  const ConvLayer    *self = (const ConvLayer *) layer;
  const NstConvOutput output = {
    .features = pass->output,
    .pooled = pass->pooled,
    .pooling = self->pooling,
    .mask = pass->output_mask,
  };

  nst_conv_forward (self->conv, pass->input, &output, pass->scratch);
}

static void
conv_backward (const NstNetworkLayer *layer, const NstLayerBackward *pass)
{
  const ConvLayer      *self = (const ConvLayer *) layer;
  const NstConvGradient gradient = {
    .output = pass->output,
    .unpool = pass->output_mask,
    .pooling = self->pooling,
    .input = pass->input,
    .add = pass->add,
    .mask = pass->rectified ? pass->input_mask : NULL,
  };

  nst_conv_backward (self->conv, &gradient, pass->scratch);
}

const NstLayerClass nst_layer_class_conv = {
  .reach = 1,
  .reduction = 1,
  .rectifies = TRUE,
  .masks_sum = TRUE,
  .plan = conv_plan,
  .try_new = conv_try_new,
  .free = conv_free,
  .forward = conv_forward,
  .backward = conv_backward,
};
