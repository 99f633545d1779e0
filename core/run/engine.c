/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run: scales from coarse to fine, and at each of them a minimiser of the objective. */
#include "core/run/engine.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/image/palette.h"
#include "core/run/engine-private.h"
#include "core/run/smoothing.h"
#include "core/run/targets.h"
#include "core/scene/regions.h"

/* Scales */

#define FREE_NOISE 0.6 /* share of noise in the start with full freedom */

/* Give each region of the picture the recipe's share of its styles' colours. */
static gboolean
match_colours (const NstEngine *engine, NstImage *picture, GError **error)
{
  const NstScene        *scene = engine->scene;
  g_autoptr (NstRegions) regions = nst_regions_new (scene, picture->width, picture->height, error);
  g_autoptr (NstImage)   before = NULL;

  if (regions == NULL || (regions->n > 1 && (before = nst_image_copy (picture, error)) == NULL))
    return FALSE;

  for (int r = 0; r < regions->n; r++)
    {
      NstPalette palette = { { 0 } };

      for (int i = 0; i < scene->n_styles; i++)
        {
          const NstSceneStyle *style = &scene->styles[i];
          g_autoptr (NstMask)  part = NULL;

          if (regions->of_style[i] != r)
            continue;
          if (style->part != NULL)
            {
              part = nst_mask_at_size (style->part, style->image->width, style->image->height, error);
              if (part == NULL)
                return FALSE;
            }
          nst_palette_add (&palette, style->image, part, style->weight / regions->weights[r]);
        }
      nst_palette_apply (&palette, before != NULL ? before : picture, picture, regions->masks[r],
                         engine->recipe.match_colours);
    }

  return TRUE;
}

/* Whether all styles are grey: engravings, ink. */
static gboolean
styles_are_grey (const NstScene *scene)
{
  for (int i = 0; i < scene->n_styles; i++)
    if (!nst_image_is_grey (scene->styles[i].image))
      return FALSE;

  return TRUE;
}

/* Mix the picture with white noise of that share. The noise has no lattice of its own where the recipe wants
 * none: no iteration could remove it. */
static gboolean
add_noise (NstImage *picture, double share, const NstRecipe *recipe, GError **error)
{
  const gsize          n = (gsize) picture->width * picture->height * 3;
  g_autoptr (NstImage) noise = nst_image_new (picture->width, picture->height, error);
  GRand               *rand;

  if (noise == NULL)
    return FALSE;

  rand = g_rand_new_with_seed (recipe->seed);
  for (gsize i = 0; i < n; i++)
    noise->data[i] = g_rand_double (rand);
  g_rand_free (rand);
  if (recipe->no_lattice)
    nst_smooth (noise->data, noise->width, noise->height);
  for (gsize i = 0; i < n; i++)
    picture->data[i] = (1 - share) * picture->data[i] + share * noise->data[i];

  return TRUE;
}

static NstImage *
first_picture (NstEngine *engine, const NstImage *content, GError **error)
{
  const NstRecipe     *recipe = &engine->recipe;
  const NstImage      *start = engine->scene->start;
  const NstImage      *from = recipe->init == NST_INIT_IMAGE && start != NULL ? start : content;
  g_autoptr (NstImage) picture = NULL;
  double               noise = recipe->init == NST_INIT_NOISE
                                   ? 1
                                   : 1 - (1 - recipe->noise) * (1 - FREE_NOISE * recipe->freedom);

  picture = nst_image_resize (from, engine->scales.widths[0], engine->scales.heights[0], error);
  if (picture == NULL)
    return NULL;
  if (from == content && recipe->match_colours > 0 && !match_colours (engine, picture, error))
    return NULL;
  if (noise > 0 && !add_noise (picture, noise, recipe, error))
    return NULL;
  if (engine->grey)
    nst_remove_colours (picture->data, picture->width, picture->height);

  return g_steal_pointer (&picture);
}

