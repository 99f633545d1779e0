/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of all kinds of layers. */
#include "core/network/layer.h"

static const NstLayerClass *const classes[] = {
  [NST_LAYER_CONV] = &nst_layer_class_conv,
  [NST_LAYER_POOL] = &nst_layer_class_pool,
};

const NstLayerClass *
nst_layer_class (NstLayerKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (classes), NULL);

  return classes[kind];
}
