/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The importer of PyTorch's .pth files, legacy and zip. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"
#include "weights/format/zip.h"
#include "weights/import/model-builder.h"
#include "weights/import/torch-state.h"

/* torch.save has two formats (torch/serialization.py). "Legacy": five pickles (a magic number, the version,
 * the system, the state dict, the list of storage keys), then each storage as its length and its numbers.
 * Since 1.6: a zip archive with NAME/data.pkl and NAME/data/KEY. Numbers are little-endian, unless
 * NAME/byteorder in the archive says otherwise. */

/* The pickled magic number. */
static const guint8 legacy_magic[] = { 0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46, 0xf9,
                                       0x20, 0x6a, 0xa8, 0x50, 0x19, '.' };

#define LEGACY_VERSION 1001
#define MAX_SPAN ((guint64) 1 << 27) /* bytes that a transposed tensor may span */

/* Where the storages are. */
typedef struct
{
  const NstImportFile *file;    /* borrowed */
  GHashTable          *offsets; /* legacy: from borrowed storages to file offsets, owned guint64s */
  NstZip              *zip;     /* borrowed; NULL: legacy */
  char                *folder;  /* borrowed: NAME/data/ */
  gboolean             big_endian;
} Container;

/* The storage being read. */
typedef struct
{
  const NstImportFile *file;
  guint64              offset; /* of the next byte, if stream is NULL */
  NstZipStream        *stream; /* owned */
} Source;

static gboolean
is_legacy (const NstImportFile *file)
{
  /* PROTO, usually 2, and from protocol 4 on FRAME. */
  return file->head[0] == 0x80
         && (memcmp (file->head + 2, legacy_magic, sizeof legacy_magic) == 0
             || memcmp (file->head + 11, legacy_magic, sizeof legacy_magic) == 0);
}

static gboolean
probe (const NstImportFile *file)
{
  g_autofree char *name = nst_zip_first_name (file);

  return is_legacy (file) || (name != NULL && !g_str_has_suffix (name, ".npy"));
}

static gboolean
source_next (gpointer data, gsize n, void *to, GError **error)
{
  Source *source = data;

#ifdef HAVE_LIBZIP
  if (source->stream != NULL)
    return nst_zip_stream_next (source->stream, n, to, error);
#endif
  if (!nst_import_file_read (source->file, source->offset, n, to, error))
    return FALSE;
  source->offset += n;

  return TRUE;
}

#ifdef HAVE_LIBZIP
static NstZipStream *
open_entry (const Container *container, const NstTorchStorage *storage, GError **error)
{
  g_autofree char         *name = g_strconcat (container->folder, storage->key, NULL);
  guint64                  entry, size;
  g_autoptr (NstZipStream) stream = NULL;

  if (!nst_zip_find (container->zip, name, &entry))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the zip archive has no %s; download or export the file again"), name);
      return NULL;
    }
  stream = nst_zip_read (container->zip, entry, &size, error);
  if (stream != NULL && size != storage->length * storage->size)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s in the zip archive should have %" PRIu64 " numbers of %zu bytes, but has %" PRIu64
                      " bytes"),
                   name, storage->length, storage->size, size);
      return NULL;
    }

  return g_steal_pointer (&stream);
}
#endif

/* Go to the tensor's first number. */
static gboolean
source_open (Source *source, const Container *container, const NstTorchTensor *tensor, GError **error)
{
  const guint64 *offset;

  source->file = container->file;
#ifdef HAVE_LIBZIP
  if (container->zip != NULL)
    {
      source->stream = open_entry (container, tensor->storage, error);
      return source->stream != NULL
             && nst_zip_stream_skip (source->stream, tensor->first * tensor->storage->size, error);
    }
#endif
  offset = g_hash_table_lookup (container->offsets, tensor->storage);
  if (offset == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the file has no storage %s; download or export it again"), tensor->storage->key);
      return FALSE;
    }
  source->offset = *offset + tensor->first * tensor->storage->size;

  return TRUE;
}

