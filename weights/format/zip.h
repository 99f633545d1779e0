/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/format/file.h"

G_BEGIN_DECLS

/* Zip archives, by libzip. Entries are found by name or number and read from their beginning. Only stored and
 * deflated entries are read, so no entry is more than about a thousand times as long as the file. The file's
 * budget pays for the content that is read or skipped, and for the whole compressed data of each entry that
 * is opened. */
typedef struct _NstZip       NstZip;
typedef struct _NstZipStream NstZipStream;

/* The name of the first entry, owned by the caller; NULL: the file is not a zip archive. For probes; needs no
 * library. */
char *nst_zip_first_name (const NstImportFile *file);

/* An owned archive of file, which is borrowed. NST_ERROR_FORMAT if libzip finds it damaged or its directory
 * is larger than 8 MiB; G_FILE_ERROR. */
NstZip *nst_zip_open (const NstImportFile *file, GError **error);
void    nst_zip_close (NstZip *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstZip, nst_zip_close)

guint64     nst_zip_n_entries (const NstZip *zip);
const char *nst_zip_name (const NstZip *zip, guint64 entry); /* borrowed; NULL beyond the end */

/* Find the entry of this name and store its number in *entry. FALSE, with *entry 0, if there is none. */
gboolean nst_zip_find (const NstZip *zip, const char *name, guint64 *entry);

/* An owned stream, which must be freed before the archive is closed. *size: bytes of the entry's content, as
 * stated by the archive. NST_ERROR_FORMAT if the entry is damaged, encrypted, or neither stored nor deflated.
 */
NstZipStream *nst_zip_read (NstZip *zip, guint64 entry, guint64 *size, GError **error);
void          nst_zip_stream_free (NstZipStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstZipStream, nst_zip_stream_free)

/* Read the next n bytes; an NstReadFunc. NST_ERROR_FORMAT if there are fewer. */
gboolean nst_zip_stream_next (gpointer stream, gsize n, void *to, GError **error);

/* Skip the next n bytes. The same errors. */
gboolean nst_zip_stream_skip (NstZipStream *stream, guint64 n, GError **error);

/* Check that the content ends here and that its checksum is right. */
gboolean nst_zip_stream_end (NstZipStream *stream, GError **error);

G_END_DECLS
