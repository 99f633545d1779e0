/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>

#include "core/image/image.h"

G_BEGIN_DECLS

/* A white page to draw text and pictures on, for contact sheets and plots. Lengths are in pixels. */

#define NST_DRAW_BLACK 0x202020
#define NST_DRAW_GREY 0x666666
#define NST_DRAW_PALE 0xe4e4e4

typedef struct
{
  double   size; /* font size */
  gboolean bold;
  guint32  colour; /* 0xRRGGBB */
  int      width;  /* lines are wrapped at this width; 0: not wrapped */
  double   align;  /* the point of the text that is at x: 0 left, 0.5 centre, 1 right */
} NstTextStyle;

/* Returns a context, owned by the caller, on a new white page. Fails with NST_ERROR_SIZE if a side exceeds
 * cairo's limit of 32767 pixels, or with NST_ERROR_MEMORY. */
cairo_t *nst_draw_new (int width, int height, GError **error);

/* Whether nst_draw_new () would succeed now. */
gboolean nst_draw_check (int width, int height, GError **error);

/* Draws text with its top edge at y and returns its height. If cr is NULL, the text is only measured. */
double nst_draw_text (cairo_t *cr, const NstTextStyle *style, double x, double y, const char *text);

/* Sets the context's colour; colour: 0xRRGGBB. */
void nst_draw_colour (cairo_t *cr, guint32 colour);

/* Draws the picture unscaled with its top left corner at x, y. */
void nst_draw_image (cairo_t *cr, const NstImage *image, int x, int y);

/* Writes the page to a file; the extension decides the format, as for nst_picture_keep (). */
gboolean nst_draw_save (cairo_t *cr, const char *path, GError **error);

G_END_DECLS
