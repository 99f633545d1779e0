/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/settings.h"

G_BEGIN_DECLS

/* Show the dialog, with settings as its first values, and return when the user is done with it. TRUE: the
 * host has the picture, and settings is what was used. FALSE without an error: cancelled, nothing changed.
 * GTK is initialised by the caller; main thread. */
gboolean nst_dialog_run (NstHost *host, NstSettings *settings, GError **error);

G_END_DECLS
