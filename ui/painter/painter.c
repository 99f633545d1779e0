/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paints a layer step by step, without a window: which run is started when, with which recipe and pictures.
 */
#include "ui/painter/painter.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/thread.h"
#include "ui/painter/load.h"
#include "ui/painter/pace.h"
#include "ui/painter/stage.h"
#include "weights/model-file.h"

#define SETTLE 300 /* milliseconds without another change before a run starts over */

/* Memory and work of a preview, relative to the default recipe's, beyond which it is not started unasked. */
#define COSTLY_BYTES 4
#define COSTLY_WORK 10

/* Whether to start, and whether the user wants this run, whatever it costs. */
typedef enum
{
  START_NOT,
  START_UNASKED,
  START_ASKED,
} Start;

struct _NstPainter
{
  GObject parent;

  /* What is to be painted. */
  NstSources sources;
  NstRecipe  recipe;
  NstModel  *model; /* ref; recipe.model */
  int        size;  /* longer side of the result */
  double     strength;

  /* A recipe whose model is being loaded in a thread. */
  GCancellable   *loading; /* ref; NULL: there is none */
  NstRecipe       wanted;
  NstMorePictures wanted_more; /* owned */
  gboolean        of_layer;    /* wanted and wanted_more came with a layer */
  Start           start_after; /* what to do once it is taken */

  /* The current run. */
  NstJob         *job;        /* owned; NULL: none was started */
  NstRecipe       run_recipe; /* what it was started with, and the weights that it was given since */
  int             run_size;   /* longer side that it ends with */
  guint           runs;
  NstPainterState state;     /* as announced; the job itself may be further */
  gboolean        stopped;   /* by the user: a change of the recipe does not start another run */
  gboolean        foreign;   /* the recipe came with a layer, and the user has not started with it yet */
  gboolean        finishing; /* its picture becomes the result */
  guint           restart;   /* source: start over when changes have settled */
  NstStatus       status;    /* newest; all zero: no run */
  NstImage       *picture;   /* ref; the newest one as the engine painted it, or NULL */
  NstImage       *result;    /* ref; not taken yet */
  GError         *error;     /* owned */

  NstPace       pace;
  GCancellable *cancellable; /* ref; of the result that is being finished */
};

G_DEFINE_TYPE (NstPainter, nst_painter, G_TYPE_OBJECT)

static guint changed_signal;

static void begin (NstPainter *painter, int size, gboolean from_picture);

static void
changed (NstPainter *painter, NstPainterChange changes)
{
  g_signal_emit (painter, changed_signal, 0, (guint) changes);
}

/* Takes error; NULL: no error any more. */
static void
report (NstPainter *painter, GError *error)
{
  if (error != NULL)
    g_debug ("failed: %s", error->message);
  g_clear_error (&painter->error);
  painter->error = error;
  changed (painter, NST_PAINTER_CHANGED_ERROR | NST_PAINTER_CHANGED_STATE);
}

static int
longer_side (const NstImage *image)
{
  return image != NULL ? MAX (image->width, image->height) : 0;
}

static gboolean
is_active (NstPainter *painter)
{
  return painter->state == NST_PAINTER_PAINTING || painter->state == NST_PAINTER_PAUSED;
}

/* The result */

static void
result_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstPainter        *painter = data; /* no longer valid when cancelled */
  g_autoptr (GError) error = NULL;
  NstImage          *picture = nst_finish_get (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (!painter->finishing) /* stopped or started over in the meantime */
    {
      nst_image_unref (picture);
      return;
    }

  painter->finishing = FALSE;
  if (picture == NULL)
    {
      report (painter, g_steal_pointer (&error));
      return;
    }

  g_debug ("result of %d x %d is ready", picture->width, picture->height);
  nst_image_unref (painter->result);
  painter->result = picture;
  changed (painter, NST_PAINTER_CHANGED_RESULT | NST_PAINTER_CHANGED_STATE);
}

