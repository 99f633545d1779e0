/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/image.h"
#include "picture/metadata.h"

G_BEGIN_DECLS

/* What one number of a pixel is stored as. */
typedef enum
{
  NST_DEPTH_CONTENT = 0, /* as in the content, or the nearest that the format can store */
  NST_DEPTH_8 = 8,
  NST_DEPTH_16 = 16,
  NST_DEPTH_FLOAT = 32,
} NstDepth;

/* What a picture file holds besides the picture that is painted: how its colours are stored, transparency,
 * metadata. A result is written with it (picture/picture.h), so that it is the same kind of file as the
 * content. */
typedef struct
{
  NstDepth depth; /* never NST_DEPTH_CONTENT */
  gboolean grey;
  GBytes  *profile; /* owned; ICC profile of RGB or grey values; NULL: sRGB */
  gboolean linear;  /* without a profile: values are linear */

  NstImage *picture; /* ref; as it was read */
  float    *alpha;   /* owned; height * width of picture, 0 to 1; NULL: opaque */
  float     mean[3]; /* the colour that transparent pixels are blended with */
  float *rest; /* owned; height * width * 3, or * 1 for grey: what a conversion to sRGB and back loses, in the
                * file's values; NULL: nothing that matters at this depth */

  double       x_resolution, y_resolution; /* pixels an inch; 0: not known */
  NstMetadata *metadata;                   /* owned; NULL: none */
} NstOrigin;

NstOrigin *nst_origin_new (void);
void       nst_origin_free (NstOrigin *origin); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstOrigin, nst_origin_free)

/* The picture was cropped: cropped, whose size is at most picture's, is its middle. */
void nst_origin_crop (NstOrigin *origin, NstImage *cropped);

G_END_DECLS
