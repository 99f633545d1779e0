/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Files of the user are opened here, because only regular files may be: opening a named pipe blocks until
 * somebody writes to it, and a device may have no end. Errors: G_FILE_ERROR, or NST_ERROR_FORMAT for a
 * folder, a pipe or a device; messages name path. */

/* A descriptor for reading, to be closed by the caller; -1: it failed. */
int nst_input_open (const char *path, GError **error);

/* Whether path can be opened so: for libraries that are given a name. */
gboolean nst_input_check (const char *path, GError **error);

/* The whole file, owned by the caller, with a zero byte after its *length bytes. NST_ERROR_FORMAT too if it
 * has more than most bytes. */
char *nst_input_read (const char *path, gsize most, gsize *length, GError **error);

/* The same for a text, which must not contain a zero byte (NST_ERROR_FORMAT). */
char *nst_input_read_text (const char *path, gsize most, GError **error);

G_END_DECLS
