/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paints a layer step by step, without a window: what is to be painted, and what a change of it costs. */
#include "ui/painter/painter-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/thread.h"
#include "ui/painter/load.h"
#include "ui/painter/stage.h"
#include "weights/model-file.h"

#define SETTLE 300 /* milliseconds without another change before a run starts over */

G_DEFINE_TYPE (NstPainter, nst_painter, G_TYPE_OBJECT)

static guint changed_signal;

void
nst_painter_changed (NstPainter *painter, NstPainterChange changes)
{
  g_signal_emit (painter, changed_signal, 0, (guint) changes);
}

/* Takes error; NULL: no error any more. */
void
nst_painter_report (NstPainter *painter, GError *error)
{
  if (error != NULL)
    g_debug ("failed: %s", error->message);
  g_clear_error (&painter->error);
  painter->error = error;
  nst_painter_changed (painter, NST_PAINTER_CHANGED_ERROR | NST_PAINTER_CHANGED_STATE);
}

/* Changes of what is to be painted */

static void
calibrated (gpointer painter)
{
  nst_painter_changed (painter, NST_PAINTER_CHANGED_ESTIMATE);
}

static void
calibrate (NstPainter *painter)
{
  nst_pace_calibrate (&painter->pace, painter->model, &painter->recipe, painter->sources.content, calibrated,
                      painter);
}

static gboolean
settled (gpointer data)
{
  NstPainter *painter = data;

  painter->restart = 0;
  nst_painter_start_unasked (painter);

  return G_SOURCE_REMOVE;
}

/* Bring the current run in line with the recipe. */
static void
update_run (NstPainter *painter, gboolean new_pictures)
{
  const NstRecipe *recipe = &painter->recipe;
  NstRecipe       *run = &painter->run_recipe, wanted = *recipe;
  NstChange        change;

  if (painter->job == NULL && painter->picture == NULL)
    return;

  g_clear_handle_id (&painter->restart, g_source_remove);
  g_clear_handle_id (&painter->rest, g_source_remove);
  wanted.size = run->size; /* chosen for each run */
  change = nst_recipe_compare (run, &wanted);
  if (new_pictures || change > NST_CHANGE_BALANCE)
    {
      if (!painter->stopped && !painter->finishing)
        painter->restart = g_timeout_add (SETTLE, settled, painter);
      return;
    }
  if (change < NST_CHANGE_BALANCE)
    {
      nst_painter_settle (painter);
      return;
    }

  painter->steered = TRUE;
  if (painter->job != NULL && nst_job_state (painter->job) <= NST_JOB_PAUSED && !painter->behind)
    {
      run->alpha = recipe->alpha;
      run->beta = recipe->beta;
      run->tv = recipe->tv;
      nst_job_set_balance (painter->job, &(NstBalance){ recipe->alpha, recipe->beta, recipe->tv });
    }
  else if (painter->picture != NULL && !painter->stopped && !painter->finishing)
    nst_painter_begin (painter, MIN (painter->run_size, nst_painter_preview_size (painter)),
                       NST_FROM_PICTURE);
}

/* model: that of recipe, taken; NULL: it stays. more: NULL, or the other pictures to name from now on; taken.
 */
static void
take_recipe (NstPainter *painter, const NstRecipe *recipe, NstModel *model, NstMorePictures *more)
{
  const gboolean new_colours = recipe->palette != painter->recipe.palette;
  const int      size = painter->recipe.size;
  gboolean       new_pictures = FALSE;

  if (model != NULL)
    {
      nst_model_unref (painter->model);
      painter->model = model;
    }
  if (more != NULL)
    new_pictures = nst_sources_take_more (&painter->sources, more);

  painter->recipe = *recipe;
  painter->recipe.size = size;
  if (painter->recipe.init == NST_INIT_IMAGE && painter->sources.more.start == NULL)
    painter->recipe.init = NST_INIT_CONTENT;
  if (model != NULL)
    calibrate (painter);
  update_run (painter, new_pictures);
  nst_painter_changed (painter,
                       NST_PAINTER_CHANGED_ESTIMATE | (new_colours ? NST_PAINTER_CHANGED_FINISH : 0));
}

