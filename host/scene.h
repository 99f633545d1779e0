/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/scene/scene.h"
#include "host/host.h"
#include "host/settings.h"

G_BEGIN_DECLS

/* Read every picture that settings name: the style (with weight 1), the further styles with their weights,
 * the start picture, and all masks. Returns an owned scene with these and content, to which a reference is
 * taken (NULL is allowed). Errors: as nst_settings_get_more (), nst_host_read_style (), nst_host_masks_read
 * () and nst_scene_append_style (). */
NstScene *nst_host_read_scene (NstHost *host, const NstSettings *settings, NstImage *content, GError **error);

G_END_DECLS