/* If the tensor ends with its storage, check the archive's checksum. */
static gboolean
source_close (Source *source, const NstTorchTensor *tensor, gboolean whole, GError **error)
{
  gboolean good = TRUE;

#ifdef HAVE_LIBZIP
  if (source->stream != NULL && whole && tensor->first + tensor->span == tensor->storage->length)
    good = nst_zip_stream_end (source->stream, error);
  if (source->stream != NULL)
    nst_zip_stream_free (source->stream);
#else
  (void) source, (void) tensor, (void) whole, (void) error;
#endif

  return good;
}

/* Read a tensor that is not contiguous: the whole span, then its numbers in the order of the dimensions. */
static gboolean
read_spread (
    Source *source, gboolean big_endian, const NstTorchTensor *tensor, NstModelSlot *slot, GError **error)
{
  gsize              size = tensor->storage->size, bytes = tensor->span * size;
  guint64            at[NST_TORCH_MAX_DIMENSIONS] = { 0 };
  g_autofree guint8 *span = tensor->span <= MAX_SPAN / size ? g_try_malloc (bytes) : NULL;

  if (span == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("there is not enough memory for the %" PRIu64 " numbers over which it is spread"),
                   tensor->span);
      return FALSE;
    }
  if (!source_next (source, bytes, span, error))
    return FALSE;

  for (guint64 k = 0; k < tensor->length; k++)
    {
      guint64 index = 0;
      float   value;

      for (int i = 0; i < tensor->n_dimensions; i++)
        index += at[i] * tensor->strides[i];
      nst_numbers_to_floats (tensor->storage->type, big_endian, span + index * size, 1, &value);
      nst_model_slot_write (slot, &value, 1);
      for (int i = tensor->n_dimensions - 1; i >= 0 && ++at[i] == (guint64) tensor->shape[i]; i--)
        at[i] = 0;
    }

  return TRUE;
}

static gboolean
read_tensor (const Container      *container,
             const NstTorchTensor *tensor,
             NstModelBuilder      *builder,
             GError              **error)
{
  NstTensorKind    kind;
  g_autofree char *layer = nst_tensor_name_split (tensor->name, &kind);
  NstModelSlot    *slot;
  Source           source = { NULL };
  gboolean         good;

  if (!nst_model_builder_offer (builder, layer, kind, tensor->n_dimensions, tensor->shape,
                                tensor->n_dimensions == 2 ? "OI" : "OIHW", &slot, error))
    return FALSE;

  good = source_open (&source, container, tensor, error)
         && (nst_torch_tensor_is_contiguous (tensor)
                 ? nst_numbers_read_slot (tensor->storage->type, container->big_endian, source_next, &source,
                                          slot, error)
                 : read_spread (&source, container->big_endian, tensor, slot, error));
  good = source_close (&source, tensor, good, good ? error : NULL) && good;
  if (!good)
    g_prefix_error (error, "%s: ", tensor->name);

  return good;
}

/* Caffe's networks converted to PyTorch (Johnson, vgg19-d01eb7cb.pth, vgg16-00b39a1b.pth) differ from
 * torchvision's only in their values; the hash in the file name tells them apart.
 */
static const NstModelSource *
guess_source (const NstImportFile *file)
{
  g_autofree char *name = g_path_get_basename (file->path);

  return strstr (name, "d01eb7cb") != NULL || strstr (name, "00b39a1b") != NULL
             ? &nst_model_source_caffe
             : &nst_model_source_torchvision;
}

static NstModel *
load_state (const Container        *container,
            const NstTorchState    *state,
            const NstImportOptions *options,
            GError                **error)
{
  g_autoptr (NstModelBuilder) builder = nst_model_builder_new (container->file,
                                                               guess_source (container->file), options);

  for (guint i = 0; i < state->tensors->len; i++)
    if (!read_tensor (container, g_ptr_array_index (state->tensors, i), builder, error))
      return NULL;

  return nst_model_builder_finish (builder, error);
}

