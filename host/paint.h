/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/host.h"
#include "host/settings.h"

G_BEGIN_DECLS

/* A whole run without a dialog: read the layer and the styles, paint while reporting progress, write the
 * result. Blocks until that is done. Nothing in the host changes before the picture is finished, so a failure
 * or a cancel leaves the user's image unchanged. If the losses are no longer finite, the last good picture is
 * written and a message logged.
 *
 * Errors: as nst_settings_get_recipe (), nst_host_read_content (), nst_model_get (), nst_plan (),
 * nst_host_read_scene (), nst_engine_step () and nst_host_write (). */
gboolean nst_paint (NstHost *host, const NstSettings *settings, GError **error);

G_END_DECLS
