/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/format/numbers.h"

G_BEGIN_DECLS

#define NST_NPY_MAX_DIMENSIONS 8

/* What the header of a .npy file says (NEP 1, numpy/lib/format.py). */
typedef struct
{
  NstNumbersType type;
  gboolean       big_endian;
  gboolean       fortran; /* the first dimension is the fastest */
  int            n_dimensions;
  gint64         shape[NST_NPY_MAX_DIMENSIONS];
} NstNpy;

/* Reads the header by read (data, ...). size: bytes of the whole file; what follows the header has then the
 * length that the shape asks for, or NST_ERROR_FORMAT (that, or no .npy file), NST_ERROR_SHAPE (more
 * dimensions). */
gboolean nst_npy_read_header (NstReadFunc read, gpointer data, guint64 size, NstNpy *array, GError **error);

G_END_DECLS
