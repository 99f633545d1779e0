/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "nst-model.h"

G_BEGIN_DECLS

/* A model's layers up to the deepest that is needed, with the memory for pictures of one size at a time: one arena, planned when the
 * size is set, that only grows. Activations are kept after the ReLU; gradients live in two buffers that take turns. */
typedef struct _NstNetwork NstNetwork;

/* Asked at each layer on the way back for d loss / d features of this layer alone: overwrite gradient, which has the features' shape, and
 * return TRUE; or FALSE when the loss does not look at this layer. */
typedef gboolean (*NstTapGradient) (int layer, const NstTensor *features, NstTensor *gradient, gpointer data);

/* Layers 0 .. depth - 1 of model (ref taken). method: NST_CONV_AUTO, or one for all, for tests and benchmarks. */
NstNetwork      *nst_network_new (NstModel *model, NstPooling pooling, int depth, NstConvMethod method, GError **error);
void             nst_network_free (NstNetwork *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstNetwork, nst_network_free)

/* Prepare for pictures of width x height pixels. Fails with NST_ERROR_SIZE when a layer would have nothing to work on (it names the
 * layer and the smallest size), or NST_ERROR_MEMORY; then the network can do nothing until a size is set. */
gboolean         nst_network_resize (NstNetwork *network, int width, int height, GError **error);

/* Bytes that such a network takes after resize (width, height), without building it; the checks of resize are made. */
gboolean         nst_network_plan (const NstModel *model, int depth, int width, int height, gsize *bytes, GError **error);

/* rgb: height x width x 3. FALSE with G_IO_ERROR_CANCELLED when cancelled between layers. */
gboolean         nst_network_forward (NstNetwork *network, const float *rgb, GCancellable *cancellable, GError **error);

/* After forward: rgb_gradient (height x width x 3, overwritten) = d loss / d rgb. */
gboolean         nst_network_backward (NstNetwork *network, NstTapGradient tap, gpointer data, float *rgb_gradient,
                                       GCancellable *cancellable, GError **error);

/* Features of a layer after forward; borrowed until the next forward or resize. */
const NstTensor *nst_network_features (const NstNetwork *network, int layer);

G_END_DECLS
