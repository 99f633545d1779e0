/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/image/image.h"
#include "core/image/mask.h"
#include "core/loss/term.h"

G_BEGIN_DECLS

/* The objective: alpha * content + beta * style + tv * variation of a picture, and its gradient. It owns a
 * network and the terms that observe it. It knows nothing of scales or iterations: the caller gives it
 * targets of one size and evaluates pictures of that size. Any thread, one call at a time. */
typedef struct _NstObjective NstObjective;

/* What the three kinds of terms weigh against each other. */
typedef struct
{
  double alpha, beta, tv; /* content, style, total variation; 0 .. 1e9 */
} NstBalance;

typedef struct
{
  double total;                     /* alpha * content + beta * style + tv * variation */
  double content, style, variation; /* each with its layers' weights, without alpha, beta, tv */
} NstLosses;

/* The network down to the deepest layer that a term observes (a reference to model is taken), and the
 * recipe's terms: each style term once for each of n_regions regions (1: the picture is one region; 0: no
 * style is compared). Owned. NST_ERROR_ARGUMENT for a layer that the model does not have, NST_ERROR_MEMORY.
 */
NstObjective *nst_objective_new (NstModel *model, const NstRecipe *recipe, int n_regions, GError **error);
void          nst_objective_free (NstObjective *objective); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstObjective, nst_objective_free)

/* Pictures, content and styles with more pixels than this are evaluated in tiles (core/network/tiling.h),
 * which need less memory and more time. Rounding apart, losses and gradient are the same. From the next call
 * of set_content () or restore_targets () on; without this call there is no limit. */
void nst_objective_set_tiles (NstObjective *objective, gsize most_pixels);

/* Let the content's features lie in files (core/base/spill.h). Before set_content (). */
void nst_objective_set_spill (NstObjective *objective, gboolean spill);

/* What an objective would allocate for pictures of width x height pixels, when a style is evaluated at
 * style_width x style_height; guided: it gets masks; most_pixels: as in nst_objective_set_tiles ();
 * targets: bytes of the content's features, which bytes includes. The same
 * checks are made. */
gboolean nst_objective_plan (const NstModel  *model,
                             const NstRecipe *recipe,
                             int              n_regions,
                             gboolean         guided,
                             int              width,
                             int              height,
                             int              style_width,
                             int              style_height,
                             gsize            most_pixels,
                             gsize           *bytes,
                             gsize           *targets,
                             GError         **error);

/* How many tiles such a picture has; 0: the recipe's layers do not exist. */
int nst_objective_count_tiles (
    const NstModel *model, const NstRecipe *recipe, int width, int height, gsize most_pixels);

/* The smallest side of a picture, content or style that these terms can observe; 0 with an error if recipe
 * names layers that the model does not have. */
int nst_objective_smallest_side (const NstModel *model, const NstRecipe *recipe, GError **error);

/* Other layer weights, formulas and balance for the same layers; targets stay. NST_ERROR_ARGUMENT where the
 * layers differ, NST_ERROR_MEMORY; then the objective is unchanged. */
gboolean nst_objective_set_recipe (NstObjective *objective, const NstRecipe *recipe, GError **error);

/* Another balance from the next evaluation on. */
void nst_objective_set_balance (NstObjective *objective, const NstBalance *balance);

/* Where each region is in pictures of the size to come, and where the content is protected: there it weighs
 * up to NST_PROTECTION times as much. masks: n_regions of that size; NULL, or an element NULL: everywhere.
 * protect: of that size, or NULL: nowhere. Before set_content () or restore_targets (); the masks are not
 * kept. NST_ERROR_MEMORY. */
#define NST_PROTECTION 30
gboolean nst_objective_set_masks (NstObjective   *objective,
                                  NstMask *const *masks,
                                  const NstMask  *protect,
                                  GError        **error);

/* Targets. set_content () drops all targets and takes the content, whose size is that of the pictures from
 * now on; add_style () adds a style to the mixture of a region, with its share (all shares of a region sum to
 * 1). It may have another size; only the part of it that is marked is looked at (of its size; NULL: all).
 * finish_targets () ends it. G_IO_ERROR_CANCELLED, NST_ERROR_SIZE, also for a part that is too small for the
 * network, NST_ERROR_MEMORY; then targets have to be set again. */
gboolean nst_objective_set_content (NstObjective   *objective,
                                    const NstImage *content,
                                    GCancellable   *cancellable,
                                    GError        **error);
gboolean nst_objective_add_style (NstObjective   *objective,
                                  int             region,
                                  const NstImage *style,
                                  const NstMask  *part,
                                  double          share,
                                  GCancellable   *cancellable,
                                  GError        **error);
gboolean nst_objective_finish_targets (NstObjective *objective, GError **error);

/* The complete targets, to be used again for the same size and layers: an owned array of references. restore
 * () takes width and height of the pictures; errors as for set_content (). */
GPtrArray *nst_objective_get_targets (const NstObjective *objective);
gboolean   nst_objective_restore_targets (
      NstObjective *objective, GPtrArray *targets, int width, int height, GError **error);

/* Losses of a picture and d total / d rgb. rgb and gradient: height x width x 3; gradient is overwritten.
 * G_IO_ERROR_CANCELLED; then losses and gradient are undefined. */
gboolean nst_objective_evaluate (NstObjective *objective,
                                 const float  *rgb,
                                 float        *gradient,
                                 NstLosses    *losses,
                                 GCancellable *cancellable,
                                 GError      **error);

/* The terms in their order (see nst_terms_spread ()) with their newest losses; borrowed. */
const NstTerm *const *nst_objective_get_terms (const NstObjective *objective, int *n);

/* Set NST_ERROR_MEMORY; returns FALSE. */
gboolean nst_objective_out_of_memory (GError **error);

G_END_DECLS
