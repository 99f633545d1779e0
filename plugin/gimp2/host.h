/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/host.h"

G_BEGIN_DECLS

/* GIMP 2.10 as host of drawable, by its number. show: new images are opened for the user to see. */
NstHost *nst_host_gimp2_new (gint32 drawable, gboolean show);
void     nst_host_gimp2_free (NstHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstHost, nst_host_gimp2_free)

/* The layer that nst_host_write () painted: the new one, or drawable itself. */
gint32 nst_host_gimp2_painted (NstHost *host);

G_END_DECLS
