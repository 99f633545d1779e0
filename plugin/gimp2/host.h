/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/host.h"

G_BEGIN_DECLS

/* GIMP 2.10 as host. drawable: id of the layer to paint. show: open a display for a new image. Owned by the
 * caller. */
NstHost *nst_host_gimp2_new (gint32 drawable, gboolean show);
void     nst_host_gimp2_free (NstHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstHost, nst_host_gimp2_free)

/* Id of the layer with the result after nst_host_write (): the new layer, or drawable itself. */
gint32 nst_host_gimp2_painted (NstHost *host);

G_END_DECLS
