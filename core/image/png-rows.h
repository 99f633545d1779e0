/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/image.h"

G_BEGIN_DECLS

/* Read a PNG row by row, made smaller on the way: each pixel of the result is the mean of those that it
 * covers. width and height: of the result, at most those of the file. 8 bits a channel; transparent pixels
 * are blended with white. Needs the memory of one row and of the result. Returns an owned picture; NULL with
 * an error that does not name the file; NULL without an error where the file is no PNG or is interlaced, and
 * so has no rows to read one by one. */
NstImage *nst_png_read_reduced (
    const char *path, int width, int height, gboolean *transparent, GError **error);

G_END_DECLS
