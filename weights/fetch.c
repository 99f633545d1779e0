/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fetches a model of the catalogue: download, checksum, import, store. */
#include "weights/fetch.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "weights/store.h"

/* Returns the whole SHA-256 of the published file, owned; beside: writes it to a file next to it, too. The
 * catalogue may have only its first digits or an MD5, so this is the only exact record of which file it was.
 */
static char *
record_sum (const NstDownload *download, const char *file, gboolean beside, GError **error)
{
  gboolean         known = download->sum_type == G_CHECKSUM_SHA256 && strlen (download->sum) == 64;
  g_autofree char *sum = known ? g_strdup (download->sum)
                               : nst_store_sum (download->path, G_CHECKSUM_SHA256, error);
  g_autofree char *path = g_strconcat (download->path, ".sha256", NULL);
  g_autofree char *line = g_strdup_printf ("%s  %s\n", sum, file);

  if (sum == NULL || (beside && !nst_file_write (path, line, strlen (line), error)))
    return NULL;

  return g_steal_pointer (&sum);
}

/* Makes sure that the published file is there: checks an existing file or downloads it. */
static gboolean
ensure_file (const NstDownload *download,
             NstDownloadFunc    func,
             gpointer           data,
             GCancellable      *cancellable,
             GError           **error)
{
  if (!g_file_test (download->path, G_FILE_TEST_EXISTS))
    return nst_download (download, func, data, cancellable, error);
  g_debug ("%s: already here, so it is checked and not downloaded", download->path);
  if (nst_download_check (download, download->path, error))
    return TRUE;
  g_prefix_error (error, _ ("%s is not the published file; remove it and fetch again: "), download->path);

  return FALSE;
}

/* Removes the folder of a model's published file, and that of all of them, if they are empty. */
static void
remove_empty (const char *folder)
{
  g_autofree char *parent = g_path_get_dirname (folder);

  if (g_rmdir (folder) == 0)
    g_rmdir (parent);
}

gboolean
nst_fetch (const NstCatalogueEntry *entry,
           const NstFetchOptions   *options,
           NstDownloadFunc          func,
           gpointer                 data,
           GCancellable            *cancellable,
           char                   **path,
           GError                 **error)
{
  g_autofree char     *folder = nst_store_downloads (entry->name);
  g_autofree char     *published = g_build_filename (folder, entry->file, NULL);
  g_autofree char     *record = g_strconcat (published, ".sha256", NULL);
  g_autofree char     *sum = NULL;
  g_autofree char     *source = NULL;
  g_autoptr (NstModel) model = NULL;
  NstImportOptions     import;
  NstDownload          download = {
             .addresses = (const char *const *) entry->addresses,
             .path = published,
             .patience = options->patience,
             .sum_type = options->sha256 != NULL ? G_CHECKSUM_SHA256 : entry->sum_type,
             .sum = options->sha256 != NULL ? options->sha256 : entry->sum,
             .bytes = entry->bytes > 0 ? entry->bytes : (guint64) (entry->megabytes * 1e6),
             .exact = entry->bytes > 0,
  };

  if (download.sum == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("No checksum of %s is published, and Pastiche downloads no file that it cannot check. "
                      "Give a checksum that you trust with --sha256, or download %s yourself and run "
                      "\"pastiche weights import %s --name %s\""),
                   entry->file, entry->addresses[0], entry->file, entry->name);
      return FALSE;
    }
  if (!nst_store_check (entry->name, error))
    return FALSE;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      int code = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", folder, g_strerror (code));
      return FALSE;
    }
  if (!ensure_file (&download, func, data, cancellable, error)
      || (sum = record_sum (&download, entry->file, options->keep, error)) == NULL)
    {
      remove_empty (folder);
      return FALSE;
    }

  nst_catalogue_options (entry, &import);
  source = g_strdup_printf ("%s, SHA-256 %s", entry->file, sum);
  import.source = source;
  model = nst_model_import (published, &import, cancellable, error);
  if (model == NULL || !nst_store_add (model, entry->name, options->half, path, error))
    return FALSE;
  if (!options->keep)
    {
      g_unlink (published);
      g_unlink (record);
      remove_empty (folder);
    }

  return TRUE;
}
