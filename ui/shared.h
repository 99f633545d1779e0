/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/widgets/surface.h"

G_BEGIN_DECLS

/* Pictures that the main thread and others look at, and nst_finish () in a thread, because a large picture
 * takes seconds. All functions are for the main thread. */

/* Never changed once it is one. */
typedef struct
{
  NstImage *image; /* owned */
} NstShared;

NstShared *nst_shared_new (NstImage *image); /* takes image; the first reference */
NstShared *nst_shared_ref (NstShared *shared);
void       nst_shared_unref (NstShared *shared);

/* How a picture is to be finished: see nst_finish (). */
typedef struct
{
  int      width, height;
  gboolean keep_colours;
  double   strength;
  gboolean for_screen; /* make a surface of it */
} NstFinish;

/* Refs painted and content. */
void nst_finish_async (NstShared          *painted,
                       NstShared          *content,
                       const NstFinish    *how,
                       GCancellable       *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer            data);

/* Owned; the second one for_screen. G_IO_ERROR_CANCELLED, NST_ERROR_MEMORY. */
NstImage   *nst_finish_get_image (GAsyncResult *result, GError **error);
NstSurface *nst_finish_get_surface (GAsyncResult *result, GError **error);

G_END_DECLS
