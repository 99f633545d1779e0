/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where the time goes, for benchmarks: processor time of each phase of each layer's forward and backward
 * pass, summed over threads. Kernels report the end of a phase once for each block of tiles or rows. While
 * profiling is off, a report costs one test of a variable. */

typedef enum
{
  NST_PHASE_INPUT,   /* Winograd's input transform; im2col's columns */
  NST_PHASE_WEIGHTS, /* Winograd's kernel transform, where it is computed on the fly */
  NST_PHASE_MULTIPLY,
  NST_PHASE_OUTPUT, /* Winograd's output transform, bias, ReLU, mask, pooling */
  NST_PHASE_DIRECT, /* the first layer as a whole */
  NST_PHASE_GRAM,   /* moments of features */
  NST_PHASE_LOSS,   /* loss gradients with respect to features */
  NST_N_PHASES
} NstPhase;

/* One pass of one layer. */
typedef struct
{
  double wall;                 /* seconds from its beginning to its end */
  double phases[NST_N_PHASES]; /* processor seconds of all threads together */
} NstProfilePart;

/* Parts: the forward and the backward pass of layer i, and everything outside layers. */
#define NST_PROFILE_FORWARD(i) (2 * (i))
#define NST_PROFILE_BACKWARD(i) (2 * (i) + 1)
#define NST_PROFILE_ELSE 128
#define NST_PROFILE_PARTS (NST_PROFILE_ELSE + 1)

/* Start clears all sums; stop copies them to parts. There is one profile for the process. Not while a loop
 * runs. */
void nst_profile_start (void);
void nst_profile_stop (NstProfilePart parts[NST_PROFILE_PARTS]);

/* Time from now on belongs to part. Between loops only. */
void nst_profile_part (int part);

/* In a task: the processor time of this thread in nanoseconds, or 0 while profiling is off. lap () adds the
 * time since then to a phase and returns the new time. */
gint64 nst_profile_now (void);
gint64 nst_profile_lap (int thread, NstPhase phase, gint64 since);

G_END_DECLS
