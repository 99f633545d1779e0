/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of NumPy's .npy files (NEP 1). */
#include "weights/format/npy.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"

#define MAX_HEADER 65535
#define MAX_WHOLE (((gint64) 1 << 53) - 1)

static gboolean
skip (const char **text, const char *token)
{
  while (**text == ' ')
    (*text)++;
  if (!g_str_has_prefix (*text, token))
    return FALSE;
  *text += strlen (token);

  return TRUE;
}

/* Parse 'text' or "text" without escapes into at most n bytes, including the NUL. */
static gboolean
parse_text (const char **text, char *to, gsize n)
{
  char  quote = skip (text, "'") ? '\'' : skip (text, "\"") ? '"' : '\0';
  gsize length = 0;

  while (quote != '\0' && **text != quote && **text != '\0' && **text != '\\' && length < n - 1)
    to[length++] = *(*text)++;
  to[length] = '\0';
  if (quote == '\0' || **text != quote)
    return FALSE;
  (*text)++;

  return TRUE;
}

/* Parse "<f4" and the like. "|" and "=" are not allowed for types that have a byte order. */
static gboolean
parse_type (const char **text, NstNpy *array)
{
  static const struct
  {
    const char    *name;
    NstNumbersType type;
  } types[] = { { "f2", NST_NUMBERS_F16 }, { "f4", NST_NUMBERS_F32 }, { "f8", NST_NUMBERS_F64 } };
  char name[16];

  if (!parse_text (text, name, sizeof name) || (name[0] != '<' && name[0] != '>'))
    return FALSE;
  array->big_endian = name[0] == '>';
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (name + 1, types[i].name) == 0)
      array->type = types[i].type;

  return array->type != NST_NUMBERS_OTHER;
}

/* "(3, 3, 64, 64)", "(64,)", "()"; Python 2 wrote some of the numbers with an L. */
static gboolean
parse_shape (const char **text, NstNpy *array)
{
  if (!skip (text, "("))
    return FALSE;
  while (!skip (text, ")"))
    {
      char   *end;
      guint64 number = g_ascii_isdigit (**text) ? g_ascii_strtoull (*text, &end, 10) : G_MAXUINT64;

      if (number > MAX_WHOLE || array->n_dimensions == NST_NPY_MAX_DIMENSIONS)
        return FALSE;
      array->shape[array->n_dimensions++] = number;
      *text = end + (*end == 'L');
      if (!skip (text, ",") && !(skip (text, ")") && --*text))
        return FALSE;
    }

  return TRUE;
}

/* {'descr': '<f4', 'fortran_order': False, 'shape': (64,), } */
static gboolean
parse_header (const char *text, NstNpy *array, GError **error)
{
  const char *at = text;
  char        key[16];
  gboolean    good = skip (&at, "{");
  guint       seen = 0;

  while (good && !skip (&at, "}"))
    {
      guint bit;

      good = parse_text (&at, key, sizeof key) && skip (&at, ":");
      bit = strcmp (key, "descr") == 0           ? 1
            : strcmp (key, "fortran_order") == 0 ? 2
            : strcmp (key, "shape") == 0         ? 4
                                                 : 8;
      good = good && bit < 8 && (seen & bit) == 0
             && (bit == 1   ? parse_type (&at, array)
                 : bit == 4 ? parse_shape (&at, array)
                            : (array->fortran = skip (&at, "True")) || skip (&at, "False"))
             && (skip (&at, ",") || *at == '}');
      seen |= bit;
    }
  if (!good || seen != 7)
    {
      g_autofree char *shown = g_strescape (text, NULL);

      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("its header is %.200s; expected descr (f2, f4 or f8), fortran_order and "
                      "shape (at most %d dimensions); reading stops at byte %ld"),
                   shown, NST_NPY_MAX_DIMENSIONS, (long) (at - text));
    }

  return good && seen == 7;
}

static gboolean
check_length (const NstNpy *array, guint64 rest, GError **error)
{
  guint64 length = nst_numbers_size (array->type);

  for (int i = 0; i < array->n_dimensions; i++)
    if (!g_uint64_checked_mul (&length, length, array->shape[i]))
      {
        g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                     _ ("its shape is too large: it needs more than 2^64 bytes"));
        return FALSE;
      }
  if (length != rest)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("its shape needs %" PRIu64 " bytes, but there are %" PRIu64), length, rest);

  return length == rest;
}

gboolean
nst_npy_read_header (NstReadFunc read, gpointer data, guint64 size, NstNpy *array, GError **error)
{
  guint8           start[12] = { 0 };
  gsize            prefix, length;
  g_autofree char *text = NULL;

  *array = (NstNpy){ NST_NUMBERS_OTHER };
  if (size >= 10 && !read (data, 8, start, error))
    return FALSE;
  if (size < 10 || memcmp (start, "\x93NUMPY", 6) != 0 || start[6] < 1 || start[6] > 3)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("not a .npy file of version 1 to 3; save the arrays again with numpy.savez"));
      return FALSE;
    }
  prefix = start[6] == 1 ? 2 : 4;
  if (!read (data, prefix, start + 8, error))
    return FALSE;
  length = start[8] | start[9] << 8 | start[10] << 16 | (gsize) start[11] << 24;
  if (length > MAX_HEADER || length > size - 8 - prefix)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("its header has %zu bytes, in a file of %" PRIu64 " bytes; at most %d are read"),
                   length, size, MAX_HEADER);
      return FALSE;
    }
  text = g_malloc0 (length + 1);
  if (!read (data, length, text, error))
    return FALSE;

  return parse_header (text, array, error) && check_length (array, size - 8 - prefix - length, error);
}
