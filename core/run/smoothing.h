/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What must not be painted: a lattice of pixels, and colours where there are none. Both are linear maps of a
 * picture's gradient (height x width x 3), in place; nst_smooth () also of a style's picture. */

/* Take out what changes from pixel to pixel: along x and y a symmetric filter whose response to frequency f
 * (0.5: period 2) is (1 - sin^6 (pi f))^2, which is 0.97 at period 6, 0.77 at 4 and below 0.01 from
 * period 2.2 on. Borders are mirrored, so the map is symmetric and positive semidefinite (a preconditioner,
 * see minimiser.h).
 *
 * Pooling over 2 x 2 positions treats even and odd pixels differently, so every loss behind it pulls them
 * apart (compare Odena, Dumoulin, Olah 2016, "Deconvolution and checkerboard artifacts"). */
void nst_smooth (float *gradient, int width, int height);

/* The three channels of each pixel get their mean: an orthogonal projection. */
void nst_remove_colours (float *gradient, int width, int height);

G_END_DECLS
