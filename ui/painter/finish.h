/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/image/mask.h"

G_BEGIN_DECLS

/* nst_finish () of core/image/finish.h in a thread, because a large picture takes seconds. */

/* How the picture is finished: the arguments of nst_finish (). */
typedef struct
{
  int    width, height; /* pixels of the result */
  double palette;
  double strength; /* 0 .. 1 */
} NstFinish;

/* Converts the finished picture into whatever the caller needs, in the thread that finished it. Returns an
 * owned object. picture is borrowed for the call. */
typedef gpointer (*NstFinishConvert) (NstImage *picture);

/* Finish painted with the colours of content, which may be NULL where nst_finish () allows that; share: as
 * there. References to all three are taken. convert: NULL, or a conversion of the result, which
 * free_converted frees if nobody takes it. callback is called in the caller's main context, with a NULL
 * source; call nst_finish_get () in it. */
void nst_finish_async (NstImage           *painted,
                       NstImage           *content,
                       NstMask            *share,
                       const NstFinish    *how,
                       NstFinishConvert    convert,
                       GDestroyNotify      free_converted,
                       GCancellable       *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer            data);

/* Owned: an NstImage, or what convert returned. NULL with G_IO_ERROR_CANCELLED or NST_ERROR_MEMORY. */
gpointer nst_finish_get (GAsyncResult *result, GError **error);

G_END_DECLS
