/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MATLAB level 5 files ("MAT-File Format", The MathWorks), read from front to back. */
#include "weights/format/mat-file.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"
#include "weights/format/stream.h"

#define MAX_UNPACKED ((guint64) 1 << 30) /* limit for all variables together; VGG-19 has 575 MB */
#define MAX_FIELDS 1000
#define PIECE 4096 /* bytes read at a time; a multiple of 8 */
#define UINT64_CLASS 15

/* Types of elements. */
enum
{
  INT8 = 1,
  UINT8,
  INT16,
  UINT16,
  INT32,
  UINT32,
  SINGLE,
  DOUBLE = 9,
  INT64 = 12,
  UINT64,
  MATRIX,
  PACKED,
  UTF8,
  UTF16,
  UTF32
};

typedef struct
{
  guint32 type, size;
  guint64 end; /* where the next element begins */
} Element;

struct _NstMatFile
{
  NstImportStream *stream; /* owned */
};

static gboolean
fail (const NstMatFile *mat, GError **error, const char *what)
{
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("a variable is damaged before its byte %" PRIu64 ": %s; download or export the file again"),
               nst_import_stream_tell (mat->stream), what);

  return FALSE;
}

/* Read the tag of the next element: 8 bytes, or 4 bytes followed by up to 4 bytes of data. */
static gboolean
read_element (NstMatFile *mat, guint64 end, Element *element, GError **error)
{
  guint64 position = nst_import_stream_tell (mat->stream), size;

  if (position > end || end - position < 8)
    return fail (mat, error, _ ("an array ends in the middle of an element"));
  if (!nst_import_stream_read (mat->stream, &element->type, 4, error))
    return FALSE;
  element->type = GUINT32_FROM_LE (element->type);
  element->end = position + 8;
  if (element->type >> 16 != 0)
    {
      element->size = element->type >> 16;
      element->type &= 0xffff;
      return element->size <= 4 || fail (mat, error, _ ("a small element has more than 4 bytes"));
    }

  if (!nst_import_stream_read (mat->stream, &element->size, 4, error))
    return FALSE;
  element->size = GUINT32_FROM_LE (element->size);
  size = element->size;
  if (size > end - element->end)
    return fail (mat, error, _ ("an element is longer than the array that contains it"));

  /* Padded to 8 bytes; the padding of the last element may be missing. */
  element->end += MIN ((size + 7) / 8 * 8, end - element->end);

  return TRUE;
}

/* Read a whole element of a given type and at most max bytes. */
static gboolean
read_small (NstMatFile *mat, guint64 end, guint32 type, guint32 max, void *to, guint32 *size, GError **error)
{
  Element element;

  if (!read_element (mat, end, &element, error))
    return FALSE;
  if (element.type != type || element.size > max)
    return fail (mat, error, _ ("an element has the wrong type or is too large"));
  *size = element.size;

  return nst_import_stream_read (mat->stream, to, element.size, error)
         && nst_mat_go_to (mat, element.end, error);
}

static gboolean
read_dimensions (NstMatFile *mat, NstMatArray *array, GError **error)
{
  gint32  dimensions[NST_MAT_MAX_DIMENSIONS];
  guint32 size;

  if (!read_small (mat, array->end, INT32, sizeof dimensions, dimensions, &size, error))
    return FALSE;
  array->n_dimensions = size / 4;
  array->length = 1;
  if (size % 4 != 0 || array->n_dimensions < 2)
    return fail (mat, error, _ ("an array has fewer than two dimensions"));
  for (int i = 0; i < array->n_dimensions; i++)
    {
      array->dimensions[i] = (gint32) GINT32_FROM_LE (dimensions[i]);
      if (array->dimensions[i] < 0
          || !g_size_checked_mul (&array->length, array->length, array->dimensions[i]))
        return fail (mat, error, _ ("an array has an impossible size"));
    }

  return TRUE;
}

