/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/format/file.h"

G_BEGIN_DECLS

/* A part of a file, read from front to back through a buffer of 64 KiB, as it is or unpacked (zlib's format,
 * RFC 1950). Positions count what comes out. */
typedef struct _NstImportStream NstImportStream;

/* length bytes of file (borrowed) from offset on; both are checked only when they are read. */
NstImportStream *nst_import_stream_new (const NstImportFile *file,
                                        guint64              offset,
                                        guint64              length,
                                        gboolean             packed);
void             nst_import_stream_free (NstImportStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstImportStream, nst_import_stream_free)

guint64 nst_import_stream_tell (const NstImportStream *stream);

/* NST_ERROR_FORMAT when there is less, or packed wrongly; G_FILE_ERROR. */
gboolean nst_import_stream_read (NstImportStream *stream, void *to, gsize n, GError **error);

/* Goes to a position, in a packed stream only ahead. Beyond the end it fails, at once or when something is
 * read there. */
gboolean nst_import_stream_seek (NstImportStream *stream, guint64 position, GError **error);

/* Whether a packed stream is whole: at its end, with the right checksum. */
gboolean nst_import_stream_finish (NstImportStream *stream, GError **error);

G_END_DECLS
