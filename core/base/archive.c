/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of numbers in a fixed byte order, with a checksum. */
#include "core/base/archive.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"

G_STATIC_ASSERT (sizeof (double) == 8 && sizeof (float) == 4);

#define SUM_BYTES 32
#define CHUNK 16384 /* floats that are converted or read at a time */

struct _NstArchiveWriter
{
  NstFileWriter *file;   /* owned */
  FILE          *stream; /* borrowed from file */
  GChecksum     *sum;    /* owned */
  gboolean       failed;
};

struct _NstArchiveReader
{
  char   *path;   /* owned */
  FILE   *stream; /* owned */
  guint64 left;   /* bytes before the checksum */
};

/* Writing */

static void
put (NstArchiveWriter *archive, gconstpointer bytes, gsize n)
{
  if (archive->failed)
    return;

  g_checksum_update (archive->sum, bytes, n);
  archive->failed = fwrite (bytes, 1, n, archive->stream) != n;
}

NstArchiveWriter *
nst_archive_writer_new (const char *path, const char *kind, GError **error)
{
  NstFileWriter    *file = nst_file_writer_new (path, error);
  NstArchiveWriter *archive;

  if (file == NULL)
    return NULL;

  archive = g_new0 (NstArchiveWriter, 1);
  archive->file = file;
  archive->stream = nst_file_writer_stream (file);
  archive->sum = g_checksum_new (G_CHECKSUM_SHA256);
  put (archive, kind, strlen (kind));

  return archive;
}

void
nst_archive_writer_free (NstArchiveWriter *archive)
{
  if (archive == NULL)
    return;

  nst_file_writer_free (archive->file);
  g_checksum_free (archive->sum);
  g_free (archive);
}

void
nst_archive_put_int (NstArchiveWriter *archive, gint64 value)
{
  value = GINT64_TO_LE (value);
  put (archive, &value, sizeof value);
}

void
nst_archive_put_double (NstArchiveWriter *archive, double value)
{
  gint64 bits;

  memcpy (&bits, &value, sizeof bits);
  nst_archive_put_int (archive, bits);
}

void
nst_archive_put_text (NstArchiveWriter *archive, const char *text)
{
  const gsize n = strlen (text);

  nst_archive_put_int (archive, n);
  put (archive, text, n);
}

/* Swaps the bytes of each float on a computer whose byte order is not an archive's. */
static void
swap (float *floats, gsize n)
{
  for (gsize i = 0; i < n && G_BYTE_ORDER != G_LITTLE_ENDIAN; i++)
    {
      guint32 bits;

      memcpy (&bits, &floats[i], sizeof bits);
      bits = GUINT32_SWAP_LE_BE (bits);
      memcpy (&floats[i], &bits, sizeof bits);
    }
}

void
nst_archive_sum_floats (GChecksum *sum, const float *floats, gsize n)
{
  float chunk[CHUNK];

  for (gsize i = 0; i < n; i += CHUNK)
    {
      const gsize m = MIN (CHUNK, n - i);

      memcpy (chunk, floats + i, m * sizeof (float));
      swap (chunk, m);
      g_checksum_update (sum, (const guchar *) chunk, m * sizeof (float));
    }
}

void
nst_archive_put_floats (NstArchiveWriter *archive, const float *floats, gsize n)
{
  float chunk[CHUNK];

  nst_archive_put_int (archive, n);
  for (gsize i = 0; i < n && !archive->failed; i += CHUNK)
    {
      const gsize m = MIN (CHUNK, n - i);

      memcpy (chunk, floats + i, m * sizeof (float));
      swap (chunk, m);
      put (archive, chunk, m * sizeof (float));
    }
}

gboolean
nst_archive_writer_finish (NstArchiveWriter *archive, GError **error)
{
  guint8 sum[SUM_BYTES];
  gsize  n = sizeof sum;

  g_checksum_get_digest (archive->sum, sum, &n);
  if (!archive->failed)
    fwrite (sum, 1, n, archive->stream);

  return nst_file_writer_finish (archive->file, error);
}

/* Reading */

static gboolean
damaged (const NstArchiveReader *archive, GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("%s: the file is damaged or incomplete: it does not match its checksum"), archive->path);

  return FALSE;
}

static gboolean
unexpected (const NstArchiveReader *archive, GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("%s: the file has the right checksum, but other contents than expected"), archive->path);

  return FALSE;
}

