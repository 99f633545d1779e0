/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-fetch.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "core/nst-error.h"
#include "nst-store.h"

gboolean
nst_fetch (const NstCatalogueEntry *entry,
           const NstFetchOptions   *options,
           NstDownloadNews          news,
           gpointer                 data,
           GCancellable            *cancellable,
           char                   **path,
           GError                 **error)
{
  g_autofree char     *folder = nst_store_folder ();
  g_autofree char     *published = g_build_filename (folder, entry->file, NULL);
  g_autoptr (NstModel) model = NULL;
  NstImportOptions     import;
  NstDownload          download = {
    .addresses = (const char *const *) entry->addresses, .path = published, .patience = options->patience,
    .sum_type = options->sha256 != NULL ? G_CHECKSUM_SHA256 : entry->sum_type,
    .sum = options->sha256 != NULL ? options->sha256 : entry->sum,
    .most = entry->megabytes > 0 ? entry->megabytes * 2e6 : G_MAXUINT64,
  };

  if (download.sum == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "No sum of %s is published, and nothing is fetched that cannot be checked. Give the "
                   "sum that you trust with --sha256, or fetch %s yourself and say \"pastiche weights import %s --name %s\"", entry->file,
                   entry->addresses[0], entry->file, entry->name);
      return FALSE;
    }
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      int code = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", folder, g_strerror (code));
      return FALSE;
    }
  if (!g_file_test (published, G_FILE_TEST_EXISTS) && !nst_download (&download, news, data, cancellable, error))
    return FALSE;

  nst_catalogue_options (entry, &import);
  model = nst_model_import (published, &import, error);
  if (model == NULL || !nst_store_add (model, entry->name, options->half, path, error))
    return FALSE;
  if (!options->keep)
    g_unlink (published);

  return TRUE;
}
