/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads bytes of a file at an offset, never beyond its end or the file's budget. */
#include "weights/format/file.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <unistd.h>

#include "core/base/error.h"

void *
nst_import_try_malloc (gsize n, GError **error)
{
  void *block = g_try_malloc (MAX (n, 1));

  if (block == NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, _ ("there is not enough memory for %zu bytes"), n);

  return block;
}

gboolean
nst_import_file_spend (const NstImportFile *file, guint64 n, GError **error)
{
  NstImportBudget *budget = file->budget;

  if (budget == NULL)
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (budget->cancellable, error))
    return FALSE;
  if (n > budget->left)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("more than %" PRIu64 " bytes would have to be read and decompressed, far more than a "
                      "network has; export it again without compression"),
                   NST_IMPORT_BUDGET (file->size));
      return FALSE;
    }
  budget->left -= n;

  return TRUE;
}

gboolean
nst_import_file_read (const NstImportFile *file, guint64 offset, gsize n, void *to, GError **error)
{
  guint8 *bytes = to;

  if (offset > file->size || n > file->size - offset)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the file is cut off or damaged: %zu bytes are needed from byte %" PRIu64
                      " on, but it has only %" PRIu64 " bytes; download or export it again"),
                   n, offset, file->size);
      return FALSE;
    }
  if (!nst_import_file_spend (file, n, error))
    return FALSE;
  while (n > 0)
    {
      gssize got = pread (file->fd, bytes, n, offset);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          int code = errno;

          g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
                       _ ("byte %" PRIu64 " cannot be read: %s"), offset, g_strerror (code));
          return FALSE;
        }
      if (got == 0)
        {
          g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO,
                       _ ("byte %" PRIu64 " cannot be read: another program has just made the file shorter"),
                       offset);
          return FALSE;
        }
      bytes += got;
      offset += got;
      n -= got;
    }

  return TRUE;
}
