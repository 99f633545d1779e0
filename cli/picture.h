/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/mask.h"

G_BEGIN_DECLS

/* Picture files. Input: every format that gdk-pixbuf reads, converted to 8 bits a channel. The EXIF
 * orientation is applied, transparent pixels are blended with white (a note on stderr says so), and colour
 * profiles are ignored. Output, by the file's extension: PNG (8 or 16 bits), JPEG, TIFF, WebP. */

/* Loads a picture, owned by the caller. Fails with G_FILE_ERROR or the error of gdk-pixbuf, NST_ERROR_FORMAT,
 * NST_ERROR_SIZE, or NST_ERROR_MEMORY (both checked before decoding); messages name the file. */
NstImage *nst_picture_load (const char *path, GError **error);

/* As nst_picture_load (), for use at a size of which no side is longer than side pixels (0: not known). A
 * very large picture is made smaller while it is read, to at least twice that; a PNG then takes the memory of
 * the small picture only. */
NstImage *nst_picture_load_for (const char *path, int side, GError **error);

/* Loads a mask: a picture's alpha if any of its pixels is transparent, else its grey values. Errors as for
 * nst_picture_load (). Owned by the caller. */
NstMask *nst_picture_load_mask (const char *path, GError **error);

/* The width and height that nst_picture_load () would return. The picture is decoded, so that one that cannot
 * be loaded fails in the same way; a very large one is made smaller while it is read. */
gboolean nst_picture_size (const char *path, int *width, int *height, GError **error);

/* Whether nst_picture_save () knows this extension, which is given without the dot. */
gboolean nst_picture_is_extension (const char *extension);

/* How a picture is written. NULL, where a function takes one: 8 bits, no resolution. */
typedef struct
{
  int    depth; /* bits per channel: 8, or 16 for PNG */
  double dpi; /* resolution that the file states, in pixels per inch, 1 to NST_PICTURE_MOST_DPI; 0: none. Not
                 for WebP. The pixels do not depend on it. */
} NstPictureFormat;

#define NST_PICTURE_MOST_DPI 10000

/* Checks before a run that nst_picture_save () will accept path and format: the extension, what the format
 * can hold and, by nst_file_check (), the file. Fails with NST_ERROR_ARGUMENT or G_FILE_ERROR. */
gboolean nst_picture_check_path (const char *path, const NstPictureFormat *format, GError **error);

/* Writes a picture under a temporary name and renames it, so that path never holds an incomplete file. Values
 * outside 0..1 are clamped. */
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
