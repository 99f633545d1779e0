/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A picture: R'G'B' floats (sRGB's primaries and transfer curve), three per pixel, rows from top to bottom.
 * Values are in 0..1; beyond that for colours outside of sRGB, and a little while a picture is optimised.
 * There is no alpha channel; the host keeps it.
 *
 * References are counted atomically. The function that creates a picture may write to it while it holds the
 * only reference. Once a second reference exists the picture is immutable, so any thread may read it. */
typedef struct
{
  int    width, height;
  float *data; /* owned; height * width * 3 */

  int references; /* private */
} NstImage;

/* Whether both sides are 1 to NST_MOST_SIDE; else NST_ERROR_SIZE. */
gboolean nst_image_check_size (int width, int height, GError **error);

/* A picture with one reference; data is not cleared. Fails with NST_ERROR_SIZE (see above) or
 * NST_ERROR_MEMORY. */
NstImage *nst_image_new (int width, int height, GError **error);
NstImage *nst_image_ref (NstImage *image);
void      nst_image_unref (NstImage *image); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstImage, nst_image_unref)

/* A new picture with the same pixels, to be written to. */
NstImage *nst_image_copy (const NstImage *image, GError **error);

/* Bytes of data. */
gsize nst_image_bytes (const NstImage *image);

/* A new picture of the given size, by separable Lanczos-3 resampling. When it becomes smaller the kernel is
 * widened to avoid aliasing. Edges are replicated. Errors as for nst_image_new (). */
NstImage *nst_image_resize (const NstImage *image, int width, int height, GError **error);

/* The picture at the given size: another reference if it has that size, else a new one as nst_image_resize ()
 * makes it. The caller must not write to it. */
NstImage *nst_image_at_size (NstImage *image, int width, int height, GError **error);

/* The size with the proportions of width : height whose longer side is longest; both sides are at least 1. */
void nst_image_fit (int width, int height, int longest, int *fitted_width, int *fitted_height);

/* A new picture: the largest centred part of image with the proportions of width : height. */
NstImage *nst_image_crop_to_proportions (const NstImage *image, int width, int height, GError **error);

/* In place: image = share * image + (1 - share) * other. Same size; share 0 .. 1. */
void nst_image_blend (NstImage *image, const NstImage *other, double share);

/* Whether the channels of every pixel differ by at most 3 / 255. */
gboolean nst_image_is_grey (const NstImage *image);

/* The values that a result may have. */
typedef struct
{
  float low, high; /* at most 0, at least 1 */
} NstRange;

#define NST_RANGE_SRGB ((NstRange){ 0, 1 })

/* Extends the range to the values of an image: colours outside of sRGB, or brighter than white, of a
 * wide-gamut or HDR picture have values outside of 0..1. */
void nst_image_extend_range (const NstImage *image, NstRange *range);

/* In place: clamp every value to 0..1, or to range; NaN becomes 0. */
void nst_image_clamp (NstImage *image);
void nst_image_clamp_to_range (NstImage *image, const NstRange *range);

G_END_DECLS
