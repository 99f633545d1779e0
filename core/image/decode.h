/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Checks before a picture file is decoded: its header may claim any size. Messages do not name the file. */

/* Whether a picture of width x height pixels may be read at all; else NST_ERROR_SIZE. */
gboolean nst_decode_check_size (int width, int height, GError **error);

/* Whether there is memory to decode width x height pixels of 4 bytes and to convert them to a picture of
 * out_width x out_height; else NST_ERROR_MEMORY. */
gboolean nst_decode_check_memory (int width, int height, int out_width, int out_height, GError **error);

G_END_DECLS
