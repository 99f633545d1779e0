/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/base/archive.h"
#include "core/base/spill.h"
#include "core/loss/objective.h"
#include "core/recipe/recipe.h"
#include "core/scene/scene.h"

G_BEGIN_DECLS

/* One run: scales from coarse to fine, each an optimisation that starts from the previous one's result (Gatys
 * et al. 2017, arXiv 1611.07865, section 6). The caller steps it, one iteration a call, and so can show
 * progress, pause or stop at any time. Any thread, one call at a time. */
typedef struct _NstEngine NstEngine;

typedef struct
{
  int       scale, n_scales;       /* from 0 */
  int       width, height;         /* of this scale */
  int       iteration, iterations; /* done and wanted at this scale */
  int       done;                  /* iterations so far, over all scales */
  int       evaluations;           /* of the objective so far, over all scales */
  double    fraction;              /* of the run's work, 0 .. 1 */
  double    left;                  /* seconds of work until the end; -1: not known yet */
  NstLosses losses;                /* of the newest picture */
  gboolean  finished;
} NstStatus;

/* What a run will need. */
typedef struct
{
  int      n_scales;
  int      iterations;       /* of all scales together */
  int      width, height;    /* of the last scale, which is the result's size */
  gsize    bytes;            /* at the last scale, of the whole process */
  gsize    disk;             /* bytes in files, which do not fit into memory */
  gsize    tile;             /* most pixels of a tile with its surroundings; G_MAXSIZE: pictures are whole */
  int      tiles;            /* of the last scale */
  NstSpill spill;            /* what is in files */
  double   pixel_iterations; /* see nst_scales_work (); time is in proportion */
} NstPlan;

/* Plan a run on a content picture of width x height pixels. scene: for the sizes of its pictures; NULL or
 * without styles: one square style stands in, whose memory only much more elongated shapes exceed. Fails
 * (NST_ERROR_SIZE, NST_ERROR_ARGUMENT) where nst_engine_new () would: a size too small for the network's
 * pooling, a layer that the model does not have. */
gboolean nst_plan (NstPlan         *plan,
                   const NstModel  *model,
                   const NstRecipe *recipe,
                   int              width,
                   int              height,
                   const NstScene  *scene,
                   GError         **error);

/* scene: copied (no pixels are); it needs a content and at least one style, of any sizes. cancellable (a
 * reference is taken; may be NULL) is checked between layers. Returns an owned engine. Errors: as nst_plan
 * (), and NST_ERROR_MEMORY. */
NstEngine *nst_engine_new (NstModel        *model,
                           const NstRecipe *recipe,
                           const NstScene  *scene,
                           GCancellable    *cancellable,
                           GError         **error);
void       nst_engine_free (NstEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstEngine, nst_engine_free)

/* Before the first step: keep the targets of every scale for nst_engine_restart (). They take the memory of
 * the content layers' features at all scales, about twice that of the last. */
void nst_engine_keep_targets (NstEngine *engine);

/* Start over with other layer weights, balance, formulas, optimiser or noise, but the same scene, layers,
 * sizes and pooling. NST_ERROR_ARGUMENT where recipe differs in more than that; then the engine is unchanged.
 */
gboolean nst_engine_restart (NstEngine *engine, const NstRecipe *recipe, GError **error);

/* One iteration. The next scale begins by itself. After the last iteration status->finished is TRUE and
 * further calls do nothing. After a failure (G_IO_ERROR_CANCELLED, NST_ERROR_NONFINITE, NST_ERROR_MEMORY) the
 * newest good picture can still be taken. */
gboolean nst_engine_step (NstEngine *engine, NstStatus *status, GError **error);

/* Another balance from the next iteration on. The optimiser forgets its curvature; the picture stays. */
void nst_engine_set_balance (NstEngine *engine, const NstBalance *balance);

/* A copy of the newest picture, clamped to 0..1, at the size of the current scale, with the recipe's
 * palette. The photograph's share (nst_regions_strength ()) is not in it yet. Owned; NST_ERROR_MEMORY. */
NstImage *nst_engine_get_image (NstEngine *engine, GError **error);

/* The same, with the photograph's share (nst_regions_strength ()) at this size. */
NstImage *nst_engine_get_result (NstEngine *engine, GError **error);

/* Checkpoints */

/* Store what a run on the same scene with the same model and recipe needs to go on: the picture, the state of
 * the optimiser, where the run is, and what the run was started with. Between any two calls of
 * nst_engine_step (), also after one that was cancelled. */
void nst_engine_save (NstEngine *engine, NstArchiveWriter *archive);

/* Before the first step: go on like the engine that was saved. The pictures to come are the same, byte for
 * byte, as if that engine had gone on, if threads (nst_threads ()) and processor are the same. Targets are
 * computed. NST_ERROR_ARGUMENT if the archive is of another model, scene or recipe; the message names the
 * first difference. (The palette may differ, since it concerns only the finished picture.) NST_ERROR_FORMAT,
 * G_IO_ERROR_CANCELLED, NST_ERROR_MEMORY. After a failure the engine can only be freed. */
gboolean nst_engine_restore (NstEngine *engine, NstArchiveReader *archive, GError **error);

/* What the next call of nst_engine_step () continues. */
void nst_engine_get_status (NstEngine *engine, NstStatus *status);

/* One term of the objective, evaluated. */
typedef struct
{
  char   layer[16];    /* "tv" for total variation */
  char   kind;         /* 'c' content, 's' style, 'v' variation */
  double weight, loss; /* the layer's weight (of a region's style: times its share of the picture), and its
                          loss without it */
} NstTermLoss;

/* Every loss of one picture, without optimisation. picture must have the size that a run on scene would give
 * its result. terms: NULL, or set to an owned array of NstTermLoss. gradient: NULL, or set to an owned
 * picture, d total / d rgb. Errors: as nst_plan (), and NST_ERROR_SIZE, NST_ERROR_MEMORY. */
gboolean nst_evaluate (NstModel        *model,
                       const NstRecipe *recipe,
                       const NstScene  *scene,
                       const NstImage  *picture,
                       NstLosses       *losses,
                       GArray         **terms,
                       NstImage       **gradient,
                       GError         **error);

G_END_DECLS
