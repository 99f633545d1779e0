/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/import/import.h"

G_BEGIN_DECLS

/* Makes a model of the tensors that an importer finds in a file:
 *
 *   offer every tensor, in any order, under the name that the source gives its layer; where a slot comes
 * back, it is wanted: write its values into the slot, at once or later, in pieces or whole; then finish.
 *
 * Layers are known as conv4_2, block4_conv2, conv42, features.N or N alone (torchvision's numbers), each
 * after anything that ends in a dot; convXY_aux is the head of convX_Y, and conv0 a 1x1 layer before the
 * first one, which is folded into it. Fully connected layers and what else is no convolution of a VGG are not
 * wanted. A network is VGG-16 or VGG-19, whole or to any layer, of any number of channels. */
typedef struct _NstModelBuilder NstModelBuilder;
typedef struct _NstModelSlot    NstModelSlot; /* owned by the builder */

/* How a source prepares its pictures, and where it comes from. */
typedef struct
{
  const char *title;   /* "torchvision"; for the model's source */
  const char *licence; /* of weights of VGG's full width; slim ones have none that is known */
  int         order[3];
  float       scale, mean[3], std[3];
} NstModelSource;

/* RGB, 0..1, mean (0.485, 0.456, 0.406), std (0.229, 0.224, 0.225) */
extern const NstModelSource nst_model_source_torchvision;
/* BGR, 0..255, mean (103.939, 116.779, 123.68) */
extern const NstModelSource nst_model_source_caffe;
/* the same in the order RGB: .npz, MatConvNet */
extern const NstModelSource nst_model_source_rgb;

/* All arguments are borrowed until finish or free. */
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

/* The layer's part of "features.0.weight", "conv1_1.bias", "conv1_1_W" or "conv1_1_b", owned by the caller,
 * and what the tensor is to it; NULL for other names. */
char *nst_tensor_name_split (const char *name, NstTensorKind *kind);

/* Whether a tensor of this layer is wanted, where already looking at its shape costs something. */
gboolean nst_model_builder_wants (const char *layer);

/* layer: the source's name. shape and axes in the order of the data in the file, slowest first: Caffe's and
 * PyTorch's kernels are "OIHW", those of Keras and NumPy "HWIO", those of MATLAB (column-major H, W, I, O)
 * "OIWH". A matrix "OI" will do for a 1x1 kernel. A bias may have any dimensions that are 1 beside its own,
 * and no axes (NULL).
 *
 * *slot becomes where to write it, or NULL when it is not wanted. Shapes are checked here, before any memory
 * is taken: FALSE and NST_ERROR_SHAPE for a wrong one or a second tensor of the same name, NST_ERROR_MEMORY.
 */
gboolean nst_model_builder_offer (NstModelBuilder *builder,
                                  const char      *layer,
                                  NstTensorKind    kind,
                                  int              n_dimensions,
                                  const gint64    *shape,
                                  const char      *axes,
                                  NstModelSlot   **slot,
                                  GError         **error);

/* Floats that a slot takes. */
gsize nst_model_slot_length (const NstModelSlot *slot);

/* The next n values in the order of the file; no more than the slot takes in all. */
void nst_model_slot_write (NstModelSlot *slot, const float *values, gsize n);

/* Sets what the file itself says of its preprocessing (an averageImage, say), instead of what the source
 * usually has. */
void nst_model_builder_set_mean (NstModelBuilder *builder, const float *mean);

/* The model, validated, with the options applied; NULL and NST_ERROR_SHAPE (layers missing, beyond the
 * network, of channels that do not fit) or NST_ERROR_FORMAT (values). */
NstModel *nst_model_builder_finish (NstModelBuilder *builder, GError **error);

G_END_DECLS
