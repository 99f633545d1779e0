/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/error.h"
#include "core/run/engine-private.h"

static void
add_term (GArray *terms, const char *layer, char kind, double weight, double loss)
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
        const NstEngineTap *tap = &engine->taps[t];
        const char         *layer = engine->model->layers[tap->layer].name;

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
              const NstScene  *scene,
              NstImage        *picture,
              NstLosses       *losses,
              GArray         **terms,
              NstImage       **gradient,
              GError         **error)
{
  g_autoptr (NstEngine) engine = NULL;
  g_autoptr (NstImage)  slope = NULL;
  g_autoptr (NstScene)  from = nst_scene_copy (scene);
  NstRecipe             single = *recipe;
  double                value;

  single.scale_ratio = 1;
  single.init = NST_INIT_IMAGE;
  single.noise = 0;
  nst_scene_set_start (from, picture);
  engine = nst_engine_new (model, &single, from, NULL, error);
  if (engine == NULL)
    return FALSE;
  if (picture->width != engine->widths[0] || picture->height != engine->heights[0])
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                   "The picture to evaluate has %d x %d pixels; expected %d x %d", picture->width,
                   picture->height, engine->widths[0], engine->heights[0]);
      return FALSE;
    }

  slope = nst_image_new (picture->width, picture->height, error);
  if (slope == NULL || !nst_engine_begin_scale (engine, 0, error))
    return FALSE;
  nst_engine_objective (engine->picture->data, slope->data, &value, engine);

  *losses = engine->losses;
  if (terms != NULL)
    *terms = list_terms (engine);
  if (gradient != NULL)
    *gradient = g_steal_pointer (&slope);

  return TRUE;
}
