/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One file to download, from the first of several mirrors that delivers it. */
typedef struct
{
  const char *const *addresses; /* http or https, in order of preference; ends with NULL */
  const char        *path;      /* of the finished file; the partial download is path.part */
  GChecksumType      sum_type;
  const char        *sum;      /* lower case digits, or the first of them; never NULL */
  guint64            bytes;    /* size of the file; 0: unknown */
  gboolean           exact;    /* whether bytes is exact; otherwise half to twice the size is accepted */
  int                patience; /* seconds without a byte or an answer after which a mirror is given up */
} NstDownload;

/* Reports progress, several times a second, from the thread that downloads. whole is 0 while the size is
 * unknown. */
typedef void (*NstDownloadFunc) (guint64 bytes, guint64 whole, gpointer data);

/* Whether this program was built with libcurl. */
gboolean nst_download_possible (void);

/* Downloads the file and checks it. Blocks. On success the file is at download->path and has the checksum.
 *
 * A partial download resumes from any mirror. It is discarded if the finished file has the wrong checksum.
 * Resuming makes no conditional request (If-Range): if the file has changed on the server, its checksum is
 * wrong. At most ten redirections are followed; https is never left, http may be left for https. An answer
 * that is too long is rejected, of a file of unknown size at 4 GiB. Size and checksum are those of the file
 * on disk, before it gets its final name.
 *
 * func may be NULL; data is passed to it. cancellable may be NULL.
 *
 * Errors:
 *   G_IO_ERROR_CANCELLED         the partial download stays
 *   G_IO_ERROR_PARTIAL_INPUT     a mirror stopped in the middle; the partial download stays
 *   G_IO_ERROR_FAILED            no mirror delivered the file; the message has a line for each mirror
 *   NST_ERROR_FORMAT             a web page, a wrong size or a wrong checksum (both are named)
 *   G_IO_ERROR_BUSY              another program is downloading the same file
 *   G_FILE_ERROR                 the disk
 *   NST_ERROR_ARGUMENT           built without libcurl */
gboolean nst_download (const NstDownload *download,
                       NstDownloadFunc    func,
                       gpointer           data,
                       GCancellable      *cancellable,
                       GError           **error);

/* Whether the file at path has the size and the checksum. Otherwise NST_ERROR_FORMAT names both sizes or both
 * checksums; G_FILE_ERROR if it cannot be read. */
gboolean nst_download_check (const NstDownload *download, const char *path, GError **error);

G_END_DECLS
