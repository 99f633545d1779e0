/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/import/model-builder.h"
#include "weights/import/vgg.h"

G_BEGIN_DECLS

/* Shared by model-builder.c, which collects the tensors, and model-finish.c, which builds the model. */

struct _NstModelSlot
{
  char         *name; /* owned; the tensor's name in the file: "features.0.weight" */
  NstVggPlace   place;
  NstTensorKind kind;
  int           shape[4]; /* O, I, H, W; of a bias O, 1, 1, 1 */

  float *data; /* owned; O x I x H x W */
  gsize  length, written;
  int    n_dimensions; /* in the file; steps: what each adds to the index in data */
  gsize  dimensions[4], steps[4];
};

struct _NstModelBuilder
{
  const NstImportFile    *file; /* borrowed, as the next two */
  const NstModelSource   *source;
  const NstImportOptions *options;
  GPtrArray              *slots;  /* owned NstModelSlots */
  gsize                   floats; /* of all slots */
  float                   mean[3];
};

/* The slot of this place and kind, borrowed; NULL: none. */
NstModelSlot *nst_model_builder_find (const NstModelBuilder *builder,
                                      const NstVggPlace     *place,
                                      NstTensorKind          kind);

G_END_DECLS
