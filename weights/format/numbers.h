/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/import/model-builder.h"

G_BEGIN_DECLS

/* How a file stores its numbers. Doubles are rounded to float32; values beyond its range become infinite,
 * which nst_model_validate () rejects. */
typedef enum
{
  NST_NUMBERS_OTHER, /* not floating point; only its size matters */
  NST_NUMBERS_F16,
  NST_NUMBERS_BF16,
  NST_NUMBERS_F32,
  NST_NUMBERS_F64,
} NstNumbersType;

/* Bytes of one number; 0 for NST_NUMBERS_OTHER. */
gsize nst_numbers_size (NstNumbersType type);

/* A shape for messages, "64x3x3x3"; owned by the caller. */
char *nst_shape_to_string (int n_dimensions, const gint64 *shape);

/* Convert n numbers. */
void nst_numbers_to_floats (NstNumbersType type, gboolean big_endian, const guint8 *from, gsize n, float *to);

/* Reads the next n bytes into to; data: the reader's own. */
typedef gboolean (*NstReadFunc) (gpointer data, gsize n, void *to, GError **error);

/* Read all values of a slot, in the order of the file, through a buffer of 64 KB. Errors: those of read. */
gboolean nst_numbers_read_slot (NstNumbersType type,
                                gboolean       big_endian,
                                NstReadFunc    read,
                                gpointer       data,
                                NstModelSlot  *slot,
                                GError       **error);

G_END_DECLS
