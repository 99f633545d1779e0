/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

/* VGG-19 to conv5_1 ("full"), with a quarter of its channels ("slim"), or slim with replicated padding and
 * linear heads like the embedded network ("embedded"). Average pooling; random parameters (He et al. 2015),
 * the same in every run. Any other name ends the program. */
NstModel *bench_model (const char *kind);

/* n pseudo-random numbers in 0..1, the same in every run. */
void bench_fill (float *floats, gsize n);
