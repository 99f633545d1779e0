/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The job: snapshots, pause, stop, cancelling at random moments. */
#include "core/base/error.h"
#include "core/base/process.h"
#include "core/run/job.h"
#include "tests/support/support.h"

static const int channels[] = { 4, 6, 6 };

typedef struct
{
  NstModel *model;
  NstImage *content, *style;
  NstRecipe recipe;
  int       calls, snapshots;
  GThread  *thread;
} Fixture;

static void
setup (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  f->model = test_model (channels, 3, 0, NST_PADDING_ZERO);
  f->content = test_image (40, 30);
  f->style = test_image (30, 40);
  f->thread = g_thread_self ();
  nst_recipe_init (&f->recipe);
  nst_recipe_merge_json (&f->recipe,
                         "{\"content_layers\": {\"conv2_2\": 1}, \"style_layers\": {\"conv1_1\": 1, "
                         "\"conv2_1\": 1},"
                         " \"iterations\": 20, \"first_size\": 16}",
                         &error);
  g_assert_no_error (error);
}

static void
teardown (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  nst_model_unref (f->model);
  nst_image_unref (f->content);
  nst_image_unref (f->style);
}

static void
on_change (NstJob *job, gpointer data)
{
  Fixture  *f = data;
  NstImage *image = nst_job_take_snapshot (job);

  g_assert_true (g_thread_self () == f->thread);
  f->calls++;
  f->snapshots += image != NULL;
  nst_image_unref (image);
}

static NstJob *
start (Fixture *f)
{
  g_autoptr (NstScene) scene = test_scene (f->content, f->style);

  return nst_job_start (f->model, &f->recipe, scene, on_change, f);
}

static void
wait_for (NstJob *job, NstJobState state)
{
  while (nst_job_state (job) != state)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_finish (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (NstJob) job = start (f);
  NstStatus          status;

  wait_for (job, NST_JOB_FINISHED);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  status = nst_job_status (job);
  g_assert_true (status.finished);
  g_assert_cmpint (status.width, ==, 40);
  g_assert_cmpint (f->snapshots, >, 0);
  g_assert_cmpint (f->calls, <=, 20 * status.n_scales + 2);
  g_assert_null (nst_job_error (job));
}

static void
test_pause (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  NstJob   *job;
  NstStatus before, after;

  f->recipe.iterations = 100000;
  job = start (f);
  while (f->snapshots < 3)
    g_main_context_iteration (NULL, TRUE);
  nst_job_pause (job);
  wait_for (job, NST_JOB_PAUSED);
  before = nst_job_status (job);
  nst_job_set_balance (job, &(NstBalance){ 2, 3, 0.5 });
  g_usleep (20000);
  after = nst_job_status (job);
  g_assert_cmpint (before.iteration, ==, after.iteration);

  /* A new balance applies from the next iteration on. */
  nst_job_resume (job);
  while (nst_job_status (job).iteration < before.iteration + 2)
    g_main_context_iteration (NULL, TRUE);
  after = nst_job_status (job);
  g_assert_cmpfloat_with_epsilon (after.losses.total,
                                  2 * after.losses.content + 3 * after.losses.style
                                      + 0.5 * after.losses.variation,
                                  1e-9);

  /* Stopping while paused ends the run and keeps the picture. */
  nst_job_pause (job);
  nst_job_stop (job);
  wait_for (job, NST_JOB_FINISHED);
  g_assert_false (nst_job_status (job).finished);
  nst_job_free (job);
}

static void
test_fail (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (NstJob) job = NULL;

  g_strlcpy (f->recipe.style_layers.layers[0].layer, "conv9_9", 16);
  job = start (f);
  wait_for (job, NST_JOB_FAILED);
  g_assert_error ((GError *) nst_job_error (job), NST_ERROR, NST_ERROR_ARGUMENT);
}

/* Cancel and free at random moments, a thousand times. The callback is never called afterwards. */
static void
test_cancel (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  for (int i = 0; i < 1000; i++)
    {
      NstJob *job = start (f);
      int     turns = g_test_rand_int_range (0, 3), calls;

      g_usleep (g_test_rand_int_range (0, 800));
      if (i % 3 == 0)
        nst_job_pause (job);
      for (int t = 0; t < turns; t++)
        g_main_context_iteration (NULL, FALSE);
      if (i % 2 == 0)
        nst_job_cancel (job);
      nst_job_free (job);
      calls = f->calls;
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_assert_cmpint (f->calls, ==, calls);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add ("/core/job/finish", Fixture, NULL, setup, test_finish, teardown);
  g_test_add ("/core/job/pause", Fixture, NULL, setup, test_pause, teardown);
  g_test_add ("/core/job/fail", Fixture, NULL, setup, test_fail, teardown);
  g_test_add ("/core/job/cancel", Fixture, NULL, setup, test_cancel, teardown);

  return g_test_run ();
}
