/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/recipe/recipe.h"
#include "core/scene/scene.h"

G_BEGIN_DECLS

#define NST_MAX_SCALES 32

/* The sizes of a run's scales, from coarse to fine (Gatys et al. 2017, arXiv 1611.07865, section 6). */
typedef struct
{
  int n;
  int widths[NST_MAX_SCALES], heights[NST_MAX_SCALES];
  int iterations[NST_MAX_SCALES];
} NstScales;

/* The scales for a content of width x height pixels. Coarse scales whose shorter side would be below twice
 * smallest, the smallest side that the network can evaluate, are left out. */
void nst_scales_init (NstScales *scales, const NstRecipe *recipe, int width, int height, int smallest);

/* The work of all iterations before the given one of the given scale: sum of pixels * iterations (*
 * evaluations a round). Time is in proportion. (scales->n, 0): the whole run. */
double nst_scales_work (const NstScales *scales, const NstRecipe *recipe, int scale, int iteration);

/* The recipe's number of iterations of every scale. */
void nst_scales_set_iterations (NstScales *scales, const NstRecipe *recipe);

/* Iterations of all scales together. */
int nst_scales_total (const NstScales *scales);

/* What alpha is multiplied by at a scale, 0 .. 1: the recipe's freedom lowers it at coarse scales. */
double nst_scales_content_share (const NstScales *scales, const NstRecipe *recipe, int scale);

/* The size at which a style is evaluated for a pastiche of width x height pixels: as the recipe fits it,
 * times its own scale, and never below smallest. NULL: a square style stands in. */
void nst_scales_style_size (const NstRecipe     *recipe,
                            int                  smallest,
                            const NstSceneStyle *style,
                            int                  width,
                            int                  height,
                            int                 *scaled_width,
                            int                 *scaled_height);

G_END_DECLS
