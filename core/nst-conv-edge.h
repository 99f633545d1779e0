/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "nst-conv-methods.h"

G_BEGIN_DECLS

/* NST_PADDING_REPLICATE's way back, after that of zero padding: what flows to the ring of 2 (height + width) + 4 places just outside of the
 * input belongs to the nearest place inside. gradient->input is added to. Each side of the ring is a correlation with three taps along it,
 * by sgemm: its cost grows with the picture's perimeter. scratch: as many floats as nst_conv_edge_scratch () says. */
gsize nst_conv_edge_scratch (const NstConv *conv);
void  nst_conv_edge_fold    (const NstConv *conv, const NstConvGradient *gradient, float *scratch);

G_END_DECLS