static gboolean
get (NstArchiveReader *archive, gpointer bytes, gsize n, GError **error)
{
  if (n > archive->left)
    return unexpected (archive, error);
  if (fread (bytes, 1, n, archive->stream) != n)
    return damaged (archive, error); /* it has changed since it was checked, or the disk has failed */
  archive->left -= n;

  return TRUE;
}

/* Whether the file starts with kind; leaves the stream after it. */
static gboolean
check_kind (NstArchiveReader *archive, const char *kind, GError **error)
{
  const gsize      n = strlen (kind);
  g_autofree char *found = g_malloc (n);

  if (fread (found, 1, n, archive->stream) == n && memcmp (found, kind, n) == 0)
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("%s: this is not a file of the kind \"%s\", or another version of Pastiche has written it"),
               archive->path, kind);

  return FALSE;
}

/* Reads the file to its end. */
static gboolean
check_sum (NstArchiveReader *archive, const char *kind, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8                chunk[1 << 16], wanted[SUM_BYTES], found[SUM_BYTES];
  gsize                 n = sizeof found;

  g_checksum_update (sum, (const guchar *) kind, strlen (kind));
  for (guint64 left = archive->left; left > 0;)
    {
      const gsize m = MIN (left, sizeof chunk);

      if (fread (chunk, 1, m, archive->stream) != m)
        return damaged (archive, error);
      g_checksum_update (sum, chunk, m);
      left -= m;
    }
  g_checksum_get_digest (sum, found, &n);

  return (fread (wanted, 1, SUM_BYTES, archive->stream) == SUM_BYTES && memcmp (wanted, found, n) == 0)
         || damaged (archive, error);
}

NstArchiveReader *
nst_archive_reader_new (const char *path, const char *kind, GError **error)
{
  g_autoptr (NstArchiveReader) archive = g_new0 (NstArchiveReader, 1);
  const int                    file = nst_input_open (path, error);
  const gsize                  n = strlen (kind);
  struct stat                  status;

  if (file < 0)
    return NULL;
  archive->path = g_strdup (path);
  archive->stream = fdopen (file, "r");
  if (archive->stream == NULL || fstat (file, &status) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
      if (archive->stream == NULL)
        close (file);
      return NULL;
    }

  if (!check_kind (archive, kind, error))
    return NULL;
  if ((guint64) status.st_size < n + SUM_BYTES)
    {
      damaged (archive, error);
      return NULL;
    }
  archive->left = status.st_size - n - SUM_BYTES;
  if (!check_sum (archive, kind, error))
    return NULL;
  if (fseeko (archive->stream, n, SEEK_SET) != 0)
    {
      damaged (archive, error);
      return NULL;
    }

  return g_steal_pointer (&archive);
}

void
nst_archive_reader_free (NstArchiveReader *archive)
{
  if (archive == NULL)
    return;

  if (archive->stream != NULL)
    fclose (archive->stream);
  g_free (archive->path);
  g_free (archive);
}

const char *
nst_archive_reader_path (const NstArchiveReader *archive)
{
  return archive->path;
}

gboolean
nst_archive_get_int (NstArchiveReader *archive, gint64 least, gint64 most, gint64 *value, GError **error)
{
  gint64 found;

  if (!get (archive, &found, sizeof found, error))
    return FALSE;
  *value = GINT64_FROM_LE (found);

  return (*value >= least && *value <= most) || unexpected (archive, error);
}

gboolean
nst_archive_get_double (NstArchiveReader *archive, double *value, GError **error)
{
  gint64 bits;

  if (!nst_archive_get_int (archive, G_MININT64, G_MAXINT64, &bits, error))
    return FALSE;
  memcpy (value, &bits, sizeof bits);

  return TRUE;
}

char *
nst_archive_get_text (NstArchiveReader *archive, gsize most, GError **error)
{
  g_autofree char *text = NULL;
  gint64           n;

  if (!nst_archive_get_int (archive, 0, most, &n, error))
    return NULL;
  text = g_malloc0 (n + 1);
  if (!get (archive, text, n, error))
    return NULL;
  if (strlen (text) != (gsize) n)
    {
      unexpected (archive, error);
      return NULL;
    }

  return g_steal_pointer (&text);
}

gboolean
nst_archive_get_floats (NstArchiveReader *archive, float *floats, gsize n, GError **error)
{
  gint64 found;

  if (!nst_archive_get_int (archive, n, n, &found, error)
      || !get (archive, floats, n * sizeof (float), error))
    return FALSE;
  swap (floats, n);

  return TRUE;
}

gboolean
nst_archive_reader_finish (NstArchiveReader *archive, GError **error)
{
  return archive->left == 0 || unexpected (archive, error);
}
