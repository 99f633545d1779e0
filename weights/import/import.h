/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"
#include "weights/format/file.h"

G_BEGIN_DECLS

/* Import of VGG-16, VGG-19 and networks with the same layers and other widths from published files. Each
 * format has an importer of its own (weights/import/NAME.c), which is chosen by the file's content, not by
 * its name.
 *
 * Options override what the file says or what its source usually does; NULL: no override. All pointers are
 * borrowed. Input channel i is (scale * rgb[order[i]] - mean[i]) / std[i], as in NstModel. */
typedef struct
{
  const char       *name; /* NULL: the file's name without its suffix */
  const char       *source;
  const char       *licence;
  const int        *order; /* 3; 0, 1, 2 are red, green, blue */
  const float      *scale;
  const float      *mean;    /* 3 */
  const float      *std;     /* 3 */
  const NstPadding *padding; /* of all layers */
  const NstPooling *pooling;
} NstImportOptions;

/* Read a model from a file of any known format; owned by the caller. Fully connected layers are skipped, so
 * this takes the memory of the model and a small buffer. Small files take well below a second, VGG-19 a few
 * seconds, and NST_IMPORT_BUDGET () bounds the time for hostile files. options, cancellable: may be NULL.
 * Cancelling from another thread ends the import at the next 64 KB.
 *
 * NST_ERROR_FORMAT: not a known format (the message says what the file seems to be), damaged, beyond its
 * budget, or its library was not available at build time (the message names the Debian package);
 * NST_ERROR_SHAPE; NST_ERROR_MEMORY; G_FILE_ERROR; G_IO_ERROR_CANCELLED. Messages name the file, the tensor
 * and both numbers. Any thread. */
NstModel *nst_model_import (const char             *path,
                            const NstImportOptions *options,
                            GCancellable           *cancellable,
                            GError                **error);

/* One format. */
typedef struct
{
  const char *name;  /* "torch" */
  const char *title; /* "PyTorch state dict (.pth)"; to be translated */
  /* the Debian package of the library that it needs, or NULL */
  const char *package;

  /* Whether the file may have this format. Reads little more than file->head; needs no library. */
  gboolean (*probe) (const NstImportFile *file);

  /* Returns an owned, validated model. Messages need not name the file. It reads through file.h, stream.h and
   * zip.h, which keep to the budget and see a cancellation. NULL: the library was not available at build
   * time. */
  NstModel *(*load) (const NstImportFile *file, const NstImportOptions *options, GError **error);
} NstImporter;

/* All importers, in the order in which they are probed; ends with NULL. */
const NstImporter *const *nst_importers (void);

extern const NstImporter nst_import_caffe;
extern const NstImporter nst_import_keras;
extern const NstImporter nst_import_matconvnet;
extern const NstImporter nst_import_npz;
extern const NstImporter nst_import_safetensors;
extern const NstImporter nst_import_torch;

/* Apply the overrides to a model that is not shared yet. */
void nst_import_options_apply (const NstImportOptions *options, NstModel *model);

G_END_DECLS
