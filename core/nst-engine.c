/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nst-error.h"
#include "nst-loss.h"
#include "nst-minimiser.h"
#include "nst-network.h"

#define MAX_SCALES 32

/* A layer that a loss looks at. */
typedef struct
{
  int        layer;
  NstMetric *metric;            /* owned */
  double     content_weight, style_weight;
  gboolean   content, style;

  float     *content_target;    /* owned; P, as the network gives it, before the head */
  double     content_energy;
  double     content_loss, content_slope;

  float     *moments;           /* owned; of the newest picture */
  float     *style_target;      /* owned; moments of the style */
  float     *moments_gradient;  /* owned */
  double     style_energy;
  double     style_loss, style_slope;
} Tap;

struct _NstEngine
{
  NstModel     *model;          /* ref */
  NstRecipe     recipe;
  NstImage     *content, *style, *start;    /* owned; start may be NULL */
  GCancellable *cancellable;    /* ref or NULL */

  NstNetwork   *network;        /* owned */
  Tap           taps[2 * NST_MAX_TAPS];
  int           n_taps;
  float        *scratch;        /* owned; for the losses */

  int           widths[MAX_SCALES], heights[MAX_SCALES], n_scales;
  double        total_work, done_work;      /* pixels * iterations */

  int           scale;          /* -1 before the first */
  int           iteration;      /* done at this scale */
  NstImage     *scaled_content; /* owned */
  NstImage     *picture;        /* owned; what is being painted */
  NstImage     *good;           /* owned; the newest picture whose losses were finite; L-BFGS needs none, it never goes further */
  NstMinimiser *minimiser;      /* owned */
  NstLosses     losses;
  gboolean      finished;
  GError       *stopped;        /* owned; why the objective gave up */
};

/* Layers */

static int
compare_taps (const void *a,
              const void *b)
{
  return ((const Tap *) a)->layer - ((const Tap *) b)->layer;
}

/* The recipe's layers in the model's order, one entry for each layer; returns how many, or 0 with an error. */
static int
find_taps (const NstModel  *model,
           const NstRecipe *recipe,
           Tap             *taps,
           GError         **error)
{
  const NstTapList *lists[2] = { &recipe->content_layers, &recipe->style_layers };
  int               n = 0;

  for (int kind = 0; kind < 2; kind++)
    for (int i = 0; i < lists[kind]->n; i++)
      {
        const NstTap *wanted = &lists[kind]->taps[i];
        int           layer = nst_model_find_layer (model, wanted->layer), t = 0;

        if (layer < 0)
          {
            g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "The model \"%s\" has no layer \"%s\"; it goes from %s to %s",
                         model->name != NULL ? model->name : "", wanted->layer, model->layers[0].name,
                         model->layers[model->n_layers - 1].name);
            return 0;
          }
        while (t < n && taps[t].layer != layer)
          t++;
        if (t == n)
          taps[n++] = (Tap) { .layer = layer };
        if (kind == 0)
          {
            taps[t].content = TRUE;
            taps[t].content_weight = wanted->weight;
          }
        else
          {
            taps[t].style = TRUE;
            taps[t].style_weight = wanted->weight;
          }
      }
  qsort (taps, n, sizeof (Tap), compare_taps);

  return n;
}

static NstPooling
pooling_of (const NstModel  *model,
            const NstRecipe *recipe)
{
  switch (recipe->pooling)
    {
    case NST_RECIPE_POOLING_MAX:
      return NST_POOLING_MAX;
    case NST_RECIPE_POOLING_AVERAGE:
      return NST_POOLING_AVERAGE;
    default:
      return model->pooling;
    }
}

/* Sizes */

/* Sides below this leave some layer without a position. */
static int
smallest_side (const NstModel *model,
               int             depth)
{
  int side = 1;

  for (int i = 0; i < depth; i++)
    if (model->layers[i].kind == NST_LAYER_POOL)
      side *= 2;

  return side;
}

