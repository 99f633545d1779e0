/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/import/model-builder.h"
#include "weights/import/vgg.h"

G_BEGIN_DECLS

/* What nst-model-builder.c, which takes the tensors, and nst-model-finish.c, which makes a model of them,
 * share. */

struct _NstModelSlot
{
  char         *name; /* owned; the source's, with what it is: "features.0.weight" */
  NstVggPlace   place;
  NstTensorKind kind;
  int           shape[4]; /* O, I, H, W; of a bias O, 1, 1, 1 */

  float *data; /* owned; O x I x H x W */
  gsize  length, written;
  int    n_dimensions; /* the source's, with the step that each makes in data */
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

/* The tensor of this place, or NULL. */
NstModelSlot *nst_model_builder_find (const NstModelBuilder *builder,
                                      const NstVggPlace     *place,
                                      NstTensorKind          kind);

G_END_DECLS
