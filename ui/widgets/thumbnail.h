/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gdk-pixbuf/gdk-pixbuf.h>

#include "core/image/image.h"

G_BEGIN_DECLS

/* Small pictures that fit into width x height pixels, proportions kept. */

/* Read a picture file. Transparent pixels of a PNG that is larger than the thumbnail are blended with white.
 * Owned. Errors name the file: NST_ERROR_FORMAT, NST_ERROR_SIZE or NST_ERROR_MEMORY before it is decoded,
 * else also G_FILE_ERROR and those of gdk-pixbuf. */
GdkPixbuf *nst_thumbnail_read (const char *file, int width, int height, GError **error);

/* The same in a thread. callback is called in the caller's main context, with a NULL source. */
void        nst_thumbnail_async (const char         *file,
                                 int                 width,
                                 int                 height,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            data);
const char *nst_thumbnail_file (GAsyncResult *result); /* as given; borrowed */
GdkPixbuf  *nst_thumbnail_finish (GAsyncResult *result, GError **error);

/* A thumbnail of image. Owned; NULL: out of memory. */
GdkPixbuf *nst_thumbnail_of_image (const NstImage *image, int width, int height);

G_END_DECLS