gboolean
nst_mat_read_array (NstMatFile *mat, guint64 end, NstMatArray *array, GError **error)
{
  Element element;
  guint32 flags[2], size;

  *array = (NstMatArray){ NST_MAT_NONE };
  if (!read_element (mat, end, &element, error))
    return FALSE;
  if (element.type != MATRIX)
    return fail (mat, error, _ ("there is no array"));
  array->end = element.end;
  if (element.size == 0)
    return TRUE;

  if (!read_small (mat, array->end, UINT32, 8, flags, &size, error))
    return FALSE;
  if (size != 8)
    return fail (mat, error, _ ("an array has no class"));
  array->class = GUINT32_FROM_LE (flags[0]) & 0xff;
  array->complex = (GUINT32_FROM_LE (flags[0]) & 0x800) != 0;
  if (array->class > UINT64_CLASS) /* function handles and objects have another structure */
    return TRUE;

  return read_dimensions (mat, array, error)
         && read_small (mat, array->end, INT8, NST_MAT_MAX_NAME, array->name, &size, error);
}

gboolean
nst_mat_go_to (NstMatFile *mat, guint64 end, GError **error)
{
  return nst_import_stream_seek (mat->stream, end, error);
}

char *
nst_mat_read_field_names (
    NstMatFile *mat, const NstMatArray *array, gsize *n_fields, gsize *size, GError **error)
{
  g_autofree char *names = NULL;
  guint32          length, bytes;
  Element          element;

  if (!read_small (mat, array->end, INT32, 4, &length, &bytes, error))
    return NULL;
  length = GUINT32_FROM_LE (length);
  if (bytes != 4 || length < 1 || length > NST_MAT_MAX_NAME + 1)
    {
      fail (mat, error, _ ("the names of a struct's fields have an impossible length"));
      return NULL;
    }
  if (!read_element (mat, array->end, &element, error))
    return NULL;
  if (element.type != INT8 || element.size % length != 0 || element.size / length > MAX_FIELDS)
    {
      fail (mat, error, _ ("the names of a struct's fields are not text, or there are too many"));
      return NULL;
    }

  *n_fields = element.size / length;
  *size = length;
  names = nst_import_try_malloc (element.size, error);
  if (names == NULL || !nst_import_stream_read (mat->stream, names, element.size, error)
      || !nst_mat_go_to (mat, element.end, error))
    return NULL;
  for (gsize i = 1; i <= *n_fields; i++)
    names[i * length - 1] = '\0';

  return g_steal_pointer (&names);
}

gboolean
nst_mat_is_real (const NstMatArray *array)
{
  return (array->class == NST_MAT_SINGLE || array->class == NST_MAT_DOUBLE) && !array->complex;
}

/* Bytes of a number; 0 for other types. */
static gsize
size_of (guint32 type)
{
  static const guint8 sizes[] = {
    [INT8] = 1, [UINT8] = 1, [INT16] = 2, [UINT16] = 2, [INT32] = 4, [UINT32] = 4, [SINGLE] = 4, [DOUBLE] = 8
  };

  return type < sizeof sizes ? sizes[type] : 0;
}

static float
to_float (guint32 type, const guint8 *bytes)
{
  union
  {
    guint64 bits;
    double  value;
  } eight = { 0 };
  union
  {
    guint32 bits;
    float   value;
  } four;

  memcpy (&eight.bits, bytes, size_of (type));
  eight.bits = GUINT64_FROM_LE (eight.bits);
  four.bits = (guint32) eight.bits;
  switch (type)
    {
    case INT8:
      return (gint8) eight.bits;
    case INT16:
      return (gint16) eight.bits;
    case INT32:
      return (gint32) eight.bits;
    case SINGLE:
      return four.value;
    case DOUBLE:
      return eight.value;
    default:
      return eight.bits;
    }
}

gboolean
nst_mat_read_values (NstMatFile *mat, const NstMatArray *array, float *to, GError **error)
{
  Element element;
  gsize   size;
  guint8  piece[PIECE];

  if (!read_element (mat, array->end, &element, error))
    return FALSE;
  size = size_of (element.type);
  if (size == 0 || element.size % size != 0 || element.size / size != array->length)
    return fail (mat, error, _ ("an array does not have as many numbers as its dimensions say"));

  for (gsize rest = array->length, n; rest > 0; rest -= n, to += n)
    {
      n = MIN (rest, PIECE / size);
      if (!nst_import_stream_read (mat->stream, piece, n * size, error))
        return FALSE;
      for (gsize i = 0; i < n; i++)
        to[i] = to_float (element.type, piece + i * size);
    }

  return TRUE;
}

