/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "core/nst-error.h"
#include "nst-model-builder.h"

#ifdef HAVE_HDF5
#include <hdf5.h>
#endif

/* Keras' files of weights: HDF5 with a group for each layer. Their datasets are called
 *
 *   block1_conv1/block1_conv1_W_1:0, .../block1_conv1_b_1:0              (Keras 1, as the published files)
 *   block1_conv1/block1_conv1/kernel:0, .../bias:0                       (Keras 2)
 *
 * at the top or in the group model_weights of a whole model. The attributes with lists of names say nothing beyond that, and are not
 * read. Kernels are H x W x I x O.
 *
 * The library is asked for as little as possible: links to other files, virtual and external datasets, filters from plug-ins and any
 * other type than floats are refused before it touches data, and sizes are checked before memory is taken. */

static gboolean
probe (const NstImportFile *file)
{
  return file->n_head >= 8 && memcmp (file->head, "\211HDF\r\n\032\n", 8) == 0;
}

#ifdef HAVE_HDF5

#define MAX_DEPTH 4         /* model_weights/block1_conv1/block1_conv1/kernel:0 */
#define MAX_LINKS 10000
#define MAX_CHUNK (1 << 26) /* bytes; a chunk is unpacked whole */
#define MAX_NAME  256

typedef struct
{
  NstModelBuilder *builder;
  const char      *layer;       /* the group that is being read; borrowed */
  int              depth, n_links;
  GError         **error;
} Reader;

/* What HDF5 opened. */
typedef hid_t Handle;

static void
handle_clear (Handle *handle)
{
  if (*handle > 0)
    H5Idec_ref (*handle);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Handle, handle_clear)

static herr_t
note_reason (unsigned           n,
             const H5E_error2_t *entry,
             void               *data)
{
  (void) n;
  *(char **) data = g_strdup (entry->desc);

  return 1;
}

/* Says what failed, and HDF5's own reason for it. */
static gboolean
fail (GError    **error,
      const char *what)
{
  g_autofree char *reason = NULL;

  H5Ewalk2 (H5E_DEFAULT, H5E_WALK_UPWARD, note_reason, &reason);
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, "%s%s%s", what, reason != NULL ? "; HDF5 says: " : "", reason != NULL ? reason : "");

  return FALSE;
}

/* Stored inside this file, with no filter that is not built in. bytes: of the whole dataset. */
static gboolean
check_storage (Handle   dataset,
               gsize    bytes,
               GError **error)
{
  g_auto (Handle) list = H5Dget_create_plist (dataset);
  H5D_layout_t    layout;
  hsize_t         chunk[H5S_MAX_RANK], stored, size = 4;
  int             n_filters;

  if (list < 0)
    return fail (error, "cannot be read");
  layout = H5Pget_layout (list);
  n_filters = H5Pget_nfilters (list);
  if ((layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED) || H5Pget_external_count (list) != 0)
    return fail (error, "is not stored in this file itself");
  if (n_filters < 0 || n_filters > 4)
    return fail (error, "is packed in more than four ways");
  for (int i = 0; i < n_filters; i++)
    {
      unsigned     flags;
      size_t       n_values = 0;
      H5Z_filter_t filter = H5Pget_filter2 (list, i, &flags, &n_values, NULL, 0, NULL, NULL);

      if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
        return fail (error, "is packed otherwise than by deflate");
    }
  if (layout == H5D_CHUNKED)
    {
      int n = H5Pget_chunk (list, H5S_MAX_RANK, chunk);

      for (int i = 0; i < n; i++)
        size = chunk[i] > MAX_CHUNK ? MAX_CHUNK + 1 : MIN (size * chunk[i], MAX_CHUNK + 1);
      if (n < 1 || size > MAX_CHUNK)
        return fail (error, "is stored in chunks of more than 64 MiB");
    }

  stored = H5Dget_storage_size (dataset);
  if (stored == 0 || (layout != H5D_CHUNKED && stored != bytes))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, "has %" G_GUINT64_FORMAT " bytes in the file, expected %" G_GSIZE_FORMAT,
                   (guint64) stored, bytes);
      return FALSE;
    }

  return TRUE;
}

static gboolean
is_float (Handle dataset)
{
  g_auto (Handle) type = H5Dget_type (dataset);

  return type >= 0 && (H5Tequal (type, H5T_IEEE_F32LE) > 0 || H5Tequal (type, H5T_IEEE_F32BE) > 0);
}

/* Rank, or -1. */
static int
get_shape (Handle  dataset,
           gint64 *shape)
{
  g_auto (Handle) space = H5Dget_space (dataset);
  hsize_t sizes[H5S_MAX_RANK];
  int     n;

  if (space < 0 || H5Sget_simple_extent_type (space) != H5S_SIMPLE)
    return -1;
  n = H5Sget_simple_extent_dims (space, sizes, NULL);
  for (int i = 0; i < n; i++)
    shape[i] = MIN (sizes[i], G_MAXINT64);

  return n;
}

