/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/nst-image.h"

G_BEGIN_DECLS

/* From what the engine painted to what the user sees and gets: size, kept colours, strength. In a thread, because a large picture takes
 * seconds. All functions are for the main thread. */

/* A picture that threads share; never changed once it is one. */
typedef struct
{
  NstImage *image;      /* owned */
} NstShared;

NstShared *nst_shared_new (NstImage *image);      /* takes image; the first reference */
void       nst_shared_unref (NstShared *shared);

/* Takes painted, refs content. full: in content's size, else in painted's. */
void       nst_finish_async (NstImage *painted, NstShared *content, gboolean keep_colours, double strength, gboolean full,
                             GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* Owned. G_IO_ERROR_CANCELLED, NST_ERROR_MEMORY. */
NstImage  *nst_finish_finish (GAsyncResult *result, GError **error);

G_END_DECLS
