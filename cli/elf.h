/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The shared libraries that the program at path and its libraries need and that this computer does not have,
 * separated by ", "; "" if it has all. NULL: path is no program for this computer. Files are only read:
 * neither the program nor the loader is started. Owned by the caller. */
char *nst_elf_missing (const char *path);

G_END_DECLS
