/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of zip archives, through libzip. */
#include "config.h"

#include "weights/format/zip.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* APPNOTE.TXT, 4.3.7: a local file header has 30 bytes, its name's length at 26; the name follows. */
char *
nst_zip_first_name (const NstImportFile *file)
{
  gsize length = file->head[26] | file->head[27] << 8;

  if (file->n_head < 30 || memcmp (file->head, "PK\3\4", 4) != 0 || length > file->n_head - 30)
    return NULL;

  return g_utf8_make_valid ((const char *) file->head + 30, length);
}

#ifdef HAVE_LIBZIP

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zip.h>

#include "core/base/error.h"

#define MAX_DIRECTORY (8 << 20) /* libzip needs several times as much memory */
#define TAIL (65535 + 22 + 20)

struct _NstZip
{
  zip_t               *archive; /* owned */
  const NstImportFile *source;  /* borrowed */
};

struct _NstZipStream
{
  char                *name;   /* owned */
  zip_file_t          *file;   /* owned */
  const NstImportFile *source; /* borrowed */
};

/* reason: from libzip. */
static void
set_damaged (const char *entry, const char *reason, GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("%s in the zip archive is damaged (%s); download or export the file again"), entry, reason);
}

static guint64
get_number (const guint8 *bytes, int n)
{
  guint64 number = 0;

  while (n-- > 0)
    number = number << 8 | bytes[n];

  return number;
}

/* The length of the archive's directory, from the end record at bytes (section 4.3.16, or 4.3.14 for zip64).
 */
static gboolean
check_end (const NstImportFile *file, const guint8 *record, const guint8 *locator, GError **error)
{
  guint64 length = get_number (record + 12, 4);
  guint8  wide[56];

  if (locator != NULL && memcmp (locator, "PK\6\7", 4) == 0)
    {
      if (!nst_import_file_read (file, get_number (locator + 8, 8), sizeof wide, wide, error))
        return FALSE;
      length = get_number (wide + 40, 8);
    }
  if (length > MAX_DIRECTORY)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("the zip archive has a directory of %" PRIu64 " bytes; at most %d are read"), length,
                 MAX_DIRECTORY);

  return length <= MAX_DIRECTORY;
}

/* libzip reads the whole directory, so its length is checked first. */
static gboolean
check_directory (const NstImportFile *file, GError **error)
{
  gsize              n = MIN (file->size, TAIL);
  g_autofree guint8 *tail = nst_import_try_malloc (n, error);

  if (tail == NULL || !nst_import_file_read (file, file->size - n, n, tail, error))
    return FALSE;
  for (gsize i = 0; i + 22 <= n; i++)
    if (memcmp (tail + i, "PK\5\6", 4) == 0
        && !check_end (file, tail + i, i >= 20 ? tail + i - 20 : NULL, error))
      return FALSE;

  return TRUE;
}

NstZip *
nst_zip_open (const NstImportFile *file, GError **error)
{
  g_autoptr (NstZip) zip = g_new0 (NstZip, 1);
  zip_error_t        reason;
  int                fd, code = 0;

  zip->source = file;
  if (!check_directory (file, error))
    return NULL;
  fd = fcntl (file->fd, F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    {
      code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
                   _ ("the zip archive cannot be opened: %s"), g_strerror (code));
      return NULL;
    }
  zip->archive = zip_fdopen (fd, ZIP_CHECKCONS, &code);
  if (zip->archive == NULL)
    {
      close (fd);
      zip_error_init_with_code (&reason, code);
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the zip archive is damaged (%s); download or export the file again"),
                   zip_error_strerror (&reason));
      zip_error_fini (&reason);
      return NULL;
    }

  return g_steal_pointer (&zip);
}

void
nst_zip_close (NstZip *zip)
{
  if (zip == NULL)
    return;

  if (zip->archive != NULL)
    zip_discard (zip->archive);
  g_free (zip);
}

guint64
nst_zip_n_entries (const NstZip *zip)
{
  return MAX (zip_get_num_entries (zip->archive, 0), 0);
}

const char *
nst_zip_name (const NstZip *zip, guint64 entry)
{
  return zip_get_name (zip->archive, entry, 0);
}

gboolean
nst_zip_find (const NstZip *zip, const char *name, guint64 *entry)
{
  zip_int64_t index = zip_name_locate (zip->archive, name, 0);

  *entry = MAX (index, 0);

  return index >= 0;
}

NstZipStream *
nst_zip_read (NstZip *zip, guint64 entry, guint64 *size, GError **error)
{
  const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD
                              | ZIP_STAT_ENCRYPTION_METHOD;
  g_autoptr (NstZipStream) stream = g_new0 (NstZipStream, 1);
  zip_stat_t               status;

  stream->name = g_strdup (nst_zip_name (zip, entry));
  if (zip_stat_index (zip->archive, entry, 0, &status) < 0 || (status.valid & needed) != needed)
    {
      set_damaged (stream->name, zip_strerror (zip->archive), error);
      return NULL;
    }
  if (status.encryption_method != ZIP_EM_NONE)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s in the zip archive is encrypted; save the file without a password"), stream->name);
      return NULL;
    }
  if (status.comp_method != ZIP_CM_STORE && status.comp_method != ZIP_CM_DEFLATE)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s in the zip archive is compressed by method %d; only methods %d (stored) and %d "
                      "(deflated) are read"),
                   stream->name, status.comp_method, ZIP_CM_STORE, ZIP_CM_DEFLATE);
      return NULL;
    }
  if (status.comp_method == ZIP_CM_DEFLATE && !nst_import_file_spend (zip->source, status.comp_size, error))
    return NULL;
  stream->source = zip->source;
  stream->file = zip_fopen_index (zip->archive, entry, 0);
  if (stream->file == NULL)
    {
      set_damaged (stream->name, zip_strerror (zip->archive), error);
      return NULL;
    }
  *size = status.size;

  return g_steal_pointer (&stream);
}

void
nst_zip_stream_free (NstZipStream *stream)
{
  if (stream == NULL)
    return;

  if (stream->file != NULL)
    zip_fclose (stream->file);
  g_free (stream->name);
  g_free (stream);
}

gboolean
nst_zip_stream_next (gpointer data, gsize n, void *to, GError **error)
{
  NstZipStream *stream = data;
  guint8       *bytes = to;

  if (!nst_import_file_spend (stream->source, n, error))
    return FALSE;
  while (n > 0)
    {
      zip_int64_t got = zip_fread (stream->file, bytes, n);

      if (got < 0)
        {
          set_damaged (stream->name, zip_file_strerror (stream->file), error);
          return FALSE;
        }
      if (got == 0)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("%s in the zip archive is cut off: %zu more bytes are needed; download or export "
                          "the file again"),
                       stream->name, n);
          return FALSE;
        }
      bytes += got;
      n -= got;
    }

  return TRUE;
}

gboolean
nst_zip_stream_skip (NstZipStream *stream, guint64 n, GError **error)
{
  guint8 bytes[4096];

  for (; n > 0; n -= MIN (n, sizeof bytes))
    if (!nst_zip_stream_next (stream, MIN (n, sizeof bytes), bytes, error))
      return FALSE;

  return TRUE;
}

gboolean
nst_zip_stream_end (NstZipStream *stream, GError **error)
{
  guint8      byte;
  zip_int64_t got = zip_fread (stream->file, &byte, 1);

  if (got < 0)
    set_damaged (stream->name, zip_file_strerror (stream->file), error);
  else if (got > 0)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("%s in the zip archive is longer than the archive's directory says; download or export "
                    "the file again"),
                 stream->name);

  return got == 0;
}

#endif
