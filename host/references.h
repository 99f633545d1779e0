/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Files in texts that leave this computer inside a picture, like the settings that are attached to a layer. A
 * path would tell a stranger the author's user name and folders. A reference holds instead the file's name
 * without its folder, "#" and the SHA-256 of its content. Where each file is, is remembered in pastiche/files
 * of the user's data folder, so that the author can use the text again. Main thread. */

/* The reference of a file, which is remembered. Of a file that cannot be read, or of a remote one, the name
 * alone. UTF-8; owned by the caller. */
char *nst_reference_new (const char *file);

/* The path of the file, which has the same content as then; owned by the caller. NULL: it is not known on
 * this computer. An absolute path of a regular file finds itself, for texts that hold paths. */
char *nst_reference_find (const char *reference);

/* The name of the file, for messages; owned by the caller. */
char *nst_reference_name (const char *reference);

G_END_DECLS
