/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/conv/conv.h"
#include "core/conv/pool.h"

G_BEGIN_DECLS

typedef enum
{
  NST_LAYER_CONV, /* 3x3, stride 1, padding 1, with bias, then ReLU */
  NST_LAYER_POOL, /* 2x2, stride 2 */
} NstLayerKind;

typedef struct
{
  char        *name; /* owned; "conv4_2", "pool3" */
  NstLayerKind kind;
  int          in_channels, out_channels;

  /* Convolutions only. */
  NstPadding padding;
  float     *weight; /* owned; out x in x 3 x 3 */
  float     *bias;   /* owned; out */

  /* The linear head of a tap: feature f (after the ReLU) stands for head_weight f + head_bias in another
   * network's space. */
  int    head_channels; /* 0: no head */
  float *head_weight;   /* owned; head_channels x out */
  float *head_bias;     /* owned; head_channels */
} NstLayer;

/* A network and its weights. Immutable once made, so that many runs may share it; counted references. */
typedef struct
{
  gatomicrefcount references;

  char *name;    /* owned; "slim", "vgg19" ... */
  char *source;  /* owned; where the weights come from, or NULL */
  char *licence; /* owned; licence and attribution, or NULL */

  NstLayer  *layers; /* owned array, in order */
  int        n_layers;
  NstPooling pooling; /* what it was trained with */

  /* Input channel i is (scale * rgb[order[i]] - mean[i]) / std[i], rgb in 0..1. */
  int   order[3];
  float scale, mean[3], std[3];
} NstModel;

/* An empty model with one reference, RGB, scale 1, mean 0, std 1, max pooling, and n_layers cleared layers to
 * fill in. */
NstModel *nst_model_new (int n_layers);
NstModel *nst_model_ref (NstModel *model);
void      nst_model_unref (NstModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstModel, nst_model_unref)

/* Allocate weight, bias and, with head_channels > 0, the head of a layer whose shape is set. FALSE when there
 * is no memory. */
gboolean nst_layer_try_alloc (NstLayer *layer);

/* What any reader of a file must call last. Checks what the engine relies on: 1 to 64 layers, the first a
 * convolution of 3 channels, each one's channels those of the layer before (1 to 4096), names unique and not
 * empty, weights there and finite, std not 0. */
gboolean nst_model_validate (const NstModel *model, GError **error);

/* Index of a layer by its name, "conv4_2" or "relu4_2" (the same tap), or -1. */
int nst_model_find_layer (const NstModel *model, const char *name);

G_END_DECLS
