/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gegl.h>

#include "core/image/image.h"

G_BEGIN_DECLS

/* Pictures in and out of GEGL's buffers, of any format that babl can make R'G'B'A float of. */

/* The whole buffer as a picture, clamped to 0..1. What is transparent is laid over the mean colour of what is
 * not, in proportion, so that neither a hard edge nor the colours that hide under alpha 0 reach the network.
 * longest > 0: made smaller to at most so many pixels a side. NST_ERROR_SIZE when nothing is opaque,
 * NST_ERROR_MEMORY; what is named in the error's text. */
NstImage *nst_buffer_read (GeglBuffer *buffer, const char *name, int longest, GError **error);

/* The alpha of the whole buffer scaled to width x height, 0 .. 255; owned. NULL: it has none, or is opaque
 * everywhere. */
guint8 *nst_buffer_read_alpha (GeglBuffer *buffer, int width, int height);

/* Write source with the colours of picture to target; all three are of one size. Alpha is source's, exactly;
 * where that is 0, colours are too. target may have no alpha, or be grey. */
void nst_buffer_paint (GeglBuffer *source, const NstImage *picture, GeglBuffer *target);

G_END_DECLS
