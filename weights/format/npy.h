/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/format/numbers.h"

G_BEGIN_DECLS

#define NST_NPY_MAX_DIMENSIONS 8

/* The header of a .npy file (NEP 1, numpy/lib/format.py). */
typedef struct
{
  NstNumbersType type;
  gboolean       big_endian;
  gboolean       fortran; /* the first dimension is the fastest */
  int            n_dimensions;
  gint64         shape[NST_NPY_MAX_DIMENSIONS];
} NstNpy;

/* Read the header with read (data, ...). size: bytes of the whole file. NST_ERROR_FORMAT: not a .npy file, or
 * the rest of the file does not have the length that the shape requires; NST_ERROR_SHAPE: too many
 * dimensions. */
gboolean nst_npy_read_header (NstReadFunc read, gpointer data, guint64 size, NstNpy *array, GError **error);

G_END_DECLS
