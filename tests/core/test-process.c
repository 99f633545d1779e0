/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine in a process without nst_process_init (), with it, and where threads cannot be started. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include "core/base/parallel.h"
#include "core/base/process.h"
#include "tests/support/support.h"

static const int channels[] = { 16, 16 };

static int allowed = G_MAXINT; /* threads that may still be started */

/* Replaces libc's, and fails as it does when the system allows no more threads. */
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

/* One evaluation of a small scene; the gradient. */
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

  /* Not prepared: the caller's thread alone, and no thread is started. */
  allowed = 0;
  g_assert_cmpint (nst_threads (), ==, 1);
  g_assert_cmphex (threads_used (), ==, 1);
  before = evaluate (model, content, style);
  g_assert_cmpint (allowed, ==, 0);

  /* Prepared: as many as were asked for. */
  allowed = G_MAXINT;
  nst_process_init (3);
  g_assert_cmpint (nst_threads (), ==, 3);
  g_assert_cmphex (threads_used (), ==, 7);
  after = evaluate (model, content, style);
  g_assert_cmpfloat (test_distance (after->data, before->data, n), <, 1e-4);

  /* The system allows one more thread, then none: loops run on the existing threads. */
  nst_set_threads (4);
  allowed = 1;
  g_assert_cmphex (threads_used (), ==, 3);
  nst_set_threads (4);
  allowed = 0;
  g_assert_cmphex (threads_used (), ==, 1);
  allowed = G_MAXINT;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/process", test_process);

  return g_test_run ();
}
