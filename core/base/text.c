/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shortens texts from outside before they become part of a message. */
#include "core/base/text.h"

#include <string.h>

#define LONGEST_CHARACTER 4 /* bytes in UTF-8 */

char *
nst_text_cut (const char *text, gsize length)
{
  const gsize      bytes = strnlen (text, LONGEST_CHARACTER * (length + 1));
  g_autofree char *valid = g_utf8_make_valid (text, bytes);

  if ((gsize) g_utf8_strlen (valid, -1) > length)
    {
      g_autofree char *first = g_utf8_substring (valid, 0, length - 1);

      return g_strconcat (first, "…", NULL);
    }

  return g_steal_pointer (&valid);
}

char *
nst_text_quote (const char *text)
{
  return nst_text_cut (text, NST_TEXT_QUOTED);
}
