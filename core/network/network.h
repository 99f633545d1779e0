/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/model/model.h"

G_BEGIN_DECLS

/* A model's layers up to the deepest that is needed, with the memory for pictures of one size at a time: one
 * arena, planned when the size is set, that only grows.
 *
 * Only the features of layers that somebody wants to look at are kept, after the ReLU. Others live in two
 * buffers that take turns, or nowhere: a convolution that pools by itself leaves only what comes after. Of
 * every layer one bit a number is kept, which is all that the way back needs. The gradient with respect to a
 * layer takes the place of its features. */
typedef struct _NstNetwork NstNetwork;

/* Set of layers: bit i for layer i. */
typedef guint64 NstLayerSet;
#define NST_LAYER(i) (G_GUINT64_CONSTANT (1) << (i))

/* Asked on the way back, at each layer that is kept, for d loss / d features of this layer alone, n positions
 * from first on: overwrite gradient (n x channels, not features) and return TRUE; or FALSE where the loss
 * does not look at them. Called by several threads at once; thread is less than nst_threads (). */
typedef gboolean (*NstTapGradient) (
    int layer, gsize first, gsize n, const float *features, float *gradient, int thread, gpointer data);

/* Told on the way forward of each layer that is kept, as soon as its features are there; they are borrowed
 * until it returns. */
typedef void (*NstTapSeen) (int layer, const NstTensor *features, gpointer data);

/* Never more features than this are asked for at once, 12 positions of the widest layer. */
#define NST_TAP_FLOATS (12 * 4096)

/* Layers 0 .. depth - 1 of model (ref taken); of these, kept and the last are kept. method: NST_CONV_AUTO, or
 * one for all, for tests and benchmarks. */
NstNetwork *nst_network_new (
    NstModel *model, NstPooling pooling, int depth, NstLayerSet kept, NstConvMethod method, GError **error);
void nst_network_free (NstNetwork *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstNetwork, nst_network_free)

/* From now on, and before resize: seen is told. Then a first layer that is kept and large need not stay: its
 * memory is the deeper layers' until the way back, when it is made anew. That is 40 % of all memory for 1 to
 * 3 % of the time. */
void nst_network_watch (NstNetwork *network, NstTapSeen seen, gpointer data);

/* Prepare for pictures of width x height pixels. Fails with NST_ERROR_SIZE when a layer would have nothing to
 * work on (it names the layer and the smallest size), or NST_ERROR_MEMORY; then the network can do nothing
 * until a size is set. */
gboolean nst_network_resize (NstNetwork *network, int width, int height, GError **error);

/* Bytes that such a network takes when it is watched, after resize (width, height), without building it; the
 * checks of resize are made. */
gboolean nst_network_plan (
    const NstModel *model, int depth, NstLayerSet kept, int width, int height, gsize *bytes, GError **error);

/* rgb: height x width x 3. FALSE with G_IO_ERROR_CANCELLED when cancelled between layers. */
gboolean nst_network_forward (NstNetwork   *network,
                              const float  *rgb,
                              GCancellable *cancellable,
                              GError      **error);

/* After forward, once: rgb_gradient (height x width x 3, overwritten) = d loss / d rgb. The features are gone
 * after. */
gboolean nst_network_backward (NstNetwork    *network,
                               NstTapGradient tap,
                               gpointer       data,
                               float         *rgb_gradient,
                               GCancellable  *cancellable,
                               GError       **error);

/* Features of a layer that is kept, after forward; borrowed until the next forward, backward or resize. Not
 * of a network that is watched. */
const NstTensor *nst_network_features (const NstNetwork *network, int layer);

G_END_DECLS
