/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Feature maps of one picture: height x width x channels floats (NHWC with N = 1), the channels of one
 * position side by side, so that seen as a matrix it is positions x channels in row-major order: F' of Gatys
 * et al. A plain struct; data belongs to whoever says so. */
typedef struct
{
  int    height, width, channels;
  float *data;
} NstTensor;

/* Positions: height * width. */
gsize nst_tensor_positions (const NstTensor *tensor);

/* Floats: height * width * channels. */
gsize nst_tensor_length (const NstTensor *tensor);

/* n floats aligned to 64 bytes, not cleared, or NULL when there is no such memory. Freed with nst_floats_free
 * (). */
float *nst_floats_try_new (gsize n);
void   nst_floats_free (float *floats);

G_END_DECLS
