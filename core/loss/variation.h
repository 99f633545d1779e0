/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/loss/term.h"

G_BEGIN_DECLS

/* Total variation of a picture (R'G'B' interleaved): differences of neighbouring numbers of one channel, to
 * the right and below. NST_TV_SQUARED (Mahendran, Vedaldi 2015, arXiv 1412.0035, equation 4 with beta 2) and
 * NST_TV_ABSOLUTE are divided by the pixels of the whole picture, NST_TV_POWER (the Keras example) is not. A
 * position's weight multiplies its two differences. Returns what a part contributes. */
double nst_variation_loss (NstTvFormula formula, const NstPart *part);

/* gradient (n_rows x the part's width x 3) = [add] gradient + factor * derivative of nst_variation_loss (),
 * for the part's rows first_row .. first_row + n_rows - 1; any thread. The absolute value's derivative at 0
 * is 0. */
void nst_variation_backward (NstTvFormula   formula,
                             const NstPart *part,
                             int            first_row,
                             int            n_rows,
                             double         factor,
                             gboolean       add,
                             float         *gradient);

G_END_DECLS