/* Sizes of all scales from coarse to fine; the coarser ones are left out where their shorter side would be less than twice the least. */
static int
find_scales (const NstRecipe *recipe,
             int              width,
             int              height,
             int              smallest,
             int             *widths,
             int             *heights)
{
  int    longest = MAX (width, height), last = recipe->size > 0 ? MIN (recipe->size, longest) : longest, n = 1;
  double size = last;

  while (recipe->scale_ratio > 1 && n < MAX_SCALES && size > recipe->first_size)
    {
      int w, h;

      size /= recipe->scale_ratio;
      nst_image_fit (width, height, (int) lround (size), &w, &h);
      if (MIN (w, h) < 2 * smallest)
        break;
      n++;
    }
  for (int i = 0; i < n; i++)
    nst_image_fit (width, height, i == n - 1 ? last : (int) lround (last / pow (recipe->scale_ratio, n - 1 - i)), &widths[i], &heights[i]);

  return n;
}

/* The style goes with the pastiche's size, in its own proportions, but never below what the network can look at. */
static void
style_size (const NstEngine *engine,
            int              width,
            int              height,
            int             *style_width,
            int             *style_height)
{
  int smallest = smallest_side (engine->model, engine->taps[engine->n_taps - 1].layer + 1);
  int longest = MAX (1, (int) lround (engine->recipe.style_scale * MAX (width, height)));

  nst_image_fit (engine->style->width, engine->style->height, longest, style_width, style_height);
  if (MIN (*style_width, *style_height) < smallest)
    {
      double scale = (double) smallest / MIN (engine->style->width, engine->style->height);

      *style_width = (int) ceil (engine->style->width * scale);
      *style_height = (int) ceil (engine->style->height * scale);
    }
}

/* Bytes at one scale beside the network: pictures, optimiser, targets. */
static gsize
other_bytes (const NstModel  *model,
             const NstRecipe *recipe,
             const Tap       *taps,
             int              n_taps,
             int              width,
             int              height)
{
  gsize pixels = (gsize) width * height, n = pixels * 3, floats, scratch = 0;

  floats = 3 * n + nst_minimiser_floats (recipe->optimizer, n, recipe->history);
  for (int t = 0; t < n_taps; t++)
    {
      gsize C = model->layers[taps[t].layer].out_channels, side = C + 1, positions = pixels;

      for (int i = 0; i <= taps[t].layer; i++)
        if (model->layers[i].kind == NST_LAYER_POOL)
          positions /= 4;
      floats += 5 * side * side + (taps[t].content ? positions * C : 0);
      scratch = MAX (scratch, MAX (nst_gram_scratch (C), nst_content_scratch (C)));
    }

  return (floats + scratch) * sizeof (float);
}

static gboolean
make_plan (NstPlan         *plan,
           const NstModel  *model,
           const NstRecipe *recipe,
           const Tap       *taps,
           int              n_taps,
           int              width,
           int              height,
           GError         **error)
{
  int   widths[MAX_SCALES], heights[MAX_SCALES], depth = taps[n_taps - 1].layer + 1, longest, n;
  gsize own, style;

  n = find_scales (recipe, width, height, smallest_side (model, depth), widths, heights);
  plan->n_scales = n;
  plan->width = widths[n - 1];
  plan->height = heights[n - 1];
  plan->pixel_iterations = 0;
  for (int i = 0; i < n; i++)
    plan->pixel_iterations += (double) widths[i] * heights[i] * recipe->iterations;

  if (!nst_network_plan (model, depth, plan->width, plan->height, &own, error))
    return FALSE;
  /* The style's shape is not known yet; the least favourable one is a square. */
  longest = MAX (smallest_side (model, depth), (int) lround (recipe->style_scale * MAX (plan->width, plan->height)));
  if (!nst_network_plan (model, depth, longest, longest, &style, error))
    return FALSE;
  plan->bytes = MAX (own, style) + other_bytes (model, recipe, taps, n_taps, plan->width, plan->height)
                + ((gsize) width * height + (gsize) longest * longest) * 12;

  return TRUE;
}

