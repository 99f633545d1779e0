/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes: of a run's scales, and of the styles at each of them. */
#include "core/run/scales.h"

#include <math.h>

#include "core/base/tensor.h"
#include "core/image/image.h"

#define FREE_SIZE 128     /* pixels: longer side of the first scale with full freedom */
#define FREE_CONTENT 0.25 /* share of the content's weight there */

/* The longer side of the first scale, at most. */
static double
first_size (const NstRecipe *recipe)
{
  const double size = recipe->first_size;

  return size <= FREE_SIZE ? size : size * pow (FREE_SIZE / size, recipe->freedom);
}

void
nst_scales_set_iterations (NstScales *scales, const NstRecipe *recipe)
{
  const double last = MAX (scales->widths[scales->n - 1], scales->heights[scales->n - 1]);

  for (int i = 0; i < scales->n; i++)
    {
      const double ratio = last / MAX (scales->widths[i], scales->heights[i]);

      scales->iterations[i] = CLAMP (lround (recipe->iterations * pow (ratio, recipe->coarse_iterations)), 1,
                                     NST_MOST_ITERATIONS);
    }
}

int
nst_scales_total (const NstScales *scales)
{
  int total = 0;

  for (int i = 0; i < scales->n; i++)
    total += scales->iterations[i];

  return total;
}

double
nst_scales_content_share (const NstScales *scales, const NstRecipe *recipe, int scale)
{
  const double first = MAX (scales->widths[0], scales->heights[0]);
  const double last = MAX (scales->widths[scales->n - 1], scales->heights[scales->n - 1]);
  const double size = MAX (scales->widths[scale], scales->heights[scale]);

  if (first >= last)
    return 1;

  return 1 - (1 - FREE_CONTENT) * recipe->freedom * log (last / size) / log (last / first);
}

void
nst_scales_init (NstScales *scales, const NstRecipe *recipe, int width, int height, int smallest)
{
  const int longest = MAX (width, height);
  const int last = recipe->size == 0 ? longest : recipe->enlarge ? recipe->size : MIN (recipe->size, longest);
  double    size = last;
  int       n = 1;

  while (recipe->scale_ratio > 1 && n < NST_MAX_SCALES && size > first_size (recipe))
    {
      int w, h;

      size /= recipe->scale_ratio;
      nst_image_fit (width, height, (int) lround (size), &w, &h);
      if (MIN (w, h) < 2 * smallest)
        break;
      n++;
    }

  scales->n = n;
  for (int i = 0; i < n; i++)
    nst_image_fit (width, height,
                   i == n - 1 ? last : (int) lround (last / pow (recipe->scale_ratio, n - 1 - i)),
                   &scales->widths[i], &scales->heights[i]);
  nst_scales_set_iterations (scales, recipe);
}

double
nst_scales_work (const NstScales *scales, const NstRecipe *recipe, int scale, int iteration)
{
  double work = 0;

  for (int i = 0; i <= scale && i < scales->n; i++)
    work += (double) scales->widths[i] * scales->heights[i] * MAX (1, recipe->evaluations)
            * (i < scale ? scales->iterations[i] : iteration);

  return work;
}

/* Up to twice the longest side that a picture can have: more is refused whatever it is. */
static int
to_pixels (double side)
{
  return (int) lround (MIN (side, 2.0 * NST_MOST_SIDE));
}

void
nst_scales_style_size (const NstRecipe     *recipe,
                       int                  smallest,
                       const NstSceneStyle *style,
                       int                  width,
                       int                  height,
                       int                 *scaled_width,
                       int                 *scaled_height)
{
  const int    style_width = style != NULL ? style->image->width : 1;
  const int    style_height = style != NULL ? style->image->height : 1;
  const double scale = recipe->style_scale * (style != NULL ? style->scale : 1);
  int          longest = MAX (1, to_pixels (scale * MAX (width, height))), shorter;

  if (recipe->style_fit == NST_STYLE_FIT_OWN)
    nst_image_fit (style_width, style_height, longest, scaled_width, scaled_height);
  else
    nst_image_fit (width, height, longest, scaled_width, scaled_height);
  shorter = MIN (*scaled_width, *scaled_height);
  if (shorter < smallest)
    {
      double larger = (double) smallest / shorter;

      *scaled_width = MAX (smallest, to_pixels (*scaled_width * larger));
      *scaled_height = MAX (smallest, to_pixels (*scaled_height * larger));
    }
}
