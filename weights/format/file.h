/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An open file, as importers and readers of formats see it. */
typedef struct
{
  const char *path; /* borrowed */
  int         fd;
  guint64     size;       /* bytes */
  guint8      head[1024]; /* the first bytes, padded with zeros */
  gsize       n_head;     /* how many of them exist in the file */
} NstImportFile;

/* Read n bytes from offset on into to. NST_ERROR_FORMAT if they reach beyond the end of the file,
 * G_FILE_ERROR if they cannot be read; the messages do not name the file. Any thread. */
gboolean nst_import_file_read (const NstImportFile *file, guint64 offset, gsize n, void *to, GError **error);

G_END_DECLS
