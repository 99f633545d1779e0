/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

/* VGG-19 to conv5_1 ("full"), with a quarter of its channels ("slim"), or slim with repeated edges and linear
 * heads as the embedded network
 * ("embedded"); average pooling; weights at random as He et al. 2015 have them. Always the same. Another name
 * ends the program. */
NstModel *bench_model (const char *kind);

/* n numbers between 0 and 1; always the same. */
void bench_fill (float *floats, gsize n);
