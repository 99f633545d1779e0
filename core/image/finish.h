/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/image.h"

G_BEGIN_DECLS

/* From what the engine painted to what the user sees and gets: painted in the size width x height, clamped to
 * 0..1, with the colours of content if keep_colours, and mixed with it where strength (0 .. 1: share of the
 * painted) is below 1. Colours are taken last, so that they are as sharp as the content is. content may have
 * any size, and be NULL where neither asks for it. Owned; NST_ERROR_MEMORY. Seconds for large pictures: any
 * thread. */
NstImage *nst_finish (const NstImage *painted,
                      const NstImage *content,
                      int             width,
                      int             height,
                      gboolean        keep_colours,
                      double          strength,
                      GError        **error);

G_END_DECLS
