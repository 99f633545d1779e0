/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/image/image.h"

G_BEGIN_DECLS

/* A picture made ready for the screen: itself and its halves, quarters and so on, so that painting it small
 * costs little. */
typedef struct _NstSurface NstSurface;

NstSurface *nst_surface_new (const NstImage *image);
void        nst_surface_free (NstSurface *surface);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstSurface, nst_surface_free)

int nst_surface_width (const NstSurface *surface);
int nst_surface_height (const NstSurface *surface);

/* Paint the whole of it into the rectangle, in the units that cr has. */
void nst_surface_draw (
    const NstSurface *surface, cairo_t *cr, double x, double y, double width, double height);

G_END_DECLS
