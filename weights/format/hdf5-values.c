/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5: attributes and datasets, contiguous, compact or in chunks. */
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"
#include "weights/format/hdf5.h"
#include "weights/format/stream.h"

#define MAX_RANK 4 /* of a slot */

static gboolean
fail (GError **error, const char *what)
{
  g_set_error_literal (error, NST_ERROR, NST_ERROR_FORMAT, what);

  return FALSE;
}

static gboolean
read_stream (gpointer data, gsize n, void *to, GError **error)
{
  return nst_import_stream_read (data, to, n, error);
}

static gboolean
read_whole (NstHdf5 *hdf5, const NstHdf5Object *dataset, NstModelSlot *slot, GError **error)
{
  guint64                     size = nst_model_slot_length (slot) * nst_numbers_size (dataset->type);
  g_autoptr (NstImportStream) stream = NULL;

  if (dataset->size != size || dataset->data == G_MAXUINT64)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("it has %" PRIu64 " bytes in the file instead of %" PRIu64
                      "; download or export the file again"),
                   dataset->data == G_MAXUINT64 ? 0 : dataset->size, size);
      return FALSE;
    }
  stream = nst_import_stream_new (hdf5->file, dataset->data, size, FALSE);

  return nst_numbers_read_slot (dataset->type, dataset->big_endian, read_stream, stream, slot, error);
}

/* A chunked dataset: boxes of chunk[] numbers on a grid. Chunks at the far sides may reach beyond the
 * dataset. */
typedef struct
{
  NstHdf5             *hdf5;
  const NstHdf5Object *dataset;
  gsize                shape[MAX_RANK], chunk[MAX_RANK];
  int                  rank;
  gsize                numbers;          /* of a chunk */
  gsize                n_chunks, n_read; /* of the dataset; read so far */
  guint8              *bytes, *shuffled; /* owned; of a chunk */
  float               *from;             /* owned; the chunk as numbers */
  float               *values;           /* owned; the whole dataset */
} Chunks;

static void
chunks_clear (Chunks *chunks)
{
  g_free (chunks->bytes);
  g_free (chunks->shuffled);
  g_free (chunks->from);
  g_free (chunks->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chunks, chunks_clear)

/* Check the sizes. The bounds keep the time within a few times that of reading the dataset once. */
static gboolean
plan_chunks (NstHdf5 *hdf5, const NstHdf5Object *dataset, gsize length, Chunks *chunks, GError **error)
{
  gsize all = 1, size = nst_numbers_size (dataset->type);

  *chunks = (Chunks){ hdf5, dataset, .rank = dataset->n_dimensions, .numbers = 1, .n_chunks = 1 };
  if (chunks->rank > MAX_RANK || dataset->n_chunk != chunks->rank)
    return fail (error, _ ("its chunks have another number of dimensions than the dataset"));
  for (int i = 0; i < chunks->rank; i++)
    {
      chunks->shape[i] = dataset->shape[i];
      chunks->chunk[i] = dataset->chunk[i];
      if (chunks->chunk[i] == 0 || !g_size_checked_mul (&chunks->numbers, chunks->numbers, chunks->chunk[i]))
        return fail (error, _ ("its chunks have an impossible size"));
      chunks->n_chunks *= (chunks->shape[i] + chunks->chunk[i] - 1) / chunks->chunk[i];
    }
  if (!g_size_checked_mul (&all, chunks->numbers, chunks->n_chunks) || all / 8 > length + (1 << 16))
    return fail (error, _ ("its chunks are many times larger than the dataset; write the file again with "
                           "smaller chunks"));

  chunks->bytes = g_try_malloc (chunks->numbers * size);
  chunks->shuffled = g_try_malloc (chunks->numbers * size);
  chunks->from = g_try_new (float, chunks->numbers);
  chunks->values = g_try_new (float, length);
  if (chunks->bytes == NULL || chunks->shuffled == NULL || chunks->from == NULL || chunks->values == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("there is not enough memory for %zu numbers in chunks of %zu"), length,
                   chunks->numbers);
      return FALSE;
    }

  return TRUE;
}

/* Undo the shuffle filter: it stores the first bytes of all numbers, then their second bytes, and so on. */
static void
unshuffle (const guint8 *from, gsize n, gsize size, guint8 *to)
{
  for (gsize k = 0; k < size; k++)
    for (gsize i = 0; i < n; i++)
      to[i * size + k] = from[k * n + i];
}

