/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/session.h"

G_BEGIN_DECLS

/* A contact sheet: small pictures in rows, each with a title and a note below it. */
typedef struct _NstSheet NstSheet;

#define NST_SHEET_LONGEST 320 /* of a small picture's sides, in pixels */

extern const GOptionEntry nst_sheet_entries[]; /* --cell */

/* Whether the options make sense. */
gboolean nst_sheet_check (GError **error);

/* columns: pictures in a row; 0: about as many as there are rows, a little more. Owned by the caller. */
NstSheet *nst_sheet_new (int columns);
void      nst_sheet_free (NstSheet *sheet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstSheet, nst_sheet_free)

/* The next picture, of which a copy no larger than a cell is kept; NULL: an empty cell, for what could not be
 * painted. note may be NULL. */
gboolean nst_sheet_add (
    NstSheet *sheet, const NstImage *image, const char *title, const char *note, GError **error);

/* A whole run with this recipe, and its picture as the next one, titled title. label: for the progress. path:
 * where to keep the picture as well, or NULL. */
gboolean nst_sheet_paint (NstSheet        *sheet,
                          NstSession      *session,
                          const NstRecipe *recipe,
                          const char      *label,
                          const char      *title,
                          const char      *note,
                          const char      *path,
                          GError         **error);

/* Draw the sheet; the format is the extension's. */
gboolean nst_sheet_save (const NstSheet *sheet, const char *path, GError **error);

G_END_DECLS
