/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/widgets/surface.h"

G_BEGIN_DECLS

/* The picture before and while it is painted: fitted or zoomed (wheel, + and -, 0 fits, 1 shows pixel by
 * pixel), panned by dragging, and split by a divider that can be dragged, before left of it or above. The
 * right button or Space shows what was before for as long as it is held. Whatever the size of a picture that
 * is shown, it covers the one before; where the layer is transparent, a checkerboard shows through. Signal
 * "zoomed" (NstPreview *), for every change of the zoom. */
#define NST_TYPE_PREVIEW (nst_preview_get_type ())
G_DECLARE_FINAL_TYPE (NstPreview, nst_preview, NST, PREVIEW, GtkDrawingArea)

GtkWidget *nst_preview_new (void);

/* Each takes the surface. after may be NULL: not painted yet. */
void nst_preview_set_before (NstPreview *preview, NstSurface *before);
void nst_preview_set_after (NstPreview *preview, NstSurface *after);

/* How opaque the picture is, of any size; taken; NULL: everywhere. */
void nst_preview_set_alpha (NstPreview *preview, guint8 *alpha, int width, int height);

typedef enum
{
  NST_SPLIT_NONE,
  NST_SPLIT_LEFT,
  NST_SPLIT_TOP
} NstSplit;

void nst_preview_set_split (NstPreview *preview, NstSplit split);

/* 0 .. 1 of what is visible of the picture. */
void   nst_preview_set_divider (NstPreview *preview, double divider);
double nst_preview_get_divider (NstPreview *preview);

/* 0 fits the whole picture in; 1 is a pixel of the layer for one of the screen. full: how many pixels the
 * layer has for one of the picture that is shown as before. */
void   nst_preview_set_scale (NstPreview *preview, double full);
void   nst_preview_set_zoom (NstPreview *preview, double zoom);
double nst_preview_get_zoom (NstPreview *preview);
double nst_preview_get_shown_zoom (NstPreview *preview); /* of what is fitted, too */

G_END_DECLS
