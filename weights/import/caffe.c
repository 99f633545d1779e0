/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The importer of Caffe's .caffemodel files. */
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"
#include "weights/format/numbers.h"
#include "weights/format/stream.h"
#include "weights/import/model-builder.h"

/* Caffe's .caffemodel: a NetParameter as a protocol buffer
 * (https://protobuf.dev/programming-guides/encoding), of which a few fields matter. They are read without a
 * library, because a library would hold the whole file of 550 MB as objects, of which 80 MB are needed.
 *
 *   NetParameter       layers = 2 (V1LayerParameter), layer = 100 (LayerParameter)
 *   V1LayerParameter   name = 4, blobs = 6            LayerParameter   name = 1, blobs = 7
 *   BlobProto          num, channels, height, width = 1 to 4, data = 5 (packed or not), shape = 7,
 *                      double_data = 8
 *   BlobShape          dim = 1 (packed or not) */

enum
{
  VARINT,
  FIXED64,
  BYTES,
  FIXED32 = 5
}; /* wire types */

#define MAX_NAME 256
#define MAX_DIMS 8
#define MAX_BLOBS 2 /* kernel and bias */
#define PIECE 4096  /* floats read at a time */

/* Positions in the file: [begin, end). */
typedef struct
{
  guint64 begin, end;
} Range;

typedef struct
{
  guint   number, type;
  guint64 value;   /* for BYTES, its length */
  Range   content; /* for BYTES */
} Field;

typedef struct
{
  gint64  shape[MAX_DIMS];
  int     n_dimensions;
  guint64 length; /* floats in the file */
} Blob;

typedef struct
{
  NstImportStream *stream;
  NstModelBuilder *builder;
} Reader;

static gboolean
read_fixed (NstImportStream *stream, guint64 end, gsize n, guint64 *value, GError **error)
{
  guint64 position = nst_import_stream_tell (stream);
  guint8  bytes[8];

  if (n > end - position)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the file is damaged or cut off: %zu more bytes are needed from byte %" PRIu64
                      " on, but only %" PRIu64 " are left; download or export it again"),
                   n, position, end - position);
      return FALSE;
    }
  if (!nst_import_stream_read (stream, bytes, n, error))
    return FALSE;
  *value = 0;
  for (gsize i = 0; i < n; i++)
    *value |= (guint64) bytes[i] << 8 * i;

  return TRUE;
}

static gboolean
read_varint (NstImportStream *stream, guint64 end, guint64 *value, GError **error)
{
  *value = 0;
  for (int shift = 0; shift < 64; shift += 7)
    {
      guint64 byte;

      if (!read_fixed (stream, end, 1, &byte, error))
        return FALSE;
      *value |= (byte & 0x7f) << shift;
      if (byte < 0x80)
        return TRUE;
    }
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("the file is damaged at byte %" PRIu64
                  ": a number has more than 10 bytes; download or export it again"),
               nst_import_stream_tell (stream));

  return FALSE;
}

/* Read the next field of a message that ends at end. The content of BYTES follows in the stream; a caller
 * that does not read it has to seek to its end. */
static gboolean
read_field (NstImportStream *stream, guint64 end, Field *field, GError **error)
{
  guint64 key, position = nst_import_stream_tell (stream);

  if (!read_varint (stream, end, &key, error))
    return FALSE;
  field->number = MIN (key >> 3, G_MAXUINT);
  field->type = key & 7;
  if (field->number == 0 || (field->type > BYTES && field->type != FIXED32))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the file is damaged at byte %" PRIu64 ": no field of a protocol buffer has number %u "
                      "and type %u; download or export it again"),
                   position, field->number, field->type);
      return FALSE;
    }
  if (field->type == FIXED32 || field->type == FIXED64)
    return read_fixed (stream, end, field->type == FIXED32 ? 4 : 8, &field->value, error);
  if (!read_varint (stream, end, &field->value, error))
    return FALSE;
  if (field->type == VARINT)
    return TRUE;

  field->content.begin = nst_import_stream_tell (stream);
  if (field->value > end - field->content.begin)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the file is damaged or cut off: field %u at byte %" PRIu64 " has %" PRIu64
                      " bytes, but only %" PRIu64 " follow; download or export it again"),
                   field->number, position, field->value, end - field->content.begin);
      return FALSE;
    }
  field->content.end = field->content.begin + field->value;

  return TRUE;
}

