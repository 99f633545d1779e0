/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/mask.h"
#include "picture/origin.h"

G_BEGIN_DECLS

/* Picture files. Input: PNG, JPEG, TIFF, WebP, JPEG XL, HEIF, AVIF, OpenEXR, GIF, SVG, BMP and what else
 * libvips reads; the first page or frame. The orientation is applied and colours are converted from the
 * file's profile to R'G'B' with sRGB's primaries; those outside of sRGB have values outside of 0..1. Where
 * pixels are transparent, the mean of the visible colours shows, so that hidden colours have no influence. */

/* Loads a picture, owned by the caller. Fails with G_FILE_ERROR, NST_ERROR_FORMAT, NST_ERROR_SIZE, or
 * NST_ERROR_MEMORY (both checked before decoding); messages name the file. A truncated or corrupt file is an
 * NST_ERROR_FORMAT, unless --damaged was given. */
NstImage *nst_picture_load (const char *path, GError **error);

/* As nst_picture_load (), for use at a size of which no side is longer than side pixels (0: not known). A
 * very large picture is made smaller while it is read, to at least twice that; most formats then take the
 * memory of the small picture only. A drawing (SVG) is rendered at this size. */
NstImage *nst_picture_load_for (const char *path, int side, GError **error);

/* Loads a mask: a picture's alpha if any of its pixels is transparent, else its grey values. Errors as for
 * nst_picture_load (). Owned by the caller. */
NstMask *nst_picture_load_mask (const char *path, GError **error);

/* As nst_picture_load_for (). *origin: what else the file holds, for nst_picture_save (); owned by the
 * caller. */
NstImage *nst_picture_load_content (const char *path, int side, NstOrigin **origin, GError **error);

/* The width and height that nst_picture_load () would return. The picture is decoded, so that one that cannot
 * be loaded fails in the same way; a very large one is made smaller while it is read. */
gboolean nst_picture_size (const char *path, int *width, int *height, GError **error);

/* The recipe that a result of Pastiche holds, owned by the caller. NULL with an error: the file is no
 * picture, or has no recipe. */
char *nst_picture_load_recipe (const char *path, GError **error);

/* --damaged: paint what is there of truncated and corrupt files. */
extern const GOptionEntry nst_picture_options[];

/* How a picture is written. NULL, where a function takes one: 8 bits, sRGB, nothing else. */
typedef struct
{
  NstDepth depth;
  double   dpi; /* resolution that the file states, in pixels per inch, 1 to NST_PICTURE_MOST_DPI; 0: that of
                 * the   origin. Not for WebP. The pixels do not depend on it. */
  const NstOrigin *origin; /* borrowed; the content's: profile, alpha, metadata; NULL: none */
  const char      *recipe; /* borrowed; JSON, stored in the file; NULL: none */
} NstPictureFormat;

#define NST_PICTURE_MOST_DPI 10000

/* The value of --depth: "8", "16" or "float". Fails with G_OPTION_ERROR_BAD_VALUE. */
gboolean nst_depth_parse (const char *text, NstDepth *depth, GError **error);

/* Whether nst_picture_save () knows this extension, which is given without the dot. */
gboolean nst_picture_is_extension (const char *extension);

/* Checks before a run that nst_picture_save () will accept path and format: the extension, what the format
 * can hold and, by nst_file_check (), the file. Fails with NST_ERROR_ARGUMENT or G_FILE_ERROR. */
gboolean nst_picture_check_path (const char *path, const NstPictureFormat *format, GError **error);

/* Writes a picture under a temporary name and renames it, so that path never holds an incomplete file. The
 * format is that of the extension: PNG, JPEG, TIFF, WebP, AVIF, JPEG XL. Values that it cannot store are
 * clamped. */
gboolean nst_picture_save (const NstImage         *image,
                           const char             *path,
                           const NstPictureFormat *format,
                           GError                **error);

/* As nst_picture_save (), for a picture that took long to paint. If it cannot be written to path, it is
 * written as PNG to the temporary folder (TMPDIR or /tmp). That is a failure, too; the message says where it
 * is. */
gboolean nst_picture_keep (const NstImage         *image,
                           const char             *path,
                           const NstPictureFormat *format,
                           GError                **error);

G_END_DECLS
