/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/loss/gram.h"
#include "core/minimise/minimiser.h"
#include "core/network/network.h"
#include "core/run/engine.h"

G_BEGIN_DECLS

/* What the engine's files share: nst-plan.c (layers, sizes, memory), nst-objective.c (losses and their
 * targets), nst-engine.c (scales and iterations), nst-evaluate.c (one picture's losses). Nobody else includes
 * this. */

#define NST_MAX_SCALES 32

/* A layer that a loss looks at. */
typedef struct
{
  int        layer;
  NstMetric *metric; /* owned */
  double     content_weight, style_weight;
  gboolean   content, style;

  float *content_target; /* owned; P, as the network gives it, before the head */
  gsize  content_length; /* floats of it */
  double content_energy;
  double content_loss, content_slope;

  float *style_target; /* owned; moments of the style; NULL if only content is looked at */
  float *packed;       /* owned; gradient of the style's loss for nst_gram_backward (); or NULL */
  double style_energy;
  double style_loss, style_slope;
} NstEngineTap;

/* What the network is shown, and so what is made of the features of layers. */
typedef enum
{
  NST_LOOKING_AT_PICTURE, /* the losses */
  NST_LOOKING_AT_CONTENT, /* the content's targets */
  NST_LOOKING_AT_STYLE,   /* the style's */
} NstLooking;

/* What such a layer says of content and style at one scale, kept for another run. */
typedef struct
{
  float *content, *style; /* owned, or NULL */
  gsize  content_length;
  double content_energy, style_energy;
} NstEngineTarget;

struct _NstEngine
{
  NstModel     *model; /* ref */
  NstRecipe     recipe;
  NstScene     *scene;       /* owned */
  GCancellable *cancellable; /* ref or NULL */

  NstNetwork      *network; /* owned; watched by nst_engine_seen () */
  NstLooking       looking;
  double           style_factor; /* share of the style that is looked at */
  NstEngineTap     taps[2 * NST_MAX_TAPS];
  int              n_taps;
  float           *scratch;                    /* owned; for the losses */
  float           *moments, *moments_gradient; /* owned; of one tap at a time */
  gboolean         keep_targets;
  NstEngineTarget *targets[NST_MAX_SCALES]; /* owned; n_taps each, or NULL: not known */

  int    widths[NST_MAX_SCALES], heights[NST_MAX_SCALES], n_scales;
  double total_work, done_work; /* pixels * iterations */

  int       scale;          /* -1 before the first */
  int       iteration;      /* done at this scale */
  int       evaluations;    /* of the objective, over all scales */
  NstImage *scaled_content; /* owned */
  NstImage *picture;        /* owned; what is being painted */
  /* owned; the newest picture whose losses were finite; L-BFGS needs none, it never goes further */
  NstImage     *good;
  NstMinimiser *minimiser; /* owned */
  NstLosses     losses;
  gboolean      finished;
  GError       *stopped; /* owned; why the nst_engine_objective gave up */
};

/* nst-plan.c */

/* The recipe's layers in the model's order, one entry for each layer; returns how many, or 0 with an error.
 */
int nst_engine_find_taps (const NstModel *model, const NstRecipe *recipe, NstEngineTap *taps, GError **error);

/* The layers that the network keeps for them. */
NstLayerSet nst_engine_kept (const NstEngineTap *taps, int n_taps);

/* Floats of scratch memory for the losses of a layer. */
gsize nst_engine_tap_scratch (int channels);

/* Sides below this leave some of the first depth layers without a position. */
int nst_engine_smallest_side (const NstModel *model, int depth);

/* Sizes of all scales from coarse to fine, at most NST_MAX_SCALES; returns how many. The coarser ones are
 * left out where their shorter side would be less than twice the smallest. */
int nst_engine_find_scales (
    const NstRecipe *recipe, int width, int height, int smallest, int *widths, int *heights);

/* Pixels * iterations (* evaluations, of rounds) over all scales. */
double nst_engine_work (const NstRecipe *recipe, int n_scales, const int *widths, const int *heights);

/* nst_plan () for taps that are known. */
gboolean nst_engine_make_plan (NstPlan            *plan,
                               const NstModel     *model,
                               const NstRecipe    *recipe,
                               const NstEngineTap *taps,
                               int                 n_taps,
                               int                 width,
                               int                 height,
                               const NstScene     *scene,
                               GError            **error);

/* Size at which a style of style_width x style_height is looked at for a pastiche of width x height: as the
 * recipe fits it, but never below smallest. */
void nst_engine_style_size (const NstRecipe *recipe,
                            int              smallest,
                            int              style_width,
                            int              style_height,
                            int              width,
                            int              height,
                            int             *scaled_width,
                            int             *scaled_height);

/* nst-objective.c */

/* An NstObjective: the total loss of a picture, data is the engine. Sets engine->losses, or engine->stopped
 * and FALSE. */
gboolean nst_engine_objective (const float *x, float *gradient, double *value, gpointer data);

/* The network's NstTapSeen; data is the engine. */
void nst_engine_seen (int layer, const NstTensor *features, gpointer data);

/* Set the targets of every tap from the content and the style at this scale. */
gboolean nst_engine_look_at_content (NstEngine *engine, GError **error);
gboolean nst_engine_look_at_style (NstEngine *engine, GError **error);

/* Set NST_ERROR_MEMORY; returns FALSE. */
gboolean nst_engine_out_of_memory (GError **error);

/* nst-restart.c */

/* The targets of a scale that has just been looked at, and back again. */
gboolean nst_engine_store_targets (NstEngine *engine, int scale, GError **error);
gboolean nst_engine_recall_targets (NstEngine *engine, int scale, GError **error);
void     nst_engine_free_targets (NstEngine *engine, int scale);

/* nst-engine.c */

/* Pictures, targets and optimiser of a scale. */
gboolean nst_engine_begin_scale (NstEngine *engine, int scale, GError **error);

G_END_DECLS
