/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Everything that a run depends on beside its pictures and its model. In JSON every field has the name it has
 * here, and a JSON text may leave any out: then the preset's value stands. */

#define NST_MAX_LAYERS 16

typedef struct
{
  char   layer[16]; /* "conv4_2" */
  double weight;    /* 0 .. 1e9 */
} NstLayerWeight;

typedef struct
{
  NstLayerWeight layers[NST_MAX_LAYERS];
  int            n;
} NstLayerWeights;

/* d = F - P at one layer: N channels, M positions. */
typedef enum
{
  NST_CONTENT_NORMALISED, /* sum d^2 / sum P^2: the same look at any size, layer and model */
  NST_CONTENT_HALF_SUM,   /* 1/2 sum d^2: Gatys et al. 2015, equation 1 */
  NST_CONTENT_SUM,        /* sum d^2 */
  NST_CONTENT_MEAN,       /* sum d^2 / (N M) */
  NST_CONTENT_ROOT_MEAN,  /* sqrt (sum d^2 / (N M)) */
} NstContentFormula;

/* D = G - A: Gram matrices, each divided by its own M, of one layer. */
typedef enum
{
  NST_STYLE_NORMALISED, /* sum D^2 / sum A^2 */
  NST_STYLE_GATYS,      /* sum D^2 / (4 N^2): Gatys et al. 2015, equation 4 */
  NST_STYLE_KERAS,      /* sum (M D)^2 / (4 3^2 (width height)^2), of the picture's own size */
  /* sum (M D)^2 / N^2: mean squared error of Gram matrices that are divided by nothing */
  NST_STYLE_MEAN,
  NST_STYLE_ROOT_MEAN, /* sqrt (sum D^2) / N */
  /* sum (M D)^2 / (N^3 M): the mean squared error above, shared out among the layer's N M values */
  NST_STYLE_MEAN_SHARED,
} NstStyleFormula;

/* How the style comes to its size. "The pastiche's size" is that times style_scale. */
typedef enum
{
  NST_STYLE_FIT_OWN,     /* in its own proportions, its longer side that of the pastiche */
  NST_STYLE_FIT_STRETCH, /* to the pastiche's size, whatever its proportions */
  NST_STYLE_FIT_CROP,    /* its middle, cut to the pastiche's proportions, to the pastiche's size */
} NstStyleFit;

/* Over differences of neighbours in R'G'B'. */
typedef enum
{
  NST_TV_SQUARED, /* sum dx^2 + dy^2 (Mahendran, Vedaldi 2015, equation 4, beta = 2) */
  /* sum (dx^2 + dy^2)^1.25 over the top left (height - 1) x (width - 1): the Keras example */
  NST_TV_POWER,
  NST_TV_ABSOLUTE, /* sum |dx| + |dy| */
} NstTvFormula;

typedef enum
{
  NST_RECIPE_POOLING_MODEL,
  NST_RECIPE_POOLING_MAX,
  NST_RECIPE_POOLING_AVERAGE
} NstRecipePooling;
typedef enum
{
  NST_INIT_CONTENT,
  NST_INIT_NOISE,
  NST_INIT_IMAGE
} NstInit;
typedef enum
{
  NST_OPTIMIZER_LBFGS,
  NST_OPTIMIZER_ADAM,
  NST_OPTIMIZER_GD
} NstOptimizer;

typedef struct
{
  char model[512]; /* the network it was made for, by the name or the file that nst_model_get () takes; a host
                    * lets the user choose another. Not empty */

  double alpha; /* content weight, 0 .. 1e9 */
  double beta;  /* style weight, 0 .. 1e9 */
  /* total variation weight, 0 .. 1e9; per pixel, so the same at any size */
  double tv;

  NstLayerWeights   content_layers;
  NstLayerWeights   style_layers;
  NstContentFormula content_formula;
  NstStyleFormula   style_formula;
  NstTvFormula      tv_formula;
  NstRecipePooling  pooling;

  NstInit init;
  double  noise; /* 0 .. 1: share of white noise mixed into the start */
  int     seed;  /* 0 .. 2^31 - 1 */

  NstOptimizer optimizer;
  int          iterations; /* at each scale, 1 .. 100000 */
  /* 0 .. 10000. 0: an iteration is one step. Otherwise it is a round of this many evaluations of the losses
   * (the last step may need some more), and L-BFGS restarts in each round */
  int    evaluations;
  int    history;       /* L-BFGS pairs, 1 .. 100 */
  double learning_rate; /* Adam and gradient descent, in units of 0..1, 1e-9 .. 1e3 */
  double adam_beta1;    /* 0 .. 0.999999: Adam's decay of the mean of gradients, */
  double adam_beta2;    /* and of their squares, 0 .. 0.999999 */
  double adam_epsilon;  /* 1e-20 .. 1 */

  /* longer side of the last scale in pixels, never more than the content's own; 0: its own; 16 .. 32768 */
  int    size;
  int    first_size;  /* longer side that the first scale has at most, 16 .. 32768 */
  double scale_ratio; /* between two scales, 1.1 .. 4; 1: the last scale alone */
  /* longer side of the style over that of the pastiche, 0.1 .. 10: brush size */
  double style_scale;

  NstStyleFit style_fit;

  gboolean keep_colours; /* the result takes the content's colours */
} NstRecipe;

/* A recipe that comes with the program: an entry of core/recipe/presets.json. The strings are static. */
typedef struct
{
  const char *name;    /* "default", "gatys-2015" ... */
  const char *title;   /* one line that describes it; untranslated, for gettext () */
  const char *caption; /* one or two words for it, likewise; or NULL */
  const char *picture; /* file in ui/presets that shows its effect; or NULL */
} NstPresetInfo;

/* All presets, the default one first; ends with a NULL name. */
const NstPresetInfo *nst_presets (void);

/* Fill in the named preset. NST_ERROR_ARGUMENT names the existing ones. */
gboolean nst_recipe_set_preset (NstRecipe *recipe, const char *name, GError **error);

/* Fill in the default preset. */
void nst_recipe_init (NstRecipe *recipe);

/* Change the fields that a JSON object in text names. The key "preset", if it is there, is applied first. On
 * failure recipe is unchanged, and the error (NST_ERROR_ARGUMENT) names the field, the value and what is
 * allowed. */
gboolean nst_recipe_merge_json (NstRecipe *recipe, const char *text, GError **error);

/* The whole recipe as one JSON object, which merge_json () takes back exactly. Owned by the caller. */
char *nst_recipe_to_json (const NstRecipe *recipe);

/* What it takes to turn a run by one recipe into a run by another, in ascending order. */
typedef enum
{
  NST_CHANGE_NONE,    /* nothing differs */
  NST_CHANGE_FINISH,  /* only the finished picture: keep_colours */
  NST_CHANGE_BALANCE, /* alpha, beta, tv: a running optimisation takes them (nst_engine_set_balance ()) */
  NST_CHANGE_RUN,     /* start over with the same targets (nst_engine_restart ()) */
  NST_CHANGE_TARGETS, /* start over, and content and styles are evaluated again: other layers, sizes, network
                       */
} NstChange;

/* The greatest cost of all fields that differ. The order of layers does not matter. */
NstChange nst_recipe_compare (const NstRecipe *a, const NstRecipe *b);

/* Ranges of every field, for recipes filled in by code. */
gboolean nst_recipe_validate (const NstRecipe *recipe, GError **error);

G_END_DECLS