gboolean
nst_mat_read_text (NstMatFile *mat, const NstMatArray *array, char *to, GError **error)
{
  guint8  bytes[NST_MAT_MAX_NAME * 2];
  Element element;
  gsize   size;

  *to = '\0';
  if (array->class != NST_MAT_CHAR || array->length == 0 || array->length > NST_MAT_MAX_NAME)
    return TRUE;
  if (!read_element (mat, array->end, &element, error))
    return FALSE;
  size = element.type == UINT16 || element.type == UTF16 ? 2 : 1;
  if (element.size != array->length * size
      || (size == 1 && element.type != INT8 && element.type != UINT8 && element.type != UTF8))
    return TRUE;
  if (!nst_import_stream_read (mat->stream, bytes, element.size, error))
    return FALSE;
  for (gsize i = 0; i < array->length; i++)
    {
      if (bytes[i * size] < ' ' || bytes[i * size] > '~' || (size == 2 && bytes[i * 2 + 1] != 0))
        {
          *to = '\0';
          return TRUE;
        }
      to[i] = bytes[i * size];
      to[i + 1] = '\0';
    }

  return TRUE;
}

/* Read the variable in size bytes from offset on. *unpacked: how many more bytes the file may inflate to. */
static gboolean
read_variable (const NstImportFile *file,
               guint64              offset,
               guint64              size,
               gboolean             packed,
               const char *const   *wanted,
               NstMatVariable       take,
               gpointer             data,
               guint64             *unpacked,
               GError             **error)
{
  g_autoptr (NstImportStream) stream = nst_import_stream_new (file, offset, size, packed);
  NstMatFile                  mat = { stream };
  NstMatArray                 array;

  /* A compressed array gives its length in its own tag. */
  if (!nst_mat_read_array (&mat, packed ? *unpacked : size, &array, error))
    return FALSE;
  if (!g_strv_contains (wanted, array.name))
    return TRUE;
  *unpacked -= packed ? array.end : 0;

  return take (&mat, &array, data, error) && nst_mat_go_to (&mat, array.end, error)
         && (!packed || nst_import_stream_finish (stream, error));
}

static gboolean
check_head (const NstImportFile *file, GError **error)
{
  if (memcmp (file->head + 124, "\0\1IM", 4) == 0)
    return TRUE;
  if (memcmp (file->head + 126, "IM", 2) == 0)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("a MATLAB file of version %d.%d, but only version 1.0 is read; save it in MATLAB with "
                    "the "
                    "option -v7"),
                 file->head[125], file->head[124]);
  else
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("a MATLAB file in big-endian byte order, or damaged; save it on a PC with MATLAB's "
                    "option "
                    "-v7"));

  return FALSE;
}

gboolean
nst_mat_read_file (
    const NstImportFile *file, const char *const *wanted, NstMatVariable take, gpointer data, GError **error)
{
  guint64 unpacked = MAX_UNPACKED, offset = 128;

  if (!check_head (file, error))
    return FALSE;
  while (offset < file->size)
    {
      guint32 tag[2];
      guint64 size, behind;

      if (!nst_import_file_read (file, offset, 8, tag, error))
        return FALSE;
      size = GUINT32_FROM_LE (tag[1]);
      behind = offset + 8 + size;
      if (behind > file->size)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("the file is cut off: the variable at byte %" PRIu64 " has %" PRIu64
                          " bytes, but the file has only %" PRIu64 "; download or export it again"),
                       offset, size, file->size);
          return FALSE;
        }
      if (GUINT32_FROM_LE (tag[0]) == PACKED)
        {
          if (!read_variable (file, offset + 8, size, TRUE, wanted, take, data, &unpacked, error))
            return FALSE;
        }
      else if (!read_variable (file, offset, size + 8, FALSE, wanted, take, data, &unpacked, error))
        return FALSE;
      offset = behind;
    }

  return TRUE;
}