gboolean
nst_plan (NstPlan         *plan,
          const NstModel  *model,
          const NstRecipe *recipe,
          int              width,
          int              height,
          GError         **error)
{
  Tap taps[2 * NST_MAX_TAPS];
  int n = nst_recipe_validate (recipe, error) ? find_taps (model, recipe, taps, error) : 0;

  return n > 0 && make_plan (plan, model, recipe, taps, n, width, height, error);
}

/* Losses */

static gboolean
tap_gradient (int              layer,
              const NstTensor *features,
              NstTensor       *gradient,
              gpointer         data)
{
  NstEngine *engine = data;
  gboolean   added = FALSE;

  for (int t = 0; t < engine->n_taps; t++)
    {
      const Tap *tap = &engine->taps[t];
      double     content = engine->recipe.alpha * tap->content_weight * tap->content_slope;
      double     style = engine->recipe.beta * tap->style_weight * tap->style_slope;

      if (tap->layer != layer)
        continue;
      if (tap->content && content != 0)
        {
          nst_content_backward (tap->metric, features, tap->content_target, content, FALSE, gradient, engine->scratch);
          added = TRUE;
        }
      if (tap->style && style != 0)
        {
          nst_gram_backward (features, tap->moments_gradient, style, added, gradient);
          added = TRUE;
        }
    }

  return added;
}

/* Losses of every tap after a forward pass. */
static void
measure (NstEngine *engine)
{
  const NstRecipe *recipe = &engine->recipe;
  gsize            pixels = (gsize) engine->picture->width * engine->picture->height;

  engine->losses.content = engine->losses.style = 0;
  for (int t = 0; t < engine->n_taps; t++)
    {
      Tap             *tap = &engine->taps[t];
      const NstTensor *features = nst_network_features (engine->network, tap->layer);
      gsize            positions = nst_tensor_positions (features);

      if (tap->content)
        {
          double q = nst_content_distance (tap->metric, features, tap->content_target, engine->scratch);

          tap->content_loss = nst_content_loss (recipe->content_formula, q, tap->content_energy, tap->metric->projected, positions,
                                                &tap->content_slope);
          engine->losses.content += tap->content_weight * tap->content_loss;
        }
      if (tap->style)
        {
          double q;

          nst_gram_moments (features, tap->moments, engine->scratch);
          q = nst_gram_distance (tap->metric, tap->moments, tap->style_target, tap->moments_gradient, engine->scratch);
          tap->style_loss = nst_style_loss (recipe->style_formula, q, tap->style_energy, tap->metric->projected, positions, pixels,
                                            &tap->style_slope);
          engine->losses.style += tap->style_weight * tap->style_loss;
        }
    }
}

static gsize
image_bytes (const NstImage *image)
{
  return (gsize) image->width * image->height * 3 * sizeof (float);
}

/* An NstObjective: the total loss of a picture. */
static gboolean
objective (const float *x,
           float       *gradient,
           double      *value,
           gpointer     data)
{
  NstEngine       *engine = data;
  const NstRecipe *recipe = &engine->recipe;

  if (!nst_network_forward (engine->network, x, engine->cancellable, &engine->stopped))
    return FALSE;
  measure (engine);
  if (!nst_network_backward (engine->network, tap_gradient, engine, gradient, engine->cancellable, &engine->stopped))
    return FALSE;

  engine->losses.variation = nst_tv_loss (recipe->tv_formula, x, engine->picture->width, engine->picture->height, recipe->tv, gradient);
  engine->losses.total = recipe->alpha * engine->losses.content + recipe->beta * engine->losses.style
                         + recipe->tv * engine->losses.variation;
  *value = engine->losses.total;
  if (engine->good != NULL && isfinite (*value))
    memcpy (engine->good->data, x, image_bytes (engine->good));

  return TRUE;
}

