/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NST_PALETTE_SIZE 256

/* The 256 colours that a picture gets along with best, by median cut (Heckbert 1982, "Color image
 * quantization for frame buffer display"), and which of them each pixel has, the error spread over its
 * neighbours (Floyd, Steinberg 1976). rgb: height x width x 3. Fewer colours than 256: the rest of the
 * palette is black. */
void nst_palette_quantise (
    const guint8 *rgb, int width, int height, guint8 palette[NST_PALETTE_SIZE][3], guint8 *indices);

G_END_DECLS
