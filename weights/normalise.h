/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/image/image.h"
#include "core/model/model.h"

G_BEGIN_DECLS

/* Weight normalisation as in Gatys, Ecker, Bethge 2015 (arXiv 1508.06576, methods): the weights are scaled so
 * that the mean activation of each filter over pictures and positions is 1. ReLU and pooling commute with a
 * positive factor, so with a[l] the means of layer l, w'[l][k][c] = w[l][k][c] a[l - 1][c] / a[l][k],
 * b'[l][k] = b[l][k] / a[l][k] is the same network but for the scale of its features, and a head takes that
 * scale back: A'[h][k] = A[h][k] a[l][k]. */
typedef struct _NstActivations NstActivations;

/* Ref taken; NST_ERROR_MEMORY. */
NstActivations *nst_activations_new (NstModel *model, GError **error);
void            nst_activations_free (NstActivations *activations);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstActivations, nst_activations_free)

/* Look at one picture more. Its sides must let every layer see something: NST_ERROR_SIZE otherwise. */
gboolean nst_activations_add (NstActivations *activations,
                              const NstImage *image,
                              GCancellable   *cancellable,
                              GError        **error);

/* Mean activation of filter of layer so far; 0 before the first picture. */
double nst_activations_mean (const NstActivations *activations, int layer, int filter);

/* A model of its own, normalised by all pictures so far. dead, if not NULL: to the number of filters that
 * never answered, which are left as they are. */
NstModel *nst_activations_normalise (const NstActivations *activations, int *dead, GError **error);

G_END_DECLS
