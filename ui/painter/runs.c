/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The painter's runs: begins, continues, stops them, and makes the result. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "ui/painter/painter-private.h"
#include "ui/painter/stage.h"

#define REST 1000 /* milliseconds without a change before the picture is painted anew */

/* Memory and work of a preview, relative to the default recipe's, beyond which it is not started unasked. */
#define COSTLY_BYTES 4
#define COSTLY_WORK 10

int
nst_painter_longer_side (const NstImage *image)
{
  return image != NULL ? MAX (image->width, image->height) : 0;
}

gboolean
nst_painter_is_active (NstPainter *painter)
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
      nst_painter_report (painter, g_steal_pointer (&error));
      return;
    }

  g_debug ("result of %d x %d is ready", picture->width, picture->height);
  nst_image_unref (painter->result);
  painter->result = picture;
  nst_painter_changed (painter, NST_PAINTER_CHANGED_RESULT | NST_PAINTER_CHANGED_STATE);
}

static void
make_result (NstPainter *painter)
{
  NstSources         *sources = &painter->sources;
  const NstFinish     how = { sources->width, sources->height, painter->recipe.palette, painter->strength };
  g_autoptr (NstMask) share = NULL;
  NstImage           *content = NULL;
  GError             *error = NULL;

  if (!nst_sources_get_share (sources, how.width, how.height, &share, &error))
    {
      painter->finishing = FALSE;
      nst_painter_report (painter, error);
      return;
    }
  if (how.palette < 1 || how.strength < 1 || share != NULL)
    {
      content = nst_sources_get_content (sources, MAX (sources->width, sources->height), &error);
      if (content == NULL)
        {
          painter->finishing = FALSE;
          nst_painter_report (painter, error);
          return;
        }
    }

  nst_finish_async (painter->picture, content, share, &how, NULL, NULL, painter->cancellable, result_ready,
                    painter);
}

/* The run that the result waited for has ended. */
static void
continue_to_result (NstPainter *painter)
{
  if (painter->size > painter->run_size)
    nst_painter_begin (painter, painter->size, NST_FROM_PICTURE);
  else
    make_result (painter);
}

/* Runs */

/* Take the newest picture of the run; NULL: there is none since last time. One that was painted in the
 * background is shown when it is done. Returns what has changed. */
static NstPainterChange
take_snapshot (NstPainter *painter, NstImage *snapshot, gboolean done)
{
  NstImage **place = painter->behind ? &painter->behind_picture : &painter->picture;

  if (snapshot != NULL)
    {
      nst_image_unref (*place);
      *place = snapshot;
    }
  if (!painter->behind)
    return snapshot != NULL ? NST_PAINTER_CHANGED_PICTURE : 0;
  if (!done || painter->behind_picture == NULL)
    return 0;

  nst_image_unref (painter->picture);
  painter->picture = g_steal_pointer (&painter->behind_picture);
  painter->behind = painter->steered = FALSE;

  return NST_PAINTER_CHANGED_PICTURE | NST_PAINTER_CHANGED_SETTLED;
}

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
  changes |= take_snapshot (painter, snapshot, state == NST_JOB_FINISHED);
  if (state > NST_JOB_PAUSED)
    {
      g_debug ("run %u ended after %.2f s", painter->runs, nst_pace_elapsed (&painter->pace));
      nst_pace_pause (&painter->pace);
      painter->state = NST_PAINTER_ENDED;
    }
  if (state == NST_JOB_FAILED)
    {
      painter->finishing = painter->going_on = FALSE;
      g_clear_error (&painter->error);
      painter->error = g_error_copy (nst_job_error (job));
      changes |= NST_PAINTER_CHANGED_ERROR;
    }
  nst_painter_changed (painter, changes);
  if (state != NST_JOB_FINISHED || painter->picture == NULL)
    return;
  if (painter->finishing)
    continue_to_result (painter);
  else if (painter->going_on)
    nst_painter_paint_on (painter);
  else
    nst_painter_settle (painter);
}

