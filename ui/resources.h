/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where the layouts and pictures are that are compiled into the program. */
#define NST_RESOURCES "/pastiche/ui/"

/* Makes them known; made by glib-compile-resources. */
G_GNUC_INTERNAL GResource *nst_ui_get_resource (void);

G_END_DECLS
