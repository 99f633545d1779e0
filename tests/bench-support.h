/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/nst-model.h"

/* VGG-19 to conv5_1, its channels divided by divide, average pooling; weights at random as He et al. 2015 have them. Always the same. */
NstModel *bench_model (int divide);

/* n numbers between 0 and 1; always the same. */
void      bench_fill (float *floats, gsize n);
