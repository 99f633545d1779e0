/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The shelf of paintings whose styles can be taken by name. A folder of the shelf holds pictures, and may
 * hold paintings.ini, a key file: its group [NAME] has the keys painter, title and year of NAME.jpg, in
 * several languages if wanted ("title[de]"). There are two such folders, the user's own (pastiche/paintings
 * in the user's data folder) and the one that comes with the program: "paintings" beside the program's file,
 * or else in its data folder. */

typedef struct
{
  char *name;    /* owned; the file's name without folder and extension; UTF-8 */
  char *file;    /* owned; absolute path; need not be UTF-8 */
  char *painter; /* owned; "": unknown. This and the next two are UTF-8 without control characters. */
  char *title;   /* owned; of the work, or the name if it is unknown */
  char *year;    /* owned; "": unknown */
} NstPainting;

void nst_painting_free (NstPainting *painting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstPainting, nst_painting_free)

/* Painter, title and year in one line; owned by the caller. */
char *nst_painting_describe (const NstPainting *painting);

/* Whether each word of text is found in name, painter, title or year; letters' case does not matter. "":
 * TRUE.
 */
gboolean nst_painting_matches (const NstPainting *painting, const char *text);

/* The shelf: the user's own paintings by name, then those of the program in the order of its paintings.ini.
 * Of two with one name the first counts. Elements: NstPainting; owned by the caller. */
GPtrArray *nst_shelf_load (void);

/* The pictures in any folder, at most NST_SHELF_MOST: those that paintings.ini names first, the others by
 * name. Empty if the folder cannot be read. Owned by the caller. */
#define NST_SHELF_MOST 500
GPtrArray *nst_shelf_load_folder (const char *folder);

/* The user's own folder of the shelf, which need not exist. Owned by the caller. */
char *nst_shelf_folder (void);

/* The file of a style that a user names: "@NAME" is a painting of the shelf (NST_ERROR_ARGUMENT if there is
 * none of this name); anything else is a file's name already, and is copied. Owned by the caller. */
char *nst_shelf_find (const char *style, GError **error);

G_END_DECLS
