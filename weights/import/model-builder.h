/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/import/import.h"

G_BEGIN_DECLS

/* Builds a model from the tensors of a file. An importer
 *
 *   1. offers every tensor, in any order, with its layer's name in the file;
 *   2. writes the values of each tensor for which it got a slot, at once or later, in one piece or several;
 *   3. finishes the model.
 *
 * Known names of layers are conv4_2, block4_conv2, conv42, features.N and N (torchvision's numbers), each
 * with any prefix that ends in a dot. convXY_aux is the head of convX_Y. conv0 is a 1x1 layer before the
 * first convolution, and is folded into it. Other layers, such as fully connected ones, get no slot. The
 * network must be VGG-16 or VGG-19, complete or cut after any layer, with any numbers of channels. */
typedef struct _NstModelBuilder NstModelBuilder;
typedef struct _NstModelSlot    NstModelSlot; /* owned by the builder */

/* A publisher of models: licence, and the input that its networks expect (as in NstModel). */
typedef struct
{
  const char *title;   /* "torchvision"; becomes part of the model's source */
  const char *licence; /* of networks of VGG's full width; that of others is not known */
  int         order[3];
  float       scale, mean[3], std[3];
} NstModelSource;

/* RGB, 0..1, mean (0.485, 0.456, 0.406), std (0.229, 0.224, 0.225) */
extern const NstModelSource nst_model_source_torchvision;
/* BGR, 0..255, mean (103.939, 116.779, 123.68) */
extern const NstModelSource nst_model_source_caffe;
/* the same in the order RGB: .npz, MatConvNet */
extern const NstModelSource nst_model_source_rgb;

/* An owned builder. All arguments are borrowed until it is freed. */
NstModelBuilder *nst_model_builder_new (const NstImportFile    *file,
                                        const NstModelSource   *source,
                                        const NstImportOptions *options);
void             nst_model_builder_free (NstModelBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstModelBuilder, nst_model_builder_free)

typedef enum
{
  NST_TENSOR_WEIGHT,
  NST_TENSOR_BIAS,
} NstTensorKind;

/* Split "features.0.weight", "conv1_1.bias", "conv1_1_W" or "conv1_1_b" into the layer's name (owned by the
 * caller) and *kind. NULL: the name has another form or more than 1000 bytes. */
char *nst_tensor_name_split (const char *name, NstTensorKind *kind);

/* Whether tensors of this layer get a slot. For files in which even reading a shape is expensive. */
gboolean nst_model_builder_wants (const char *layer);

/* Offer a tensor. layer: the layer's name in the file. shape and axes: in the order of the data in the file,
 * slowest first. Kernels of Caffe and PyTorch are "OIHW", those of Keras and NumPy "HWIO", those of MATLAB
 * (column-major H, W, I, O) "OIWH"; "OI" is allowed for a 1x1 kernel. A bias has no axes (NULL) and may have
 * further dimensions of 1.
 *
 * *slot: where to write the values, borrowed; NULL: skip the tensor. The shape is checked before memory is
 * allocated. NST_ERROR_SHAPE for a wrong shape or a second tensor of the same name, NST_ERROR_MEMORY. */
gboolean nst_model_builder_offer (NstModelBuilder *builder,
                                  const char      *layer,
                                  NstTensorKind    kind,
                                  int              n_dimensions,
                                  const gint64    *shape,
                                  const char      *axes,
                                  NstModelSlot   **slot,
                                  GError         **error);

/* Number of floats in a slot. */
gsize nst_model_slot_length (const NstModelSlot *slot);

/* Write the next n values, in the order of the file; at most nst_model_slot_length () in all. */
void nst_model_slot_write (NstModelSlot *slot, const float *values, gsize n);

/* Replace the source's mean by that of the file (3 floats), for example an averageImage. */
void nst_model_builder_set_mean (NstModelBuilder *builder, const float *mean);

/* Returns an owned, validated model with the options applied. NST_ERROR_SHAPE: a layer is missing, is not
 * part of the network, or its channels do not match those of its neighbours; NST_ERROR_FORMAT: a value is not
 * finite. */
NstModel *nst_model_builder_finish (NstModelBuilder *builder, GError **error);

G_END_DECLS
