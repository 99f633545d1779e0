/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NST_PRINT_DPI 300 /* pixels per inch, unless another number is given */

/* The size of a print, from a text like "60x40cm", "24 x 16 in", "600mm". */
typedef struct
{
  double      width, height; /* in unit; height 0: width is that of the longer side */
  const char *unit;          /* "cm", "mm" or "in"; static */
  double      per_inch;      /* units in an inch */
} NstPrint;

/* Reads a size. Fails with NST_ERROR_ARGUMENT. */
gboolean nst_print_parse (NstPrint *print, const char *text, GError **error);

/* The longer side, in pixels, of a picture with the proportions of width : height that is as large as the
 * print allows at dpi pixels per inch: it touches two sides of the print and does not exceed the others.
 * Fails with NST_ERROR_ARGUMENT if a recipe cannot have this size. */
gboolean nst_print_fit (const NstPrint *print, double dpi, int width, int height, int *size, GError **error);

G_END_DECLS
