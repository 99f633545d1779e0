/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Standard output and standard error. The program prints with g_print () and g_printerr (), one line a call.
 * Texts of files and servers are among it, so control characters are shown escaped: a terminal would obey
 * them. Only line feeds at the end are printed as they are. */

/* To be called first in main (). Opens what is closed of the descriptors 0 to 2, so that no other file takes
 * their numbers, and replaces what g_print (), g_printerr () and the log call. When the program exits and
 * something could not be written to standard output, it prints an error and ends with NST_EXIT_FAILED. */
void nst_terminal_init (void);

/* lines TRUE: line feeds anywhere are printed as they are, for texts of our own that have several lines.
 * FALSE, the beginning: only those at the end. */
void nst_terminal_set_lines (gboolean lines);

/* Prints a line on standard error, a terminal, in place of the last one. */
void nst_terminal_overwrite (const char *text);

G_END_DECLS