/* Compute the targets of a scale, or take those that an earlier run has kept. */
static gboolean
find_targets (NstEngine *engine, int scale, GError **error)
{
  const int width = engine->scales.widths[scale], height = engine->scales.heights[scale];

  if (engine->targets[scale] != NULL)
    return nst_targets_set_masks (engine->objective, engine->scene, width, height, error)
           && nst_objective_restore_targets (engine->objective, engine->targets[scale], width, height, error);

  if (!nst_targets_set (engine->objective, engine->model, &engine->recipe, engine->scene, engine->content,
                        engine->cancellable, error))
    return FALSE;
  if (engine->keep_targets)
    engine->targets[scale] = nst_objective_get_targets (engine->objective);

  return TRUE;
}

/* The minimiser's preconditioner. */
static void
smooth (float *gradient, gpointer data)
{
  const NstEngine *engine = data;

  nst_smooth (gradient, engine->picture->width, engine->picture->height);
}

static gboolean
make_minimiser (NstEngine *engine, GError **error)
{
  const NstRecipe *recipe = &engine->recipe;
  const gsize      n = (gsize) engine->picture->width * engine->picture->height * 3;

  nst_minimiser_free (engine->minimiser);
  engine->minimiser = nst_minimiser_new (recipe->optimizer, n, recipe->history, recipe->learning_rate,
                                         engine->spill, error);
  if (engine->minimiser == NULL)
    return FALSE;
  nst_minimiser_set_adam (engine->minimiser, recipe->adam_beta1, recipe->adam_beta2, recipe->adam_epsilon);
  if (recipe->no_lattice)
    nst_minimiser_set_preconditioner (engine->minimiser, smooth, engine);

  return TRUE;
}

/* The recipe's balance, with the content's share at the present scale. */
static void
set_objective_balance (NstEngine *engine)
{
  const NstRecipe *recipe = &engine->recipe;
  const double     share = nst_scales_content_share (&engine->scales, recipe, MAX (engine->scale, 0));
  const NstBalance balance = { share * recipe->alpha, recipe->beta, recipe->tv };

  nst_objective_set_balance (engine->objective, &balance);
}

/* Pictures of a scale. On failure the engine stays at its scale. */
static gboolean
enter_scale (NstEngine *engine, int scale, GError **error)
{
  const int width = engine->scales.widths[scale], height = engine->scales.heights[scale];
  NstImage *content, *picture;

  content = nst_image_at_size (engine->scene->content, width, height, error);
  if (content == NULL)
    return FALSE;
  picture = scale == 0 ? first_picture (engine, content, error)
                       : nst_image_resize (engine->picture, width, height, error);
  if (picture == NULL)
    {
      nst_image_unref (content);
      return FALSE;
    }

  /* Picture and content always have the same size. */
  nst_image_unref (engine->content);
  engine->content = content;
  nst_image_unref (engine->picture);
  engine->picture = picture;
  engine->scale = scale;
  engine->iteration = engine->steps = engine->counted = 0;
  engine->ready = FALSE;

  return TRUE;
}

gboolean
nst_engine_prepare_scale (NstEngine *engine, GError **error)
{
  const int scale = engine->scale;

  g_clear_pointer (&engine->good, nst_image_unref);
  if (engine->recipe.optimizer != NST_OPTIMIZER_LBFGS)
    {
      engine->good = nst_image_copy (engine->picture, error);
      if (engine->good == NULL)
        return FALSE;
    }
  if (!make_minimiser (engine, error) || !find_targets (engine, scale, error))
    return FALSE;

  set_objective_balance (engine);
  engine->ready = TRUE;
  engine->since = g_get_monotonic_time ();
  g_debug ("scale %d of %d: %d x %d pixels, %d iterations", scale + 1, engine->scales.n,
           engine->scales.widths[scale], engine->scales.heights[scale], engine->scales.iterations[scale]);

  return TRUE;
}

/* Life */