static void
make_result (NstPainter *painter)
{
  NstSources     *sources = &painter->sources;
  const NstFinish how = { sources->width, sources->height, painter->recipe.palette, painter->strength };
  NstImage       *content = NULL;
  GError         *error = NULL;

  if (how.palette < 1 || how.strength < 1)
    {
      content = nst_sources_get_content (sources, MAX (sources->width, sources->height), &error);
      if (content == NULL)
        {
          painter->finishing = FALSE;
          report (painter, error);
          return;
        }
    }

  nst_finish_async (painter->picture, content, &how, NULL, NULL, painter->cancellable, result_ready, painter);
}

/* The run that the result waited for has ended. */
static void
continue_to_result (NstPainter *painter)
{
  if (painter->size > painter->run_size)
    begin (painter, painter->size, TRUE);
  else
    make_result (painter);
}

/* Runs */

static void
job_changed (NstJob *job, gpointer data)
{
  NstPainter       *painter = data;
  const NstJobState state = nst_job_state (job);
  const NstStatus   status = nst_job_status (job);
  NstImage         *snapshot = nst_job_take_snapshot (job);
  NstPainterChange  changes = NST_PAINTER_CHANGED_STATE | NST_PAINTER_CHANGED_ESTIMATE;

  painter->status = status;
  nst_pace_add (&painter->pace, &status);
  if (snapshot != NULL)
    {
      nst_image_unref (painter->picture);
      painter->picture = snapshot;
      changes |= NST_PAINTER_CHANGED_PICTURE;
    }
  if (state > NST_JOB_PAUSED)
    {
      g_debug ("run %u ended after %.2f s", painter->runs, nst_pace_elapsed (&painter->pace));
      nst_pace_pause (&painter->pace);
      painter->state = NST_PAINTER_ENDED;
    }
  if (state == NST_JOB_FAILED)
    {
      painter->finishing = FALSE;
      g_clear_error (&painter->error);
      painter->error = g_error_copy (nst_job_error (job));
      changes |= NST_PAINTER_CHANGED_ERROR;
    }
  changed (painter, changes);
  if (state == NST_JOB_FINISHED && painter->finishing && painter->picture != NULL)
    continue_to_result (painter);
}

/* Paint up to size, from the picture that is there or from the beginning. */
static void
begin (NstPainter *painter, int size, gboolean from_picture)
{
  const int            from = from_picture ? longer_side (painter->picture) : 0;
  const NstRecipe      recipe = nst_stage_recipe (&painter->recipe, &painter->sources, size, from);
  g_autoptr (NstScene) scene = nst_sources_make_scene (&painter->sources);
  GError              *error = NULL;
  NstImage            *content = NULL;
  NstPlan              plan;

  g_clear_handle_id (&painter->restart, g_source_remove);
  if (nst_stage_plan (&plan, painter->model, &recipe, &painter->sources, &error))
    content = nst_sources_get_content (&painter->sources, size, &error);
  if (content == NULL)
    {
      painter->finishing = FALSE;
      report (painter, error);
      return;
    }

  g_clear_pointer (&painter->job, nst_job_free);
  painter->run_recipe = painter->recipe;
  painter->run_size = size;
  painter->runs++;
  painter->state = NST_PAINTER_PAINTING;
  painter->stopped = FALSE;
  nst_pace_begin (&painter->pace, &plan);
  nst_scene_set_content (scene, content);
  if (recipe.init == NST_INIT_IMAGE)
    nst_scene_set_start (scene, from_picture ? painter->picture : painter->sources.start);
  if (!from_picture)
    g_clear_pointer (&painter->picture, nst_image_unref);
  g_debug ("run %u: up to %d pixels, from %d; %d styles", painter->runs, size, from, scene->n_styles);
  painter->status = (NstStatus){ .n_scales = 1 };
  painter->job = nst_job_start (painter->model, &recipe, scene, job_changed, painter);
  report (painter, NULL);
  changed (painter, NST_PAINTER_CHANGED_ESTIMATE | (from_picture ? 0 : NST_PAINTER_CHANGED_PICTURE));
}

