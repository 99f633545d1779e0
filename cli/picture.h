/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/image.h"

G_BEGIN_DECLS

/* Files. In: whatever gdk-pixbuf reads, at 8 bits, turned upright as its EXIF orientation says, transparent
 * places over white (with a note on stderr), colour profiles ignored. Out, by the file's extension: PNG (8 or
 * 16 bits), JPEG, TIFF, WebP. */

/* An owned picture. Errors, all naming the file: that of opening it, NST_ERROR_FORMAT, NST_ERROR_SIZE (seen
 * before decoding). */
NstImage *nst_picture_load (const char *path, GError **error);

/* Whether nst_picture_save () can work, as far as one can tell without a picture: the extension, the depth
 * (8, or 16 for PNG), the folder. */
gboolean nst_picture_check_path (const char *path, int depth, GError **error);

/* The same of any file: whether it is no folder, device or pipe itself, and its folder is there and can be
 * written to. */
gboolean nst_picture_check_folder (const char *path, GError **error);

/* Written beside and renamed, so that path never holds half a picture. Values beyond 0..1 are clamped. */
gboolean nst_picture_save (const NstImage *image, const char *path, int depth, GError **error);

G_END_DECLS
