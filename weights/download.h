/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One file from the first of several addresses that gives it. */
typedef struct
{
  const char *const *addresses; /* http or https, in order of preference; ends with NULL */
  const char        *path;      /* where it shall lie; until it is whole and checked it is path.part */
  GChecksumType      sum_type;
  /* lower case digits, or the first of them; never NULL: nothing comes without a sum */
  const char *sum;
  /* bytes; more is not the file, and less, with a wrong sum, is told as such */
  guint64 least, most;
  /* seconds without a byte, or without an answer, before an address is given up */
  int patience;
} NstDownload;

/* From the thread that downloads, a few times a second; whole is 0 while it is not known. */
typedef void (*NstDownloadNews) (guint64 bytes, guint64 whole, gpointer data);

/* Whether this program was built with libcurl. */
gboolean nst_download_possible (void);

/* Blocks until path is there and has the sum, or FALSE. A part from an earlier try is gone on with, at any of
 * the addresses, and thrown away when its sum turns out wrong; no address is asked whether its file is still
 * the one the part is of (If-Range), because the sum says so for all of them. Redirections are followed to
 * http and https only, ten at most. The sum is that of what is on disk, before the file gets its name.
 *
 * G_IO_ERROR_CANCELLED and an address that stops in the middle leave the part. NST_ERROR_FORMAT: a page or a
 * notice instead of the file, a wrong sum (names both); G_IO_ERROR_FAILED: what each address answered;
 * G_IO_ERROR_BUSY: another program fetches the same; G_FILE_ERROR: the disk. NST_ERROR_ARGUMENT without
 * libcurl. */
gboolean nst_download (const NstDownload *download,
                       NstDownloadNews    news,
                       gpointer           data,
                       GCancellable      *cancellable,
                       GError           **error);

/* Has the file at path the sum? NST_ERROR_FORMAT begins with its number of bytes, and names both sums or both
 * sizes. */
gboolean nst_download_check (const NstDownload *download, const char *path, GError **error);

G_END_DECLS
