/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"
#include "weights/format/file.h"

G_BEGIN_DECLS

/* Weights of VGG-16, VGG-19 and their relatives from the files that others publish, each format by an
 * importer of its own (weights/nst-import-NAME.c), chosen by what a file holds and not by its name.
 *
 * What shall be otherwise than in the file, or than its source usually has it; NULL: as it is there. All
 * borrowed. Input channel i is (scale * rgb[order[i]] - mean[i]) / std[i], as in NstModel. */
typedef struct
{
  const char       *name; /* the file's name without its suffix, when NULL */
  const char       *source;
  const char       *licence;
  const int        *order; /* 3; 0, 1, 2 are red, green, blue */
  const float      *scale;
  const float      *mean;    /* 3 */
  const float      *std;     /* 3 */
  const NstPadding *padding; /* of all layers */
  const NstPooling *pooling;
} NstImportOptions;

/* The model in a file of any known format; fully connected layers are never read. options: may be NULL. Takes
 * as much memory as the layers that are kept and a small buffer. NST_ERROR_FORMAT (what kind of file it is
 * instead, or the library that this program was built without and the Debian package to build it with),
 * _SHAPE, _MEMORY or G_FILE_ERROR name the file, the tensor and both numbers. Any thread. */
NstModel *nst_model_import (const char *path, const NstImportOptions *options, GError **error);

typedef struct
{
  const char *name;  /* "torch" */
  const char *title; /* "PyTorch state dict (.pth)" */
  /* the Debian package that configure looks for, or NULL when nothing is needed */
  const char *package;

  /* Looks at the content only, mostly at head; quick; works without the library. */
  gboolean (*probe) (const NstImportFile *file);

  /* NULL when the program was built without the library. Returns a whole, validated model; messages need not
   * name the file. */
  NstModel *(*load) (const NstImportFile *file, const NstImportOptions *options, GError **error);
} NstImporter;

/* All importers, in the order in which they are asked; ends with NULL. */
const NstImporter *const *nst_importers (void);

extern const NstImporter nst_import_caffe;
extern const NstImporter nst_import_keras;
extern const NstImporter nst_import_matconvnet;
extern const NstImporter nst_import_npz;
extern const NstImporter nst_import_safetensors;
extern const NstImporter nst_import_torch;

/* Puts the options into a model that is being made. */
void nst_import_options_apply (const NstImportOptions *options, NstModel *model);

G_END_DECLS