/* Whether a preview costs far more than by the default recipe with this model; then reports how much. */
static gboolean
is_costly (NstPainter *painter, int size)
{
  const NstRecipe recipe = nst_stage_recipe (&painter->recipe, &painter->sources, size, 0);
  NstRecipe       usual, usual_stage;
  NstPlan         plan, usual_plan;

  nst_recipe_init (&usual);
  usual_stage = nst_stage_recipe (&usual, &painter->sources, size, 0);
  if (!nst_stage_plan (&plan, painter->model, &recipe, &painter->sources, NULL)
      || !nst_stage_plan (&usual_plan, painter->model, &usual_stage, &painter->sources, NULL))
    return FALSE; /* begin () reports what is wrong */
  if (plan.bytes <= COSTLY_BYTES * usual_plan.bytes
      && plan.pixel_iterations <= COSTLY_WORK * usual_plan.pixel_iterations)
    return FALSE;

  report (painter,
          g_error_new (NST_ERROR, NST_ERROR_SIZE,
                       _ ("A preview by these settings takes %.1f GB of memory (by default %.1f GB) and %.1f "
                          "times the work. Press Start to paint it anyway."),
                       MAX (0.1, plan.bytes * 1e-9), MAX (0.1, usual_plan.bytes * 1e-9),
                       plan.pixel_iterations / usual_plan.pixel_iterations));
  return TRUE;
}

static void
start (NstPainter *painter, Start how)
{
  const gboolean is_read = painter->sources.style != NULL;
  GError        *error = NULL;
  gboolean       good;
  int            size;

  if (painter->loading != NULL)
    {
      painter->start_after = MAX (painter->start_after, how);
      return;
    }

  good = nst_sources_read (&painter->sources, &error);
  painter->finishing = FALSE;
  if (!is_read)
    changed (painter, NST_PAINTER_CHANGED_STYLE | NST_PAINTER_CHANGED_STATE);
  if (painter->sources.more.start == NULL && painter->recipe.init == NST_INIT_IMAGE)
    painter->recipe.init = NST_INIT_CONTENT;
  if (!good)
    {
      report (painter, error);
      return;
    }

  size = nst_stage_preview_size (painter->model, &painter->recipe, &painter->sources, painter->size);
  if (how != START_ASKED && painter->foreign && is_costly (painter, size))
    {
      nst_painter_stop (painter);
      return;
    }

  painter->foreign = FALSE;
  begin (painter, size, FALSE);
}

void
nst_painter_start (NstPainter *painter)
{
  start (painter, START_ASKED);
}

void
nst_painter_start_unasked (NstPainter *painter)
{
  start (painter, START_UNASKED);
}

/* Whether a model was being loaded. */
static gboolean
stop_loading (NstPainter *painter)
{
  const gboolean loading = painter->loading != NULL;

  if (loading)
    g_cancellable_cancel (painter->loading);
  g_clear_object (&painter->loading);
  nst_more_pictures_clear (&painter->wanted_more);
  painter->start_after = START_NOT;

  return loading;
}

void
nst_painter_pause (NstPainter *painter)
{
  if (painter->state != NST_PAINTER_PAINTING)
    return;

  nst_job_pause (painter->job);
  nst_pace_pause (&painter->pace);
  painter->state = NST_PAINTER_PAUSED;
  changed (painter, NST_PAINTER_CHANGED_STATE);
}

void
nst_painter_resume (NstPainter *painter)
{
  if (painter->state != NST_PAINTER_PAUSED)
    return;

  nst_job_resume (painter->job);
  nst_pace_resume (&painter->pace);
  painter->state = NST_PAINTER_PAINTING;
  changed (painter, NST_PAINTER_CHANGED_STATE);
}

void
nst_painter_stop (NstPainter *painter)
{
  const gboolean loading = stop_loading (painter);

  g_clear_handle_id (&painter->restart, g_source_remove);
  painter->stopped = TRUE;
  painter->finishing = FALSE;
  if (is_active (painter))
    nst_job_stop (painter->job);
  changed (painter, NST_PAINTER_CHANGED_STATE | (loading ? NST_PAINTER_CHANGED_RECIPE : 0));
}

gboolean
nst_painter_can_paint_on (NstPainter *painter)
{
  return painter->picture != NULL && !painter->finishing && painter->loading == NULL
         && painter->size > painter->run_size;
}

void
nst_painter_paint_on (NstPainter *painter)
{
  if (nst_painter_can_paint_on (painter))
    begin (painter, painter->size, TRUE);
}

