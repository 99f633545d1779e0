/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of the picture files that are decoded. */
#include "core/image/decode.h"

#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/base/memory.h"

#define MOST_PIXELS (1 << 28) /* a header that claims more is damaged or hostile */

gboolean
nst_decode_check_size (int width, int height, GError **error)
{
  if ((gint64) width * height <= MOST_PIXELS)
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
               _ ("the picture has %d x %d pixels; at most %d million pixels can be read"), width, height,
               MOST_PIXELS / 1000000);

  return FALSE;
}

gboolean
nst_decode_check_memory (int width, int height, int out_width, int out_height, GError **error)
{
  const double  needed = 4.0 * width * height + 12.0 * out_width * out_height; /* RGBA bytes, RGB floats */
  const guint64 available = nst_memory_available ();

  if (available == 0 || needed < available)
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
               _ ("%d x %d pixels need %.2f GB of memory to be read, and %.2f GB are free. Save the picture "
                  "at a smaller size"),
               width, height, needed * 1e-9, available * 1e-9);

  return FALSE;
}
