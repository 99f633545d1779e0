/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gdk-pixbuf/gdk-pixbuf.h>

G_BEGIN_DECLS

/* The user's own looks: pastiche/presets/NAME.json in the XDG configuration folder, a recipe as JSON, with a
 * small picture NAME.png of what it did. In file names, what is no letter, digit or one of "-._~ " is %XX. */

/* Their names, in the order of the alphabet; owned, NULL at the end. */
GStrv nst_own_looks_list (void);

/* Owned; G_FILE_ERROR. The text is as it was found: who reads it checks it. */
char *nst_own_look_load (const char *name, GError **error);

/* Owned; NULL: none. */
GdkPixbuf *nst_own_look_picture (const char *name);

/* Over one of the same name. picture may be NULL. */
gboolean nst_own_look_save (const char *name, const char *json, GdkPixbuf *picture, GError **error);
gboolean nst_own_look_remove (const char *name, GError **error);

G_END_DECLS
