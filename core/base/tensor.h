/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The longest side of a picture, in pixels. With it, and the 4096 channels and 64 layers that a model may
 * have, no sum of sizes exceeds 64 bits. */
#define NST_MOST_SIDE (1 << 20)

/* The feature maps of one picture: height x width x channels floats (NHWC with N = 1). The channels of a
 * position are adjacent, so the data is a row-major positions x channels matrix: F' of Gatys et al. The
 * struct does not own data; each user says who does. */
typedef struct
{
  int    height, width, channels;
  float *data;
} NstTensor;

/* Columns x .. x + width - 1 of rows y .. y + height - 1, of a picture or of features. */
typedef struct
{
  int x, y, width, height;
} NstRectangle;

/* Positions: height * width. */
gsize nst_tensor_positions (const NstTensor *tensor);

/* Floats: height * width * channels. */
gsize nst_tensor_length (const NstTensor *tensor);

/* n floats, aligned to 64 bytes and not cleared; NULL when there is not enough memory. To be freed with
 * nst_floats_free (), which allows NULL. */
float *nst_floats_try_new (gsize n);
void   nst_floats_free (float *floats);

G_END_DECLS
