/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/loss/objective.h"
#include "core/recipe/recipe.h"
#include "core/scene/scene.h"

G_BEGIN_DECLS

/* One run: a pyramid of scales from coarse to fine, each an optimisation that starts from the last one's
 * result (Gatys et al. 2017, arXiv 1611.07865, section 6, coarse to fine). It is stepped by its caller, one
 * iteration a call, and so can be watched, paused and left at any time. Not for two threads at once; runs in
 * any thread. */
typedef struct _NstEngine NstEngine;

typedef struct
{
  int       scale, n_scales;       /* from 0 */
  int       width, height;         /* of this scale */
  int       iteration, iterations; /* done and wanted at this scale */
  int       evaluations;           /* of the losses and their gradient, so far, over all scales */
  double    fraction;              /* of the whole run's work that is done, 0 .. 1 */
  NstLosses losses;                /* at the newest picture */
  gboolean  finished;
} NstStatus;

/* What a run will need. */
typedef struct
{
  int n_scales;
  int width, height; /* of the last scale, which is the result's size */
  /* of the last scale: pictures, network and its weights, optimiser, and 10 MiB for the process */
  gsize bytes;
  /* sum over scales of pixels * iterations (* evaluations, of rounds): time is in proportion */
  double pixel_iterations;
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

/* Before the first step: keep what the network makes of content and style at every scale, for
 * nst_engine_restart (). Takes the content layers' features of all scales, about twice those of the last. */
void nst_engine_keep_targets (NstEngine *engine);

/* Start over: the same pictures, layers, sizes and pooling, but other weights, formulas, optimiser or start.
 * NST_ERROR_ARGUMENT where recipe asks for more than that; the engine is as before then. */
gboolean nst_engine_restart (NstEngine *engine, const NstRecipe *recipe, GError **error);

/* One iteration; goes to the next scale by itself. After the last one status->finished is TRUE and further
 * calls do nothing. On failure (G_IO_ERROR_CANCELLED, NST_ERROR_NONFINITE, NST_ERROR_MEMORY) the newest good
 * picture is still there to be taken. */
gboolean nst_engine_step (NstEngine *engine, NstStatus *status, GError **error);

/* Another balance from the next iteration on. The optimiser forgets its curvature; the picture stays. */
void nst_engine_set_balance (NstEngine *engine, const NstBalance *balance);

/* A copy of the newest picture, clamped to 0..1, at the size of the scale it is on; colours kept if the
 * recipe says so. */
NstImage *nst_engine_get_image (NstEngine *engine, GError **error);

/* One term of the objective, evaluated. */
typedef struct
{
  char   layer[16];    /* "tv" for total variation */
  char   kind;         /* 'c' content, 's' style, 'v' variation */
  double weight, loss; /* the layer's weight, and its loss without it */
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