/* Parse the pickle at *at, and advance *at. */
static NstPickle *
next_pickle (const guint8 *head, gsize length, gsize *at, GError **error)
{
  NstPickle *pickle = nst_pickle_parse (head + *at, length - *at, nst_torch_classes, error);

  if (pickle == NULL)
    g_prefix_error (error, _ ("the part from byte %zu on: "), *at);
  else
    *at += pickle->length;

  return pickle;
}

/* Set container->offsets. Each storage is a count (8 bytes) and the numbers. */
static gboolean
find_storages (Container            *container,
               const NstTorchState  *state,
               const NstPickleValue *keys,
               guint64               offset,
               GError              **error)
{
  for (guint i = 0; i < nst_pickle_length (keys); i++)
    {
      const NstPickleValue  *key = nst_pickle_nth (keys, i);
      const NstTorchStorage *storage = key->kind == NST_PICKLE_TEXT
                                           ? g_hash_table_lookup (state->storages, key->text)
                                           : NULL;
      guint64                length;

      if (storage == NULL || g_hash_table_contains (container->offsets, storage))
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("storage %u of the list is not used by any tensor or is listed twice"), i);
          return FALSE;
        }
      if (!nst_import_file_read (container->file, offset, 8, &length, error))
        return FALSE;
      offset += 8;
      length = GUINT64_FROM_LE (length);
      if (length != storage->length || length * storage->size > container->file->size - offset)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("storage %s should have %" PRIu64 " numbers of %zu bytes, but has %" PRIu64
                          ", and %" PRIu64 " bytes of the file are left; download or export it again"),
                       storage->key, storage->length, storage->size, length, container->file->size - offset);
          return FALSE;
        }
      g_hash_table_insert (container->offsets, (gpointer) storage, g_memdup2 (&offset, sizeof offset));
      offset += length * storage->size;
    }

  return TRUE;
}

/* Read the five pickles; set *state and the location of its storages. */
static NstTorchState *
read_legacy (Container *container, GError **error)
{
  gsize                     length = MIN (container->file->size, 2 * NST_PICKLE_MAX_BYTES), at = 0;
  g_autofree guint8        *head = nst_import_try_malloc (length, error);
  g_autoptr (NstPickle)     magic = NULL, version = NULL, machine = NULL, pickle = NULL, keys = NULL;
  g_autoptr (NstTorchState) state = NULL;

  if (head == NULL || !nst_import_file_read (container->file, 0, length, head, error))
    return NULL;
  if ((magic = next_pickle (head, length, &at, error)) == NULL
      || (version = next_pickle (head, length, &at, error)) == NULL
      || (machine = next_pickle (head, length, &at, error)) == NULL
      || (pickle = next_pickle (head, length, &at, error)) == NULL
      || (keys = next_pickle (head, length, &at, error)) == NULL)
    return NULL;
  if (version->root->kind != NST_PICKLE_INTEGER || version->root->integer != LEGACY_VERSION
      || keys->root->kind != NST_PICKLE_LIST)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("expected version %d of the format and a list of storages"), LEGACY_VERSION);
      return NULL;
    }
  state = nst_torch_state_new (g_steal_pointer (&pickle), error);

  return state != NULL && find_storages (container, state, keys->root, at, error) ? g_steal_pointer (&state)
                                                                                  : NULL;
}

static NstModel *
load_legacy (const NstImportFile *file, const NstImportOptions *options, GError **error)
{
  g_autoptr (GHashTable)    offsets = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  Container                 container = { file, offsets };
  g_autoptr (NstTorchState) state = read_legacy (&container, error);

  return state != NULL ? load_state (&container, state, options, error) : NULL;
}

#ifdef HAVE_LIBZIP

