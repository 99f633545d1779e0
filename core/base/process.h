/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Prepare the process for the engine. Everything that Pastiche changes in a process is changed here:
 *
 *   - Kernels run on n_threads threads (0: one for each processor) instead of the caller's alone. The threads
 *     start with the first parallel loop.
 *   - BLAS is kept to one thread, because our loops are outside its calls and two levels of threads slow each
 *     other down. OpenBLAS is told before it starts any; any other BLAS follows its own environment
 * variables.
 *   - With glibc, blocks of 1 MiB and more get pages of their own, which return to the system when they are
 *     freed. Otherwise glibc keeps them in its heap, where they leave holes: up to a tenth of a run's memory.
 *   - SIGPIPE and SIGXFSZ are ignored: to write to a pipe that nobody reads, or beyond a limit on the size of
 *     files, is an error of the write instead of the end of the process.
 *
 * Only whoever owns main () calls this, once, before any other function of the engine. The engine also works
 * without it, in somebody else's process: it then computes on the calling thread and changes nothing. */
void nst_process_init (int n_threads);

G_END_DECLS
