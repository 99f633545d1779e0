/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes that this process can still get without swapping: what the system has left, and no more than the
 * limit of the process's address space (ulimit -v). 0: not known. */
guint64 nst_memory_available (void);

/* Bytes that a run of this process may take, as it is planned; what does not fit is computed in tiles or lies
 * in files. 0, as at first: half of what is available when a run begins. limit () gives 0 where that is not
 * known. Before any run starts. */
void    nst_memory_set_limit (guint64 bytes);
guint64 nst_memory_limit (void);

/* Bytes that a run is refused for: the limit that was set, if one was, but no more than what is available. */
guint64 nst_memory_most (void);

G_END_DECLS
