/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/format/file.h"

G_BEGIN_DECLS

/* A part of a file, read sequentially through a buffer of 64 KiB, plain or inflated (zlib format, RFC 1950).
 * Positions count the inflated bytes. The file's budget pays for what is read from the file and what is
 * inflated, also when it is skipped. */
typedef struct _NstImportStream NstImportStream;

/* An owned stream of length bytes of file (borrowed) from offset on. The range is checked when it is read. */
NstImportStream *nst_import_stream_new (const NstImportFile *file,
                                        guint64              offset,
                                        guint64              length,
                                        gboolean             packed);
void             nst_import_stream_free (NstImportStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstImportStream, nst_import_stream_free)

/* The position of the next byte, from the beginning of the part. */
guint64 nst_import_stream_tell (const NstImportStream *stream);

/* Read n bytes. NST_ERROR_FORMAT if there are fewer or if they cannot be inflated, and the errors of
 * nst_import_file_read (). */
gboolean nst_import_stream_read (NstImportStream *stream, void *to, gsize n, GError **error);

/* Go to a position; an inflated stream can only go forward. A position beyond the end is an error, here or at
 * the next read. */
gboolean nst_import_stream_seek (NstImportStream *stream, guint64 position, GError **error);

/* Check that an inflated stream is at its end and that its checksum is right. */
gboolean nst_import_stream_finish (NstImportStream *stream, GError **error);

G_END_DECLS