static gboolean
check_memory (const NstPlan *plan, GError **error)
{
  const guint64 available = nst_memory_most ();

  if (available == 0 || plan->bytes < available)
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
               _ ("%d x %d pixels need %.2f GB of memory even in tiles and with files for what does not fit, "
                  "and %.2f GB may be used. A size of %d would fit"),
               plan->width, plan->height, plan->bytes * 1e-9, available * 1e-9,
               (int) (MAX (plan->width, plan->height) * sqrt (0.9 * available / plan->bytes)));

  return FALSE;
}

static gboolean
check_styles (const NstScene *scene, const NstRecipe *recipe, int smallest, GError **error)
{
  for (int i = 0; i < scene->n_styles && recipe->style_layers.n > 0; i++)
    {
      const NstImage *style = scene->styles[i].image;

      if (MIN (style->width, style->height) < smallest)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                       _ ("The style is %d x %d pixels; at least %d x %d are needed"), style->width,
                       style->height, smallest, smallest);
          return FALSE;
        }
    }

  return TRUE;
}

/* Where everything is grey, colours could only be noise. */
static void
find_grey (NstEngine *engine)
{
  engine->grey = engine->recipe.match_colours == 1 && styles_are_grey (engine->scene);
}

static gboolean
setup (NstEngine *engine, GError **error)
{
  const NstImage        *content = engine->scene->content;
  g_autoptr (NstRegions) regions = nst_regions_list (engine->scene);
  NstPlan                plan;
  int                    smallest;

  if (!nst_plan (&plan, engine->model, &engine->recipe, content->width, content->height, engine->scene, error)
      || !check_memory (&plan, error))
    return FALSE;
  smallest = nst_objective_smallest_side (engine->model, &engine->recipe, error);
  if (smallest == 0 || !check_styles (engine->scene, &engine->recipe, smallest, error))
    return FALSE;

  nst_scales_init (&engine->scales, &engine->recipe, content->width, content->height, smallest);
  find_grey (engine);
  engine->objective = nst_objective_new (engine->model, &engine->recipe, regions->n, error);
  if (engine->objective == NULL)
    return FALSE;

  engine->spill = plan.spill;
  nst_objective_set_tiles (engine->objective, plan.tile);
  nst_objective_set_spill (engine->objective, plan.spill != NST_SPILL_NOTHING);
  g_debug ("run: %d x %d pixels, %d scales, %d styles in %d regions, %d tiles, at most %.0f MB, %.0f MB in "
           "files, model \"%s\"",
           plan.width, plan.height, plan.n_scales, engine->scene->n_styles, regions->n, plan.tiles,
           plan.bytes * 1e-6, plan.disk * 1e-6, engine->model->name);

  return TRUE;
}

/* Colours outside of sRGB are painted where a picture has some. */
static NstRange
range_of (const NstScene *scene)
{
  NstRange range = NST_RANGE_SRGB;

  nst_image_extend_range (scene->content, &range);
  for (int i = 0; i < scene->n_styles; i++)
    nst_image_extend_range (scene->styles[i].image, &range);
  if (scene->start != NULL)
    nst_image_extend_range (scene->start, &range);

  return range;
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
  engine->range = range_of (scene);
  engine->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  engine->scale = -1;

  return setup (engine, error) ? g_steal_pointer (&engine) : NULL;
}

void
nst_engine_free (NstEngine *engine)
{
  if (engine == NULL)
    return;

  for (int i = 0; i < engine->scales.n; i++)
    g_clear_pointer (&engine->targets[i], g_ptr_array_unref);
  g_clear_pointer (&engine->origin, g_ptr_array_unref);
  nst_objective_free (engine->objective);
  nst_minimiser_free (engine->minimiser);
  nst_image_unref (engine->content);
  nst_image_unref (engine->picture);
  nst_image_unref (engine->good);
  nst_scene_free (engine->scene);
  g_clear_object (&engine->cancellable);
  nst_model_unref (engine->model);
  g_free (engine);
}

/* Several runs */

void
nst_engine_keep_targets (NstEngine *engine)
{
  engine->keep_targets = TRUE;
}

