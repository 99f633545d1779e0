/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine without nst_process_init (), with it, and when the system starts no more threads. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/process.h"
#include "core/base/thread.h"
#include "core/run/job.h"
#include "tests/support/support.h"

static const int channels[] = { 16, 16 };

static int allowed = G_MAXINT; /* how many more threads may be started */

/* Replaces libc's function. Fails like it when the system allows no more threads. */
int
pthread_create (pthread_t *thread, const pthread_attr_t *attr, void *(*start) (void *), void *data)
{
  static int (*real) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);

  if (real == NULL)
    *(void **) &real = dlsym (RTLD_NEXT, "pthread_create");
  if (allowed-- <= 0)
    return EAGAIN;

  return real (thread, attr, start, data);
}

/* The gradient of a small scene. */
static NstImage *
evaluate (NstModel *model, NstImage *content, NstImage *style)
{
  g_autoptr (NstScene) scene = test_scene (content, style);
  g_autoptr (GError)   error = NULL;
  NstImage            *gradient = NULL;
  NstRecipe            recipe;
  NstLosses            losses;

  nst_recipe_init (&recipe);
  nst_recipe_merge_json (&recipe,
                         "{\"content_layers\": {\"conv2_1\": 1}, \"style_layers\": {\"conv1_1\": 1}}",
                         &error);
  g_assert_no_error (error);
  nst_evaluate (model, &recipe, scene, style, &losses, NULL, &gradient, &error);
  g_assert_no_error (error);

  return gradient;
}

static void
mark_thread (int task G_GNUC_UNUSED, int thread, gpointer data)
{
  g_atomic_int_or ((guint *) data, 1u << thread);
  g_usleep (1000);
}

static guint
threads_used (void)
{
  guint used = 0;

  nst_parallel (200, mark_thread, &used);

  return used;
}

static void
test_process (void)
{
  g_autoptr (NstModel) model = test_model (channels, 2, 0, NST_PADDING_ZERO);
  g_autoptr (NstImage) content = test_image (50, 41);
  g_autoptr (NstImage) style = test_image (50, 41);
  g_autoptr (NstImage) before = NULL;
  g_autoptr (NstImage) after = NULL;
  const int            n = 50 * 41 * 3;

  /* Without nst_process_init () the caller's thread computes alone, and no thread is started. */
  allowed = 0;
  g_assert_cmpint (nst_threads (), ==, 1);
  g_assert_cmphex (threads_used (), ==, 1);
  before = evaluate (model, content, style);
  g_assert_cmpint (allowed, ==, 0);

  /* With it there are as many threads as were asked for. */
  allowed = G_MAXINT;
  nst_process_init (3);
  g_assert_cmpint (nst_threads (), ==, 3);
  g_assert_cmphex (threads_used (), ==, 7);
  after = evaluate (model, content, style);
  g_assert_cmpfloat (test_distance (after->data, before->data, n), <, 1e-4);

  /* If the system starts fewer threads, loops run on those that exist. */
  nst_set_threads (4);
  allowed = 1;
  g_assert_cmphex (threads_used (), ==, 3);
  nst_set_threads (4);
  allowed = 0;
  g_assert_cmphex (threads_used (), ==, 1);
  allowed = G_MAXINT;
}

/* OpenBLAS starts no threads when it is loaded. This is the first test: none has been started since. */
static void
test_load (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  int              n = 0;

  if (dir == NULL)
    {
      g_test_skip ("there is no /proc");
      return;
    }
  while (g_dir_read_name (dir) != NULL)
    n++;
  g_assert_cmpint (n, ==, 1);
}

/* Where OpenBLAS gets no scratch memory, a run fails; it does not wait for memory for ever, and the process
 * ends. */
static void
test_no_memory (void)
{
  g_autoptr (NstModel) model = NULL;
  g_autoptr (NstImage) picture = NULL;
  g_autoptr (NstScene) scene = NULL;
  g_autoptr (GError)   error = NULL;
  NstRecipe            recipe;
  NstLosses            losses;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  model = test_model (channels, 2, 3, NST_PADDING_ZERO);
  picture = test_image (20, 20);
  scene = test_scene (picture, picture);
  nst_recipe_init (&recipe);
  nst_recipe_merge_json (&recipe,
                         "{\"content_layers\": {\"conv2_1\": 1}, \"style_layers\": {\"conv1_1\": 1}}",
                         &error);
  g_assert_no_error (error);
  test_limit_memory (100 << 20);
  g_assert_false (nst_evaluate (model, &recipe, scene, picture, &losses, NULL, NULL, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_MEMORY);
}

static void
count_calls (NstJob *job G_GNUC_UNUSED, gpointer data)
{
  ++*(int *) data;
}

static void
give_true (GTask        *task,
           gpointer      source G_GNUC_UNUSED,
           gpointer      data G_GNUC_UNUSED,
           GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static void
note_result (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

/* Run a task; returns what it returned, or FALSE with an error. */
static gboolean
run_task (GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GTask)        task = g_task_new (NULL, NULL, note_result, &result);

  nst_task_run (task, give_true);
  g_assert_null (result); /* never before the caller is back in its main loop */
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
test_task (void)
{
  g_autoptr (GError) error = NULL;

  allowed = 2; /* of the three that GLib may start */
  g_assert_false (nst_task_prepare (&error));
  g_assert_error (error, NST_ERROR, NST_ERROR_THREADS);
  g_clear_error (&error);
  allowed = G_MAXINT;
  g_assert_true (nst_task_prepare (&error));
  g_assert_no_error (error);

  /* From here on GLib needs no thread for a task. */
  allowed = 0;
  g_assert_false (run_task (&error));
  g_assert_error (error, NST_ERROR, NST_ERROR_THREADS);
  g_clear_error (&error);
  allowed = 1;
  g_assert_true (run_task (&error));
  g_assert_no_error (error);
  allowed = G_MAXINT;
}

/* A job that gets no thread has failed, and its callback says so. */
static void
test_job (void)
{
  g_autoptr (NstModel) model = test_model (channels, 2, 0, NST_PADDING_ZERO);
  g_autoptr (NstImage) picture = test_image (20, 20);
  g_autoptr (NstScene) scene = test_scene (picture, picture);
  g_autoptr (NstJob)   job = NULL;
  NstRecipe            recipe;
  int                  calls = 0;

  nst_recipe_init (&recipe);
  allowed = 0;
  job = nst_job_start (model, &recipe, scene, count_calls, &calls);
  g_assert_cmpint (calls, ==, 0);
  while (calls == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (nst_job_state (job), ==, NST_JOB_FAILED);
  g_assert_error (nst_job_error (job), NST_ERROR, NST_ERROR_THREADS);
  allowed = G_MAXINT;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/process/load", test_load);
  g_test_add_func ("/core/process/no-memory", test_no_memory);
  g_test_add_func ("/core/process/threads", test_process);
  g_test_add_func ("/core/process/task", test_task);
  g_test_add_func ("/core/process/job", test_job);

  return g_test_run ();
}
