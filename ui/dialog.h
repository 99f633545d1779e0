/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/settings.h"

G_BEGIN_DECLS

/* Run the dialog until the user applies or cancels. settings: the first values of the controls; if they
 * name a style, painting begins at once. TRUE: the
 * result was written to host, and settings holds what was used. FALSE without an error: the user cancelled,
 * and nothing was written. FALSE with an error: the layer or the model could not be read (see nst_painter_new
 * ()).
 *
 * Main thread; the caller has initialised GTK. */
gboolean nst_dialog_run (NstHost *host, NstSettings *settings, GError **error);

G_END_DECLS
