/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/loss/loss.h"
#include "core/run/engine-private.h"

/* Losses */

static double
content_factor (const NstEngine *engine, const NstEngineTap *tap)
{
  return tap->content ? engine->recipe.alpha * tap->content_weight * tap->content_slope : 0;
}

static double
style_factor (const NstEngine *engine, const NstEngineTap *tap)
{
  return tap->style ? engine->recipe.beta * tap->style_weight * tap->style_slope : 0;
}

static gboolean
tap_gradient (
    int layer, gsize first, gsize n, const float *features, float *gradient, int thread, gpointer data)
{
  NstEngine *engine = data;
  gboolean   added = FALSE;

  for (int t = 0; t < engine->n_taps; t++)
    {
      const NstEngineTap *tap = &engine->taps[t];
      const int           C = tap->metric->channels;
      const double        content = content_factor (engine, tap);

      if (tap->layer != layer)
        continue;
      if (content != 0)
        {
          nst_content_backward (tap->metric, n, features, tap->content_target + first * C, content, gradient,
                                engine->scratch + (gsize) thread * NST_TAP_FLOATS);
          added = TRUE;
        }
      if (style_factor (engine, tap) != 0)
        {
          nst_gram_backward (C, n, features, tap->packed, added, gradient);
          added = TRUE;
        }
    }

  return added;
}

/* Losses of one tap. */
static void
measure (NstEngine *engine, NstEngineTap *tap, const NstTensor *features)
{
  const NstRecipe *recipe = &engine->recipe;
  const gsize      pixels = (gsize) engine->picture->width * engine->picture->height,
              positions = nst_tensor_positions (features);
  double q;

  if (tap->content)
    {
      q = nst_content_distance (tap->metric, features, tap->content_target, engine->scratch);
      tap->content_loss = nst_content_loss (recipe->content_formula, q, tap->content_energy,
                                            tap->metric->projected, positions, &tap->content_slope);
      engine->losses.content += tap->content_weight * tap->content_loss;
    }
  if (tap->style)
    {
      nst_gram_moments (features, engine->moments, engine->scratch);
      q = nst_gram_distance (tap->metric, engine->moments, tap->style_target, engine->moments_gradient,
                             engine->scratch);
      tap->style_loss = nst_style_loss (recipe->style_formula, q, tap->style_energy, tap->metric->projected,
                                        positions, pixels, &tap->style_slope);
      engine->losses.style += tap->style_weight * tap->style_loss;
      nst_gram_pack (tap->metric->channels, engine->moments_gradient,
                     2 * style_factor (engine, tap) / positions, tap->packed);
    }
}

/* What the content looks like is what a picture is to look like. Without memory there is no target. */
static void
aim_at_content (NstEngine *engine, NstEngineTap *tap, const NstTensor *features)
{
  tap->content_length = nst_tensor_length (features);
  tap->content_target = nst_floats_try_new (tap->content_length);
  if (tap->content_target == NULL)
    return;
  memcpy (tap->content_target, features->data, tap->content_length * sizeof (float));
  nst_gram_moments (features, engine->moments, engine->scratch);
  tap->content_energy = nst_gram_energy (tap->metric, engine->moments, nst_tensor_positions (features));
}

static void
aim_at_style (NstEngine *engine, NstEngineTap *tap, const NstTensor *features)
{
  const int side = nst_metric_side (tap->metric);

  nst_gram_moments (features, engine->moments, engine->scratch);
  for (int i = 0; i < side * side; i++)
    tap->style_target[i] += engine->style_factor * engine->moments[i];
}

/* The network's NstTapSeen. */
void
nst_engine_seen (int layer, const NstTensor *features, gpointer data)
{
  NstEngine *engine = data;

  for (int t = 0; t < engine->n_taps; t++)
    {
      NstEngineTap *tap = &engine->taps[t];

      if (tap->layer != layer)
        continue;
      if (engine->looking == NST_LOOKING_AT_PICTURE)
        measure (engine, tap, features);
      else if (engine->looking == NST_LOOKING_AT_CONTENT && tap->content)
        aim_at_content (engine, tap, features);
      else if (engine->looking == NST_LOOKING_AT_STYLE && tap->style)
        aim_at_style (engine, tap, features);
    }
}