/* Copy a chunk row by row into the dataset, clipped to it. offset: position of the chunk. */
static void
place_chunk (Chunks *chunks, const gsize *offset)
{
  int   last = chunks->rank - 1;
  gsize row = MIN (chunks->chunk[last], chunks->shape[last] - offset[last]);

  for (gsize start = 0; start < chunks->numbers; start += chunks->chunk[last])
    {
      gsize    rest = start / chunks->chunk[last], position = offset[last], step = chunks->shape[last];
      gboolean inside = TRUE;

      for (int i = last - 1; i >= 0; i--)
        {
          gsize at = offset[i] + rest % chunks->chunk[i];

          inside = inside && at < chunks->shape[i];
          rest /= chunks->chunk[i];
          position += at * step;
          step *= chunks->shape[i];
        }
      if (inside)
        memcpy (chunks->values + position, chunks->from + start, row * sizeof *chunks->values);
    }
}

/* Read one chunk. key: its size in the file, the mask of skipped filters, its offsets. */
static gboolean
read_chunk (Chunks *chunks, const guint8 *key, guint64 address, GError **error)
{
  const NstHdf5Object        *dataset = chunks->dataset;
  gsize                       size = nst_numbers_size (dataset->type), offset[MAX_RANK];
  guint64                     stored = nst_hdf5_number (key, 4);
  g_autoptr (NstImportStream) stream = NULL;

  for (int i = 0; i < chunks->rank; i++)
    {
      guint64 at = nst_hdf5_number (key + 8 + 8 * i, 8);

      if (at >= chunks->shape[i] || at % chunks->chunk[i] != 0)
        return fail (error, _ ("a chunk lies outside the dataset"));
      offset[i] = at;
    }
  if (nst_hdf5_number (key + 4, 4) != 0 || ++chunks->n_read > chunks->n_chunks
      || (!dataset->deflate && stored != chunks->numbers * size))
    return fail (error, _ ("a chunk occurs twice, or has other filters or another size than the others"));

  stream = nst_import_stream_new (chunks->hdf5->file, address, stored, dataset->deflate);
  if (!nst_import_stream_read (stream, dataset->shuffle ? chunks->shuffled : chunks->bytes,
                               chunks->numbers * size, error)
      || (dataset->deflate && !nst_import_stream_finish (stream, error)))
    return FALSE;
  if (dataset->shuffle)
    unshuffle (chunks->shuffled, chunks->numbers, size, chunks->bytes);
  nst_numbers_to_floats (dataset->type, dataset->big_endian, chunks->bytes, chunks->numbers, chunks->from);
  place_chunk (chunks, offset);

  return TRUE;
}

static gboolean
read_chunk_tree (Chunks *chunks, guint64 address, int level, GError **error)
{
  gsize                key_size = 8 + 8 * (chunks->rank + 1);
  g_auto (NstHdf5Node) node = { 0 };

  if (!nst_hdf5_read_node (chunks->hdf5, address, 1, level, key_size, &node, error))
    return FALSE;
  for (int i = 0; i < node.n_children; i++)
    {
      const guint8 *key = node.entries + i * (key_size + 8);
      guint64       child = nst_hdf5_number (key + key_size, 8);

      if (node.level > 0 ? !read_chunk_tree (chunks, child, node.level - 1, error)
                         : !read_chunk (chunks, key, child, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_chunks (NstHdf5 *hdf5, const NstHdf5Object *dataset, NstModelSlot *slot, GError **error)
{
  gsize           length = nst_model_slot_length (slot);
  g_auto (Chunks) chunks = { 0 };

  if (dataset->data == G_MAXUINT64)
    return fail (error, _ ("it has no data in the file"));
  if (!plan_chunks (hdf5, dataset, length, &chunks, error)
      || !read_chunk_tree (&chunks, dataset->data, NST_HDF5_ANY_LEVEL, error))
    return FALSE;
  if (chunks.n_read < chunks.n_chunks)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("only %zu of its %zu chunks are in the file; download or export the file again"),
                   chunks.n_read, chunks.n_chunks);
      return FALSE;
    }
  nst_model_slot_write (slot, chunks.values, length);

  return TRUE;
}

gboolean
nst_hdf5_read_values (NstHdf5 *hdf5, const NstHdf5Object *dataset, NstModelSlot *slot, GError **error)
{
  if (dataset->problem != NULL)
    return fail (error, dataset->problem);
  if (nst_numbers_size (dataset->type) == 0)
    return fail (error, _ ("its numbers are not floats of 2, 4 or 8 bytes; write it as float32"));
  if (dataset->layout == NST_HDF5_CHUNKED)
    return read_chunks (hdf5, dataset, slot, error);
  if (dataset->deflate || dataset->shuffle)
    return fail (error, _ ("it has filters but no chunks"));

  return read_whole (hdf5, dataset, slot, error);
}
