/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A recipe is how a picture is painted: everything that a run depends on except its pictures and the model's
 * parameters. In JSON a field has the name that it has in NstRecipe; fields that a text leaves out keep their
 * values. */

#define NST_MAX_LAYERS 16
#define NST_MOST_ITERATIONS 100000

/* A layer of the network and its weight beside the others of its kind. */
typedef struct
{
  char   layer[16]; /* "conv4_2"; features are read after the ReLU */
  double weight;    /* 0 .. 1e9 */
} NstLayerWeight;

typedef struct
{
  NstLayerWeight layers[NST_MAX_LAYERS];
  int            n;
} NstLayerWeights;

/* The content loss of one layer with N channels and M positions. d = F - P: features of the picture minus
 * those of the content. */
typedef enum
{
  NST_CONTENT_NORMALISED, /* sum d^2 / sum P^2: independent of size, layer and model */
  NST_CONTENT_HALF_SUM,   /* 1/2 sum d^2 (Gatys et al. 2015, equation 1) */
  NST_CONTENT_SUM,        /* sum d^2 */
  NST_CONTENT_MEAN,       /* sum d^2 / (N M) */
  NST_CONTENT_ROOT_MEAN,  /* sqrt (sum d^2 / (N M)) */
} NstContentFormula;

/* How far a layer's features are from the painting's. G, A: Gram matrices of the picture and of the style,
 * each divided by its own number of positions; m, t: means; S, T: covariances. */
typedef enum
{
  NST_STYLE_GRAM,        /* sum (G - A)^2 (Gatys et al. 2015, equation 4) */
  NST_STYLE_CENTRED,     /* |m - t|^2 / |t|^2 + sum (S - T)^2 / sum T^2 */
  NST_STYLE_WASSERSTEIN, /* |m - t|^2 + trace (S + T - 2 (T^1/2 S T^1/2)^1/2): the squared 2-Wasserstein
                            distance of Gaussians (Olkin, Pukelsheim 1982) */
} NstStyleLoss;

/* The style loss of one layer, from that distance. D = G - A as above. The formulas are written for Gram
 * matrices; for other distances sum D^2 is that distance, and sum A^2 its size of the painting: trace A for
 * the Wasserstein distance. */
typedef enum
{
  NST_STYLE_NORMALISED,  /* sum D^2 / sum A^2 */
  NST_STYLE_GATYS,       /* sum D^2 / (4 N^2) (Gatys et al. 2015, equation 4) */
  NST_STYLE_KERAS,       /* sum (M D)^2 / (4 3^2 (width height)^2) with the size of the picture in pixels */
  NST_STYLE_MEAN,        /* sum (M D)^2 / N^2: mean squared difference of undivided Gram matrices */
  NST_STYLE_ROOT_MEAN,   /* sqrt (sum D^2) / N */
  NST_STYLE_MEAN_SHARED, /* sum (M D)^2 / (N^3 M): that mean divided by the number of values of the layer */
} NstStyleFormula;

/* The size at which a style is evaluated. Its longer side is that of the pastiche times style_scale. */
typedef enum
{
  NST_STYLE_FIT_OWN,     /* the style keeps its proportions */
  NST_STYLE_FIT_STRETCH, /* it is stretched to the pastiche's proportions */
  NST_STYLE_FIT_CROP,    /* it is cropped to the pastiche's proportions, around its centre */
} NstStyleFit;

/* The smoothness term: differences dx, dy of neighbouring pixels in R'G'B'. */
typedef enum
{
  NST_TV_SQUARED, /* sum dx^2 + dy^2 (Mahendran, Vedaldi 2015, equation 4, beta = 2), divided by the pixels */
  NST_TV_POWER,   /* sum (dx^2 + dy^2)^1.25 over the upper left (height - 1) x (width - 1) pixels (the Keras
                     example) */
  NST_TV_ABSOLUTE, /* sum |dx| + |dy|, divided by the pixels */
} NstTvFormula;

typedef enum
{
  NST_RECIPE_POOLING_MODEL, /* what the model was trained with */
  NST_RECIPE_POOLING_MAX,
  NST_RECIPE_POOLING_AVERAGE,
} NstRecipePooling;

typedef enum
{
  NST_PRECISION_EXACT, /* floats */
  /* products of bf16 numbers (8 bits of fraction) in the network's convolutions, where the processor has them
   * (avx512_bf16); otherwise floats */
  NST_PRECISION_FAST,
} NstPrecision;

/* The picture that the first scale starts from. */
typedef enum
{
  NST_INIT_CONTENT,
  NST_INIT_NOISE, /* white noise */
  NST_INIT_IMAGE, /* the scene's start */
} NstInit;