gboolean
nst_engine_objective (const float *x, float *gradient, double *value, gpointer data)
{
  NstEngine       *engine = data;
  const NstRecipe *recipe = &engine->recipe;

  engine->evaluations++;
  engine->looking = NST_LOOKING_AT_PICTURE;
  engine->losses.content = engine->losses.style = 0;
  if (!nst_network_forward (engine->network, x, engine->cancellable, &engine->stopped))
    return FALSE;
  if (!nst_network_backward (engine->network, tap_gradient, engine, gradient, engine->cancellable,
                             &engine->stopped))
    return FALSE;

  engine->losses.variation = nst_tv_loss (recipe->tv_formula, x, engine->picture->width,
                                          engine->picture->height, recipe->tv, gradient);
  engine->losses.total = recipe->alpha * engine->losses.content + recipe->beta * engine->losses.style
                         + recipe->tv * engine->losses.variation;
  *value = engine->losses.total;
  if (engine->good != NULL && isfinite (*value))
    memcpy (engine->good->data, x, nst_image_bytes (engine->good));

  return TRUE;
}

/* Targets */

/* A style at the pastiche's size, as the recipe fits it, but never below what the network can look at. */
static NstImage *
scale_style (
    const NstEngine *engine, const NstImage *style, int pastiche_width, int pastiche_height, GError **error)
{
  int smallest = nst_engine_smallest_side (engine->model, engine->taps[engine->n_taps - 1].layer + 1);
  int width, height;
  g_autoptr (NstImage) middle = NULL;

  nst_engine_style_size (&engine->recipe, smallest, style->width, style->height, pastiche_width,
                         pastiche_height, &width, &height);
  if (engine->recipe.style_fit == NST_STYLE_FIT_CROP)
    {
      style = middle = nst_image_crop_to_proportions (style, pastiche_width, pastiche_height, error);
      if (middle == NULL)
        return NULL;
    }

  return nst_image_resize (style, width, height, error);
}

gboolean
nst_engine_out_of_memory (GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, "There is not enough memory for this size");

  return FALSE;
}

gboolean
nst_engine_look_at_content (NstEngine *engine, GError **error)
{
  NstImage *image = engine->scaled_content;

  for (int t = 0; t < engine->n_taps; t++)
    g_clear_pointer (&engine->taps[t].content_target, nst_floats_free);
  engine->looking = NST_LOOKING_AT_CONTENT;
  if (!nst_network_resize (engine->network, image->width, image->height, error)
      || !nst_network_forward (engine->network, image->data, engine->cancellable, error))
    return FALSE;
  for (int t = 0; t < engine->n_taps; t++)
    if (engine->taps[t].content && engine->taps[t].content_target == NULL)
      return nst_engine_out_of_memory (error);

  return TRUE;
}

/* Add one style's share of each target: engine->style_factor * its moments. */
static gboolean
look_at_one (NstEngine *engine, const NstImage *style, GError **error)
{
  g_autoptr (NstImage) image = scale_style (engine, style, engine->scaled_content->width,
                                            engine->scaled_content->height, error);

  return image != NULL && nst_network_resize (engine->network, image->width, image->height, error)
         && nst_network_forward (engine->network, image->data, engine->cancellable, error);
}

gboolean
nst_engine_look_at_style (NstEngine *engine, GError **error)
{
  double sum = 0;

  if (engine->recipe.style_layers.n == 0)
    return TRUE;

  for (int i = 0; i < engine->scene->n_styles; i++)
    sum += engine->scene->styles[i].weight;
  for (int t = 0; t < engine->n_taps; t++)
    if (engine->taps[t].style)
      memset (engine->taps[t].style_target, 0,
              nst_metric_side (engine->taps[t].metric) * nst_metric_side (engine->taps[t].metric)
                  * sizeof (float));
  engine->looking = NST_LOOKING_AT_STYLE;
  for (int i = 0; i < engine->scene->n_styles; i++)
    {
      engine->style_factor = engine->scene->styles[i].weight / sum;
      if (!look_at_one (engine, engine->scene->styles[i].image, error))
        return FALSE;
    }
  for (int t = 0; t < engine->n_taps; t++)
    if (engine->taps[t].style)
      engine->taps[t].style_energy = nst_gram_distance (engine->taps[t].metric, engine->taps[t].style_target,
                                                        NULL, NULL, engine->scratch);

  return TRUE;
}
