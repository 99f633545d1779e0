/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a batch is to paint: contents and styles, two and two, each pair with a number that stays its own as
 * the list grows. */

typedef struct
{
  char *content, *style; /* owned; paths */
  int   number;          /* of the result, from 0 */
  char *made_of;         /* owned; nst_pairs_sum () of the result that is there, or NULL */
} NstPair;

/* Each content_* of a folder with each style_* in it, sorted by name; or the pairs of a list: a line for
 * each, two names as a shell reads them, relative to the list's own folder, # before comments. An owned
 * array; NST_ERROR_ARGUMENT where it would be empty. */
GArray *nst_pairs_from_folder (const char *folder, GError **error);
GArray *nst_pairs_from_list (const char *path, GError **error);

/* Number the pairs: as the index in folder says, if there is one, and the others in order after these. others
 * gets the index's lines that speak of no pair of ours. NST_ERROR_ARGUMENT: a name that the index cannot
 * hold. */
gboolean nst_pairs_number (GArray *pairs, const char *folder, GString *others, GError **error);

/* The index of what was painted, FOLDER/index.tsv: number, content, style, sum. Written beside and renamed.
 */
gboolean nst_pairs_write_index (const GArray  *pairs,
                                const GString *others,
                                const char    *folder,
                                GError       **error);

/* A sum of both files and of settings: the same sum, the same picture. NULL: a file could not be read. */
char *nst_pairs_sum (const NstPair *pair, const char *settings, GError **error);

G_END_DECLS
