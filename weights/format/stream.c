/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a part of a file through a buffer, plain or inflated. */
#include "weights/format/stream.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"

#define BUFFER 65536

struct _NstImportStream
{
  const NstImportFile *file;           /* borrowed */
  guint64              offset, length; /* the part of the file */
  guint64              position;       /* of the next byte of output */

  guint64 start;   /* the position of buffer in the part */
  gsize   n, used; /* bytes in buffer; those that the decompressor has consumed */
  guint8  buffer[BUFFER];

  GConverter *unpacker; /* owned; NULL: not compressed */
  gboolean    finished;
  gsize       n_out, used_out;
  guint8      out[BUFFER];
};

NstImportStream *
nst_import_stream_new (const NstImportFile *file, guint64 offset, guint64 length, gboolean packed)
{
  NstImportStream *stream = g_new (NstImportStream, 1);

  *stream = (NstImportStream){ file, offset, length };
  if (packed)
    stream->unpacker = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB));

  return stream;
}

void
nst_import_stream_free (NstImportStream *stream)
{
  if (stream == NULL)
    return;

  g_clear_object (&stream->unpacker);
  g_free (stream);
}

guint64
nst_import_stream_tell (const NstImportStream *stream)
{
  return stream->position;
}

/* Fill the buffer from a position of the part on. */
static gboolean
fill (NstImportStream *stream, guint64 from, GError **error)
{
  stream->start = from;
  stream->used = 0;
  stream->n = from < stream->length ? MIN (BUFFER, stream->length - from) : 0;
  if (stream->n == 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the data have only %" PRIu64 " bytes from byte %" PRIu64
                      " on, but more are needed; the file is damaged, download or export it again"),
                   stream->length, stream->offset);
      return FALSE;
    }

  return nst_import_file_read (stream->file, stream->offset + from, stream->n, stream->buffer, error);
}

/* Fill the buffer with decompressed bytes. */
static gboolean
unpack (NstImportStream *stream, GError **error)
{
  stream->n_out = stream->used_out = 0;
  while (stream->n_out == 0 && !stream->finished)
    {
      g_autoptr (GError) reason = NULL;
      gsize              taken = 0;
      GConverterResult   result;

      if (stream->used == stream->n && !fill (stream, stream->start + stream->n, error))
        return FALSE;
      result = g_converter_convert (stream->unpacker, stream->buffer + stream->used, stream->n - stream->used,
                                    stream->out, BUFFER, G_CONVERTER_NO_FLAGS, &taken, &stream->n_out,
                                    &reason);
      if (result == G_CONVERTER_ERROR && g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
        taken = stream->n - stream->used; /* the decompressor has consumed all of it */
      else if (result == G_CONVERTER_ERROR)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("the compressed data are damaged at byte %" PRIu64
                          " (%s); download or export the file again"),
                       stream->offset + stream->start + stream->used, reason->message);
          return FALSE;
        }
      stream->used += taken;
      stream->finished = result == G_CONVERTER_FINISHED;
      if (!nst_import_file_spend (stream->file, stream->n_out, error))
        {
          stream->n_out = 0;
          return FALSE;
        }
    }

  return TRUE;
}

/* The next bytes without copying them; *n: how many, 1 to max. */
static const guint8 *
take (NstImportStream *stream, guint64 max, gsize *n, GError **error)
{
  const guint8 *bytes;

  if (stream->unpacker == NULL)
    {
      if ((stream->position < stream->start || stream->position - stream->start >= stream->n)
          && !fill (stream, stream->position, error))
        return NULL;
      bytes = stream->buffer + (stream->position - stream->start);
      *n = MIN (max, stream->n - (stream->position - stream->start));
      stream->position += *n;
      return bytes;
    }

  if (stream->used_out == stream->n_out && !unpack (stream, error))
    return NULL;
  if (stream->used_out == stream->n_out)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the compressed data at byte %" PRIu64 " end after %" PRIu64
                      " bytes, but more are needed; the file is damaged, download or export it again"),
                   stream->offset, stream->position);
      return NULL;
    }
  bytes = stream->out + stream->used_out;
  *n = MIN (max, stream->n_out - stream->used_out);
  stream->used_out += *n;
  stream->position += *n;

  return bytes;
}

gboolean
nst_import_stream_read (NstImportStream *stream, void *to, gsize n, GError **error)
{
  guint8 *next = to;

  while (n > 0)
    {
      gsize         got;
      const guint8 *bytes = take (stream, n, &got, error);

      if (bytes == NULL)
        return FALSE;
      memcpy (next, bytes, got);
      next += got;
      n -= got;
    }

  return TRUE;
}

gboolean
nst_import_stream_seek (NstImportStream *stream, guint64 position, GError **error)
{
  if (stream->unpacker == NULL)
    stream->position = position;
  while (stream->position < position)
    {
      gsize got;

      if (take (stream, position - stream->position, &got, error) == NULL)
        return FALSE;
    }

  return TRUE;
}

gboolean
nst_import_stream_finish (NstImportStream *stream, GError **error)
{
  if (stream->used_out == stream->n_out && !stream->finished && !unpack (stream, error))
    return FALSE;
  if (stream->used_out < stream->n_out)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("the compressed data at byte %" PRIu64 " have more than the expected %" PRIu64
                    " bytes; the file is damaged, download or export it again"),
                 stream->offset, stream->position);

  return stream->used_out == stream->n_out;
}
