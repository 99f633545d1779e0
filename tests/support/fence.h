/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <math.h>
#include <string.h>

#include "core/base/tensor.h"

/* Memory for the output of a kernel: NaN at first, with guards before and after it. */

#define FENCE_GUARDS 16 /* keeps data aligned to 64 bytes */
#define FENCE_VALUE 12345.678f

typedef struct
{
  float *whole; /* owned */
  float *data;  /* n floats inside of it */
  gsize  n;
} Fence;

static inline Fence
fence_new (gsize n)
{
  Fence fence = { nst_floats_try_new (n + 2 * FENCE_GUARDS), NULL, n };

  g_assert_nonnull (fence.whole);
  fence.data = fence.whole + FENCE_GUARDS;
  for (gsize i = 0; i < n + 2 * FENCE_GUARDS; i++)
    fence.whole[i] = i < FENCE_GUARDS || i >= n + FENCE_GUARDS ? FENCE_VALUE : NAN;

  return fence;
}

static inline gboolean
fence_holds (const Fence *fence)
{
  for (int i = 0; i < FENCE_GUARDS; i++)
    if (fence->whole[i] != FENCE_VALUE || fence->data[fence->n + i] != FENCE_VALUE)
      return FALSE;

  return TRUE;
}

static inline void
fence_check (const Fence *fence)
{
  g_assert_true (fence_holds (fence));
}

static inline void
fence_clear (Fence *fence)
{
  nst_floats_free (fence->whole);
}
