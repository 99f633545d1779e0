/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/catalogue.h"
#include "weights/download.h"

G_BEGIN_DECLS

/* How to fetch a network of the catalogue. */
typedef struct
{
  const char *sha256;   /* the user's own sum, 64 digits; NULL: the catalogue's */
  gboolean    half;     /* store as float16 */
  gboolean    keep;     /* keep the file as it was published, too */
  int         patience; /* seconds, as in NstDownload */
} NstFetchOptions;

/* Download it into the user's folder of models unless the file is there, check it, import it, and keep it
 * under the entry's name, in place of one of that name; its source names the file and all of its SHA-256.
 * Blocks. path, if not NULL: to the model's file, owned. Errors: NST_ERROR_ARGUMENT when there is no sum; as
 * nst_download (), nst_model_import (), nst_store_add (). */
gboolean nst_fetch (const NstCatalogueEntry *entry,
                    const NstFetchOptions   *options,
                    NstDownloadNews          news,
                    gpointer                 data,
                    GCancellable            *cancellable,
                    char                   **path,
                    GError                 **error);

G_END_DECLS