typedef enum
{
  NST_OPTIMIZER_LBFGS,
  NST_OPTIMIZER_ADAM,
  NST_OPTIMIZER_GD, /* gradient descent */
} NstOptimizer;

typedef struct
{
  /* The network that the recipe is made for: a name or a file for nst_model_get (). Not empty. A host lets
   * the user choose another. */
  char model[512];

  /* The total loss is alpha * content + beta * style + tv * variation; each 0 .. 1e9. With the normalised
   * formulas only the ratio of alpha and beta counts, and it has the same effect at any size. */
  double alpha;
  double beta;
  double tv;

  NstLayerWeights   content_layers;
  NstLayerWeights   style_layers;
  NstContentFormula content_formula;
  NstStyleLoss      style_loss;
  NstStyleFormula   style_formula;
  NstTvFormula      tv_formula;
  NstRecipePooling  pooling;
  NstPrecision      precision;

  NstInit init;
  double  noise; /* share of white noise in the start, 0 .. 1 */
  int     seed;  /* of the noise, 0 .. 2^31 - 1 */

  /* What the content layers hold: 0 large shapes, 0.5 their weights as listed, 1 fine lines. The weight of a
   * layer after d poolings is multiplied by 64^((2 detail - 1) (2.5 - d)). */
  double detail;
  /* How far the picture may leave the photograph's large shapes, 0 .. 1: the first scale becomes smaller
   * (down to 128 pixels), its start gets noise (up to 0.6), and the content weighs less at coarse scales
   * (down to a quarter). */
  double freedom;

  NstOptimizer optimizer;
  int          iterations;  /* at the last scale, 1 .. NST_MOST_ITERATIONS */
  double coarse_iterations; /* -2 .. 2: a scale of half the size has 2^coarse_iterations times as many */
  /* 0 .. 10000. 0: an iteration is one step. Otherwise an iteration is a round of this many evaluations of
   * the losses (its last step may need some more), and L-BFGS forgets its history after each round. */
  int    evaluations;
  int    history;       /* L-BFGS pairs, 1 .. 100; each takes the memory of two pictures */
  double learning_rate; /* of Adam and gradient descent, for values in 0..1; 1e-9 .. 1e3 */
  double adam_beta1;    /* decay of the mean of gradients, 0 .. 0.999999 */
  double adam_beta2;    /* decay of the mean of their squares, 0 .. 0.999999 */
  double adam_epsilon;  /* 1e-20 .. 1 */

  /* Longer side of the last scale in pixels, 16 .. 32768; 0: the content's. Time and memory grow with its
   * square. */
  int      size;
  gboolean enlarge;     /* a content smaller than size is enlarged; otherwise size is at most the content's */
  int      first_size;  /* longer side of the first scale, at most; 16 .. 32768 pixels */
  double   scale_ratio; /* between consecutive scales, 1.1 .. 4; 1: the last scale alone */
  double   style_scale; /* longer side of the style divided by that of the pastiche, 0.1 .. 10: the size of
                           brush strokes */

  NstStyleFit style_fit;

  double match_colours; /* share of the painting's colours in a start from the content, 0 .. 1
                           (nst_palette_apply ()) */
  gboolean no_lattice;  /* a lattice of pixels, which pooling leaves, is kept out of the picture
                           (nst_smooth ()) */
  double palette; /* the result's colours, from the content's (0) to those painted (1); JSON texts may say
                     "keep_colours": true instead of 0 */
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

#define NST_RECIPE_MOST_BYTES (1 << 16) /* of a file with a recipe */

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
  NST_CHANGE_FINISH,  /* only the finished picture: palette */
  NST_CHANGE_BALANCE, /* alpha, beta, tv: a running optimisation takes them (nst_engine_set_balance ()) */
  NST_CHANGE_RUN,     /* start over with the same targets (nst_engine_restart ()) */
  NST_CHANGE_TARGETS, /* start over, and content and styles are evaluated again: other layers, sizes, network
                       */
} NstChange;

/* The greatest cost of all fields that differ. The order of layers does not matter. */
NstChange nst_recipe_compare (const NstRecipe *a, const NstRecipe *b);

/* The first field that differs and whose change needs more than NST_CHANGE_FINISH, with both values as JSON:
 * "beta is 30 and not 50", a's value first. The field model is left out, because one network may have several
 * names. Owned by the caller; NULL: there is none. */
char *nst_recipe_difference (const NstRecipe *a, const NstRecipe *b);

/* Ranges of every field, for recipes filled in by code. */
gboolean nst_recipe_validate (const NstRecipe *recipe, GError **error);

G_END_DECLS