/* Paint up to size, from the picture that is there or from the beginning. */
void
nst_painter_begin (NstPainter *painter, int size, NstFrom how)
{
  const gboolean       from_picture = how == NST_FROM_PICTURE;
  const int            from = from_picture ? nst_painter_longer_side (painter->picture) : 0;
  const NstRecipe      recipe = nst_stage_recipe (&painter->recipe, &painter->sources, size, from);
  g_autoptr (NstScene) scene = nst_sources_make_scene (&painter->sources);
  GError              *error = NULL;
  NstImage            *content = NULL;
  NstPlan              plan;

  g_clear_handle_id (&painter->restart, g_source_remove);
  g_clear_handle_id (&painter->rest, g_source_remove);
  if (nst_stage_plan (&plan, painter->model, &recipe, &painter->sources, &error))
    content = nst_sources_get_content (&painter->sources, size, &error);
  if (content == NULL)
    {
      painter->finishing = painter->going_on = FALSE;
      nst_painter_report (painter, error);
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
  painter->behind = how == NST_BEHIND;
  g_clear_pointer (&painter->behind_picture, nst_image_unref);
  if (how == NST_FROM_START)
    {
      painter->steered = FALSE;
      g_clear_pointer (&painter->picture, nst_image_unref);
    }
  g_debug ("run %u: up to %d pixels, from %d; %d styles", painter->runs, size, from, scene->n_styles);
  painter->status = (NstStatus){ .n_scales = 1 };
  painter->job = nst_job_start (painter->model, &recipe, scene, job_changed, painter);
  nst_painter_report (painter, NULL);
  nst_painter_changed (painter, NST_PAINTER_CHANGED_ESTIMATE
                                    | (how == NST_FROM_START ? NST_PAINTER_CHANGED_PICTURE : 0));
}

int
nst_painter_preview_size (NstPainter *painter)
{
  return nst_stage_preview_size (painter->model, &painter->recipe, &painter->sources, painter->size);
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

  nst_painter_report (painter, g_error_new (NST_ERROR, NST_ERROR_SIZE,
                                            _ ("A preview by these settings takes %.1f GB of memory (by "
                                               "default %.1f GB) and %.1f "
                                               "times the work. Press Start to paint it anyway."),
                                            MAX (0.1, plan.bytes * 1e-9), MAX (0.1, usual_plan.bytes * 1e-9),
                                            plan.pixel_iterations / usual_plan.pixel_iterations));
  return TRUE;
}

void
nst_painter_start_how (NstPainter *painter, NstStart how)
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
    nst_painter_changed (painter, NST_PAINTER_CHANGED_STYLE | NST_PAINTER_CHANGED_STATE);
  if (painter->sources.more.start == NULL && painter->recipe.init == NST_INIT_IMAGE)
    painter->recipe.init = NST_INIT_CONTENT;
  if (!good)
    {
      nst_painter_report (painter, error);
      return;
    }

  size = nst_painter_preview_size (painter);
  if (how != NST_START_ASKED && painter->foreign && is_costly (painter, size))
    {
      nst_painter_stop (painter);
      return;
    }

  painter->foreign = FALSE;
  nst_painter_begin (painter, size, NST_FROM_START);
}

void
nst_painter_start (NstPainter *painter)
{
  nst_painter_start_how (painter, NST_START_ASKED);
}

void
nst_painter_start_unasked (NstPainter *painter)
{
  nst_painter_start_how (painter, NST_START_UNASKED);
}

/* Whether a model was being loaded. */
gboolean
nst_painter_stop_loading (NstPainter *painter)
{
  const gboolean loading = painter->loading != NULL;

  if (loading)
    g_cancellable_cancel (painter->loading);
  g_clear_object (&painter->loading);
  nst_more_pictures_clear (&painter->wanted_more);
  painter->start_after = NST_START_NOT;

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
  nst_painter_changed (painter, NST_PAINTER_CHANGED_STATE);
}

void
nst_painter_resume (NstPainter *painter)
{
  if (painter->state != NST_PAINTER_PAUSED)
    return;

  nst_job_resume (painter->job);
  nst_pace_resume (&painter->pace);
  painter->state = NST_PAINTER_PAINTING;
  nst_painter_changed (painter, NST_PAINTER_CHANGED_STATE);
}

