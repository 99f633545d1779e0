/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shapes of tensors, and memory for them. */
#include "core/base/tensor.h"

#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_PAGE ((gsize) 2 << 20)

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

float *
nst_floats_try_new (gsize n)
{
  gsize    bytes;
  gboolean large;
  void    *floats = NULL;

  if (!g_size_checked_mul (&bytes, MAX (n, 1), sizeof (float)) || bytes > G_MAXSSIZE)
    return NULL;

  large = bytes >= 4 * HUGE_PAGE;
  if (posix_memalign (&floats, large ? HUGE_PAGE : 64, bytes) != 0)
    return NULL;

#ifdef MADV_HUGEPAGE
  /* Kernels access feature maps at many distant addresses at once. With small pages nearly every access would
   * miss the TLB. */
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