void
nst_painter_finish (NstPainter *painter)
{
  if (painter->picture == NULL || painter->finishing || painter->loading != NULL)
    return;

  g_clear_handle_id (&painter->restart, g_source_remove);
  painter->finishing = TRUE;
  report (painter, NULL);
  if (!is_active (painter))
    continue_to_result (painter);
  else
    nst_painter_resume (painter);
}

gboolean
nst_painter_is_finishing (NstPainter *painter)
{
  return painter->finishing;
}

NstImage *
nst_painter_take_result (NstPainter *painter)
{
  return g_steal_pointer (&painter->result);
}

/* Changes of what is to be painted */

static void
calibrated (gpointer painter)
{
  changed (painter, NST_PAINTER_CHANGED_ESTIMATE);
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

  if (painter->job == NULL)
    return;

  g_clear_handle_id (&painter->restart, g_source_remove);
  wanted.size = run->size; /* chosen for each run */
  change = nst_recipe_compare (run, &wanted);
  if (new_pictures || change > NST_CHANGE_BALANCE)
    {
      if (!painter->stopped && !painter->finishing)
        painter->restart = g_timeout_add (SETTLE, settled, painter);
      return;
    }
  if (change < NST_CHANGE_BALANCE)
    return;

  if (nst_job_state (painter->job) <= NST_JOB_PAUSED)
    {
      run->alpha = recipe->alpha;
      run->beta = recipe->beta;
      run->tv = recipe->tv;
      nst_job_set_balance (painter->job, &(NstBalance){ recipe->alpha, recipe->beta, recipe->tv });
    }
  else if (painter->picture != NULL && !painter->stopped && !painter->finishing)
    begin (painter, painter->run_size, TRUE);
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
  changed (painter, NST_PAINTER_CHANGED_ESTIMATE | (new_colours ? NST_PAINTER_CHANGED_FINISH : 0));
}

static void
model_loaded (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstPainter *painter = data; /* no longer valid when cancelled */
  GError     *error = NULL;
  NstModel   *model = nst_load_model_finish (result, &error);
  const Start how = model != NULL ? painter->start_after : START_NOT;

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
    report (painter, error);
  stop_loading (painter);
  changed (painter, NST_PAINTER_CHANGED_RECIPE | NST_PAINTER_CHANGED_STATE);
  if (how != START_NOT)
    start (painter, how);
}

/* Takes recipe, at once or when its model is loaded. more: NULL, or the pictures that came with it from a
 * layer; taken. */
static void
request_recipe (NstPainter *painter, const NstRecipe *recipe, NstMorePictures *more)
{
  const gboolean of_layer = more != NULL;

  stop_loading (painter);
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
  changed (painter, NST_PAINTER_CHANGED_STATE);
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
  return painter->restart != 0;
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
  changed (painter, NST_PAINTER_CHANGED_STATE | NST_PAINTER_CHANGED_ESTIMATE);
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
  changed (painter, NST_PAINTER_CHANGED_FINISH);
}

gboolean
nst_painter_set_style (NstPainter *painter, int drawable, const char *file, GError **error)
{
  const gboolean good = nst_sources_set_style (&painter->sources, drawable, file, error);

  changed (painter, NST_PAINTER_CHANGED_STYLE | NST_PAINTER_CHANGED_STATE | NST_PAINTER_CHANGED_ESTIMATE);

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
  const NstFinish how = { painter->picture->width, painter->picture->height, painter->recipe.palette,
                          painter->strength };

  nst_finish_async (painter->picture, painter->sources.content, &how, convert, free_converted, cancellable,
                    callback, data);
}

void
nst_painter_estimate (NstPainter *painter, int size, NstEstimate *estimate)
{
  const int       from = longer_side (painter->picture);
  const NstRecipe recipe = nst_stage_recipe (&painter->recipe, &painter->sources, size,
                                             from < size ? from : 0);
  NstPlan         plan = { 0 };

  estimate->possible = nst_stage_plan (&plan, painter->model, &recipe, &painter->sources, NULL);
  estimate->painted = from >= size && !is_active (painter);
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
  stop_loading (painter);
  nst_pace_end (&painter->pace);
  g_clear_handle_id (&painter->restart, g_source_remove);
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
