/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/conv/methods.h"

G_BEGIN_DECLS

/* The kernels as nine out x in matrices: matrix 8 - t holds kernel position t (row t / 3, column t % 3). The
 * macro gives the number of floats. */
#define NST_CONV_EDGE_TAPS(conv) ((gsize) 9 * (conv)->out_channels * (conv)->in_channels)
void nst_conv_edge_taps (const NstConv *conv, float *taps);

/* The backward pass of NST_PADDING_REPLICATE, after that of zero padding: the gradient of each of the 2
 * (height + width)
 * + 4 positions just outside the input is added to the nearest position inside, in gradient->input. Each side
 * of this ring is a correlation with three kernel positions along it, computed by sgemm; the cost grows with
 * the picture's perimeter. taps: from nst_conv_edge_taps (), or NULL: they are computed in this call, which
 * takes as long as a few hundred positions. scratch: nst_conv_edge_scratch () floats. */
gsize nst_conv_edge_scratch (const NstConv *conv, gboolean with_taps);
void  nst_conv_edge_fold (const NstConv         *conv,
                          const NstConvGradient *gradient,
                          const float           *taps,
                          float                 *scratch);

G_END_DECLS
