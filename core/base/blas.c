/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scratch memory for OpenBLAS, while it can still be refused. */
#include "core/base/blas.h"

#include <glib/gi18n-lib.h>
#include <pthread.h>
#include <sys/mman.h>

#include "core/base/error.h"

/* OpenBLAS takes 128 MiB for each call that runs at a time, or 32 MiB, depending on the processor, and keeps
 * it. It is address space: only a small part is ever written to. */
#define CALL_BYTES ((gsize) 129 << 20)

/* Only OpenBLAS has these. */
extern void *blas_memory_alloc (int unused) __attribute__ ((weak));
extern void  blas_memory_free (void *memory) __attribute__ ((weak));

/* Whether the system would give n blocks now. */
static gboolean
try_blocks (int n)
{
  g_autofree void **blocks = g_new (void *, n);
  int               mapped = 0;

  while (mapped < n
         && (blocks[mapped] = mmap (NULL, CALL_BYTES, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))
                != MAP_FAILED)
    mapped++;
  for (int i = 0; i < mapped; i++)
    munmap (blocks[i], CALL_BYTES);

  return mapped == n;
}

/* n blocks at a time, so that OpenBLAS owns at least n; later calls use these. */
static void
take_blocks (int n)
{
  g_autofree void **blocks = g_new (void *, n);

  for (int i = 0; i < n; i++)
    blocks[i] = blas_memory_alloc (0);
  for (int i = 0; i < n; i++)
    blas_memory_free (blocks[i]);
}

gboolean
nst_blas_reserve (int n, GError **error)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static int             reserved;
  gboolean               good;

  if (blas_memory_alloc == NULL || blas_memory_free == NULL)
    return TRUE;

  pthread_mutex_lock (&lock);
  good = n <= reserved || try_blocks (n - reserved);
  if (good && n > reserved)
    {
      take_blocks (n);
      reserved = n;
    }
  pthread_mutex_unlock (&lock);
  if (!good)
    g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                 _ ("There is not enough memory for the products of matrices, which need %.1f GB of address "
                    "space. Use fewer threads, or raise the limit of this process (ulimit -v)"),
                 n * 1e-9 * CALL_BYTES);

  return good;
}
