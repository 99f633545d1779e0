/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversion of stored numbers (half, bfloat16, float, double, either byte order) to float; shapes as text.
 */
#include "weights/format/numbers.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "weights/format/half.h"

#define BUFFER (64 * 1024)

gsize
nst_numbers_size (NstNumbersType type)
{
  static const gsize sizes[] = {
    [NST_NUMBERS_F16] = 2, [NST_NUMBERS_BF16] = 2, [NST_NUMBERS_F32] = 4, [NST_NUMBERS_F64] = 8
  };

  return sizes[type];
}

char *
nst_shape_to_string (int n_dimensions, const gint64 *shape)
{
  GString *string = g_string_new (n_dimensions == 0 ? _ ("a single number") : NULL);

  for (int i = 0; i < n_dimensions; i++)
    g_string_append_printf (string, "%s%" PRId64, i > 0 ? "x" : "", shape[i]);

  return g_string_free (string, FALSE);
}

static float
to_float (NstNumbersType type, guint64 bits)
{
  guint32 single = type == NST_NUMBERS_BF16 ? (guint32) bits << 16 : (guint32) bits;
  float   value;
  double  wide;

  if (type == NST_NUMBERS_F16)
    return nst_half_to_float (bits);
  if (type == NST_NUMBERS_F64)
    {
      memcpy (&wide, &bits, 8);
      return wide;
    }
  memcpy (&value, &single, 4);

  return value;
}

void
nst_numbers_to_floats (NstNumbersType type, gboolean big_endian, const guint8 *from, gsize n, float *to)
{
  gsize size = nst_numbers_size (type);

  if (type == NST_NUMBERS_F32 && big_endian == (G_BYTE_ORDER == G_BIG_ENDIAN))
    {
      memcpy (to, from, n * 4);
      return;
    }
  for (gsize i = 0; i < n; i++, from += size)
    {
      guint64 bits = 0;

      for (gsize k = 0; k < size; k++)
        bits = bits << 8 | from[big_endian ? k : size - 1 - k];
      to[i] = to_float (type, bits);
    }
}

gboolean
nst_numbers_read_slot (NstNumbersType type,
                       gboolean       big_endian,
                       NstReadFunc    read,
                       gpointer       data,
                       NstModelSlot  *slot,
                       GError       **error)
{
  gsize size = nst_numbers_size (type), rest = nst_model_slot_length (slot), most = BUFFER / size;
  g_autofree guint8 *bytes = nst_import_try_malloc (BUFFER, error);
  g_autofree float  *values = bytes != NULL ? nst_import_try_malloc (most * sizeof *values, error) : NULL;

  if (values == NULL)
    return FALSE;

  while (rest > 0)
    {
      gsize n = MIN (rest, most);

      if (!read (data, n * size, bytes, error))
        return FALSE;
      nst_numbers_to_floats (type, big_endian, bytes, n, values);
      nst_model_slot_write (slot, values, n);
      rest -= n;
    }

  return TRUE;
}
