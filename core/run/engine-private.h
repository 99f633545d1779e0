/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/minimise/minimiser.h"
#include "core/run/clock.h"
#include "core/run/engine.h"
#include "core/run/scales.h"

G_BEGIN_DECLS

/* For core/run/engine.c, and checkpoint.c, which saves and restores the fields that are marked with +. All
 * others follow from model, recipe and scene. */
struct _NstEngine
{
  NstModel     *model; /* ref */
  NstRecipe     recipe;
  NstScene     *scene;       /* owned */
  GCancellable *cancellable; /* ref or NULL */
  NstObjective *objective;   /* owned */

  NstScales  scales;
  gboolean   keep_targets;
  GPtrArray *targets[NST_MAX_SCALES]; /* owned; the objective's targets at each scale, or NULL: not known */
  gboolean   grey;                    /* the picture has no colours, and gets none */
  NstRange   range;                   /* of the pictures of the scene: also that of the result */

  int           scale;          /* + -1 before the first */
  gboolean      ready;          /* + this scale has targets, minimiser and, if it is needed, good */
  int           iteration;      /* + done at this scale */
  int           done;           /* + iterations of all scales */
  int           evaluations;    /* + of the objective, over all scales */
  int           steps, counted; /* + of a round that was stopped in the middle: its steps and evaluations */
  NstImage     *content;        /* ref; at this scale */
  NstImage     *picture;        /* + owned; what is being painted */
  NstImage     *good; /* + owned; newest picture with finite losses; NULL for L-BFGS, which stays at one */
  NstMinimiser *minimiser; /* + owned */
  NstLosses     losses;    /* + */
  gboolean      finished;
  NstSpill      spill; /* of the minimiser's vectors */
  NstClock      clock;
  GPtrArray    *origin; /* owned; texts for checkpoint.c, or NULL */
  gint64        since;  /* microseconds; when the first iteration of this scale began */
};

/* Targets, minimiser and balance of the present scale. On failure it can be called again. */
gboolean nst_engine_prepare_scale (NstEngine *engine, GError **error);

/* Whether all iterations of the present scale are done. */
gboolean nst_engine_scale_is_done (const NstEngine *engine);

G_END_DECLS
