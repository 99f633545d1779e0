/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole run without a dialog, from the host's layer to the host's layer. */
#include "host/paint.h"

#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/image/finish.h"
#include "core/run/engine.h"
#include "core/scene/regions.h"
#include "host/scene.h"
#include "weights/model-file.h"

static void
show_progress (NstHost *host, const NstImage *content, const NstStatus *status, gboolean new_scale)
{
  g_autofree char *text = NULL;

  if (new_scale)
    text = g_strdup_printf (_ ("Painting %d × %d, scale %d of %d (the layer is %d × %d)"), status->width,
                            status->height, status->scale + 1, status->n_scales, content->width,
                            content->height);
  nst_host_progress (host, status->fraction, text);
}

/* Steps engine to the end. FALSE: there is no picture worth writing, and error is set. */
static gboolean
run_engine (NstHost *host, NstEngine *engine, const NstImage *content, GError **error)
{
  g_autoptr (GError) failure = NULL;
  NstStatus          status = { 0 };
  int                scale = -1;

  while (!status.finished && nst_engine_step (engine, &status, &failure))
    {
      show_progress (host, content, &status, status.scale != scale);
      scale = status.scale;
    }

  if (g_error_matches (failure, NST_ERROR, NST_ERROR_NONFINITE))
    {
      g_message (_ ("Painting stopped early, and the last good picture is used: %s"), failure->message);
      return TRUE;
    }
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));

  return status.finished;
}

/* Runs the engine and finishes the picture: size of the content, colours, strength. */
static NstImage *
make_picture (
    NstHost *host, NstScene *scene, double strength, NstModel *model, const NstRecipe *recipe, GError **error)
{
  const NstImage       *content = scene->content;
  NstRecipe             painting = *recipe;
  g_autoptr (NstEngine) engine = NULL;
  g_autoptr (NstImage)  painted = NULL;
  g_autoptr (NstMask)   share = NULL;

  painting.palette = 1;
  engine = nst_engine_new (model, &painting, scene, NULL, error);
  if (engine == NULL || !run_engine (host, engine, content, error))
    return NULL;

  painted = nst_engine_get_image (engine, error);
  if (painted == NULL)
    return NULL;

  if (!nst_regions_strength (scene, content->width, content->height, &share, error))
    return NULL;

  return nst_finish (painted, content, content->width, content->height, recipe->palette, strength, share,
                     error);
}

gboolean
nst_paint (NstHost *host, const NstSettings *settings, GError **error)
{
  g_autoptr (NstModel)     model = NULL;
  g_autoptr (NstImage)     content = NULL;
  g_autoptr (NstScene)     scene = NULL;
  g_autoptr (NstImage)     picture = NULL;
  g_auto (NstMorePictures) more = { NULL };
  g_autofree char         *text = NULL;
  NstRecipe                recipe;
  NstPlan                  plan;

  if (!nst_settings_get_recipe (settings, &recipe, error) || !nst_settings_get_more (settings, &more, error))
    return FALSE;
  if (more.start != NULL)
    recipe.init = NST_INIT_IMAGE;
  else if (recipe.init == NST_INIT_IMAGE)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The recipe starts from an image (\"init\"); name its file as \"start_file\""));
      return FALSE;
    }
  content = nst_host_read_content (host, settings->output, 0, error);
  if (content == NULL)
    return FALSE;

  /* Nothing is painted larger than the layer: it would only be scaled down again. */
  if (recipe.size >= MAX (content->width, content->height))
    recipe.size = 0;

  nst_host_progress (host, 0.0, _ ("Loading the model and the style"));
  model = nst_model_get (recipe.model, error);
  if (model == NULL)
    return FALSE;
  if (!nst_plan (&plan, model, &recipe, content->width, content->height, NULL, error))
    {
      g_prefix_error (error, _ ("The layer has %d × %d pixels. "), content->width, content->height);
      return FALSE;
    }
  g_debug ("Layer of %d x %d pixels, model %s, %d scales, %" G_GSIZE_FORMAT " bytes planned", content->width,
           content->height, recipe.model, plan.n_scales, plan.bytes);

  scene = nst_host_read_scene (host, settings, content, error);
  if (scene == NULL)
    return FALSE;
  picture = make_picture (host, scene, settings->strength, model, &recipe, error);
  if (picture == NULL)
    return FALSE;

  text = nst_settings_to_json (settings, &recipe, NULL);
  return nst_host_write (host, picture, settings->output, text, error);
}
