/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes texts from outside fit to be shown: shortens them for messages, escapes them for terminals. */
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
nst_text_cut_middle (const char *text, gsize length)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  const gsize      whole = g_utf8_strlen (valid, -1), end = length / 3;
  g_autofree char *first = NULL;

  if (whole <= length)
    return g_strdup (text);
  first = nst_text_cut (valid, length - end);

  return g_strconcat (first, g_utf8_offset_to_pointer (valid, whole - end), NULL);
}

void
nst_text_flatten (char *text)
{
  for (char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    switch (g_unichar_type (g_utf8_get_char (p)))
      {
      case G_UNICODE_CONTROL:
      case G_UNICODE_LINE_SEPARATOR:
      case G_UNICODE_PARAGRAPH_SEPARATOR:
        memset (p, ' ', g_utf8_next_char (p) - p);
        break;
      default:
        break;
      }
}

char *
nst_text_quote (const char *text)
{
  return nst_text_cut (text, NST_TEXT_QUOTED);
}

char *
nst_text_escape (const char *text, const char *keep)
{
  GString *shown = g_string_sized_new (strlen (text));

  while (*text != '\0')
    {
      const gunichar c = g_utf8_get_char_validated (text, -1);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_printf (shown, "\\x%02x", (guint8) *text++);
          continue;
        }
      if (g_unichar_iscntrl (c) && (c >= 0x80 || strchr (keep, (int) c) == NULL))
        g_string_append_printf (shown, "\\u%04x", c);
      else
        g_string_append_unichar (shown, c);
      text = g_utf8_next_char (text);
    }

  return g_string_free (shown, FALSE);
}