/* Targets */

static gboolean
out_of_memory (GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, "There is not enough memory for this size");

  return FALSE;
}

static gboolean
look_at_content (NstEngine *engine,
                 GError   **error)
{
  NstImage *image = engine->scaled_content;

  if (!nst_network_resize (engine->network, image->width, image->height, error) ||
      !nst_network_forward (engine->network, image->data, engine->cancellable, error))
    return FALSE;

  for (int t = 0; t < engine->n_taps; t++)
    {
      Tap             *tap = &engine->taps[t];
      const NstTensor *features = nst_network_features (engine->network, tap->layer);
      gsize            n = nst_tensor_length (features);

      if (!tap->content)
        continue;
      nst_floats_free (tap->content_target);
      tap->content_target = nst_floats_try_new (n);
      if (tap->content_target == NULL)
        return out_of_memory (error);
      memcpy (tap->content_target, features->data, n * sizeof (float));
      nst_gram_moments (features, tap->moments, engine->scratch);
      tap->content_energy = nst_gram_energy (tap->metric, tap->moments, nst_tensor_positions (features));
    }

  return TRUE;
}

static gboolean
look_at_style (NstEngine *engine,
               GError   **error)
{
  g_autoptr (NstImage) image = NULL;
  int width, height;

  if (engine->recipe.style_layers.n == 0)
    return TRUE;

  style_size (engine, engine->scaled_content->width, engine->scaled_content->height, &width, &height);
  image = nst_image_resize (engine->style, width, height, error);
  if (image == NULL ||
      !nst_network_resize (engine->network, width, height, error) ||
      !nst_network_forward (engine->network, image->data, engine->cancellable, error))
    return FALSE;

  for (int t = 0; t < engine->n_taps; t++)
    {
      Tap *tap = &engine->taps[t];

      if (!tap->style)
        continue;
      nst_gram_moments (nst_network_features (engine->network, tap->layer), tap->style_target, engine->scratch);
      tap->style_energy = nst_gram_distance (tap->metric, tap->style_target, NULL, NULL, engine->scratch);
    }

  return TRUE;
}

/* Scales */

static NstImage *
first_picture (NstEngine      *engine,
               const NstImage *content,
               GError        **error)
{
  const NstRecipe *recipe = &engine->recipe;
  const NstImage  *from = recipe->init == NST_INIT_IMAGE && engine->start != NULL ? engine->start : content;
  NstImage        *picture = nst_image_resize (from, engine->widths[0], engine->heights[0], error);
  double           noise = recipe->init == NST_INIT_NOISE ? 1 : recipe->noise;
  gsize            n;

  if (picture == NULL || noise == 0)
    return picture;

  n = (gsize) picture->width * picture->height * 3;
  {
    GRand *rand = g_rand_new_with_seed (recipe->seed);

    for (gsize i = 0; i < n; i++)
      picture->data[i] = (1 - noise) * picture->data[i] + noise * g_rand_double (rand);
    g_rand_free (rand);
  }

  return picture;
}

static gboolean
begin_scale (NstEngine *engine,
             int        scale,
             GError   **error)
{
  int       width = engine->widths[scale], height = engine->heights[scale];
  NstImage *content, *picture;

  content = nst_image_resize (engine->content, width, height, error);
  if (content == NULL)
    return FALSE;
  picture = scale == 0 ? first_picture (engine, content, error) : nst_image_resize (engine->picture, width, height, error);
  if (picture == NULL)
    {
      nst_image_free (content);
      return FALSE;
    }

  /* Both or neither: they are of the same size whenever somebody asks for the picture. */
  nst_image_free (engine->scaled_content);
  engine->scaled_content = content;
  nst_image_free (engine->picture);
  engine->picture = picture;
  g_clear_pointer (&engine->good, nst_image_free);
  if (engine->recipe.optimizer != NST_OPTIMIZER_LBFGS)
    {
      engine->good = nst_image_copy (picture, error);
      if (engine->good == NULL)
        return FALSE;
    }

  nst_minimiser_free (engine->minimiser);
  engine->minimiser = nst_minimiser_try_new (engine->recipe.optimizer, (gsize) width * height * 3, engine->recipe.history,
                                             engine->recipe.learning_rate);
  if (engine->minimiser == NULL)
    return out_of_memory (error);

  if (!look_at_content (engine, error) || !look_at_style (engine, error) ||
      !nst_network_resize (engine->network, width, height, error))
    return FALSE;
  engine->scale = scale;
  engine->iteration = 0;

  return TRUE;
}