void
nst_painter_stop (NstPainter *painter)
{
  const gboolean loading = nst_painter_stop_loading (painter);

  g_clear_handle_id (&painter->restart, g_source_remove);
  g_clear_handle_id (&painter->rest, g_source_remove);
  painter->stopped = TRUE;
  painter->finishing = painter->going_on = FALSE;
  if (nst_painter_is_active (painter))
    nst_job_stop (painter->job);
  nst_painter_changed (painter, NST_PAINTER_CHANGED_STATE | (loading ? NST_PAINTER_CHANGED_RECIPE : 0));
}

/* Whether the picture must be painted anew before it is continued, so that its settings lead to it. One that
 * the user stopped is taken as it is. */
static gboolean
needs_settling (NstPainter *painter)
{
  return painter->steered && !painter->stopped;
}

static gboolean
rested (gpointer data)
{
  NstPainter *painter = data;

  painter->rest = 0;
  nst_painter_begin (painter, nst_painter_preview_size (painter), NST_BEHIND);

  return G_SOURCE_REMOVE;
}

void
nst_painter_settle (NstPainter *painter)
{
  if (!needs_settling (painter) || nst_painter_is_active (painter) || painter->finishing
      || painter->picture == NULL)
    return;

  g_clear_handle_id (&painter->rest, g_source_remove);
  painter->rest = g_timeout_add (REST, rested, painter);
  nst_painter_changed (painter, NST_PAINTER_CHANGED_STATE);
}

gboolean
nst_painter_is_settled (NstPainter *painter)
{
  return painter->state == NST_PAINTER_ENDED && painter->picture != NULL && !painter->finishing
         && painter->restart == 0 && !needs_settling (painter);
}

void
nst_painter_restore (
    NstPainter *painter, const NstRecipe *recipe, double strength, NstImage *picture, int size)
{
  const int longest = painter->recipe.size;

  g_return_if_fail (strcmp (recipe->model, painter->recipe.model) == 0);

  nst_painter_stop (painter);
  g_clear_pointer (&painter->job, nst_job_free);
  g_clear_pointer (&painter->behind_picture, nst_image_unref);
  nst_image_ref (picture);
  nst_image_unref (painter->picture);
  painter->picture = picture;
  painter->recipe = *recipe;
  painter->recipe.size = longest;
  painter->run_recipe = painter->recipe;
  painter->run_size = size;
  painter->strength = strength;
  painter->stopped = painter->steered = painter->behind = FALSE;
  painter->state = NST_PAINTER_ENDED;
  nst_pace_pause (&painter->pace);
  nst_painter_report (painter, NULL);
  nst_painter_changed (painter, NST_PAINTER_CHANGED_PICTURE | NST_PAINTER_CHANGED_ESTIMATE
                                    | NST_PAINTER_CHANGED_RECIPE | NST_PAINTER_CHANGED_SETTLED);
}

gboolean
nst_painter_is_behind (NstPainter *painter)
{
  return painter->behind && nst_painter_is_active (painter);
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
  if (!nst_painter_can_paint_on (painter))
    return;

  painter->going_on = needs_settling (painter);
  if (!painter->going_on)
    nst_painter_begin (painter, painter->size, NST_FROM_PICTURE);
  else if (!painter->behind)
    nst_painter_begin (painter, nst_painter_preview_size (painter), NST_BEHIND);
}

void
nst_painter_finish (NstPainter *painter)
{
  if (painter->picture == NULL || painter->finishing || painter->loading != NULL)
    return;

  g_clear_handle_id (&painter->restart, g_source_remove);
  g_clear_handle_id (&painter->rest, g_source_remove);
  painter->finishing = TRUE;
  painter->going_on = FALSE;
  nst_painter_report (painter, NULL);
  if (needs_settling (painter) && !painter->behind)
    nst_painter_begin (painter, nst_painter_preview_size (painter), NST_BEHIND);
  else if (!nst_painter_is_active (painter))
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
