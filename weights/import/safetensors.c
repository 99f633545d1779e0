/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The importer of safetensors files: our own models, and others with torchvision's names. */
#include "weights/format/safetensors.h"

#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/base/tensor.h"
#include "weights/import/model-builder.h"
#include "weights/model-file.h"

static gboolean
probe (const NstImportFile *file)
{
  guint64 header = 0;

  for (int i = 7; i >= 0; i--)
    header = header << 8 | file->head[i];

  return file->n_head > 8 && file->head[8] == '{' && header <= file->size - 8;
}

static gboolean
read_tensor (const NstImportFile  *file,
             const NstSafetensors *tensors,
             const NstTensorInfo  *info,
             NstModelBuilder      *builder,
             GError              **error)
{
  NstTensorKind     kind;
  NstModelSlot     *slot = NULL;
  g_autofree char  *layer = nst_tensor_name_split (info->name, &kind);
  g_autofree float *values = NULL;

  if (layer == NULL)
    return TRUE;
  if (!nst_model_builder_offer (builder, layer, kind, info->n_dimensions, info->shape,
                                info->n_dimensions == 2 ? "OI" : "OIHW", &slot, error))
    return FALSE;
  if (slot == NULL)
    return TRUE;
  if (!nst_import_file_spend (file, (guint64) info->length * sizeof *values, error))
    return FALSE;

  values = g_try_new (float, info->length);
  if (values == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, _ ("%s: there is not enough memory for %zu numbers"),
                   info->name, info->length);
      return FALSE;
    }
  if (!nst_safetensors_read (tensors, info->name, info->n_dimensions, info->shape, values, error))
    return FALSE;
  nst_model_slot_write (slot, values, info->length);

  return TRUE;
}

static NstModel *
load_foreign (const NstImportFile    *file,
              const NstSafetensors   *tensors,
              const NstImportOptions *options,
              GError                **error)
{
  g_autoptr (NstModelBuilder) builder = nst_model_builder_new (file, &nst_model_source_torchvision, options);
  const NstTensorInfo        *info;

  for (guint i = 0; (info = nst_safetensors_nth (tensors, i)) != NULL; i++)
    if (!read_tensor (file, tensors, info, builder, error))
      return NULL;

  return nst_model_builder_finish (builder, error);
}

static NstModel *
load (const NstImportFile *file, const NstImportOptions *options, GError **error)
{
  g_autoptr (NstSafetensors) tensors = nst_safetensors_open (file->path, error);
  g_autoptr (NstModel)       model = NULL;

  if (tensors == NULL)
    return NULL;
  if (nst_safetensors_metadata (tensors, "pastiche") == NULL)
    return load_foreign (file, tensors, options, error);

  /* Files of our own are read in one go. */
  if (!nst_import_file_spend (file, file->size, error))
    return NULL;
  model = nst_model_load (file->path, error);
  if (model == NULL || !nst_import_file_spend (file, 0, error))
    return NULL;
  nst_import_options_apply (options, model);

  return nst_model_validate (model, error) ? g_steal_pointer (&model) : NULL;
}

const NstImporter nst_import_safetensors = { "safetensors", N_ ("safetensors file"), NULL, probe, load };