/* Life */

/* Memory that the system can give without swapping, or 0 when it does not say. */
static gsize
available_bytes (void)
{
  g_autofree char *text = NULL;
  const char      *line;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    return 0;
  line = strstr (text, "MemAvailable:");

  return line != NULL ? g_ascii_strtoull (line + 13, NULL, 10) * 1024 : 0;
}

static gboolean
check_memory (const NstPlan *plan,
              GError       **error)
{
  gsize available = available_bytes ();

  if (available == 0 || plan->bytes < available)
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
               "%d x %d pixels need %.1f GB of memory, and %.1f GB are free; a size of %d would fit", plan->width, plan->height,
               plan->bytes * 1e-9, available * 1e-9,
               (int) (MAX (plan->width, plan->height) * sqrt (0.9 * available / plan->bytes)));

  return FALSE;
}

static gboolean
prepare_taps (NstEngine *engine,
              GError   **error)
{
  gsize scratch = 0;

  for (int t = 0; t < engine->n_taps; t++)
    {
      Tap            *tap = &engine->taps[t];
      const NstLayer *layer = &engine->model->layers[tap->layer];
      gsize           side = layer->out_channels + 1;

      tap->metric = nst_metric_try_new (layer);
      tap->moments = nst_floats_try_new (side * side);
      tap->style_target = nst_floats_try_new (side * side);
      tap->moments_gradient = nst_floats_try_new (side * side);
      if (tap->metric == NULL || tap->moments == NULL || tap->style_target == NULL || tap->moments_gradient == NULL)
        return out_of_memory (error);
      scratch = MAX (scratch, MAX (nst_gram_scratch (layer->out_channels), nst_content_scratch (layer->out_channels)));
    }
  engine->scratch = nst_floats_try_new (scratch);

  return engine->scratch != NULL || out_of_memory (error);
}

static gboolean
setup (NstEngine      *engine,
       const NstImage *content,
       const NstImage *style,
       const NstImage *start,
       GError        **error)
{
  NstPlan plan;
  int     depth;

  if (!nst_recipe_validate (&engine->recipe, error))
    return FALSE;
  engine->n_taps = find_taps (engine->model, &engine->recipe, engine->taps, error);
  if (engine->n_taps == 0 ||
      !make_plan (&plan, engine->model, &engine->recipe, engine->taps, engine->n_taps, content->width, content->height, error) ||
      !check_memory (&plan, error))
    return FALSE;

  depth = engine->taps[engine->n_taps - 1].layer + 1;
  if (engine->recipe.style_layers.n > 0 && MIN (style->width, style->height) < smallest_side (engine->model, depth))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SIZE, "The style has %d x %d pixels; each side must be at least %d", style->width,
                   style->height, smallest_side (engine->model, depth));
      return FALSE;
    }
  engine->n_scales = find_scales (&engine->recipe, content->width, content->height, smallest_side (engine->model, depth),
                                  engine->widths, engine->heights);
  engine->total_work = plan.pixel_iterations;
  engine->content = nst_image_copy (content, error);
  engine->style = engine->content != NULL ? nst_image_copy (style, error) : NULL;
  if (engine->style == NULL)
    return FALSE;
  if (start != NULL)
    {
      engine->start = nst_image_copy (start, error);
      if (engine->start == NULL)
        return FALSE;
    }
  engine->network = nst_network_new (engine->model, pooling_of (engine->model, &engine->recipe), depth, NST_CONV_AUTO, error);

  return engine->network != NULL && prepare_taps (engine, error);
}

