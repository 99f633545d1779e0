/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "picture/colour.h"
#include "picture/origin.h"

G_BEGIN_DECLS

/* The rows of a result as a file stores them: colours converted to the file's profile, alpha, numbers of the
 * file's depth. */
typedef struct
{
  int      width, height;
  int      channels; /* 1 or 3, and one more with alpha, which comes last */
  gboolean grey, alpha;
  NstDepth depth;
  GBytes  *profile; /* ref; NULL: sRGB, or linear */
  gboolean linear;

  /* private */
  const NstImage  *image;
  const NstOrigin *origin;
  NstColour       *colour;
  float           *resized; /* owned; alpha at the size of the image, where the origin has another one */
  float           *values;  /* owned; a row */
  gboolean         same, white;
} NstPixels;

/* Prepares a result for a file of this depth (not NST_DEPTH_CONTENT), with alpha where the format can store
 * it; else transparent pixels are blended with white. image and origin (which may be NULL) are borrowed.
 * After a failure, NST_ERROR_MEMORY, pixels must still be cleared. */
gboolean nst_pixels_init (NstPixels       *pixels,
                          const NstImage  *image,
                          const NstOrigin *origin,
                          NstDepth         depth,
                          gboolean         can_store_alpha,
                          GError         **error);
void     nst_pixels_clear (NstPixels *pixels);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NstPixels, nst_pixels_clear)

/* Bytes of a row. */
gsize nst_pixels_stride (const NstPixels *pixels);

/* Row y: width * channels numbers of guint8, guint16 or float, in this computer's byte order. 8 bits are
 * dithered where a value lies between two numbers; the pattern depends on the position only. */
void nst_pixels_get_row (NstPixels *pixels, int y, void *row);

G_END_DECLS
