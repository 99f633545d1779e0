/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/image/image.h"

G_BEGIN_DECLS

/* A picture as cairo surfaces: in its own size, and repeatedly halved (a mipmap), so that drawing a large
 * picture small is fast. Immutable: it may be made in one thread and drawn in another. */
typedef struct _NstSurface NstSurface;

NstSurface *nst_surface_new (const NstImage *image);
/* The same as a layer in greyscale shows it: each pixel is grey, with its colour's luminance. */
NstSurface *nst_surface_new_grey (const NstImage *image);
void        nst_surface_free (NstSurface *surface);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstSurface, nst_surface_free)

int nst_surface_width (const NstSurface *surface);
int nst_surface_height (const NstSurface *surface);

/* Draw the whole picture into the rectangle, in user-space units of cr. */
void nst_surface_draw (
    const NstSurface *surface, cairo_t *cr, double x, double y, double width, double height);

G_END_DECLS
