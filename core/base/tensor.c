/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/tensor.h"

#include <stdlib.h>
#include <sys/mman.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define HUGE_PAGE ((gsize) 2 << 20)
#define OWN_PAGES (1 << 20) /* bytes of what has pages of its own */

gsize
nst_tensor_positions (const NstTensor *tensor)
{
  return (gsize) tensor->height * tensor->width;
}

gsize
nst_tensor_length (const NstTensor *tensor)
{
  return nst_tensor_positions (tensor) * tensor->channels;
}

/* What was freed goes back to the system, and the process takes what was planned. By itself glibc would take
 * larger and larger buffers from its heap, after the first was freed, where they leave holes: up to a tenth
 * of a run. Below OWN_PAGES all is the heap's. */
static void
give_pages_back (void)
{
#ifdef __GLIBC__
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      mallopt (M_MMAP_THRESHOLD, OWN_PAGES);
      g_once_init_leave (&done, 1);
    }
#endif
}

float *
nst_floats_try_new (gsize n)
{
  const gsize    bytes = MAX (n, 1) * sizeof (float);
  const gboolean large = bytes >= 4 * HUGE_PAGE;
  void          *floats = NULL;

  give_pages_back ();
  if (n > G_MAXSIZE / 2 / sizeof (float) || posix_memalign (&floats, large ? HUGE_PAGE : 64, bytes) != 0)
    return NULL;

#ifdef MADV_HUGEPAGE
  /* Feature maps are walked in many places at once: in small pages that costs a look into the page table at
   * every step. */
  if (large)
    madvise (floats, bytes, MADV_HUGEPAGE);
#endif

  return floats;
}

void
nst_floats_free (float *floats)
{
  free (floats);
}
