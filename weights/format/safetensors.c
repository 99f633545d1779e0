/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads safetensors files; checks every offset and shape of the header first. */
#include "weights/format/safetensors.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "weights/format/file.h"
#include "weights/format/half.h"
#include "weights/format/numbers.h"

#define MAX_HEADER (1 << 20) /* about 6000 tensors; cJSON needs up to 32 bytes of memory for one byte */
#define MAX_WHOLE (((gint64) 1 << 53) - 1)

typedef struct
{
  NstTensorInfo info;
  gboolean      half;
  gsize         begin, end; /* bytes from the end of the header */
} Tensor;

struct _NstSafetensors
{
  GBytes       *bytes;   /* ref */
  const guint8 *data;    /* borrowed from bytes: after the header */
  gsize         length;  /* of data */
  GPtrArray    *tensors; /* owned Tensors */
  GHashTable   *by_name; /* from borrowed names to borrowed Tensors */
  cJSON        *header;  /* owned; tensors borrow their names from it */
};

static gboolean
parse_shape (const cJSON *json, NstTensorInfo *info, GError **error)
{
  const cJSON *item;

  if (!cJSON_IsArray (json) || cJSON_GetArraySize (json) > NST_SAFETENSORS_MAX_DIMENSIONS)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: its shape is not a list of at most %d numbers"), info->name,
                   NST_SAFETENSORS_MAX_DIMENSIONS);
      return FALSE;
    }

  info->length = 1;
  cJSON_ArrayForEach (item, json)
    {
      if (!nst_json_get_whole (item, MAX_WHOLE, &info->shape[info->n_dimensions])
          || !g_size_checked_mul (&info->length, info->length, info->shape[info->n_dimensions]))
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("%s: number %d of its shape is not a whole number from 0 to 2^53"), info->name,
                       info->n_dimensions + 1);
          return FALSE;
        }
      info->n_dimensions++;
    }

  return TRUE;
}

static gboolean
parse_offsets (const cJSON *json, gsize length, Tensor *tensor, GError **error)
{
  gint64 begin, end;
  gsize  bytes;

  if (!cJSON_IsArray (json) || cJSON_GetArraySize (json) != 2
      || !nst_json_get_whole (json->child, MAX_WHOLE, &begin)
      || !nst_json_get_whole (json->child->next, MAX_WHOLE, &end))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: its data_offsets are not two whole numbers from 0 on"), tensor->info.name);
      return FALSE;
    }
  if (begin > end || (guint64) end > length)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: its data are bytes %" PRId64 " to %" PRId64
                      " of %zu; the file is cut off or damaged, download or export it again"),
                   tensor->info.name, begin, end, length);
      return FALSE;
    }
  if (!g_size_checked_mul (&bytes, tensor->info.length, tensor->half ? 2 : 4)
      || bytes != (guint64) (end - begin))
    {
      g_autofree char *shape = nst_shape_to_string (tensor->info.n_dimensions, tensor->info.shape);

      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: its shape, %s, in %s does not have %" PRId64 " bytes"), tensor->info.name, shape,
                   tensor->half ? "F16" : "F32", end - begin);
      return FALSE;
    }
  tensor->begin = begin;
  tensor->end = end;

  return TRUE;
}

static gboolean
parse_tensor (NstSafetensors *file, const cJSON *json, GError **error)
{
  const cJSON *dtype = cJSON_GetObjectItemCaseSensitive (json, "dtype");
  Tensor      *tensor = g_new0 (Tensor, 1);

  g_ptr_array_add (file->tensors, tensor);
  tensor->info.name = json->string;
  if (!cJSON_IsObject (json) || cJSON_GetArraySize (json) != 3 || !cJSON_IsString (dtype))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: expected {\"dtype\": ..., \"shape\": ..., \"data_offsets\": ...}"), json->string);
      return FALSE;
    }
  tensor->half = strcmp (dtype->valuestring, "F16") == 0;
  if (!tensor->half && strcmp (dtype->valuestring, "F32") != 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: its numbers are %s, but only F32 and F16 are read; save it as float32"),
                   json->string, dtype->valuestring);
      return FALSE;
    }
  g_hash_table_insert (file->by_name, json->string, tensor);

  return parse_shape (cJSON_GetObjectItemCaseSensitive (json, "shape"), &tensor->info, error)
         && parse_offsets (cJSON_GetObjectItemCaseSensitive (json, "data_offsets"), file->length, tensor,
                           error);
}

static gboolean
check_metadata (const cJSON *json, GError **error)
{
  const cJSON *item;

  if (json != NULL && !cJSON_IsObject (json))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("__metadata__: expected an object of strings"));
      return FALSE;
    }
  cJSON_ArrayForEach (item, json)
    if (!cJSON_IsString (item))
      {
        g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("__metadata__: \"%s\" is not a string"),
                     item->string);
        return FALSE;
      }

  return TRUE;
}

static int
compare_offsets (gconstpointer a, gconstpointer b)
{
  const Tensor *one = *(const Tensor *const *) a, *other = *(const Tensor *const *) b;

  if (one->begin != other->begin)
    return one->begin < other->begin ? -1 : 1;

  return one->end < other->end ? -1 : one->end > other->end; /* empty tensors first */
}

/* Check that every byte of the data belongs to exactly one tensor. */
static gboolean
check_offsets (NstSafetensors *file, GError **error)
{
  gsize end = 0;

  g_ptr_array_sort (file->tensors, compare_offsets);
  for (guint i = 0; i < file->tensors->len; i++)
    {
      const Tensor *tensor = g_ptr_array_index (file->tensors, i);

      if (tensor->begin != end)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("%s: its data begin at byte %zu instead of %zu, where the data before it end"),
                       tensor->info.name, tensor->begin, end);
          return FALSE;
        }
      end = tensor->end;
    }
  if (end != file->length)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("the tensors end at byte %zu of the data, but there are %zu bytes"), end, file->length);

  return end == file->length;
}