static void
model_loaded (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstPainter    *painter = data; /* no longer valid when cancelled */
  GError        *error = NULL;
  NstModel      *model = nst_load_model_finish (result, &error);
  const NstStart how = model != NULL ? painter->start_after : NST_START_NOT;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_error_free (error);
      return;
    }

  g_clear_object (&painter->loading);
  if (model != NULL)
    {
      g_debug ("loaded model %s", painter->wanted.model);
      take_recipe (painter, &painter->wanted, model, painter->of_layer ? &painter->wanted_more : NULL);
      painter->foreign = painter->of_layer;
    }
  else
    nst_painter_report (painter, error);
  nst_painter_stop_loading (painter);
  nst_painter_changed (painter, NST_PAINTER_CHANGED_RECIPE | NST_PAINTER_CHANGED_STATE);
  if (how != NST_START_NOT)
    nst_painter_start_how (painter, how);
}

/* Takes recipe, at once or when its model is loaded. more: NULL, or the pictures that came with it from a
 * layer; taken. */
static void
request_recipe (NstPainter *painter, const NstRecipe *recipe, NstMorePictures *more)
{
  const gboolean of_layer = more != NULL;

  nst_painter_stop_loading (painter);
  if (strcmp (recipe->model, painter->recipe.model) == 0)
    {
      take_recipe (painter, recipe, NULL, more);
      painter->foreign |= of_layer;
      return;
    }

  painter->wanted = *recipe;
  painter->of_layer = of_layer;
  if (of_layer)
    {
      painter->wanted_more = *more;
      *more = (NstMorePictures){ NULL };
    }
  painter->loading = g_cancellable_new ();
  nst_load_model_async (recipe->model, painter->loading, model_loaded, painter);
  nst_painter_changed (painter, NST_PAINTER_CHANGED_STATE);
}

void
nst_painter_set_recipe (NstPainter *painter, const NstRecipe *recipe)
{
  request_recipe (painter, recipe, NULL);
}

gboolean
nst_painter_use_settings (NstPainter *painter, const NstSettings *settings, gboolean pictures, GError **error)
{
  g_auto (NstMorePictures) more = { NULL };
  NstRecipe                recipe;

  if (!nst_settings_get_recipe (settings, &recipe, error)
      || (pictures && !nst_settings_get_more (settings, &more, error)))
    return FALSE;

  if ((pictures ? more.start : painter->sources.more.start) != NULL)
    recipe.init = NST_INIT_IMAGE;
  request_recipe (painter, &recipe, pictures ? &more : NULL);

  return TRUE;
}

const char *
nst_painter_loading (NstPainter *painter)
{
  return painter->loading != NULL ? painter->wanted.model : NULL;
}

gboolean
nst_painter_is_settling (NstPainter *painter)
{
  return painter->restart != 0 || painter->rest != 0;
}

int
nst_painter_size (NstPainter *painter)
{
  return painter->size;
}

void
nst_painter_set_size (NstPainter *painter, int size)
{
  const int longest = MAX (painter->sources.width, painter->sources.height);

  painter->size = MIN (size, longest);
  painter->recipe.size = size < longest ? size : 0;
  nst_painter_changed (painter, NST_PAINTER_CHANGED_STATE | NST_PAINTER_CHANGED_ESTIMATE);
}

double
nst_painter_strength (NstPainter *painter)
{
  return painter->strength;
}

void
nst_painter_set_strength (NstPainter *painter, double strength)
{
  painter->strength = CLAMP (strength, 0, 1);
  nst_painter_changed (painter, NST_PAINTER_CHANGED_FINISH);
}

gboolean
nst_painter_set_style (NstPainter *painter, int drawable, const char *file, GError **error)
{
  const gboolean good = nst_sources_set_style (&painter->sources, drawable, file, error);

  nst_painter_changed (painter,
                       NST_PAINTER_CHANGED_STYLE | NST_PAINTER_CHANGED_STATE | NST_PAINTER_CHANGED_ESTIMATE);

  return good;
}

void
nst_painter_save (NstPainter *painter, NstSettings *settings)
{
  const NstSources *sources = &painter->sources;
  NstMorePictures   used = sources->more;

  if (painter->recipe.init != NST_INIT_IMAGE)
    used.start = NULL;
  g_free (settings->style_file);
  settings->style_drawable = sources->style_drawable;
  settings->style_file = g_strdup (sources->style_file);
  settings->strength = painter->strength;
  nst_settings_set_recipe (settings, &painter->recipe);
  nst_settings_set_more (settings, &used);
}

/* What was painted */

const NstSources *
nst_painter_sources (NstPainter *painter)
{
  return &painter->sources;
}

const NstRecipe *
nst_painter_recipe (NstPainter *painter)
{
  return &painter->recipe;
}

NstModel *
nst_painter_model (NstPainter *painter)
{
  return painter->model;
}

NstPainterState
nst_painter_state (NstPainter *painter)
{
  return painter->state;
}

