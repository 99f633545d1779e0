/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/base/tensor.h"
#include "core/run/engine.h"

/* Helpers of several tests. */

/* n random floats in [-1, 1), owned. */
float *test_floats (gsize n);

/* |a - b| / |b|, L2; infinite if either contains NaN or infinity. */
double test_distance (const float *a, const float *b, gsize n);

/* A random model with the layers of VGG: conv1_1 conv1_2 pool1 conv2_1 ... channels: of each block's
 * convolutions. The last block has one convolution, the others two. head: channels of the heads on every
 * conv*_1; 0: no heads. first: padding of conv1_1; the other layers have zero padding. */
NstModel *test_model (const int *channels, int blocks, int head, NstPadding first);

/* Allow this process bytes more of address space than it has now. For a process that ends soon. */
void test_limit_memory (gsize bytes);

/* A random picture: smooth colours in 0..1, with a little noise. */
NstImage *test_image (int width, int height);

/* A scene with one style, and a run on it. */
NstScene  *test_scene (NstImage *content, NstImage *style);
NstEngine *test_engine (
    NstModel *model, const NstRecipe *recipe, NstImage *content, NstImage *style, GError **error);

/* The size of a layer's features. head: channels of the layer's head; 0: no head. */
typedef struct
{
  int height, width, channels, head;
} TestFeatures;

/* Add function as a test "path/size" for several sizes of at least min_height rows: 1 x 1, odd sizes, no
 * head, heads with fewer and more channels than the layer. Its data is a const TestFeatures. */
void test_add_features (const char *path, int min_height, GTestDataFunc function);

/* A layer with these channels and a random head. test_layer_clear () frees the head. */
NstLayer test_random_layer (const TestFeatures *size);
void     test_layer_clear (NstLayer *layer);

/* The features that the head maps features to, by a plain loop: positions x head floats (without a head:
 * positions x channels, a copy). Owned. */
double *test_project (const TestFeatures *size, const NstLayer *layer, const float *features);
