/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/format/file.h"

G_BEGIN_DECLS

/* Zip archives, by libzip: entries by name or number, each read from its beginning. Only what is stored or
 * deflated is read, so that no entry can be more than a thousand times as long as the file. */
typedef struct _NstZip       NstZip;
typedef struct _NstZipStream NstZipStream;

/* The name of the first entry, owned by the caller, or NULL when this is no zip archive: for probes, needs no
 * library. */
char *nst_zip_first_name (const NstImportFile *file);

NstZip *nst_zip_open (const NstImportFile *file, GError **error);
void    nst_zip_close (NstZip *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstZip, nst_zip_close)

guint64     nst_zip_n_entries (const NstZip *zip);
const char *nst_zip_name (const NstZip *zip, guint64 entry); /* borrowed; NULL beyond the end */
gboolean    nst_zip_find (const NstZip *zip, const char *name, guint64 *entry);

/* *size: bytes of the entry's content, as the archive says. */
NstZipStream *nst_zip_read (NstZip *zip, guint64 entry, guint64 *size, GError **error);
void          nst_zip_stream_free (NstZipStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstZipStream, nst_zip_stream_free)

/* The next n bytes: an NstReadFunc. NST_ERROR_FORMAT when there are not as many. */
gboolean nst_zip_stream_next (gpointer stream, gsize n, void *to, GError **error);
gboolean nst_zip_stream_skip (NstZipStream *stream, guint64 n, GError **error);

/* That the content ends here, and its checksum is right. */
gboolean nst_zip_stream_end (NstZipStream *stream, GError **error);

G_END_DECLS
