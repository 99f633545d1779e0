/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Characters of foreign text that a message quotes. */
#define NST_TEXT_QUOTED 80

/* A text that came from outside, for use inside a message or a label: at most NST_TEXT_QUOTED characters, of
 * which the last is "…" if text is longer. Bytes that are not UTF-8 become U+FFFD. Only the beginning of
 * text is read, so the time does not depend on its length. Owned by the caller. */
char *nst_text_quote (const char *text);

/* The same with at most length characters, 1 or more. */
char *nst_text_cut (const char *text, gsize length);

/* A message about files, whose end says what is wrong: at most length characters, 3 or more. If text is
 * longer, "…" replaces its middle; length / 3 characters follow. A shorter text stays as it is, even if it is
 * not UTF-8. The whole text is read. Owned by the caller. */
char *nst_text_cut_middle (const char *text, gsize length);

/* The whole text for a terminal, which would obey control characters: those (U+0000 to U+001F, U+007F to
 * U+009F) become "\u001b", bytes that are not UTF-8 become "\xff". keep: ASCII characters that stay as they
 * are. Owned by the caller. */
char *nst_text_escape (const char *text, const char *keep);

/* Replace in text, which is UTF-8, all control characters and ends of lines and paragraphs by blanks. */
void nst_text_flatten (char *text);

G_END_DECLS
