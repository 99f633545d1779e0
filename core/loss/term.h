/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/loss/part.h"
#include "core/model/model.h"
#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* A term of the objective: one loss, of one layer's features or of the picture itself. Each kind is one file
 * behind this interface: content.c, style.c, variation.c.
 *
 * The interface is cut for two passes over the parts of a picture. The first pass observes every part;
 * conclude () then knows the loss; the second pass asks for the gradient of every part's core. */
typedef struct _NstTerm NstTerm;

#define NST_TERM_PICTURE -1 /* instead of a layer: the term observes the picture, 3 channels */

/* No more floats than these are asked for in one call of gradient (): 12 positions of the widest layer. */
#define NST_TERM_BLOCK_FLOATS (12 * NST_MOST_CHANNELS)

/* What a picture is to match, as one term sees it. Immutable once a run uses it; references are counted
 * atomically. */
typedef struct
{
  gsize  n;
  float *data;   /* owned; n floats: features or moments */
  double energy; /* of features: sum of squares, by which the normalised formula divides */

  int      references; /* private */
  gboolean in_file;    /* private */
} NstTarget;

/* in_file: data lies in a file (core/base/spill.h). Data is cleared; NULL: not enough memory or disk. release
 * () gives the memory of data in a file back until it is read again. */
NstTarget *nst_target_try_new (gsize n, gboolean in_file);
void       nst_target_release (const NstTarget *target);
NstTarget *nst_target_ref (NstTarget *target);
void       nst_target_unref (NstTarget *target); /* NULL is allowed */

/* Memory that the terms of one objective share, because they run one after the other. */
typedef struct
{
  float   *scratch;    /* the largest nst_term_scratch () of all terms */
  float   *moments;    /* n x n of the widest layer */
  float   *derivative; /* n x n of the widest layer */
  gboolean spill;      /* features of targets lie in files */
} NstWorkspace;

/* Where a term's target comes from. */
typedef enum
{
  NST_TARGET_NONE,
  NST_TARGET_CONTENT, /* the content at the picture's size */
  NST_TARGET_STYLE,   /* each style at the size at which it is evaluated */
} NstTargetSource;

typedef struct
{
  const char     *name;
  char            letter; /* in lists of losses: 'c', 's', 'v' */
  NstTargetSource source;

  /* Owned; NULL when there is not enough memory. layer: NULL for the picture. */
  NstTerm *(*try_new) (const NstRecipe *recipe, const NstLayer *layer);
  void (*free) (NstTerm *term);

  /* Floats of shared scratch memory. */
  gsize (*scratch) (const NstRecipe *recipe, int channels);

  /* Add what a part of a target picture says to the target. share: of this picture among several (styles).
   * The first call after the target was dropped allocates it. A term that compares position by position takes
   * one picture, in which every position that is observed later must have a weight above 0. FALSE: not enough
   * memory. */
  gboolean (*aim) (NstTerm *term, const NstPart *part, double share, const NstWorkspace *workspace);

  /* First pass: forget what was observed; observe a part. */
  void (*begin) (NstTerm *term);
  void (*observe) (NstTerm *term, const NstPart *part, const NstWorkspace *workspace);

  /* Set and return the loss of everything observed, and prepare the gradient of factor * loss. positions: the
   * number of positions of the whole layer, by which formulas and gradients divide; pixels: of the whole
   * picture. A style term whose weights sum to less is one of a region: its gradient is that of factor * loss
   * * (sum of weights / positions), so that a position with weight 1 is changed as much as without regions.
   */
  double (*conclude) (
      NstTerm *term, double factor, double positions, gsize pixels, const NstWorkspace *workspace);

  /* Second pass: the gradient of this part's contribution to factor * loss, with respect to the features of
   * the part's positions first .. first + n - 1, which lie in its core. gradient (n x channels): overwritten,
   * or added to if add. FALSE: the gradient is 0 and nothing was written. Any thread; scratch:
   * NST_TERM_BLOCK_FLOATS of the thread's own. A term of the picture is asked for whole rows. */
  gboolean (*gradient) (const NstTerm *term,
                        const NstPart *part,
                        gsize          first,
                        gsize          n,
                        gboolean       add,
                        float         *gradient,
                        float         *scratch);
} NstTermClass;

/* The head of every kind's own structure. */
struct _NstTerm
{
  const NstTermClass *class;
  int    layer;      /* of the model, or NST_TERM_PICTURE */
  double weight;     /* of this term beside others of its kind: the recipe's layer weight */
  double area;       /* set by the objective: a style term's share of the picture, 0 .. 1, which its loss is
                        multiplied by; 1 for all others */
  double     loss;   /* of what was observed last, without weight */
  NstTarget *target; /* ref or NULL */
};

extern const NstTermClass nst_term_class_content;
extern const NstTermClass nst_term_class_style;
extern const NstTermClass nst_term_class_variation;

/* What a recipe asks for, before the term exists. */
typedef struct
{
  const NstTermClass *class;
  int    layer;
  double weight;
  int    region; /* of a style term: whose positions it observes, from 0 */
} NstTermSpec;

#define NST_MAX_TERMS (2 * NST_MAX_LAYERS + 1)

/* The terms of a recipe: content, then style, each in the order of the model's layers, then variation.
 * Returns how many, or 0 with NST_ERROR_ARGUMENT for a layer that the model does not have, or that is named
 * twice. */
int nst_terms_find (const NstModel *model, const NstRecipe *recipe, NstTermSpec *specs, GError **error);

/* The same terms for a picture with several regions: each style term once for each region. Returns an owned
 * array of *n_all. */
NstTermSpec *nst_terms_spread (const NstTermSpec *specs, int n, int n_regions, int *n_all);

/* Positions of a layer's output for a picture of width x height pixels. */
gsize nst_terms_positions (const NstModel *model, int layer, int width, int height);

/* One more than the deepest layer of these terms; and the set of their layers, as an NstLayerSet. */
int     nst_terms_depth (const NstTermSpec *specs, int n);
guint64 nst_terms_layers (const NstTermSpec *specs, int n);

/* Bytes of a recipe's terms with their targets and shared memory, for a picture of width x height pixels. */
gsize nst_terms_plan (
    const NstModel *model, const NstRecipe *recipe, const NstTermSpec *specs, int n, int width, int height);

/* Bytes of the features in these terms' targets; plan () includes them. */
gsize nst_terms_target_bytes (const NstModel *model, const NstTermSpec *specs, int n, int width, int height);

/* An owned term. NULL: not enough memory. */
NstTerm *nst_term_try_new (const NstTermSpec *spec, const NstModel *model, const NstRecipe *recipe);
void     nst_term_free (NstTerm *term); /* NULL is allowed */

/* NULL drops the target. A reference is taken. */
void nst_term_set_target (NstTerm *term, NstTarget *target);

G_END_DECLS
