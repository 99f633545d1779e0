/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* Total variation of a picture of width x height pixels (R'G'B' interleaved): differences of neighbouring
 * numbers of one channel. NST_TV_SQUARED (Mahendran, Vedaldi 2015, arXiv 1412.0035, equation 4 with beta 2)
 * and NST_TV_ABSOLUTE are divided by the number of pixels, NST_TV_POWER (the Keras example) is not. */
double nst_variation_loss (NstTvFormula formula, const float *rgb, int width, int height);

/* gradient (n_rows x width x 3) = [add] gradient + factor * derivative, for rows first_row .. first_row +
 * n_rows - 1; any thread. The absolute value's derivative at 0 is 0. */
void nst_variation_backward (NstTvFormula formula,
                             const float *rgb,
                             int          width,
                             int          height,
                             int          first_row,
                             int          n_rows,
                             double       factor,
                             gboolean     add,
                             float       *gradient);

G_END_DECLS
