/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes safetensors files. */
#include "weights/format/safetensors.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "weights/format/half.h"

typedef struct
{
  char        *name; /* owned */
  int          n_dimensions;
  gint64       shape[NST_SAFETENSORS_MAX_DIMENSIONS];
  gsize        length;
  const float *data; /* borrowed from the caller */
  gboolean     half;
} Entry;

struct _NstSafetensorsWriter
{
  GArray *entries;  /* of Entry */
  cJSON  *metadata; /* owned object of strings */

  NstSafetensorsReady ready; /* NULL: none */
  gpointer            data;
};

static void
entry_clear (gpointer data)
{
  g_free (((Entry *) data)->name);
}

NstSafetensorsWriter *
nst_safetensors_writer_new (void)
{
  NstSafetensorsWriter *writer = g_new0 (NstSafetensorsWriter, 1);

  writer->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (writer->entries, entry_clear);
  writer->metadata = cJSON_CreateObject ();

  return writer;
}

void
nst_safetensors_writer_free (NstSafetensorsWriter *writer)
{
  if (writer == NULL)
    return;

  g_array_unref (writer->entries);
  cJSON_Delete (writer->metadata);
  g_free (writer);
}

void
nst_safetensors_writer_set_ready (NstSafetensorsWriter *writer, NstSafetensorsReady ready, gpointer data)
{
  writer->ready = ready;
  writer->data = data;
}

void
nst_safetensors_writer_set_metadata (NstSafetensorsWriter *writer, const char *key, const char *value)
{
  cJSON_DeleteItemFromObjectCaseSensitive (writer->metadata, key);
  cJSON_AddStringToObject (writer->metadata, key, value);
}

void
nst_safetensors_writer_add (NstSafetensorsWriter *writer,
                            const char           *name,
                            int                   n_dimensions,
                            const gint64         *shape,
                            const float          *data,
                            gboolean              half)
{
  Entry entry = {
    .name = g_strdup (name), .n_dimensions = n_dimensions, .length = 1, .data = data, .half = half
  };

  g_assert (n_dimensions >= 0 && n_dimensions <= NST_SAFETENSORS_MAX_DIMENSIONS);
  for (int i = 0; i < n_dimensions; i++)
    {
      entry.shape[i] = shape[i];
      entry.length *= shape[i];
    }
  g_array_append_val (writer->entries, entry);
}

/* The header after its length, padded so that the data begins at a multiple of 8 bytes. */
static GByteArray *
make_header (const NstSafetensorsWriter *writer, GError **error)
{
  g_autoptr (cJSON)   header = cJSON_CreateObject (), again = NULL;
  g_autoptr (GString) text = NULL;
  GByteArray         *bytes;
  guint64             length;
  double              offset = 0;
  char               *printed;

  if (writer->metadata->child != NULL)
    cJSON_AddItemReferenceToObject (header, "__metadata__", writer->metadata);
  for (guint i = 0; i < writer->entries->len; i++)
    {
      const Entry *entry = &g_array_index (writer->entries, Entry, i);
      double       end = offset + (double) entry->length * (entry->half ? 2 : 4);
      cJSON       *json = cJSON_AddObjectToObject (header, entry->name), *shape;

      cJSON_AddStringToObject (json, "dtype", entry->half ? "F16" : "F32");
      shape = cJSON_AddArrayToObject (json, "shape");
      for (int j = 0; j < entry->n_dimensions; j++)
        cJSON_AddItemToArray (shape, cJSON_CreateNumber (entry->shape[j]));
      cJSON_AddItemToObject (json, "data_offsets", cJSON_CreateDoubleArray ((double[]){ offset, end }, 2));
      offset = end;
    }
  printed = cJSON_PrintUnformatted (header);
  text = g_string_new (printed);
  cJSON_free (printed);

  /* Refuse names that a reader would refuse: duplicates, and names that are not UTF-8. */
  again = nst_json_parse (text->str, 3, error);
  if (again == NULL)
    return NULL;

  while (text->len % 8 != 0)
    g_string_append_c (text, ' ');
  length = GUINT64_TO_LE ((guint64) text->len);
  bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *) &length, 8);
  g_byte_array_append (bytes, (const guint8 *) text->str, text->len);

  return bytes;
}

/* Write in chunks of at most G_N_ELEMENTS (chunk) floats, so that the data is not copied as a whole. */
static gboolean
write_entry (const Entry *entry, FILE *file, GError **error)
{
  guint8 chunk[4096][4];
  gsize  size = entry->half ? 2 : 4;

  for (gsize done = 0; done < entry->length;)
    {
      gsize   n = MIN (entry->length - done, G_N_ELEMENTS (chunk));
      guint8 *to = chunk[0];

      for (gsize i = done; i < done + n; i++, to += size)
        {
          guint32 bits;

          if (entry->half)
            {
              bits = nst_half_from_float (entry->data[i]);
              if ((bits & 0x7fff) == 0x7c00 && !isinf (entry->data[i]))
                {
                  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                               _ ("%s: value %zu is %g, but a 16-bit number is at most 65504; store the "
                                  "model with 32-bit numbers"),
                               entry->name, i, entry->data[i]);
                  return FALSE;
                }
            }
          else
            memcpy (&bits, &entry->data[i], 4);
          bits = GUINT32_TO_LE (bits);
          memcpy (to, &bits, size);
        }
      if (fwrite (chunk, size, n, file) != n)
        return FALSE;
      done += n;
    }

  return TRUE;
}

/* FALSE: either error or the stream's own error is set. */
static gboolean
write_all (const NstSafetensorsWriter *writer, const GByteArray *header, FILE *file, GError **error)
{
  if (fwrite (header->data, 1, header->len, file) != header->len)
    return FALSE;
  for (guint i = 0; i < writer->entries->len; i++)
    if (!write_entry (&g_array_index (writer->entries, Entry, i), file, error))
      return FALSE;

  return TRUE;
}

gboolean
nst_safetensors_writer_write (NstSafetensorsWriter *writer, const char *path, GError **error)
{
  g_autoptr (GByteArray)    header = make_header (writer, error);
  g_autoptr (GError)        problem = NULL;
  g_autoptr (NstFileWriter) file = NULL;

  if (header == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  if (!nst_file_check (path, error) || (file = nst_file_writer_new (path, error)) == NULL)
    return FALSE;
  if (!write_all (writer, header, nst_file_writer_stream (file), &problem) && problem != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&problem), "%s: ", path);
      return FALSE;
    }
  if (writer->ready != NULL && !writer->ready (nst_file_writer_stream (file), writer->data, error))
    return FALSE;

  return nst_file_writer_finish (file, error);
}