gboolean
nst_engine_restart (NstEngine *engine, const NstRecipe *recipe, GError **error)
{
  if (!nst_recipe_validate (recipe, error))
    return FALSE;
  if (nst_recipe_compare (recipe, &engine->recipe) > NST_CHANGE_RUN)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("A run cannot start over with other layers, sizes or pooling"));
      return FALSE;
    }
  if (!nst_objective_set_recipe (engine->objective, recipe, error))
    return FALSE;

  engine->recipe = *recipe;
  nst_scales_set_iterations (&engine->scales, recipe);
  find_grey (engine);
  engine->scale = -1;
  engine->iteration = engine->done = engine->evaluations = 0;
  engine->clock = (NstClock){ 0 };
  engine->finished = FALSE;

  return TRUE;
}

/* Running */

/* The function that the minimiser minimises. */
static gboolean
total_loss (const float *x, float *gradient, double *value, gpointer data, GError **error)
{
  NstEngine *engine = data;

  engine->evaluations++;
  if (!nst_objective_evaluate (engine->objective, x, gradient, &engine->losses, engine->cancellable, error))
    return FALSE;

  if (engine->grey)
    nst_remove_colours (gradient, engine->picture->width, engine->picture->height);
  *value = engine->losses.total;
  if (engine->good != NULL && isfinite (*value))
    memcpy (engine->good->data, x, nst_image_bytes (engine->good));

  return TRUE;
}

void
nst_engine_get_status (NstEngine *engine, NstStatus *status)
{
  const int    scale = MAX (engine->scale, 0);
  const double done = nst_scales_work (&engine->scales, &engine->recipe, engine->scale, engine->iteration);
  const double total = nst_scales_work (&engine->scales, &engine->recipe, engine->scales.n, 0);

  *status = (NstStatus){
    .scale = scale,
    .n_scales = engine->scales.n,
    .width = engine->scales.widths[scale],
    .height = engine->scales.heights[scale],
    .iteration = engine->iteration,
    .iterations = engine->scales.iterations[scale],
    .done = engine->done,
    .evaluations = engine->evaluations,
    .fraction = engine->finished ? 1 : done / total,
    .left = engine->finished ? 0 : nst_clock_left (&engine->clock, &engine->scales, scale, engine->iteration),
    .losses = engine->losses,
    .finished = engine->finished,
  };
}

/* What the minimiser's result means for the run. FALSE: it ends here, with error set. */
static gboolean
take_step (NstEngine *engine, NstStep step, GError **error)
{
  switch (step)
    {
    case NST_STEP_NONFINITE:
      if (engine->good != NULL)
        memcpy (engine->picture->data, engine->good->data, nst_image_bytes (engine->picture));
      g_set_error (error, NST_ERROR, NST_ERROR_NONFINITE,
                   _ ("The losses stopped being numbers at scale %d of %d, iteration %d (content %g, style "
                      "%g); "
                      "the last good picture is kept. Smaller weights or a smaller learning rate help"),
                   engine->scale + 1, engine->scales.n, engine->iteration + 1, engine->losses.content,
                   engine->losses.style);
      return FALSE;
    case NST_STEP_STOPPED:
      return FALSE;
    case NST_STEP_CONVERGED:
      engine->iteration = engine->scales.iterations[engine->scale];
      engine->done++;
      return TRUE;
    case NST_STEP_GOOD:
      engine->iteration++;
      engine->done++;
      return TRUE;
    }

  g_return_val_if_reached (FALSE);
}

