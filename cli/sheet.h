/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/session.h"

G_BEGIN_DECLS

/* A contact sheet: rows of small pictures, each with a title and a note below it. */
typedef struct _NstSheet NstSheet;

#define NST_SHEET_LONGEST 320 /* default of --cell, in pixels */

extern const GOptionEntry nst_sheet_entries[]; /* --cell */

/* Checks the values of these options. */
gboolean nst_sheet_check (GError **error);

/* Returns an empty sheet, owned by the caller. columns: pictures in a row; 0: a roughly square sheet. */
NstSheet *nst_sheet_new (int columns);
void      nst_sheet_free (NstSheet *sheet); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstSheet, nst_sheet_free)

/* Checks before painting that a sheet of n pictures of width x height pixels, each with these labels, can be
 * drawn. note may be NULL. Fails with NST_ERROR_SIZE if it would be too large. */
gboolean nst_sheet_check_size (
    int columns, int n, int width, int height, const char *title, const char *note, GError **error);

/* Appends a cell. The sheet keeps a copy of image, scaled down to the size of --cell if it is larger. image
 * NULL: an empty cell, for a picture that could not be painted. note may be NULL. */
gboolean nst_sheet_add (
    NstSheet *sheet, const NstImage *image, const char *title, const char *note, GError **error);

/* Paints the session's scene with this recipe and appends the result. label is printed with the progress and
 * before an error. path: where to save the picture too, or NULL. Losses that are not finite make an empty
 * cell, and like a picture that cannot be saved they do not end the sheet: nst_sheet_finish () reports them.
 * Any other failure does. */
gboolean nst_sheet_paint (NstSheet        *sheet,
                          NstSession      *session,
                          const NstRecipe *recipe,
                          const char      *label,
                          const char      *title,
                          const char      *note,
                          const char      *path,
                          GError         **error);

/* Whether there is no cell yet. */
gboolean nst_sheet_is_empty (const NstSheet *sheet);

/* Draws the sheet into a file; the extension decides the format, as for nst_picture_keep (). The sheet must
 * have a cell. */
gboolean nst_sheet_save (const NstSheet *sheet, const char *path, GError **error);

/* To be called after the last nst_sheet_paint (): saves the sheet. good: what that returned; if FALSE, *error
 * is set, and its message is completed by what was saved. Returns FALSE if good is, if the sheet cannot be
 * saved, or if a picture failed. */
gboolean nst_sheet_finish (NstSheet *sheet, gboolean good, const char *path, GError **error);

G_END_DECLS
