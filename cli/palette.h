/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NST_PALETTE_SIZE 256

/* Reduces a picture to at most 256 colours, chosen by median cut (Heckbert 1982, "Color image quantization
 * for frame buffer display"), with error diffusion (Floyd, Steinberg 1976).
 *
 *   rgb      height x width x 3, input
 *   palette  output; unused entries are black
 *   indices  height x width, output: each pixel's index into palette
 *
 * FALSE: not enough memory. */
gboolean nst_palette_quantise (
    const guint8 *rgb, int width, int height, guint8 palette[NST_PALETTE_SIZE][3], guint8 *indices);

G_END_DECLS
