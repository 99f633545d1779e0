/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where the time goes, for benchmarks: processor time of each phase of each layer's way forward and back,
 * summed over threads. Kernels tell when a phase ends, once for a block of tiles or rows; while nobody asks,
 * that is a test of one variable. */

typedef enum
{
  NST_PHASE_INPUT,   /* Winograd's transform of what is read; columns of im2col */
  NST_PHASE_WEIGHTS, /* transform of weights that is made as they are needed */
  NST_PHASE_MULTIPLY,
  NST_PHASE_OUTPUT, /* transform of products, bias, ReLU, mask, pooling */
  NST_PHASE_DIRECT, /* all of a first layer */
  NST_PHASE_GRAM,   /* Gram matrices of features */
  NST_PHASE_LOSS,   /* gradients of the losses with respect to features */
  NST_N_PHASES
} NstPhase;

/* One layer, one way. */
typedef struct
{
  double wall;                 /* seconds between its begin and its end */
  double phases[NST_N_PHASES]; /* processor seconds, of all threads together */
} NstProfilePart;

/* Parts: of layer i forward and backward, and all that is no layer. */
#define NST_PROFILE_FORWARD(i) (2 * (i))
#define NST_PROFILE_BACKWARD(i) (2 * (i) + 1)
#define NST_PROFILE_ELSE 128
#define NST_PROFILE_PARTS (NST_PROFILE_ELSE + 1)

/* Begin anew, or end, and copy what was measured since to parts. One profile for the whole process, no loop
 * may be running. */
void nst_profile_start (void);
void nst_profile_stop (NstProfilePart parts[NST_PROFILE_PARTS]);

/* What follows belongs to part; between loops. */
void nst_profile_part (int part);

/* In a task: processor time of this thread in nanoseconds, or 0 when nobody asks; and add what passed since
 * then to a phase. */
gint64 nst_profile_now (void);
gint64 nst_profile_lap (int thread, NstPhase phase, gint64 since);

G_END_DECLS
