/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/mask.h"

G_BEGIN_DECLS

/* Make the result, which the user sees and gets, from the engine's picture. Three steps:
 *
 *   1. painted is resized to width x height pixels and clamped to 0..1, or to the range of its own
 *      values: where a picture has colours outside of sRGB, the result may have them.
 *   2. If palette is below 1, it takes colours of content (nst_palette_finish ()). After the first step, so
 *      that the colours are as sharp as the content.
 *   3. It is blended with content. strength, 0 .. 1, is the share of the painted picture; share, of any size,
 *      multiplies it at each pixel (NULL: 1).
 *
 * content may have any size. It may be NULL if palette and strength are 1 and share is NULL. Returns an owned
 * picture. Errors as for nst_image_new (). Takes seconds for large pictures; any thread. */
NstImage *nst_finish (const NstImage *painted,
                      const NstImage *content,
                      int             width,
                      int             height,
                      double          palette,
                      double          strength,
                      NstMask        *share,
                      GError        **error);

G_END_DECLS
