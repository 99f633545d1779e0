/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/conv/methods.h"

G_BEGIN_DECLS

/* The weights as nine matrices, out x in, of which tap t (row t / 3 of the kernel, column t % 3) is number 8
 * - t; floats of them. */
#define NST_CONV_EDGE_TAPS(conv) ((gsize) 9 * (conv)->out_channels * (conv)->in_channels)
void nst_conv_edge_taps (const NstConv *conv, float *taps);

/* NST_PADDING_REPLICATE's way back, after that of zero padding: what flows to the ring of 2 (height + width)
 * + 4 places just outside of the input belongs to the nearest place inside. gradient->input is added to. Each
 * side of the ring is a correlation with three taps along it, by sgemm: its cost grows with the picture's
 * perimeter. taps: what nst_conv_edge_taps () made, or NULL: they are made for this call, which takes as long
 * as some hundred places. scratch: as many floats as nst_conv_edge_scratch () says. */
gsize nst_conv_edge_scratch (const NstConv *conv, gboolean with_taps);
void  nst_conv_edge_fold (const NstConv         *conv,
                          const NstConvGradient *gradient,
                          const float           *taps,
                          float                 *scratch);

G_END_DECLS
