/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/base/error.h"
#include "core/run/engine-private.h"

/* Several runs with the same pictures and layers, but other weights: what the network makes of content and
 * style is seen once at each scale, and kept. */

void
nst_engine_keep_targets (NstEngine *engine)
{
  engine->keep_targets = TRUE;
}

/* A copy into to, which is allocated if there is something to copy and to is not there yet. */
static gboolean
copy (float **to, const float *from, gsize n, GError **error)
{
  if (from == NULL)
    return TRUE;
  if (*to == NULL)
    *to = nst_floats_try_new (n);
  if (*to == NULL)
    return nst_engine_out_of_memory (error);
  memcpy (*to, from, n * sizeof (float));

  return TRUE;
}

static gsize
style_length (const NstEngineTap *tap)
{
  gsize side = nst_metric_side (tap->metric);

  return side * side;
}

gboolean
nst_engine_store_targets (NstEngine *engine, int scale, GError **error)
{
  NstEngineTarget *targets = g_new0 (NstEngineTarget, engine->n_taps);

  engine->targets[scale] = targets;
  for (int t = 0; t < engine->n_taps; t++)
    {
      const NstEngineTap *tap = &engine->taps[t];

      targets[t].content_energy = tap->content_energy;
      targets[t].style_energy = tap->style_energy;
      targets[t].content_length = tap->content_length;
      if (!copy (&targets[t].content, tap->content_target, tap->content_length, error)
          || !copy (&targets[t].style, tap->style_target, style_length (tap), error))
        {
          nst_engine_free_targets (engine, scale);
          return FALSE;
        }
    }

  return TRUE;
}

gboolean
nst_engine_recall_targets (NstEngine *engine, int scale, GError **error)
{
  const NstEngineTarget *targets = engine->targets[scale];

  for (int t = 0; t < engine->n_taps; t++)
    {
      NstEngineTap *tap = &engine->taps[t];

      tap->content_energy = targets[t].content_energy;
      tap->style_energy = targets[t].style_energy;
      tap->content_length = targets[t].content_length;
      g_clear_pointer (&tap->content_target, nst_floats_free);
      if (!copy (&tap->content_target, targets[t].content, targets[t].content_length, error)
          || !copy (&tap->style_target, targets[t].style, style_length (tap), error))
        return FALSE;
    }

  return TRUE;
}

void
nst_engine_free_targets (NstEngine *engine, int scale)
{
  if (engine->targets[scale] == NULL)
    return;

  for (int t = 0; t < engine->n_taps; t++)
    {
      nst_floats_free (engine->targets[scale][t].content);
      nst_floats_free (engine->targets[scale][t].style);
    }
  g_clear_pointer (&engine->targets[scale], g_free);
}

gboolean
nst_engine_restart (NstEngine *engine, const NstRecipe *recipe, GError **error)
{
  const NstRecipe *old = &engine->recipe;
  NstEngineTap     taps[2 * NST_MAX_TAPS];
  int              n;
  gboolean         same;

  if (!nst_recipe_validate (recipe, error)
      || (n = nst_engine_find_taps (engine->model, recipe, taps, error)) == 0)
    return FALSE;
  same = n == engine->n_taps && recipe->size == old->size && recipe->first_size == old->first_size
         && recipe->scale_ratio == old->scale_ratio && recipe->style_scale == old->style_scale
         && recipe->style_fit == old->style_fit && recipe->pooling == old->pooling;
  for (int t = 0; same && t < n; t++)
    same = taps[t].layer == engine->taps[t].layer && taps[t].content == engine->taps[t].content
           && taps[t].style == engine->taps[t].style;
  if (!same)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   "A run cannot start over with other layers, sizes or pooling");
      return FALSE;
    }

  engine->recipe = *recipe;
  for (int t = 0; t < n; t++)
    {
      engine->taps[t].content_weight = taps[t].content_weight;
      engine->taps[t].style_weight = taps[t].style_weight;
    }
  engine->scale = -1;
  engine->iteration = engine->evaluations = 0;
  engine->total_work = nst_engine_work (recipe, engine->n_scales, engine->widths, engine->heights);
  engine->done_work = 0;
  engine->finished = FALSE;
  g_clear_error (&engine->stopped);

  return TRUE;
}
