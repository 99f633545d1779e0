/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/conv/conv.h"
#include "core/conv/pool.h"

G_BEGIN_DECLS

#define NST_MOST_CHANNELS 4096 /* of a layer, and of its head */

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

  /* The linear head: feature vector f (after the ReLU) corresponds to head_weight f + head_bias in the
   * feature space of another network. */
  int    head_channels; /* 0: no head */
  float *head_weight;   /* owned; head_channels x out */
  float *head_bias;     /* owned; head_channels */
} NstLayer;

/* A network and its parameters. Immutable once it is made, so many runs may share it. References are counted
 * atomically. */
typedef struct
{
  gatomicrefcount references;

  char *name;    /* owned; "slim", "vgg19" ... */
  char *source;  /* owned; where the parameters come from, or NULL */
  char *licence; /* owned; licence and attribution, or NULL */

  NstLayer  *layers; /* owned array, in order */
  int        n_layers;
  NstPooling pooling; /* that it was trained with */

  /* Input channel i is (scale * rgb[order[i]] - mean[i]) / std[i], rgb in 0..1. */
  int   order[3];
  float scale, mean[3], std[3];
} NstModel;

/* A model with one reference to be filled in: n_layers cleared layers, RGB order, scale 1, mean 0, std 1, max
 * pooling. */
NstModel *nst_model_new (int n_layers);
NstModel *nst_model_ref (NstModel *model);
void      nst_model_unref (NstModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstModel, nst_model_unref)

/* Allocate weight, bias and, if head_channels is above 0, the head of a layer whose shape is set. FALSE when
 * there is not enough memory. */
gboolean nst_layer_try_alloc (NstLayer *layer);

/* Every reader of a file must call this last. It checks what the engine relies on: 1 to 64 layers, the first
 * a convolution of 3 channels; each layer takes the channels of the one before (1 to NST_MOST_CHANNELS);
 * names are unique and not empty; parameters exist and are finite; std is not 0. NST_ERROR_SHAPE,
 * NST_ERROR_FORMAT. */
gboolean nst_model_validate (const NstModel *model, GError **error);

/* The index of a layer by its name, or -1. "relu4_2" is another name of "conv4_2": features are always read
 * after the ReLU. */
int nst_model_find_layer (const NstModel *model, const char *name);

G_END_DECLS
