/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time estimates: seconds per pixel and iteration, measured during a run or by a short run in a thread. */
#include "ui/painter/pace.h"

#include "core/base/thread.h"
#include "core/base/tsan.h"

#define CALIBRATION_SIZE 320     /* longer side */
#define CALIBRATION_ITERATIONS 4 /* the first one, which allocates, is not counted */
#define ENOUGH 4                 /* iterations at a scale before its rate is trusted */

static int calibrations; /* threads that calibrate, or are about to; atomic */

void
nst_pace_init (NstPace *pace)
{
  *pace = (NstPace){ .timer = g_timer_new (), .scale = -1 };
  g_timer_stop (pace->timer);
  g_timer_reset (pace->timer);
}

void
nst_pace_cancel (NstPace *pace)
{
  if (pace->calibration != NULL)
    g_cancellable_cancel (pace->calibration);
  g_clear_object (&pace->calibration);
}

gboolean
nst_pace_is_calibrating (void)
{
  return g_atomic_int_get (&calibrations) > 0;
}

void
nst_pace_end (NstPace *pace)
{
  nst_pace_cancel (pace);
  while (nst_pace_is_calibrating ())
    g_usleep (500);
}

void
nst_pace_clear (NstPace *pace)
{
  nst_pace_cancel (pace);
  g_clear_pointer (&pace->timer, g_timer_destroy);
}

void
nst_pace_begin (NstPace *pace, const NstPlan *plan)
{
  nst_pace_cancel (pace);
  pace->spent += nst_pace_elapsed (pace);
  pace->total_work = plan->pixel_iterations;
  pace->scale = -1;
  g_timer_start (pace->timer);
}

void
nst_pace_pause (NstPace *pace)
{
  g_timer_stop (pace->timer);
}

void
nst_pace_resume (NstPace *pace)
{
  g_timer_continue (pace->timer);
}

void
nst_pace_add (NstPace *pace, const NstStatus *status)
{
  const double work = status->fraction * pace->total_work, pixels = (double) status->width * status->height;
  const double elapsed = nst_pace_elapsed (pace);

  if (status->iteration == 0)
    return;

  if (status->scale != pace->scale)
    {
      pace->scale = status->scale;
      pace->first_elapsed = elapsed;
      pace->first_work = work;
    }
  else if (work - pace->first_work >= ENOUGH * pixels)
    pace->rate = (elapsed - pace->first_elapsed) / (work - pace->first_work);
}

double
nst_pace_elapsed (const NstPace *pace)
{
  return g_timer_elapsed (pace->timer, NULL);
}

double
nst_pace_spent (const NstPace *pace)
{
  return pace->spent + nst_pace_elapsed (pace);
}

double
nst_pace_predict (const NstPace *pace, const NstPlan *plan)
{
  return pace->rate * plan->pixel_iterations;
}

double
nst_pace_left (const NstPace *pace, const NstStatus *status)
{
  if (status->left >= 0)
    return status->left;

  return pace->rate * pace->total_work * (1 - status->fraction);
}

/* Calibration */

typedef struct
{
  NstModel *model; /* ref */
  NstRecipe recipe;
  NstImage *content; /* ref */
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  NST_TAKE_OVER (work);
  nst_model_unref (work->model);
  nst_image_unref (work->content);
  g_free (work);
}

static double
measure (Work *work, GCancellable *cancellable)
{
  const NstImage       *content = work->content;
  g_autoptr (NstImage)  small = NULL;
  g_autoptr (NstScene)  scene = NULL;
  g_autoptr (NstEngine) engine = NULL;
  g_autoptr (GTimer)    timer = NULL;
  NstStatus             status;
  int                   width, height;

  nst_image_fit (content->width, content->height,
                 MIN (CALIBRATION_SIZE, MAX (content->width, content->height)), &width, &height);
  small = nst_image_resize (content, width, height, NULL);
  if (small == NULL)
    return 0;

  work->recipe.size = 0;
  work->recipe.style_scale = 1;
  work->recipe.scale_ratio = 1;
  work->recipe.iterations = CALIBRATION_ITERATIONS;
  scene = nst_scene_new (small);
  nst_scene_add_style (scene, small, 1, NULL);
  engine = nst_engine_new (work->model, &work->recipe, scene, cancellable, NULL);
  if (engine == NULL || !nst_engine_step (engine, &status, NULL))
    return 0;

  timer = g_timer_new ();
  while (!status.finished)
    if (!nst_engine_step (engine, &status, NULL))
      return 0;

  return g_timer_elapsed (timer, NULL) / ((double) width * height * (CALIBRATION_ITERATIONS - 1));
}

static void
run (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable)
{
  double *rate;

  NST_TAKE_OVER (data);
  if (!g_task_return_error_if_cancelled (task))
    {
      rate = g_new (double, 1);
      *rate = measure (data, cancellable);
      NST_HAND_OVER (data);
      g_task_return_pointer (task, rate, g_free);
    }
  g_atomic_int_dec_and_test (&calibrations);
}

static void
measured (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstPace           *pace = data; /* no longer valid when cancelled */
  g_autoptr (GError) error = NULL;
  g_autofree double *rate = NULL;

  NST_TAKE_OVER (g_task_get_task_data (G_TASK (result)));
  rate = g_task_propagate_pointer (G_TASK (result), &error);
  if (rate == NULL)
    return;

  g_debug ("calibrated: %.3g s per million pixels and iteration", *rate * 1e6);
  g_clear_object (&pace->calibration);
  pace->rate = *rate;
  pace->calibrated (pace->data);
}

void
nst_pace_calibrate (NstPace         *pace,
                    NstModel        *model,
                    const NstRecipe *recipe,
                    NstImage        *content,
                    void (*calibrated) (gpointer data),
                    gpointer data)
{
  g_autoptr (GTask) task = NULL;
  Work             *work = g_new0 (Work, 1);

  nst_pace_cancel (pace);
  pace->rate = 0;
  pace->calibration = g_cancellable_new ();
  pace->calibrated = calibrated;
  pace->data = data;
  work->model = nst_model_ref (model);
  work->recipe = *recipe;
  work->content = nst_image_ref (content);
  task = g_task_new (NULL, pace->calibration, measured, pace);
  g_task_set_task_data (task, work, work_free);
  NST_HAND_OVER (work);
  g_atomic_int_inc (&calibrations);
  if (!nst_task_run (task, run))
    g_atomic_int_dec_and_test (&calibrations);
}
