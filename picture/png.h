/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdio.h>

#include "picture/pixels.h"

G_BEGIN_DECLS

/* What a PNG holds besides its pixels; each may be NULL, and 0 stands for no resolution. */
typedef struct
{
  GBytes     *exif, *xmp;
  const char *recipe;
  double      x_resolution, y_resolution; /* pixels an inch */
} NstPngBlocks;

/* Writes a PNG of 8 or 16 bits to stream, with the memory of one row. Fails with G_FILE_ERROR or
 * NST_ERROR_MEMORY; messages begin with path. */
gboolean nst_png_write (
    NstPixels *pixels, const NstPngBlocks *blocks, FILE *stream, const char *path, GError **error);

G_END_DECLS