static gboolean
add_dimension (Blob *blob, guint64 value, GError **error)
{
  if (blob->n_dimensions == MAX_DIMS)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, _ ("its shape has more than %d dimensions"), MAX_DIMS);
      return FALSE;
    }
  /* negative values become too large */
  blob->shape[blob->n_dimensions++] = MIN (value, G_MAXINT64);

  return TRUE;
}

static gboolean
read_shape (NstImportStream *stream, Range range, Blob *blob, GError **error)
{
  Field   field;
  guint64 value;

  while (nst_import_stream_tell (stream) < range.end)
    {
      if (!read_field (stream, range.end, &field, error))
        return FALSE;
      if (field.number == 1 && field.type == VARINT && !add_dimension (blob, field.value, error))
        return FALSE;
      while (field.number == 1 && field.type == BYTES && nst_import_stream_tell (stream) < field.content.end)
        if (!read_varint (stream, field.content.end, &value, error) || !add_dimension (blob, value, error))
          return FALSE;
      if (field.type == BYTES && !nst_import_stream_seek (stream, field.content.end, error))
        return FALSE;
    }

  return TRUE;
}

/* Read shape and length; in new files the shape follows the data. */
static gboolean
read_blob (NstImportStream *stream, Range range, Blob *blob, GError **error)
{
  gint64 old[4] = { 0 };
  int    n_old = 0;

  *blob = (Blob){ .n_dimensions = 0 };
  if (!nst_import_stream_seek (stream, range.begin, error))
    return FALSE;
  while (nst_import_stream_tell (stream) < range.end)
    {
      Field field;

      if (!read_field (stream, range.end, &field, error))
        return FALSE;
      if (field.type == VARINT && field.number >= 1 && field.number <= 4)
        {
          old[field.number - 1] = MIN (field.value, G_MAXINT64);
          n_old = 4;
        }
      if (field.number == 7 && field.type == BYTES && !read_shape (stream, field.content, blob, error))
        return FALSE;
      if (field.number == 5 && field.type == FIXED32)
        blob->length++;
      if (field.number == 5 && field.type == BYTES)
        blob->length += field.value / 4;
      if (field.number == 8 || (field.number == 5 && field.type == BYTES && field.value % 4 != 0))
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("its numbers, in field %u, are not 32-bit floats; export it as float32"),
                       field.number);
          return FALSE;
        }
      if (field.type == BYTES && !nst_import_stream_seek (stream, field.content.end, error))
        return FALSE;
    }

  if (blob->n_dimensions == 0)
    {
      memcpy (blob->shape, old, sizeof old);
      blob->n_dimensions = n_old;
    }

  return TRUE;
}

static gboolean
write_floats (NstImportStream *stream, Range range, NstModelSlot *slot, GError **error)
{
  guint8 bytes[PIECE * 4];
  float  values[PIECE];

  for (guint64 rest = (range.end - range.begin) / 4, n; rest > 0; rest -= n)
    {
      n = MIN (rest, PIECE);
      if (!nst_import_stream_read (stream, bytes, n * 4, error))
        return FALSE;
      nst_numbers_to_floats (NST_NUMBERS_F32, FALSE, bytes, n, values);
      nst_model_slot_write (slot, values, n);
    }

  return TRUE;
}

static gboolean
write_blob (NstImportStream *stream, Range range, NstModelSlot *slot, GError **error)
{
  if (!nst_import_stream_seek (stream, range.begin, error))
    return FALSE;
  while (nst_import_stream_tell (stream) < range.end)
    {
      Field field;

      if (!read_field (stream, range.end, &field, error))
        return FALSE;
      if (field.number == 5 && field.type == BYTES && !write_floats (stream, field.content, slot, error))
        return FALSE;
      if (field.number == 5 && field.type == FIXED32)
        {
          union
          {
            guint32 bits;
            float   value;
          } number = { .bits = field.value };

          nst_model_slot_write (slot, &number.value, 1);
        }
      if (field.type == BYTES && !nst_import_stream_seek (stream, field.content.end, error))
        return FALSE;
    }

  return TRUE;
}