NstEngine *
nst_engine_new (NstModel        *model,
                const NstRecipe *recipe,
                const NstImage  *content,
                const NstImage  *style,
                const NstImage  *start,
                GCancellable    *cancellable,
                GError         **error)
{
  g_autoptr (NstEngine) engine = g_new0 (NstEngine, 1);

  engine->model = nst_model_ref (model);
  engine->recipe = *recipe;
  engine->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  engine->scale = -1;

  return setup (engine, content, style, start, error) ? g_steal_pointer (&engine) : NULL;
}

void
nst_engine_free (NstEngine *engine)
{
  if (engine == NULL)
    return;

  for (int t = 0; t < engine->n_taps; t++)
    {
      Tap *tap = &engine->taps[t];

      nst_metric_free (tap->metric);
      nst_floats_free (tap->content_target);
      nst_floats_free (tap->moments);
      nst_floats_free (tap->style_target);
      nst_floats_free (tap->moments_gradient);
    }
  nst_floats_free (engine->scratch);
  nst_network_free (engine->network);
  nst_minimiser_free (engine->minimiser);
  nst_image_free (engine->scaled_content);
  nst_image_free (engine->picture);
  nst_image_free (engine->good);
  nst_image_free (engine->content);
  nst_image_free (engine->style);
  nst_image_free (engine->start);
  g_clear_error (&engine->stopped);
  g_clear_object (&engine->cancellable);
  nst_model_unref (engine->model);
  g_free (engine);
}

/* Running */

static void
report (const NstEngine *engine,
        NstStatus       *status)
{
  int scale = MAX (engine->scale, 0);

  *status = (NstStatus) {
    .scale = scale, .n_scales = engine->n_scales,
    .width = engine->widths[scale], .height = engine->heights[scale],
    .iteration = engine->iteration, .iterations = engine->recipe.iterations,
    .fraction = engine->finished ? 1 : engine->done_work / engine->total_work,
    .losses = engine->losses, .finished = engine->finished,
  };
}

/* What an optimiser's answer means for the picture. */
static gboolean
take (NstEngine *engine,
      NstStep    step,
      GError   **error)
{
  switch (step)
    {
    case NST_STEP_NONFINITE:
      if (engine->good != NULL)
        memcpy (engine->picture->data, engine->good->data, image_bytes (engine->picture));
      g_set_error (error, NST_ERROR, NST_ERROR_NONFINITE,
                   "The losses stopped being numbers at scale %d of %d, iteration %d (content %g, style %g); "
                   "the last good picture is kept. Smaller weights or a smaller learning rate help",
                   engine->scale + 1, engine->n_scales, engine->iteration + 1, engine->losses.content, engine->losses.style);
      return FALSE;
    case NST_STEP_STOPPED:
      g_propagate_error (error, g_steal_pointer (&engine->stopped));
      return FALSE;
    case NST_STEP_CONVERGED:
      engine->iteration = engine->recipe.iterations;
      return TRUE;
    case NST_STEP_GOOD:
      engine->iteration++;
      return TRUE;
    }

  g_return_val_if_reached (FALSE);
}