/* One iteration: a step, or a round of steps. A round that is stopped goes on with the next call. */
static NstStep
advance (NstEngine *engine, GError **error)
{
  NstMinimiser *minimiser = engine->minimiser;
  NstStep       step;
  int           steps;

  if (engine->recipe.evaluations > 0 && engine->recipe.optimizer == NST_OPTIMIZER_LBFGS && engine->steps == 0)
    nst_minimiser_reset (minimiser);
  do
    {
      const NstLosses losses = engine->losses;
      const int       evaluations = engine->evaluations, first = nst_minimiser_evaluations (minimiser);

      step = nst_minimiser_step (minimiser, engine->picture->data, total_loss, engine, error);
      if (step == NST_STEP_STOPPED)
        {
          engine->losses = losses;
          engine->evaluations = evaluations;
          return step;
        }
      engine->counted += nst_minimiser_evaluations (minimiser) - first;
    }
  while (step == NST_STEP_GOOD && ++engine->steps > 0 && engine->counted < engine->recipe.evaluations);

  steps = engine->steps;
  engine->steps = engine->counted = 0;

  /* Convergence within a round ends the round; only a round that converges at its first step ends the scale.
   */
  return step == NST_STEP_CONVERGED && steps > 0 ? NST_STEP_GOOD : step;
}

gboolean
nst_engine_scale_is_done (const NstEngine *engine)
{
  return engine->iteration >= engine->scales.iterations[engine->scale];
}

gboolean
nst_engine_step (NstEngine *engine, NstStatus *status, GError **error)
{
  gboolean good = TRUE;

  if (!engine->finished && (engine->scale < 0 || nst_engine_scale_is_done (engine)))
    good = enter_scale (engine, engine->scale + 1, error);
  if (good && !engine->finished && !engine->ready)
    good = nst_engine_prepare_scale (engine, error);
  if (good && !engine->finished)
    {
      const gint64 begun = g_get_monotonic_time ();
      const int    evaluations = engine->evaluations;

      good = take_step (engine, advance (engine, error), error);
      nst_clock_add (&engine->clock, &engine->scales, engine->scale, (g_get_monotonic_time () - begun) * 1e-6,
                     MAX (engine->evaluations - evaluations, 1));
      if (good && nst_engine_scale_is_done (engine))
        g_debug ("scale %d: %.2f s, %d evaluations so far, total loss %g", engine->scale + 1,
                 (g_get_monotonic_time () - engine->since) * 1e-6, engine->evaluations, engine->losses.total);
      engine->finished = good && nst_engine_scale_is_done (engine) && engine->scale == engine->scales.n - 1;
    }
  nst_engine_get_status (engine, status);

  return good;
}

void
nst_engine_set_balance (NstEngine *engine, const NstBalance *balance)
{
  NstRecipe *recipe = &engine->recipe;

  if (recipe->alpha == balance->alpha && recipe->beta == balance->beta && recipe->tv == balance->tv)
    return;

  recipe->alpha = balance->alpha;
  recipe->beta = balance->beta;
  recipe->tv = balance->tv;
  set_objective_balance (engine);
  if (engine->minimiser != NULL)
    nst_minimiser_reset (engine->minimiser);
}

NstImage *
nst_engine_get_image (NstEngine *engine, GError **error)
{
  NstImage *image;

  if (engine->picture == NULL)
    return nst_image_resize (engine->scene->content, engine->scales.widths[0], engine->scales.heights[0],
                             error);

  image = nst_image_copy (engine->picture, error);
  if (image == NULL)
    return NULL;
  nst_image_clamp_to_range (image, &engine->range);
  if (!nst_palette_finish (image, engine->content, engine->recipe.palette))
    {
      nst_image_unref (image);
      nst_objective_out_of_memory (error);
      return NULL;
    }

  return image;
}

NstImage *
nst_engine_get_result (NstEngine *engine, GError **error)
{
  g_autoptr (NstImage) image = nst_engine_get_image (engine, error);
  g_autoptr (NstMask)  share = NULL;
  g_autoptr (NstImage) content = NULL;

  if (image == NULL || !nst_regions_strength (engine->scene, image->width, image->height, &share, error))
    return NULL;
  if (share == NULL)
    return g_steal_pointer (&image);

  content = nst_image_at_size (engine->scene->content, image->width, image->height, error);
  if (content == NULL)
    return NULL;
  nst_image_blend_masked (image, content, share);

  return g_steal_pointer (&image);
}
