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

/* OpenBLAS starts its threads when it is loaded, before main (): for nothing, and the process ends or hangs
 * where they cannot be started or get no memory. It asks this function of its own for the value of
 * OPENBLAS_NUM_THREADS; a program that defines it answers instead. Weak: a static OpenBLAS keeps its own. */
int openblas_num_threads_env (void) __attribute__ ((weak));

int
openblas_num_threads_env (void)
{
  return 1;
}

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