const GError *
nst_painter_error (NstPainter *painter)
{
  return painter->error;
}

NstImage *
nst_painter_picture (NstPainter *painter)
{
  return painter->picture;
}

NstStatus
nst_painter_status (NstPainter *painter)
{
  return painter->status;
}

guint
nst_painter_runs (NstPainter *painter)
{
  return painter->runs;
}

int
nst_painter_run_size (NstPainter *painter)
{
  return painter->run_size;
}

void
nst_painter_show_async (NstPainter         *painter,
                        NstFinishConvert    convert,
                        GDestroyNotify      free_converted,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            data)
{
  const NstFinish     how = { painter->picture->width, painter->picture->height, painter->recipe.palette,
                              painter->strength };
  g_autoptr (NstMask) share = NULL;

  /* Without memory for it the whole picture is shown; the result fails with an error. */
  nst_sources_get_share (&painter->sources, how.width, how.height, &share, NULL);
  nst_finish_async (painter->picture, painter->sources.content, share, &how, convert, free_converted,
                    cancellable, callback, data);
}

void
nst_painter_estimate (NstPainter *painter, int size, NstEstimate *estimate)
{
  const int       from = nst_painter_longer_side (painter->picture);
  const NstRecipe recipe = nst_stage_recipe (&painter->recipe, &painter->sources, size,
                                             from < size ? from : 0);
  NstPlan         plan = { 0 };

  estimate->possible = nst_stage_plan (&plan, painter->model, &recipe, &painter->sources, NULL);
  estimate->painted = from >= size && !nst_painter_is_active (painter);
  estimate->seconds = nst_pace_predict (&painter->pace, &plan);
  estimate->bytes = plan.bytes;
}

double
nst_painter_elapsed (NstPainter *painter)
{
  return nst_pace_elapsed (&painter->pace);
}

double
nst_painter_spent (NstPainter *painter)
{
  return nst_pace_spent (&painter->pace);
}

double
nst_painter_left (NstPainter *painter)
{
  return nst_pace_left (&painter->pace, &painter->status);
}

/* The object */

static void
nst_painter_dispose (GObject *object)
{
  NstPainter *painter = NST_PAINTER (object);

  g_cancellable_cancel (painter->cancellable);
  nst_painter_stop_loading (painter);
  nst_pace_end (&painter->pace);
  g_clear_handle_id (&painter->restart, g_source_remove);
  g_clear_handle_id (&painter->rest, g_source_remove);
  g_clear_pointer (&painter->job, nst_job_free);
  painter->state = NST_PAINTER_ENDED;
  G_OBJECT_CLASS (nst_painter_parent_class)->dispose (object);
}

static void
nst_painter_finalize (GObject *object)
{
  NstPainter *painter = NST_PAINTER (object);

  nst_pace_clear (&painter->pace);
  nst_sources_clear (&painter->sources);
  g_clear_pointer (&painter->model, nst_model_unref);
  nst_image_unref (painter->picture);
  nst_image_unref (painter->behind_picture);
  nst_image_unref (painter->result);
  g_clear_error (&painter->error);
  g_object_unref (painter->cancellable);
  G_OBJECT_CLASS (nst_painter_parent_class)->finalize (object);
}

static void
nst_painter_class_init (NstPainterClass *class)
{
  G_OBJECT_CLASS (class)->dispose = nst_painter_dispose;
  G_OBJECT_CLASS (class)->finalize = nst_painter_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
nst_painter_init (NstPainter *painter)
{
  painter->cancellable = g_cancellable_new ();
  nst_pace_init (&painter->pace);
}

NstPainter *
nst_painter_new (NstHost *host, const NstSettings *settings, GError **error)
{
  g_autoptr (NstPainter) painter = g_object_new (NST_TYPE_PAINTER, NULL);
  NstRecipe              recipe;

  /* The default recipe has the built-in model, which is there at once. */
  nst_recipe_init (&painter->recipe);
  if (!nst_task_prepare (error) || !nst_settings_get_recipe (settings, &recipe, error)
      || (painter->model = nst_model_get (painter->recipe.model, error)) == NULL
      || !nst_sources_init (&painter->sources, host, settings, error))
    return NULL;

  if (painter->sources.more.start != NULL)
    recipe.init = NST_INIT_IMAGE;
  painter->strength = settings->strength;
  nst_painter_set_size (painter, recipe.size > 0 ? recipe.size : G_MAXINT);
  calibrate (painter);
  request_recipe (painter, &recipe, NULL);

  return g_steal_pointer (&painter);
}
