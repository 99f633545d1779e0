/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/catalogue.h"
#include "weights/download.h"

G_BEGIN_DECLS

/* How to fetch a model of the catalogue. */
typedef struct
{
  const char *sha256;   /* the user's checksum, 64 lower case digits; NULL: the catalogue's */
  gboolean    half;     /* store the parameters as float16 */
  gboolean    keep;     /* keep the published file too */
  int         patience; /* seconds; see NstDownload */
} NstFetchOptions;

/* Downloads a model's published file into nst_store_downloads (), checks and imports it, stores the model
 * under the entry's name, and deletes the published file unless it is to be kept. A model of that name is
 * replaced. If the published file is already there, it is checked and used instead of a download. The stored
 * model's source names the file and its whole SHA-256.
 *
 * Blocks. func and data are as for nst_download (); cancellable, which may be NULL, ends the download or the
 * import. path, if not NULL, receives the path of the stored model, owned by the caller; a failure leaves it
 * untouched.
 *
 * Fails with NST_ERROR_ARGUMENT if neither the catalogue nor the user gives a checksum, and with the errors
 * of nst_store_check (), before anything is requested, nst_download (), nst_model_import () and nst_store_add
 * ().
 */
gboolean nst_fetch (const NstCatalogueEntry *entry,
                    const NstFetchOptions   *options,
                    NstDownloadFunc          func,
                    gpointer                 data,
                    GCancellable            *cancellable,
                    char                   **path,
                    GError                 **error);

G_END_DECLS
