/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Starts libvips when the first picture is read or written: one thread, no cache, its warnings in the debug
 * log. Idempotent; main thread. NST_ERROR_MEMORY. */
gboolean nst_vips_initialise (GError **error);

/* The first line of libvips' messages, which are cleared; owned by the caller. */
char *nst_vips_take_message (void);

G_END_DECLS
