/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/loss/loss.h"
#include "core/run/engine-private.h"

/* Scales */

static NstImage *
first_picture (NstEngine *engine, const NstImage *content, GError **error)
{
  const NstRecipe *recipe = &engine->recipe;
  const NstImage  *start = engine->scene->start;
  const NstImage  *from = recipe->init == NST_INIT_IMAGE && start != NULL ? start : content;
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

/* The picture at this size: itself if it has it already. */
static NstImage *
at_size (NstImage *image, int width, int height, GError **error)
{
  if (image->width == width && image->height == height)
    return nst_image_ref (image);

  return nst_image_resize (image, width, height, error);
}

/* By looking at content and style, unless an earlier run has. */
static gboolean
find_targets (NstEngine *engine, int scale, GError **error)
{
  if (engine->targets[scale] != NULL)
    return nst_engine_recall_targets (engine, scale, error);

  return nst_engine_look_at_content (engine, error) && nst_engine_look_at_style (engine, error)
         && (!engine->keep_targets || nst_engine_store_targets (engine, scale, error));
}

gboolean
nst_engine_begin_scale (NstEngine *engine, int scale, GError **error)
{
  int       width = engine->widths[scale], height = engine->heights[scale];
  NstImage *content, *picture;

  content = at_size (engine->scene->content, width, height, error);
  if (content == NULL)
    return FALSE;
  picture = scale == 0 ? first_picture (engine, content, error)
                       : nst_image_resize (engine->picture, width, height, error);
  if (picture == NULL)
    {
      nst_image_unref (content);
      return FALSE;
    }

  /* Both or neither: they are of the same size whenever somebody asks for the picture. */
  nst_image_unref (engine->scaled_content);
  engine->scaled_content = content;
  nst_image_unref (engine->picture);
  engine->picture = picture;
  g_clear_pointer (&engine->good, nst_image_unref);
  if (engine->recipe.optimizer != NST_OPTIMIZER_LBFGS)
    {
      engine->good = nst_image_copy (picture, error);
      if (engine->good == NULL)
        return FALSE;
    }

  nst_minimiser_free (engine->minimiser);
  engine->minimiser = nst_minimiser_try_new (engine->recipe.optimizer, (gsize) width * height * 3,
                                             engine->recipe.history, engine->recipe.learning_rate);
  if (engine->minimiser == NULL)
    return nst_engine_out_of_memory (error);
  nst_minimiser_set_adam (engine->minimiser, engine->recipe.adam_beta1, engine->recipe.adam_beta2,
                          engine->recipe.adam_epsilon);

  if (!find_targets (engine, scale, error) || !nst_network_resize (engine->network, width, height, error))
    return FALSE;
  engine->scale = scale;
  engine->iteration = 0;

  return TRUE;
}

/* Life */

static NstPooling
pooling_of (const NstModel *model, const NstRecipe *recipe)
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
check_memory (const NstPlan *plan, GError **error)
{
  gsize available = available_bytes ();

  if (available == 0 || plan->bytes < available)
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
               "%d x %d pixels need %.1f GB of memory, and %.1f GB are free; a size of %d would fit",
               plan->width, plan->height, plan->bytes * 1e-9, available * 1e-9,
               (int) (MAX (plan->width, plan->height) * sqrt (0.9 * available / plan->bytes)));

  return FALSE;
}

