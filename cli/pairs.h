/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The pairs of content and style that a batch paints. FOLDER/index.tsv records them. A pair keeps the number
 * of its result when other pairs are added. */

typedef struct
{
  char *content, *style; /* owned; paths */
  int   number;          /* of the result, from 0; -1: not numbered yet */
  char *made_of;         /* owned; nst_pairs_sum () of the existing result, or NULL */
} NstPair;

/* Returns the pairs of a folder (each file content_* with each file style_*, sorted by name) as an array of
 * NstPair, owned by the caller. Fails with NST_ERROR_ARGUMENT if there are none, or with G_FILE_ERROR. */
GArray *nst_pairs_from_folder (const char *folder, GError **error);

/* Returns the pairs of a list: two file names on each line, quoted as in a shell, relative to the list's
 * folder; # begins a comment. Otherwise as nst_pairs_from_folder (). */
GArray *nst_pairs_from_list (const char *path, GError **error);

/* Numbers the pairs: known pairs as in folder's index, if it exists; new pairs after all numbers of the
 * index, in order. Lines of the index about other pairs are appended to others. Fails with NST_ERROR_ARGUMENT
 * if a name contains a tab or a newline, with NST_ERROR_FORMAT if the file is not an index, if one of
 * its lines is not in order (a number out of range or used twice; the message names the line) or if there is
 * no number left, or with G_FILE_ERROR. */
gboolean nst_pairs_number (GArray *pairs, const char *folder, GString *others, GError **error);

/* Writes FOLDER/index.tsv (number, content, style, checksum), under a temporary name that is then renamed. */
gboolean nst_pairs_write_index (const GArray  *pairs,
                                const GString *others,
                                const char    *folder,
                                GError       **error);

/* Returns a checksum of both files and of settings, owned by the caller: equal checksums mean equal results.
 * NULL with G_FILE_ERROR if a file cannot be read. */
char *nst_pairs_sum (const NstPair *pair, const char *settings, GError **error);

G_END_DECLS
