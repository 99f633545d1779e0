/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/base/tensor.h"
#include "core/run/engine.h"

/* Helpers of several tests. */

/* n random floats in [-1, 1), owned. */
float *test_floats (gsize n);

/* |a - b| / |b|, L2; infinite if either contains NaN or infinity. */
double test_distance (const float *a, const float *b, gsize n);

/* A random VGG-shaped model: conv1_1 conv1_2 pool1 conv2_1 ... of the given channels, blocks of two layers,
 * the last block of one, heads of head channels on every conv*_1 (0: none). */
NstModel *test_model (const int *channels, int blocks, int head, NstPadding first);

/* A random smooth picture in 0..1. */
NstImage *test_image (int width, int height);

/* A scene of one style, and a run of it. */
NstScene  *test_scene (NstImage *content, NstImage *style);
NstEngine *test_engine (
    NstModel *model, const NstRecipe *recipe, NstImage *content, NstImage *style, GError **error);
