/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What may still be done with a file. A small file can describe much work: compressed data of a thousand
 * times its size, many references to one part. So all bytes that are read, skipped or inflated are taken from
 * one budget. */
typedef struct
{
  guint64       left;        /* bytes */
  GCancellable *cancellable; /* borrowed; NULL: none */
} NstImportBudget;

/* The usual budget of a file: several times what VGG-19 with its fully connected layers needs, and a few
 * seconds. */
#define NST_IMPORT_BUDGET(size) (((guint64) 2 << 30) + 2 * (size))

/* An open file, as importers and readers of formats see it. */
typedef struct
{
  const char *path; /* borrowed */
  int         fd;
  guint64     size;       /* bytes */
  guint8      head[1024]; /* the first bytes, padded with zeros */
  gsize       n_head;     /* how many of them exist in the file */

  NstImportBudget *budget; /* borrowed; NULL: no limit */
} NstImportFile;

/* An owned block of n bytes, with NST_ERROR_MEMORY if there is none. For all blocks whose size a file
 * determines. */
void *nst_import_try_malloc (gsize n, GError **error);

/* Take n bytes from the budget. NST_ERROR_FORMAT if there are fewer, G_IO_ERROR_CANCELLED. Only code that
 * does not read with nst_import_file_read (), NstImportStream or NstZipStream has to call it. */
gboolean nst_import_file_spend (const NstImportFile *file, guint64 n, GError **error);

/* Read n bytes from offset on into to. NST_ERROR_FORMAT if they reach beyond the end of the file,
 * G_FILE_ERROR if they cannot be read, and the errors of nst_import_file_spend (); the messages do not name
 * the file. Any thread, one at a time. */
gboolean nst_import_file_read (const NstImportFile *file, guint64 offset, gsize n, void *to, GError **error);

G_END_DECLS
