/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/host.h"

#include <libgimp/gimp.h>

G_BEGIN_DECLS

/* GIMP 3 as host of one or more drawables of image (NULL at their end), one after the other. What
 * nst_host_write () takes waits until the last one is there; then all are painted in one undo step, or none.
 * show: new images are opened for the user to see. */
NstHost *nst_host_gimp3_new (GimpImage *image, GimpDrawable **drawables, gboolean show);
void     nst_host_gimp3_free (NstHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstHost, nst_host_gimp3_free)

/* Go on to the next drawable; FALSE: there is none. */
gboolean nst_host_gimp3_next (NstHost *host);

/* The layers that were painted, the new ones or the given ones, in the order of drawables, NULL at the end.
 * Free the array. */
GimpLayer **nst_host_gimp3_painted (NstHost *host);

G_END_DECLS
