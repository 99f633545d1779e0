/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/host.h"

#include <libgimp/gimp.h>

G_BEGIN_DECLS

/* GIMP 3 as host. drawables: the layers of image to paint, NULL at the end; there may be none, but then only
 * nst_host_gimp3_free () may be called. The functions of host/host.h apply to one layer at a time, beginning
 * with the first. nst_host_write () keeps the results until it gets the last layer's. Then it checks that all
 * layers can still be written, and writes them as one undo step. show: open a display for a new image. Owned
 * by the caller. */
NstHost *nst_host_gimp3_new (GimpImage *image, GimpDrawable **drawables, gboolean show);
void     nst_host_gimp3_free (NstHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstHost, nst_host_gimp3_free)

/* Continue with the next layer. FALSE: that was the last one. */
gboolean nst_host_gimp3_next (NstHost *host);

/* The layers with the results, the new ones or the given ones, in the order of drawables, NULL at the end.
 * The caller owns the array; GIMP owns the layers. */
GimpLayer **nst_host_gimp3_painted (NstHost *host);

G_END_DECLS
