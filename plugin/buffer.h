/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gegl.h>

#include "core/image/mask.h"
#include "picture/colour.h"

G_BEGIN_DECLS

/* Pictures from and to GEGL buffers of any format. Pixels are processed in bands of rows, so that no second
 * copy of a whole layer is needed. colour converts the stored values (nst_profile_new_colour ()); NULL: their
 * format says what they are. */

/* The whole buffer as a picture. Colours outside of sRGB have values below 0 (at least -1) or above 1, and
 * what is brighter than white values above 1 (at most 16; NaN is 0). Transparent pixels are blended by alpha
 * with the mean colour of the visible ones: neither a hard edge nor the hidden colours under alpha 0 reach
 * the network. longest > 0: scaled down while reading to at most longest pixels on each side; 0: full size.
 * name is the layer's or file's, for the error message. Owned by the caller. NST_ERROR_SIZE if no pixel is
 * visible, or as nst_image_new (). */
NstImage *nst_buffer_read (
    GeglBuffer *buffer, const NstColour *colour, const char *name, int longest, GError **error);

/* Alpha of the whole buffer scaled to width x height: 0 (transparent) to 255 (opaque), one byte a pixel.
 * Owned by the caller. NULL: the buffer has no alpha, or is opaque everywhere, or memory is
 * missing. */
guint8 *nst_buffer_read_alpha (GeglBuffer *buffer, int width, int height);

/* The part of a buffer at x, y of width x height pixels as a mask; what lies outside of the buffer is 0. The
 * values are those that are stored: of a selection, a channel, a layer mask; the alpha of a buffer that has
 * any, or, if it is opaque and not asked for its alpha, its grey values. NST_ERROR_MEMORY. */
NstMask *nst_buffer_read_mask (
    GeglBuffer *buffer, int x, int y, int width, int height, gboolean alpha, GError **error);

/* Write to target the colours of picture with the alpha of source. All three have the same size. If source
 * and target have the same format, alpha is copied bit by bit, and where it is 0 so are source's colours.
 * What source's colours lose when they become a picture is added again, so that an unchanged picture changes
 * nothing. colour: of source and target. source NULL: opaque. target may have no alpha, or be grey. FALSE:
 * not enough memory; then nothing was written. */
gboolean nst_buffer_paint (GeglBuffer      *source,
                           const NstImage  *picture,
                           GeglBuffer      *target,
                           const NstColour *colour);

G_END_DECLS
