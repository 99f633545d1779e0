/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/host.h"
#include "host/settings.h"

G_BEGIN_DECLS

/* A whole run without a dialog: read, paint with progress, write. Nothing in the host changes before the
 * picture is done, so that a failure or a cancel at any time leaves all as it was. A run whose losses stop
 * being numbers writes its last good picture and warns. */
gboolean nst_paint (NstHost *host, const NstSettings *settings, GError **error);

G_END_DECLS
