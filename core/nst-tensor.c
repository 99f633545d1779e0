/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-tensor.h"

#include <stdlib.h>

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
  void *floats = NULL;

  if (n > (G_MAXSIZE - 64) / sizeof (float) || posix_memalign (&floats, 64, MAX (n, 1) * sizeof (float)) != 0)
    return NULL;

  return floats;
}

void
nst_floats_free (float *floats)
{
  free (floats);
}