static gboolean
parse_header (NstSafetensors *file, const char *text, GError **error)
{
  const cJSON *item;

  /* {tensor: {shape: []}} */
  file->header = nst_json_parse (text, 3, error);
  if (file->header == NULL)
    {
      g_prefix_error (error, _ ("the header: "));
      return FALSE;
    }
  if (!check_metadata (cJSON_GetObjectItemCaseSensitive (file->header, "__metadata__"), error))
    return FALSE;
  cJSON_ArrayForEach (item, file->header)
    if (strcmp (item->string, "__metadata__") != 0 && !parse_tensor (file, item, error))
      return FALSE;

  return check_offsets (file, error);
}

static gboolean
parse (NstSafetensors *file, GError **error)
{
  g_autofree char *text = NULL;
  gsize            size;
  const guint8    *all = g_bytes_get_data (file->bytes, &size);
  guint64          header;

  if (size < 8)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the file has only %zu bytes; download or export it again"), size);
      return FALSE;
    }
  memcpy (&header, all, 8);
  header = GUINT64_FROM_LE (header);
  if (all[0] == '<')
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("not a safetensors file, but probably a web page; download the file itself"));
      return FALSE;
    }
  if (header < 2 || header > MAX_HEADER || header > size - 8)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("not a safetensors file, or cut off: a header of %" PRIu64
                      " bytes in a file of %zu bytes; 2 to %d are expected"),
                   header, size, MAX_HEADER);
      return FALSE;
    }
  if (memchr (all + 8, '\0', header) != NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the header: not a JSON object, because it contains a zero byte"));
      return FALSE;
    }
  text = nst_import_try_malloc (header + 1, error);
  if (text == NULL)
    return FALSE;
  memcpy (text, all + 8, header);
  text[header] = '\0';
  file->data = all + 8 + header;
  file->length = size - 8 - header;

  return parse_header (file, text, error);
}

NstSafetensors *
nst_safetensors_parse (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (NstSafetensors) file = g_new0 (NstSafetensors, 1);

  file->bytes = g_bytes_ref (bytes);
  file->tensors = g_ptr_array_new_with_free_func (g_free);
  file->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  if (!parse (file, error))
    {
      g_prefix_error (error, "%s: ", name);
      return NULL;
    }

  return g_steal_pointer (&file);
}

NstSafetensors *
nst_safetensors_open (const char *path, GError **error)
{
  g_autoptr (GMappedFile) mapped = NULL;
  g_autoptr (GBytes)      bytes = NULL;

  if (!nst_input_check (path, error))
    return NULL;
  mapped = g_mapped_file_new (path, FALSE, error);
  if (mapped == NULL)
    return NULL;
  bytes = g_mapped_file_get_bytes (mapped);

  return nst_safetensors_parse (bytes, path, error);
}

void
nst_safetensors_free (NstSafetensors *file)
{
  if (file == NULL)
    return;

  g_hash_table_unref (file->by_name);
  g_ptr_array_unref (file->tensors);
  cJSON_Delete (file->header);
  g_bytes_unref (file->bytes);
  g_free (file);
}

const NstTensorInfo *
nst_safetensors_find (const NstSafetensors *file, const char *name)
{
  const Tensor *tensor = g_hash_table_lookup (file->by_name, name);

  return tensor != NULL ? &tensor->info : NULL;
}

const NstTensorInfo *
nst_safetensors_nth (const NstSafetensors *file, guint n)
{
  const Tensor *tensor = n < file->tensors->len ? g_ptr_array_index (file->tensors, n) : NULL;

  return tensor != NULL ? &tensor->info : NULL;
}

const char *
nst_safetensors_metadata (const NstSafetensors *file, const char *key)
{
  const cJSON *metadata = cJSON_GetObjectItemCaseSensitive (file->header, "__metadata__");

  return cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (metadata, key));
}

static void
copy_data (const guint8 *from, gboolean half, gsize n, float *to)
{
  if (half)
    for (gsize i = 0; i < n; i++)
      to[i] = nst_half_to_float (from[2 * i] | from[2 * i + 1] << 8);
  else if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    memcpy (to, from, n * 4);
  else
    for (gsize i = 0; i < n; i++)
      {
        guint32 bits = from[4 * i] | from[4 * i + 1] << 8 | from[4 * i + 2] << 16
                       | (guint32) from[4 * i + 3] << 24;

        memcpy (&to[i], &bits, 4);
      }
}

gboolean
nst_safetensors_read (const NstSafetensors *file,
                      const char           *name,
                      int                   n_dimensions,
                      const gint64         *shape,
                      float                *to,
                      GError              **error)
{
  const Tensor *tensor = g_hash_table_lookup (file->by_name, name);
  gboolean      same = tensor != NULL && tensor->info.n_dimensions == n_dimensions;

  for (int i = 0; same && i < n_dimensions; i++)
    same = tensor->info.shape[i] == shape[i];
  if (tensor == NULL)
    {
      g_autofree char *expected = nst_shape_to_string (n_dimensions, shape);

      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, _ ("%s: the file has no such tensor; expected %s"),
                   name, expected);
      return FALSE;
    }
  if (!same)
    {
      g_autofree char *expected = nst_shape_to_string (n_dimensions, shape);
      g_autofree char *found = nst_shape_to_string (tensor->info.n_dimensions, tensor->info.shape);

      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, _ ("%s: expected %s, found %s"), name, expected, found);
      return FALSE;
    }
  copy_data (file->data + tensor->begin, tensor->half, tensor->info.length, to);

  return TRUE;
}
