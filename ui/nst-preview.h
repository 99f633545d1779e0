/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "nst-surface.h"

G_BEGIN_DECLS

/* The picture before and while it is painted: fitted or zoomed (wheel, + and -, 0 fits, 1 shows pixel by pixel), panned by dragging, and
 * split by a divider that can be dragged, before on its left. The right button or Space shows what was before for as long as it is held.
 * Whatever the size of a picture that is shown, it covers the one before. */
#define NST_TYPE_PREVIEW (nst_preview_get_type ())
G_DECLARE_FINAL_TYPE (NstPreview, nst_preview, NST, PREVIEW, GtkDrawingArea)

GtkWidget *nst_preview_new (void);

/* Each takes the surface. after may be NULL: not painted yet. */
void       nst_preview_set_before (NstPreview *preview, NstSurface *before);
void       nst_preview_set_after (NstPreview *preview, NstSurface *after);

void       nst_preview_set_split (NstPreview *preview, gboolean split);

/* 0 fits the whole picture in; 1 is a pixel of the layer for one of the screen. */
void       nst_preview_set_zoom (NstPreview *preview, double zoom);

G_END_DECLS