gboolean
nst_engine_step (NstEngine *engine,
                 NstStatus *status,
                 GError   **error)
{
  double   pixels;
  gboolean good = TRUE;

  if (!engine->finished && (engine->scale < 0 || engine->iteration >= engine->recipe.iterations))
    good = begin_scale (engine, engine->scale + 1, error);
  if (!good || engine->finished)
    {
      report (engine, status);
      return good;
    }

  good = take (engine, nst_minimiser_step (engine->minimiser, engine->picture->data, objective, engine), error);

  pixels = (double) engine->widths[engine->scale] * engine->heights[engine->scale];
  engine->done_work = 0;
  for (int i = 0; i < engine->scale; i++)
    engine->done_work += (double) engine->widths[i] * engine->heights[i] * engine->recipe.iterations;
  engine->done_work += pixels * engine->iteration;
  engine->finished = good && engine->iteration >= engine->recipe.iterations && engine->scale == engine->n_scales - 1;
  report (engine, status);

  return good;
}

void
nst_engine_set_weights (NstEngine *engine,
                        double     alpha,
                        double     beta,
                        double     tv)
{
  if (engine->recipe.alpha == alpha && engine->recipe.beta == beta && engine->recipe.tv == tv)
    return;

  engine->recipe.alpha = alpha;
  engine->recipe.beta = beta;
  engine->recipe.tv = tv;
  if (engine->minimiser != NULL)
    nst_minimiser_reset (engine->minimiser);
}

NstImage *
nst_engine_get_image (NstEngine *engine,
                      GError   **error)
{
  NstImage *image;

  if (engine->picture == NULL)
    return nst_image_resize (engine->content, engine->widths[0], engine->heights[0], error);

  image = nst_image_copy (engine->picture, error);
  if (image == NULL)
    return NULL;
  nst_image_clamp (image);
  if (engine->recipe.keep_colours)
    nst_image_keep_colours (image, engine->scaled_content);

  return image;
}

/* One evaluation */

static void
add_term (GArray     *terms,
          const char *layer,
          char        kind,
          double      weight,
          double      loss)
{
  NstTerm term = { .kind = kind, .weight = weight, .loss = loss };

  g_strlcpy (term.layer, layer, sizeof term.layer);
  g_array_append_val (terms, term);
}

static GArray *
list_terms (const NstEngine *engine)
{
  GArray *terms = g_array_new (FALSE, FALSE, sizeof (NstTerm));

  for (int kind = 0; kind < 2; kind++)
    for (int t = 0; t < engine->n_taps; t++)
      {
        const Tap  *tap = &engine->taps[t];
        const char *layer = engine->model->layers[tap->layer].name;

        if (kind == 0 && tap->content)
          add_term (terms, layer, 'c', tap->content_weight, tap->content_loss);
        if (kind == 1 && tap->style)
          add_term (terms, layer, 's', tap->style_weight, tap->style_loss);
      }
  add_term (terms, "tv", 'v', 1, engine->losses.variation);

  return terms;
}

gboolean
nst_evaluate (NstModel        *model,
              const NstRecipe *recipe,
              const NstImage  *content,
              const NstImage  *style,
              const NstImage  *picture,
              NstLosses       *losses,
              GArray         **terms,
              NstImage       **gradient,
              GError         **error)
{
  g_autoptr (NstEngine) engine = NULL;
  g_autoptr (NstImage) slope = NULL;
  NstRecipe single = *recipe;
  double    value;

  single.scale_ratio = 1;
  single.init = NST_INIT_IMAGE;
  single.noise = 0;
  engine = nst_engine_new (model, &single, content, style, picture, NULL, error);
  if (engine == NULL)
    return FALSE;
  if (picture->width != engine->widths[0] || picture->height != engine->heights[0])
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SIZE, "The picture to evaluate has %d x %d pixels; expected %d x %d", picture->width,
                   picture->height, engine->widths[0], engine->heights[0]);
      return FALSE;
    }

  slope = nst_image_new (picture->width, picture->height, error);
  if (slope == NULL || !begin_scale (engine, 0, error))
    return FALSE;
  objective (engine->picture->data, slope->data, &value, engine);

  *losses = engine->losses;
  if (terms != NULL)
    *terms = list_terms (engine);
  if (gradient != NULL)
    *gradient = g_steal_pointer (&slope);

  return TRUE;
}
