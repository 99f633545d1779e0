/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/import/model-builder.h"

G_BEGIN_DECLS

/* How a file stores its numbers. Doubles are rounded to float32; what is beyond its range becomes infinite,
 * as no model may be. */
typedef enum
{
  NST_NUMBERS_OTHER, /* not floating point: known by its size only */
  NST_NUMBERS_F16,
  NST_NUMBERS_BF16,
  NST_NUMBERS_F32,
  NST_NUMBERS_F64,
} NstNumbersType;

/* Bytes of one number; 0 for NST_NUMBERS_OTHER. */
gsize nst_numbers_size (NstNumbersType type);

void nst_numbers_to_floats (NstNumbersType type, gboolean big_endian, const guint8 *from, gsize n, float *to);

/* The next n bytes of whatever data is. */
typedef gboolean (*NstReadFunc) (gpointer data, gsize n, void *to, GError **error);

/* Fills a slot, whose values come in the file's order, through a buffer of 64 KB. */
gboolean nst_numbers_read_slot (NstNumbersType type,
                                gboolean       big_endian,
                                NstReadFunc    read,
                                gpointer       data,
                                NstModelSlot  *slot,
                                GError       **error);

G_END_DECLS
