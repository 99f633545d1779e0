/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* A layer of a network, ready to run: a small interface with one file for each kind (layer-conv.c,
 * layer-pool.c). A network is a list of these; it owns the memory that they read and write, and knows no
 * kind.
 *
 * Every layer's output has a mask with one bit for each number: whether the gradient passes from the output
 * to what the layer computed before its ReLU (core/conv/relu-mask.h). A layer with a ReLU writes the mask of
 * its own output, unless the next layer writes it: pooling does, because the gradient passes only where both
 * agree. */
typedef struct _NstNetworkLayer NstNetworkLayer;

/* How all layers of a network are to run. */
typedef struct
{
  NstPooling    pooling;
  NstConvMethod method; /* NST_CONV_AUTO, or one method for all, for tests and benchmarks */
} NstLayerOptions;

/* What a layer needs for one size of its output. */
typedef struct
{
  gsize    bytes;   /* of the layer object itself */
  gsize    scratch; /* floats of scratch memory for one call */
  gboolean pools;   /* it can apply a 2x2 pooling that follows it by itself */
  int      grid;    /* outputs are computed in squares of this side, from the first one on */
} NstLayerNeeds;

typedef struct
{
  const NstTensor *input;
  NstTensor       *output;      /* overwritten; NULL where only pooled is wanted */
  NstTensor       *pooled;      /* overwritten: the output after 2x2 pooling; or NULL */
  guint8          *input_mask;  /* for a layer that writes its input's mask */
  guint8          *output_mask; /* of output, or of pooled; NULL: not wanted */
  gboolean         rectified;   /* the input came out of a ReLU */
  float           *scratch;
} NstLayerForward;

typedef struct
{
  const NstTensor *output;   /* gradient of the output, already masked; or of pooled */
  const guint8 *output_mask; /* NULL, or where output is the gradient of pooled: the mask that forward left */
  NstTensor    *input;       /* overwritten: gradient of the input (plus add), masked by input_mask */
  const float  *add;         /* as many floats as input, may be input's own; or NULL */
  const guint8 *input_mask;  /* NULL for the picture */
  gboolean      rectified;   /* the input came out of a ReLU */
  float        *scratch;
} NstLayerBackward;

typedef struct
{
  int      reach;             /* an output depends on inputs up to so far from its own */
  int      reduction;         /* each side of the output is the input's divided by this, rounded down */
  gboolean rectifies;         /* the output has passed a ReLU */
  gboolean writes_input_mask; /* see above */
  gboolean absorbable;        /* a layer before it that pools can do its work */
  gboolean masks_sum; /* backward applies the ReLU's mask to add, too; else only to its own gradient */

  NstLayerNeeds (*plan) (const NstLayer *model, const NstLayerOptions *options, int height, int width);
  NstNetworkLayer *(*try_new) (const NstLayer *model, const NstLayerOptions *options);
  void (*free) (NstNetworkLayer *layer);
  void (*forward) (const NstNetworkLayer *layer, const NstLayerForward *pass);
  void (*backward) (const NstNetworkLayer *layer, const NstLayerBackward *pass);
} NstLayerClass;

/* The head of every kind's own structure. */
struct _NstNetworkLayer
{
  const NstLayerClass *class;
};

/* The class of a kind of layer. */
const NstLayerClass *nst_layer_class (NstLayerKind kind);

/* The kinds; each is defined in its own file and listed in layer.c. */
extern const NstLayerClass nst_layer_class_conv;
extern const NstLayerClass nst_layer_class_pool;

G_END_DECLS
