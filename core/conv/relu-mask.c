/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One bit for each number of a tensor. */
#include "core/conv/relu-mask.h"

#include "core/simd/simd.h"

static gsize
bytes_of (int channels)
{
  return (channels + 7) / 8;
}

gsize
nst_relu_mask_bytes (const NstTensor *tensor)
{
  return nst_tensor_positions (tensor) * bytes_of (tensor->channels);
}

gboolean
nst_relu_mask_get (const guint8 *mask, int channels, gsize position, int channel)
{
  return mask[position * bytes_of (channels) + channel / 8] >> channel % 8 & 1;
}

void
nst_relu_mask_fill (guint8 *mask, int channels, gsize first, gsize n, const float *values)
{
  mask += first * bytes_of (channels);
  if (channels % 16 == 0)
    {
      nst_simd_for (channels)->positive (values, n * channels, mask);
      return;
    }

  for (gsize p = 0; p < n; p++, values += channels)
    for (int c = 0; c < channels; c += 8)
      {
        guint8 byte = 0;

        for (int i = 0; i < MIN (8, channels - c); i++)
          byte |= (values[c + i] > 0) << i;
        *mask++ = byte;
      }
}

void
nst_relu_mask_apply (const guint8 *mask, int channels, gsize first, gsize n, float *values)
{
  if (channels % 16 == 0)
    {
      const NstSimd *simd = nst_simd_for (channels);

      mask += first * bytes_of (channels);
      for (gsize i = 0; i < n * channels; i += 16)
        simd->unpool (values + i, 0, mask + i / 8, 0, 1, 0, 1, values + i);
      return;
    }

  for (gsize p = first; p < first + n; p++)
    for (int c = 0; c < channels; c++, values++)
      if (!nst_relu_mask_get (mask, channels, p, c))
        *values = 0;
}
