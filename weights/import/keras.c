/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The importer of Keras' HDF5 files. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "weights/format/hdf5.h"
#include "weights/import/model-builder.h"

/* Keras' files: HDF5 with a group for each layer. The datasets are named
 *
 *   block1_conv1/block1_conv1_W_1:0, .../block1_conv1_b_1:0              (Keras 1, as the published files)
 *   block1_conv1/block1_conv1/kernel:0, .../bias:0                       (Keras 2)
 *
 * at the top or in the group model_weights of a whole model. The attributes that list names contain nothing
 * more and are not read. Kernels are H x W x I x O. */

#define MAX_DEPTH 5 /* model_weights/vgg19/block1_conv1/block1_conv1/kernel:0 */

typedef struct
{
  NstModelBuilder *builder;
  const char      *layer; /* the current group; borrowed */
  int              depth;
} Reader;

static gboolean
probe (const NstImportFile *file)
{
  return file->n_head >= 8 && memcmp (file->head, "\211HDF\r\n\032\n", 8) == 0;
}

/* Tell kernels from biases by a dataset's name: kernel:0, block1_conv1_W_1:0, bias:0, block1_conv1_b_1:0. */
static gboolean
parse_kind (const char *name, NstTensorKind *kind)
{
  gsize            length = strcspn (name, ":");
  g_autofree char *bare = g_strndup (name, length);

  if (g_str_has_suffix (bare, "_1"))
    bare[length - 2] = '\0';
  if (strcmp (bare, "kernel") == 0 || g_str_has_suffix (bare, "_W"))
    *kind = NST_TENSOR_WEIGHT;
  else if (strcmp (bare, "bias") == 0 || g_str_has_suffix (bare, "_b"))
    *kind = NST_TENSOR_BIAS;
  else
    return FALSE;

  return TRUE;
}

static gboolean
read_dataset (Reader *reader, NstHdf5 *hdf5, const NstHdf5Object *dataset, const char *name, GError **error)
{
  NstModelSlot *slot;
  NstTensorKind kind;

  if (reader->layer == NULL || !nst_model_builder_wants (reader->layer) || !parse_kind (name, &kind))
    return TRUE;
  if (!dataset->has_space)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                   _ ("it has no shape, or one of more than %d dimensions"), NST_HDF5_MAX_DIMENSIONS);
      return FALSE;
    }

  return nst_model_builder_offer (reader->builder, reader->layer, kind, dataset->n_dimensions, dataset->shape,
                                  kind == NST_TENSOR_WEIGHT ? "HWIO" : NULL, &slot, error)
         && (slot == NULL || nst_hdf5_read_values (hdf5, dataset, slot, error));
}

static gboolean
read_link (NstHdf5 *hdf5, const char *name, guint64 address, gpointer data, GError **error)
{
  Reader       *reader = data, inner = { reader->builder, name, reader->depth + 1 };
  NstHdf5Object object;

  if (!nst_hdf5_read_object (hdf5, address, &object, error))
    return FALSE;
  if (object.kind == NST_HDF5_DATASET)
    return read_dataset (reader, hdf5, &object, name, error);
  if (object.kind != NST_HDF5_GROUP)
    return TRUE;
  if (inner.depth > MAX_DEPTH)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("groups are nested deeper than the %d levels of Keras' files; save the network again "
                      "with model.save_weights ()"),
                   MAX_DEPTH);
      return FALSE;
    }

  return nst_hdf5_read_group (hdf5, &object, read_link, &inner, error);
}

static NstModel *
load (const NstImportFile *file, const NstImportOptions *options, GError **error)
{
  g_autoptr (NstModelBuilder) builder = nst_model_builder_new (file, &nst_model_source_caffe, options);
  Reader                      reader = { builder };
  NstHdf5                     hdf5;
  NstHdf5Object               top;
  guint64                     root;

  if (!nst_hdf5_open (&hdf5, file, &root, error) || !nst_hdf5_read_object (&hdf5, root, &top, error))
    return NULL;
  if (top.kind != NST_HDF5_GROUP)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("an HDF5 file without groups, so not one of Keras; save the network with "
                      "model.save_weights ()"));
      return NULL;
    }

  return nst_hdf5_read_group (&hdf5, &top, read_link, &reader, error)
             ? nst_model_builder_finish (builder, error)
             : NULL;
}

const NstImporter nst_import_keras = { "keras", N_ ("Keras weights in HDF5 (.h5)"), NULL, probe, load };