/* The content of a small entry; owned by the caller. */
static guint8 *
read_entry (NstZip *zip, guint64 entry, guint64 *size, GError **error)
{
  g_autoptr (NstZipStream) stream = nst_zip_read (zip, entry, size, error);
  g_autofree guint8       *content = NULL;

  if (stream == NULL)
    return NULL;
  if (*size > NST_PICKLE_MAX_BYTES)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s in the zip archive has %" PRIu64 " bytes; at most %d are read"),
                   nst_zip_name (zip, entry), *size, NST_PICKLE_MAX_BYTES);
      return NULL;
    }
  content = nst_import_try_malloc (*size, error);

  if (content == NULL || !nst_zip_stream_next (stream, *size, content, error)
      || !nst_zip_stream_end (stream, error))
    return NULL;

  return g_steal_pointer (&content);
}

/* Find the entry NAME/data.pkl for any NAME. *name: "NAME/", owned by the caller. */
static gboolean
find_pickle (NstZip *zip, guint64 *entry, char **name, GError **error)
{
  static const char suffix[] = "data.pkl";

  for (guint64 i = 0; i < nst_zip_n_entries (zip); i++)
    {
      const char *path = nst_zip_name (zip, i), *slash = path != NULL ? strchr (path, '/') : NULL;

      if (slash != NULL && strcmp (slash + 1, suffix) == 0)
        {
          *entry = i;
          *name = g_strndup (path, slash + 1 - path);
          return TRUE;
        }
    }
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("a zip archive with neither a file */%s of torch.save nor arrays of NumPy"), suffix);

  return FALSE;
}

static gboolean
read_byte_order (NstZip *zip, const char *name, gboolean *big_endian, GError **error)
{
  g_autofree char   *path = g_strconcat (name, "byteorder", NULL);
  g_autofree guint8 *content = NULL;
  guint64            entry, size;

  if (!nst_zip_find (zip, path, &entry))
    return TRUE;
  content = read_entry (zip, entry, &size, error);
  *big_endian = content != NULL && size == 3 && memcmp (content, "big", 3) == 0;
  if (content != NULL && !*big_endian && (size != 6 || memcmp (content, "little", 6) != 0))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s in the zip archive is neither \"little\" nor \"big\""), path);
      return FALSE;
    }

  return content != NULL;
}

static NstModel *
load_zip (const NstImportFile *file, const NstImportOptions *options, GError **error)
{
  g_autoptr (NstZip)        zip = nst_zip_open (file, error);
  g_autofree char          *name = NULL, *folder = NULL;
  g_autofree guint8        *content = NULL;
  g_autoptr (NstPickle)     pickle = NULL;
  g_autoptr (NstTorchState) state = NULL;
  guint64                   entry, size;
  Container                 container = { file, NULL, zip };

  if (zip == NULL || !find_pickle (zip, &entry, &name, error)
      || !read_byte_order (zip, name, &container.big_endian, error)
      || (content = read_entry (zip, entry, &size, error)) == NULL
      || (pickle = nst_pickle_parse (content, size, nst_torch_classes, error)) == NULL
      || (state = nst_torch_state_new (g_steal_pointer (&pickle), error)) == NULL)
    return NULL;
  container.folder = folder = g_strconcat (name, "data/", NULL);

  return load_state (&container, state, options, error);
}

#else

static NstModel *
load_zip (const NstImportFile *file, const NstImportOptions *options, GError **error)
{
  (void) file, (void) options;
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("this program was built without support for zip archives; install Debian's libzip-dev, "
                  "then "
                  "configure and build again"));

  return NULL;
}

#endif

static NstModel *
load (const NstImportFile *file, const NstImportOptions *options, GError **error)
{
  return is_legacy (file) ? load_legacy (file, options, error) : load_zip (file, options, error);
}

const NstImporter nst_import_torch = { "torch", N_ ("PyTorch state dict (.pth)"), NULL, probe, load };
