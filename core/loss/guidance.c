/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guidance channels: a mask on the picture becomes weights of a network's positions (Gatys et al. 2017, arXiv
 * 1611.07865, section 3). */
#include "core/loss/guidance.h"

#include <string.h>

#include "core/base/tensor.h"
#include "core/network/layer.h"

/* In place: the mean of each cell of reduction x reduction positions. */
static void
pool (float *map, int width, int height, int reduction)
{
  const int w = width / reduction, h = height / reduction;

  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++)
      {
        float sum = 0;

        for (int j = 0; j < reduction; j++)
          for (int i = 0; i < reduction; i++)
            sum += map[(gsize) (reduction * y + j) * width + reduction * x + i];
        map[(gsize) y * w + x] = sum / (reduction * reduction);
      }
}

/* to = mean of the three neighbours along a line of n values, those that exist. */
static void
smooth_line (const float *from, float *to, int n, gsize step)
{
  for (int i = 0; i < n; i++)
    {
      float sum = from[i * step];
      int   count = 1;

      if (i > 0)
        {
          sum += from[(i - 1) * step];
          count++;
        }
      if (i < n - 1)
        {
          sum += from[(i + 1) * step];
          count++;
        }
      to[i * step] = sum / count;
    }
}

/* In place: the mean of the 3 x 3 positions around each. scratch: as many floats as map. */
static void
smooth (float *map, int width, int height, float *scratch)
{
  for (int y = 0; y < height; y++)
    smooth_line (map + (gsize) y * width, scratch + (gsize) y * width, width, 1);
  for (int x = 0; x < width; x++)
    smooth_line (scratch + x, map + x, height, width);
}

static gboolean
keep (NstGuidance *guidance, const float *m, const float *s, gsize n, NstGuidanceKind kind)
{
  guidance->weights = nst_floats_try_new (n);
  if (guidance->weights == NULL)
    return FALSE;

  guidance->total = 0;
  for (gsize p = 0; p < n; p++)
    {
      guidance->weights[p] = kind == NST_GUIDANCE_INSIDE ? m[p] * s[p] : m[p];
      guidance->total += guidance->weights[p];
    }

  return TRUE;
}

static gboolean
make (NstGuidance    *guidance,
      const NstModel *model,
      guint64         layers,
      const NstMask  *mask,
      NstGuidanceKind kind,
      float          *m,
      float          *s,
      float          *scratch)
{
  int width = mask->width, height = mask->height;

  memcpy (m, mask->data, nst_mask_bytes (mask));
  memcpy (s, mask->data, nst_mask_bytes (mask));
  for (int i = 0; i < model->n_layers && layers >> i != 0; i++)
    {
      const int reduction = nst_layer_class (model->layers[i].kind)->reduction;

      if (reduction > 1)
        {
          pool (m, width, height, reduction);
          pool (s, width, height, reduction);
          width /= reduction;
          height /= reduction;
        }
      else
        smooth (s, width, height, scratch);
      if ((layers >> i & 1) != 0 && !keep (&guidance[i], m, s, (gsize) width * height, kind))
        return FALSE;
    }

  return TRUE;
}

gboolean
nst_guidance_make (
    NstGuidance *guidance, const NstModel *model, guint64 layers, const NstMask *mask, NstGuidanceKind kind)
{
  float    least = 1, most, *maps;
  gsize    n;
  gboolean good;

  if (mask != NULL)
    nst_mask_range (mask, &least, &most);
  if (least == 1)
    return TRUE;

  n = (gsize) mask->width * mask->height;
  maps = nst_floats_try_new (3 * n);
  if (maps == NULL)
    return FALSE;

  good = make (guidance, model, layers, mask, kind, maps, maps + n, maps + 2 * n);
  nst_floats_free (maps);

  return good;
}

void
nst_guidance_clear (NstGuidance *guidance, int n)
{
  for (int i = 0; i < n; i++)
    {
      nst_floats_free (guidance[i].weights);
      guidance[i] = (NstGuidance){ NULL };
    }
}
