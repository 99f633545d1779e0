/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The importer of NumPy's .npz archives. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "weights/format/npy.h"
#include "weights/format/numbers.h"
#include "weights/format/zip.h"
#include "weights/import/model-builder.h"

/* numpy.savez's archives of arrays, as vgg16_weights.npz: conv1_1_W (height x width x in x out), conv1_1_b,
 * ... */

static gboolean
probe (const NstImportFile *file)
{
  g_autofree char *name = nst_zip_first_name (file);

  return name != NULL && g_str_has_suffix (name, ".npy");
}

#ifdef HAVE_LIBZIP

static gboolean
offer (NstModelBuilder *builder,
       const char      *layer,
       NstTensorKind    kind,
       const NstNpy    *array,
       NstModelSlot   **slot,
       GError         **error)
{
  gint64 reversed[NST_NPY_MAX_DIMENSIONS];

  for (int i = 0; i < array->n_dimensions; i++)
    reversed[array->n_dimensions - 1 - i] = array->shape[i];

  return nst_model_builder_offer (builder, layer, kind, array->n_dimensions,
                                  array->fortran ? reversed : array->shape, array->fortran ? "OIWH" : "HWIO",
                                  slot, error);
}

static gboolean
read_entry (NstZip *zip, guint64 entry, NstModelBuilder *builder, GError **error)
{
  const char              *name = nst_zip_name (zip, entry);
  g_autofree char         *base = name != NULL && g_str_has_suffix (name, ".npy")
                                      ? g_strndup (name, strlen (name) - 4)
                                      : NULL;
  NstTensorKind            kind;
  g_autofree char         *layer = base != NULL ? nst_tensor_name_split (base, &kind) : NULL;
  g_autoptr (NstZipStream) stream = NULL;
  NstModelSlot            *slot;
  NstNpy                   array;
  guint64                  size;

  if (layer == NULL || !nst_model_builder_wants (layer))
    return TRUE;
  stream = nst_zip_read (zip, entry, &size, error);
  if (stream == NULL || !nst_npy_read_header (nst_zip_stream_next, stream, size, &array, error)
      || !offer (builder, layer, kind, &array, &slot, error))
    return FALSE;

  return nst_numbers_read_slot (array.type, array.big_endian, nst_zip_stream_next, stream, slot, error)
         && nst_zip_stream_end (stream, error);
}

static NstModel *
load (const NstImportFile *file, const NstImportOptions *options, GError **error)
{
  g_autoptr (NstModelBuilder) builder = nst_model_builder_new (file, &nst_model_source_rgb, options);
  g_autoptr (NstZip)          zip = nst_zip_open (file, error);

  if (zip == NULL)
    return NULL;
  for (guint64 i = 0; i < nst_zip_n_entries (zip); i++)
    if (!read_entry (zip, i, builder, error))
      {
        g_prefix_error (error, "%s: ", nst_zip_name (zip, i));
        return NULL;
      }

  return nst_model_builder_finish (builder, error);
}

#else
#define load NULL
#endif

const NstImporter nst_import_npz = { "npz", N_ ("NumPy archive (.npz)"), "libzip-dev", probe, load };
