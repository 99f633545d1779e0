/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place that changes the process: allocator, BLAS, signals, threads. */
#include "core/base/process.h"

#include <signal.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "core/base/parallel.h"

#define OWN_PAGES (1 << 20) /* bytes of a block that has pages of its own */

/* Only OpenBLAS has this function; with any other BLAS the pointer is NULL. */
extern void openblas_set_num_threads (int n) __attribute__ ((weak));

void
nst_process_init (int n_threads)
{
#ifdef __GLIBC__
  mallopt (M_MMAP_THRESHOLD, OWN_PAGES);
#endif
  if (openblas_set_num_threads != NULL)
    openblas_set_num_threads (1);
#ifdef G_OS_UNIX
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
#endif
  nst_set_threads (n_threads);
}
