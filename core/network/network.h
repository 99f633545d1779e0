/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/network/layer.h"

G_BEGIN_DECLS

/* The layers of a model up to the deepest that is needed, with the memory for pictures of one size at a time:
 * one arena that is laid out when the size is set and only grows.
 *
 * Both passes stop at the layers that the caller wants to see, its taps: forward hands out the features
 * there, backward asks for the loss gradient there. The caller drives them; the network never calls back.
 *
 * Only the features of taps are kept, after the ReLU. Consecutive other layers alternate between two buffers,
 * or their features never exist: a convolution that applies the pooling itself writes only the pooled
 * features. For every layer one bit a number is kept, which is all that the backward pass needs. The gradient
 * of a layer overwrites its features. */
typedef struct _NstNetwork NstNetwork;

/* A set of layers: bit i for layer i. */
typedef guint64 NstLayerSet;
#define NST_LAYER(i) (G_GUINT64_CONSTANT (1) << (i))

/* Where a pass has stopped. */
typedef struct
{
  int              layer;
  const NstTensor *features; /* borrowed until the next call for this network; NULL: the pass is complete */
} NstNetworkTap;

/* Layers 0 .. depth - 1 of model (a reference is taken). taps: where the passes stop; the last layer is one
 * in any case. method: NST_CONV_AUTO, or one method for all layers, for tests and benchmarks. Returns an
 * owned network, or NULL with NST_ERROR_MEMORY. */
NstNetwork *nst_network_new (
    NstModel *model, NstPooling pooling, int depth, NstLayerSet taps, NstConvMethod method, GError **error);
void nst_network_free (NstNetwork *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstNetwork, nst_network_free)

/* By default a large first layer is not kept although it is a tap: deeper layers use its memory, and the
 * backward pass computes it again. That saves 40 % of all memory and takes 1 to 3 % more time. FALSE keeps
 * it, for tests. Before nst_network_resize (). */
void nst_network_set_recompute (NstNetwork *network, gboolean recompute);

/* Prepare for pictures of width x height pixels. Fails with NST_ERROR_SIZE when a layer would have no
 * positions, or with NST_ERROR_MEMORY; then the network can do nothing until a size is set. */
gboolean nst_network_resize (NstNetwork *network, int width, int height, GError **error);

/* Bytes that such a network takes after nst_network_resize (width, height), without building it. Makes the
 * same checks. */
gboolean nst_network_plan (
    const NstModel *model, int depth, NstLayerSet taps, int width, int height, gsize *bytes, GError **error);

/* The smallest side of a picture that leaves the first depth layers at least one position. */
int nst_network_smallest_side (const NstModel *model, int depth);

/* The shape of a layer's features at the size that is set; data is undefined. */
NstTensor nst_network_shape (const NstNetwork *network, int layer);

/* Forward pass. begin () takes the picture (rgb: height rows of width x 3 floats; row: pixels from one row to
 * the next, more than width for a rectangle of a larger picture). Each call of forward () runs up to the
 * next tap and hands out its features; after the last tap, which is the last layer, it sets tap->features to
 * NULL. FALSE with G_IO_ERROR_CANCELLED when cancelled, which is checked between layers. */
void     nst_network_begin (NstNetwork *network, const float *rgb, int row);
gboolean nst_network_forward (NstNetwork    *network,
                              NstNetworkTap *tap,
                              GCancellable  *cancellable,
                              GError       **error);

/* Backward pass, after a complete forward pass, once. Each call runs down to the next tap, the last layer
 * first, and hands out its features. Before the next call the caller passes the loss gradient of these
 * features to put_gradient () for every position, in any order and from any thread; it overwrites the
 * features. When tap->features is NULL the pass is complete, and d loss / d rgb has been added to
 * rgb_gradient (rows as in begin ()). Cancelling as in forward (). */
gboolean nst_network_backward (
    NstNetwork *network, NstNetworkTap *tap, float *rgb_gradient, GCancellable *cancellable, GError **error);

/* gradient: n positions x channels of the tap, from position first on; NULL: zero. */
void nst_network_put_gradient (
    NstNetwork *network, const NstNetworkTap *tap, gsize first, gsize n, const float *gradient);

G_END_DECLS
