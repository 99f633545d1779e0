/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes that this process can still get without swapping: what the system has left, and no more than the
 * limit of the process's address space (ulimit -v). 0: not known. */
guint64 nst_memory_available (void);

G_END_DECLS
