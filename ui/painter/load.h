/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/model/model.h"

G_BEGIN_DECLS

/* nst_model_get_cancellable () of weights/model-file.h in a thread: a large file takes seconds. callback is
 * called in the caller's main context, with a NULL source; call nst_load_model_finish () in it. */
void nst_load_model_async (const char         *name,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            data);

/* Returns a reference. NULL with G_IO_ERROR_CANCELLED or an error of nst_model_get (). */
NstModel *nst_load_model_finish (GAsyncResult *result, GError **error);

G_END_DECLS
