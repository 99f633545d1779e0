/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of features: which positions count. */
#include "core/loss/part.h"

NstPart
nst_part_whole (const NstTensor *features)
{
  return (NstPart){ .features = features,
                    .row = features->width,
                    .share = 1,
                    .width = features->width,
                    .height = features->height,
                    .core = { 0, 0, features->width, features->height } };
}

gsize
nst_part_positions (const NstPart *part)
{
  return (gsize) part->core.width * part->core.height;
}

double
nst_part_total (const NstPart *part)
{
  const gsize positions = nst_part_positions (part);
  double      total = 0;

  if (part->weights == NULL)
    return positions;
  for (gsize p = 0, at, run; p < positions; p += run)
    {
      run = nst_part_run (part, p, positions, &at);
      for (gsize i = 0; i < run; i++)
        total += nst_part_weights (part, at)[i];
    }

  return total;
}

gsize
nst_part_run (const NstPart *part, gsize first, gsize last, gsize *position)
{
  const gsize width = part->core.width, row = part->features->width, x = first % width;

  *position = (part->core.y + first / width) * row + part->core.x + x;

  return width == row ? last - first : MIN (last - first, width - x);
}

const float *
nst_part_weights (const NstPart *part, gsize position)
{
  const gsize width = part->features->width;

  return part->weights != NULL ? part->weights + position / width * part->row + position % width : NULL;
}

gsize
nst_part_side (const NstPart *part, gsize first, gsize last, gboolean *inside)
{
  const NstRectangle *core = &part->core;
  const gsize         row = part->features->width;
  const gsize         top = core->y * row, bottom = (core->y + core->height) * row;
  gsize               x, end;

  if (first < top || first >= bottom)
    {
      *inside = FALSE;
      end = first < top ? top : last;
    }
  else if (core->width == (int) row)
    {
      *inside = TRUE;
      end = bottom;
    }
  else
    {
      const gsize left = core->x, right = left + core->width;

      x = first % row;
      *inside = x >= left && x < right;
      end = first - x + (x < left ? left : x < right ? right : row);
    }

  return MIN (end, last) - first;
}
