/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/image/image.h"
#include "core/model/model.h"

G_BEGIN_DECLS

/* Weight normalisation as in Gatys, Ecker, Bethge 2015 (arXiv 1508.06576, methods): the parameters are scaled
 * so that the mean activation of each filter, over pictures and positions, is 1.
 *
 * ReLU and pooling commute with multiplication by a positive factor. Let a[l][k] be the mean activation of
 * filter k of layer l. Then
 *
 *   w'[l][k][c] = w[l][k][c] a[l - 1][c] / a[l][k]
 *   b'[l][k]    = b[l][k] / a[l][k]
 *   A'[h][k]    = A[h][k] a[l][k]              (the layer's head, if it has one)
 *
 * computes the same network except for the scale of its features; the heads' outputs are unchanged. */
typedef struct _NstActivations NstActivations;

/* Starts with no pictures. Takes a reference to model. Fails with NST_ERROR_MEMORY. */
NstActivations *nst_activations_new (NstModel *model, GError **error);
void            nst_activations_free (NstActivations *activations); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstActivations, nst_activations_free)

/* Runs the forward pass on a picture and adds its activations to the means. Fails with NST_ERROR_SIZE if the
 * picture is too small for a layer, NST_ERROR_MEMORY or G_IO_ERROR_CANCELLED; the means are then unchanged.
 */
gboolean nst_activations_add (NstActivations *activations,
                              const NstImage *image,
                              GCancellable   *cancellable,
                              GError        **error);

/* Mean activation of a layer's filter over all pictures so far; 0 before the first. */
double nst_activations_mean (const NstActivations *activations, int layer, int filter);

/* Returns a normalised copy of the model as a new reference. dead, if not NULL, receives the number of
 * filters whose activation was 0 everywhere; they are left unchanged. Fails with NST_ERROR_MEMORY. */
NstModel *nst_activations_normalise (const NstActivations *activations, int *dead, GError **error);

G_END_DECLS