static gboolean
prepare_taps (NstEngine *engine, GError **error)
{
  gsize scratch = 0, most = 0;

  for (int t = 0; t < engine->n_taps; t++)
    {
      NstEngineTap   *tap = &engine->taps[t];
      const NstLayer *layer = &engine->model->layers[tap->layer];
      gsize           side = layer->out_channels + 1;

      tap->metric = nst_metric_try_new (layer);
      tap->style_target = tap->style ? nst_floats_try_new (side * side) : NULL;
      tap->packed = tap->style ? nst_floats_try_new (side * side) : NULL;
      if (tap->metric == NULL || (tap->style && (tap->style_target == NULL || tap->packed == NULL)))
        return nst_engine_out_of_memory (error);
      scratch = MAX (scratch, nst_engine_tap_scratch (layer->out_channels));
      most = MAX (most, side * side);
    }
  engine->scratch = nst_floats_try_new (scratch);
  engine->moments = nst_floats_try_new (most);
  engine->moments_gradient = nst_floats_try_new (most);

  return (engine->scratch != NULL && engine->moments != NULL && engine->moments_gradient != NULL)
         || nst_engine_out_of_memory (error);
}

static gboolean
check_scene (const NstEngine *engine, GError **error)
{
  const NstScene *scene = engine->scene;
  int smallest = nst_engine_smallest_side (engine->model, engine->taps[engine->n_taps - 1].layer + 1);

  for (int i = 0; i < scene->n_styles && engine->recipe.style_layers.n > 0; i++)
    {
      const NstImage *style = scene->styles[i].image;

      if (MIN (style->width, style->height) < smallest)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                       "The style has %d x %d pixels; each side must be at least %d", style->width,
                       style->height, smallest);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
setup (NstEngine *engine, GError **error)
{
  const NstImage *content = engine->scene->content;
  NstPlan         plan;
  int             depth;

  if (!nst_recipe_validate (&engine->recipe, error))
    return FALSE;
  engine->n_taps = nst_engine_find_taps (engine->model, &engine->recipe, engine->taps, error);
  if (engine->n_taps == 0
      || !nst_engine_make_plan (&plan, engine->model, &engine->recipe, engine->taps, engine->n_taps,
                                content->width, content->height, engine->scene, error)
      || !check_memory (&plan, error) || !check_scene (engine, error))
    return FALSE;

  depth = engine->taps[engine->n_taps - 1].layer + 1;
  engine->n_scales = nst_engine_find_scales (&engine->recipe, content->width, content->height,
                                             nst_engine_smallest_side (engine->model, depth), engine->widths,
                                             engine->heights);
  engine->total_work = plan.pixel_iterations;
  engine->network = nst_network_new (engine->model, pooling_of (engine->model, &engine->recipe), depth,
                                     nst_engine_kept (engine->taps, engine->n_taps), NST_CONV_AUTO, error);

  if (engine->network == NULL)
    return FALSE;
  nst_network_watch (engine->network, nst_engine_seen, engine);

  return prepare_taps (engine, error);
}

NstEngine *
nst_engine_new (NstModel        *model,
                const NstRecipe *recipe,
                const NstScene  *scene,
                GCancellable    *cancellable,
                GError         **error)
{
  g_autoptr (NstEngine) engine = NULL;

  g_return_val_if_fail (scene->content != NULL && scene->n_styles > 0, NULL);

  engine = g_new0 (NstEngine, 1);
  engine->model = nst_model_ref (model);
  engine->recipe = *recipe;
  engine->scene = nst_scene_copy (scene);
  engine->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  engine->scale = -1;

  return setup (engine, error) ? g_steal_pointer (&engine) : NULL;
}

void
nst_engine_free (NstEngine *engine)
{
  if (engine == NULL)
    return;

  for (int t = 0; t < engine->n_taps; t++)
    {
      NstEngineTap *tap = &engine->taps[t];

      nst_metric_free (tap->metric);
      nst_floats_free (tap->content_target);
      nst_floats_free (tap->style_target);
      nst_floats_free (tap->packed);
    }
  for (int scale = 0; scale < engine->n_scales; scale++)
    nst_engine_free_targets (engine, scale);
  nst_floats_free (engine->scratch);
  nst_floats_free (engine->moments);
  nst_floats_free (engine->moments_gradient);
  nst_network_free (engine->network);
  nst_minimiser_free (engine->minimiser);
  nst_image_unref (engine->scaled_content);
  nst_image_unref (engine->picture);
  nst_image_unref (engine->good);
  nst_scene_free (engine->scene);
  g_clear_error (&engine->stopped);
  g_clear_object (&engine->cancellable);
  nst_model_unref (engine->model);
  g_free (engine);
}

/* Running */

static void
report (const NstEngine *engine, NstStatus *status)
{
  int scale = MAX (engine->scale, 0);

  *status = (NstStatus){
    .scale = scale,
    .n_scales = engine->n_scales,
    .width = engine->widths[scale],
    .height = engine->heights[scale],
    .iteration = engine->iteration,
    .iterations = engine->recipe.iterations,
    .evaluations = engine->evaluations,
    .fraction = engine->finished ? 1 : engine->done_work / engine->total_work,
    .losses = engine->losses,
    .finished = engine->finished,
  };
}

/* What an optimiser's answer means for the picture. */
static gboolean
take (NstEngine *engine, NstStep step, GError **error)
{
  switch (step)
    {
    case NST_STEP_NONFINITE:
      if (engine->good != NULL)
        memcpy (engine->picture->data, engine->good->data, nst_image_bytes (engine->picture));
      g_set_error (error, NST_ERROR, NST_ERROR_NONFINITE,
                   "The losses stopped being numbers at scale %d of %d, iteration %d (content %g, style %g); "
                   "the last good picture is kept. Smaller weights or a smaller learning rate help",
                   engine->scale + 1, engine->n_scales, engine->iteration + 1, engine->losses.content,
                   engine->losses.style);
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

/* One iteration: a step, or a round of them. */
static NstStep
advance (NstEngine *engine)
{
  NstMinimiser *minimiser = engine->minimiser;
  NstStep       step;
  int           first, rounds = 0;

  if (engine->recipe.evaluations > 0 && engine->recipe.optimizer == NST_OPTIMIZER_LBFGS)
    nst_minimiser_reset (minimiser);
  first = nst_minimiser_evaluations (minimiser);
  do
    step = nst_minimiser_step (minimiser, engine->picture->data, nst_engine_objective, engine);
  while (step == NST_STEP_GOOD && ++rounds > 0
         && nst_minimiser_evaluations (minimiser) - first < engine->recipe.evaluations);

  /* The end of the way within a round is the round's end; only a round that finds none from its start is the
   * last. */
  return step == NST_STEP_CONVERGED && rounds > 0 ? NST_STEP_GOOD : step;
}

gboolean
nst_engine_step (NstEngine *engine, NstStatus *status, GError **error)
{
  gboolean good = TRUE;

  if (!engine->finished && (engine->scale < 0 || engine->iteration >= engine->recipe.iterations))
    good = nst_engine_begin_scale (engine, engine->scale + 1, error);
  if (!good || engine->finished)
    {
      report (engine, status);
      return good;
    }

  good = take (engine, advance (engine), error);

  engine->done_work = 0;
  for (int i = 0; i <= engine->scale; i++)
    engine->done_work += (double) engine->widths[i] * engine->heights[i] * MAX (1, engine->recipe.evaluations)
                         * (i < engine->scale ? engine->recipe.iterations : engine->iteration);
  engine->finished = good && engine->iteration >= engine->recipe.iterations
                     && engine->scale == engine->n_scales - 1;
  report (engine, status);

  return good;
}

void
nst_engine_set_weights (NstEngine *engine, double alpha, double beta, double tv)
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
nst_engine_get_image (NstEngine *engine, GError **error)
{
  NstImage *image;

  if (engine->picture == NULL)
    return nst_image_resize (engine->scene->content, engine->widths[0], engine->heights[0], error);

  image = nst_image_copy (engine->picture, error);
  if (image == NULL)
    return NULL;
  nst_image_clamp (image);
  if (engine->recipe.keep_colours)
    nst_image_keep_colours (image, engine->scaled_content);

  return image;
}
