/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Orthogonal projections of a gradient (height x width x 3). A minimiser that is given projected gradients
 * only minimises the loss over those pictures whose difference to the start a projection leaves alone. */

/* In place: remove what would paint a lattice. Pooling over 2 x 2 positions treats even and odd pixels
 * differently, so every loss behind it pulls them apart, all over the picture with one phase (compare Odena,
 * Dumoulin, Olah 2016, "Deconvolution and checkerboard artifacts"). In each tile of 16 x 16 pixels and each
 * channel the 4 x 4 phases of two poolings get the same mean. At the right and lower edge up to three columns
 * and rows stay as they are. */
void nst_projection_remove_lattice (float *gradient, int width, int height);

/* In place: the three channels of each pixel get their mean. */
void nst_projection_remove_colours (float *gradient, int width, int height);

G_END_DECLS
