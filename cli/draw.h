/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>

#include "core/image/image.h"

G_BEGIN_DECLS

/* A white page with text, pictures and lines on it, for contact sheets and plots. Lengths are pixels. */

#define NST_DRAW_BLACK 0x202020
#define NST_DRAW_GREY 0x666666
#define NST_DRAW_PALE 0xe4e4e4

typedef struct
{
  double   size; /* of the font */
  gboolean bold;
  guint32  colour; /* 0xRRGGBB */
  int      width;  /* lines are broken here; 0: nowhere */
  double   align;  /* which part of the text is at x: 0 its left, 0.5 its middle, 1 its right */
} NstTextStyle;

/* An owned context on a surface of its own. NST_ERROR_SIZE: more than cairo can. */
cairo_t *nst_draw_new (int width, int height, GError **error);

/* Draws text with its top at y; returns its height. cr NULL: measures only. */
double nst_draw_text (cairo_t *cr, const NstTextStyle *style, double x, double y, const char *text);

void nst_draw_colour (cairo_t *cr, guint32 colour);

/* The picture with its upper left corner at x, y, pixel for pixel. */
void nst_draw_image (cairo_t *cr, const NstImage *image, int x, int y);

/* Write the page; the format is the extension's. */
gboolean nst_draw_save (cairo_t *cr, const char *path, GError **error);

G_END_DECLS