/* Kernel or bias of a layer. */
static gboolean
take_blob (Reader *reader, const char *layer, NstTensorKind kind, Range range, GError **error)
{
  NstModelSlot *slot;
  Blob          blob;

  if (!read_blob (reader->stream, range, &blob, error))
    {
      g_prefix_error (error, "%s.%s: ", layer, kind == NST_TENSOR_WEIGHT ? "weight" : "bias");
      return FALSE;
    }
  if (!nst_model_builder_offer (reader->builder, layer, kind, blob.n_dimensions, blob.shape,
                                blob.n_dimensions == 2 ? "OI" : "OIHW", &slot, error))
    return FALSE;
  if (slot == NULL)
    return TRUE;
  if (blob.length != nst_model_slot_length (slot))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s.%s: its shape needs %zu numbers, but the file has %" PRIu64), layer,
                   kind == NST_TENSOR_WEIGHT ? "weight" : "bias", nst_model_slot_length (slot), blob.length);
      return FALSE;
    }

  return write_blob (reader->stream, range, slot, error);
}

static gboolean
read_layer (Reader *reader, Range range, gboolean first_version, GError **error)
{
  const guint name_number = first_version ? 4 : 1, blobs_number = first_version ? 6 : 7;
  char        name[MAX_NAME + 1] = "";
  Range       blobs[MAX_BLOBS];
  int         n_blobs = 0;

  while (nst_import_stream_tell (reader->stream) < range.end)
    {
      Field field;

      if (!read_field (reader->stream, range.end, &field, error))
        return FALSE;
      if (field.number == name_number && field.type == BYTES && field.value <= MAX_NAME)
        {
          if (!nst_import_stream_read (reader->stream, name, field.value, error))
            return FALSE;
          name[field.value] = '\0';
        }
      if (field.number == blobs_number && field.type == BYTES && n_blobs < MAX_BLOBS)
        blobs[n_blobs++] = field.content;
      if (field.type == BYTES && !nst_import_stream_seek (reader->stream, field.content.end, error))
        return FALSE;
    }

  if (!nst_model_builder_wants (name))
    return TRUE;
  for (int i = 0; i < n_blobs; i++)
    if (!take_blob (reader, name, i == 0 ? NST_TENSOR_WEIGHT : NST_TENSOR_BIAS, blobs[i], error))
      return FALSE;

  return TRUE;
}

static gboolean
is_layer (const Field *field)
{
  return field->type == BYTES && (field->number == 2 || field->number == 100);
}

/* Fields that may precede the first layer: the network's name and its inputs, 1 to 8. */
static gboolean
probe (const NstImportFile *file)
{
  g_autoptr (NstImportStream) stream = nst_import_stream_new (file, 0, file->size, FALSE);

  for (int i = 0; i < 32; i++)
    {
      Field    field = { 0 };
      gboolean whole = read_field (stream, file->size, &field, NULL);

      if (is_layer (&field))
        return TRUE;
      if (!whole || field.number == 0 || field.number > 8 || (field.type == BYTES && field.value > 4096))
        return FALSE;
      if (field.type == BYTES && !nst_import_stream_seek (stream, field.content.end, NULL))
        return FALSE;
    }

  return FALSE;
}

static NstModel *
load (const NstImportFile *file, const NstImportOptions *options, GError **error)
{
  g_autoptr (NstImportStream) stream = nst_import_stream_new (file, 0, file->size, FALSE);
  g_autoptr (NstModelBuilder) builder = nst_model_builder_new (file, &nst_model_source_caffe, options);
  Reader                      reader = { stream, builder };

  while (nst_import_stream_tell (stream) < file->size)
    {
      Field field;

      if (!read_field (stream, file->size, &field, error)
          || (is_layer (&field) && !read_layer (&reader, field.content, field.number == 2, error))
          || (field.type == BYTES && !nst_import_stream_seek (stream, field.content.end, error)))
        return NULL;
    }

  return nst_model_builder_finish (builder, error);
}

const NstImporter nst_import_caffe = { "caffe", N_ ("Caffe model (.caffemodel)"), NULL, probe, load };