static gboolean
read_values (Handle        dataset,
             NstModelSlot *slot,
             GError      **error)
{
  gsize n = nst_model_slot_length (slot);
  g_autofree float *values = NULL;

  if (!is_float (dataset))
    return fail (error, "its numbers are no floats of 4 bytes");
  if (!check_storage (dataset, n * sizeof *values, error))
    return FALSE;
  values = g_try_new (float, n);
  if (values == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, "no memory for %" G_GSIZE_FORMAT " numbers", n);
      return FALSE;
    }
  if (H5Dread (dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
    return fail (error, "damaged or cut off");
  nst_model_slot_write (slot, values, n);

  return TRUE;
}

/* What a dataset's name says that it is: kernel:0, block1_conv1_W_1:0, bias:0, block1_conv1_b_1:0. */
static gboolean
parse_kind (const char    *name,
            NstTensorKind *kind)
{
  gsize length = strcspn (name, ":");
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
read_dataset (Reader     *reader,
              Handle      dataset,
              const char *name,
              GError    **error)
{
  gint64         shape[H5S_MAX_RANK];
  NstModelSlot  *slot;
  NstTensorKind  kind;
  int            n_dimensions;

  if (reader->layer == NULL || !parse_kind (name, &kind))
    return TRUE;
  n_dimensions = get_shape (dataset, shape);
  if (n_dimensions < 0)
    return fail (error, "has no shape");
  if (!nst_model_builder_offer (reader->builder, reader->layer, kind, n_dimensions, shape,
                                kind == NST_TENSOR_WEIGHT ? "HWIO" : NULL, &slot, error))
    return FALSE;

  return slot == NULL || read_values (dataset, slot, error);
}

static gboolean read_group (Reader *reader, Handle group, GError **error);

static gboolean
read_object (Reader     *reader,
             Handle      group,
             const char *name,
             GError    **error)
{
  g_auto (Handle) object = H5Oopen (group, name, H5P_DEFAULT);
  H5I_type_t  type;
  const char *outer = reader->layer;
  gboolean    done;

  if (object < 0)
    return fail (error, "cannot be opened: damaged or cut off");
  type = H5Iget_type (object);
  if (type == H5I_DATASET)
    return read_dataset (reader, object, name, error);
  if (type != H5I_GROUP)
    return TRUE;
  if (reader->depth == MAX_DEPTH)
    return fail (error, "groups are nested too deep for a file of weights");

  reader->layer = name;
  reader->depth++;
  done = read_group (reader, object, error);
  reader->depth--;
  reader->layer = outer;

  return done;
}

/* Called for each link of a group. */
static herr_t
read_link (hid_t             group,
           const char       *name,
           const H5L_info_t *info,
           void             *data)
{
  Reader *reader = data;

  if (info->type != H5L_TYPE_HARD)
    return 0;
  if (++reader->n_links > MAX_LINKS || strlen (name) > MAX_NAME || !g_utf8_validate (name, -1, NULL))
    {
      g_set_error (reader->error, NST_ERROR, NST_ERROR_FORMAT, "link %d: more than %d, or a name that is too long or no UTF-8",
                   reader->n_links, MAX_LINKS);
      return -1;
    }
  if (!read_object (reader, group, name, reader->error))
    {
      g_prefix_error (reader->error, "%s: ", name);
      return -1;
    }

  return 0;
}

static gboolean
read_group (Reader   *reader,
            Handle    group,
            GError  **error)
{
  g_autoptr (GError) inner = NULL;
  GError           **outer = reader->error;
  herr_t             result;

  reader->error = &inner;
  result = H5Literate (group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, read_link, reader);
  reader->error = outer;
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }

  return result >= 0 || fail (error, "its links cannot be read: damaged or cut off");
}

static NstModel *
load_quietly (const NstImportFile    *file,
              const NstImportOptions *options,
              GError                **error)
{
  g_autoptr (NstModelBuilder) builder = nst_model_builder_new (file, &nst_model_source_caffe, options);
  Reader          reader = { builder };
  g_auto (Handle) top = H5Fopen (file->path, H5F_ACC_RDONLY, H5P_DEFAULT);

  if (top < 0)
    {
      fail (error, "no HDF5 file, damaged or cut off");
      return NULL;
    }
  if (!read_group (&reader, top, error))
    return NULL;

  return nst_model_builder_finish (builder, error);
}

static NstModel *
load (const NstImportFile    *file,
      const NstImportOptions *options,
      GError                **error)
{
  static GMutex mutex;      /* the library may have been built for one thread */
  H5E_auto2_t   report;
  void         *data;
  NstModel     *model;

  g_mutex_lock (&mutex);
  H5Eget_auto2 (H5E_DEFAULT, &report, &data);
  H5Eset_auto2 (H5E_DEFAULT, NULL, NULL);       /* no messages on the terminal */
  H5PLset_loading_state (0);                    /* no plug-ins */
  model = load_quietly (file, options, error);
  H5Eset_auto2 (H5E_DEFAULT, report, data);
  g_mutex_unlock (&mutex);

  return model;
}
#endif

const NstImporter nst_import_keras = { "keras", "Keras weights in HDF5 (.h5)", "libhdf5-dev", probe,
#ifdef HAVE_HDF5
                                       load
#endif
                                     };
