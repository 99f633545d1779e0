/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/widgets/surface.h"

G_BEGIN_DECLS

/* Shows the layer before and the painted picture (after), which covers it whatever its size is in pixels. The
 * wheel, + and - zoom; 0 fits the picture into the widget; 1 shows every pixel; dragging pans. A divider that
 * can be dragged shows before on its left or above it. The right mouse button or Space shows before as long
 * as it is held. A checkerboard shows where the layer is transparent. Signal "zoomed" (NstPreview *): the
 * zoom may have changed. */
#define NST_TYPE_PREVIEW (nst_preview_get_type ())
G_DECLARE_FINAL_TYPE (NstPreview, nst_preview, NST, PREVIEW, GtkDrawingArea)

GtkWidget *nst_preview_new (void);

/* Each takes ownership of the surface. after may be NULL: nothing is painted yet. */
void nst_preview_set_before (NstPreview *preview, NstSurface *before);
void nst_preview_set_after (NstPreview *preview, NstSurface *after);
/* The same, with a short cross-fade from the picture that was shown, unless the desktop has no animations. */
void nst_preview_fade_to (NstPreview *preview, NstSurface *after);

/* Opacity of the layer, 0 .. 255, width x height bytes of any size. Takes ownership; NULL: opaque. */
void nst_preview_set_alpha (NstPreview *preview, guint8 *alpha, int width, int height);

typedef enum
{
  NST_SPLIT_NONE,
  NST_SPLIT_LEFT,
  NST_SPLIT_TOP
} NstSplit;

void nst_preview_set_split (NstPreview *preview, NstSplit split);

/* Position of the divider, 0 .. 1 of the visible part of the picture. */
void   nst_preview_set_divider (NstPreview *preview, double divider);
double nst_preview_get_divider (NstPreview *preview);

/* scale: pixels of the layer per pixel of before. zoom: screen pixels per pixel of the layer, at most 16; 0
 * fits the whole picture into the widget. */
void   nst_preview_set_scale (NstPreview *preview, double scale);
void   nst_preview_set_zoom (NstPreview *preview, double zoom);
double nst_preview_get_zoom (NstPreview *preview);
double nst_preview_get_shown_zoom (NstPreview *preview); /* also where it is fitted */

G_END_DECLS
