/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gdk-pixbuf/gdk-pixbuf.h>

G_BEGIN_DECLS

/* Looks that the user has saved: a recipe as JSON in pastiche/presets/NAME.json in the XDG configuration
 * folder, and a small picture of its effect in NAME.png. In file names, every byte but letters, digits and
 * "-._~ " is written as %XX. */

/* All names in alphabetical order. Owned; NULL-terminated. */
GStrv nst_own_looks_list (void);

/* The JSON text. Owned; G_FILE_ERROR. It is not checked: nst_recipe_merge_json () does that. */
char *nst_own_look_load (const char *name, GError **error);

/* The small picture, fitted into width x height pixels. Owned; NULL: there is none. */
GdkPixbuf *nst_own_look_picture (const char *name, int width, int height);

/* Save a look; one of the same name is replaced. picture may be NULL. G_FILE_ERROR. */
gboolean nst_own_look_save (const char *name, const char *json, GdkPixbuf *picture, GError **error);
gboolean nst_own_look_remove (const char *name, GError **error);

G_END_DECLS
