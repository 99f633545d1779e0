/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The convolutions of VGG-16 and VGG-19 (Simonyan and Zisserman, arXiv 1409.1556, table 1, D and E): blocks
 * of 2, 2, 3, 3, 3 and of 2, 2, 4, 4, 4 layers, each block but the last followed by pooling. */
typedef enum
{
  NST_VGG_19,
  NST_VGG_16,
  NST_N_VGGS,
} NstVgg;

#define NST_VGG_MAX_LAYERS 16

/* The place in the network that a layer's name in a file stands for. */
typedef struct
{
  enum
  {
    NST_PLACE_NONE,
    NST_PLACE_CONV,  /* conv<block>_<layer>, or <number> where block is 0 */
    NST_PLACE_HEAD,  /* the 1x1 layer that maps the features of conv<block>_<layer> */
    NST_PLACE_FIRST, /* a 1x1 layer before all others */
  } kind;
  int block, layer; /* from 1 */
  int number;       /* index among all layers of torchvision's "features", ReLU and pooling included */
} NstVggPlace;

/* The place of a layer's name in a file, which may have a prefix that ends in a dot: "features.12",
 * "conv4_2", "block4_conv2", "conv42_aux", "conv0". Other names have kind NST_PLACE_NONE. */
NstVggPlace nst_vgg_parse_name (const char *name);

/* Index of a convolution in the network, from 0; -1: the network has no convolution at this place. */
int nst_vgg_find (NstVgg vgg, const NstVggPlace *place);

/* The inverse: the place of convolution index, which must exist. */
NstVggPlace nst_vgg_place (NstVgg vgg, int index);

/* "VGG-19" or "VGG-16"; static. */
const char *nst_vgg_title (NstVgg vgg);

G_END_DECLS
