/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/image.h"

G_BEGIN_DECLS

/* From the engine's picture to what the user sees and gets. painted is resized to width x height and clamped
 * to 0..1, takes the colours of content if keep_colours, and is blended with content where strength (0 .. 1:
 * share of the painted picture) is below 1. Colours are taken last, so that they are as sharp as the content.
 * content may have any size, and be NULL where neither needs it. Owned; NST_ERROR_MEMORY. Takes seconds for
 * large pictures; any thread. */
NstImage *nst_finish (const NstImage *painted,
                      const NstImage *content,
                      int             width,
                      int             height,
                      gboolean        keep_colours,
                      double          strength,
                      GError        **error);

G_END_DECLS
