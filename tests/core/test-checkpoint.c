/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run that goes on from a checkpoint paints the same bytes; other, damaged and forged checkpoints. */
#include <glib/gstdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/process.h"
#include "core/run/engine.h"
#include "tests/support/support.h"

#define KIND "test 1\n"
#define SUM_BYTES 32

static const int channels[] = { 4, 6, 6 };

static const char *const recipes[] = {
  "{}",
  "{\"history\": 2, \"iterations\": 6}",
  "{\"evaluations\": 5, \"iterations\": 3}",
  "{\"optimizer\": \"adam\", \"learning_rate\": 0.02}",
  "{\"optimizer\": \"gd\", \"learning_rate\": 1e-3, \"tv\": 1}",
  "{\"init\": \"noise\", \"style_loss\": \"gram\", \"match_colours\": 0, \"palette\": 0.5}",
  "{\"init\": \"image\", \"scale_ratio\": 1, \"optimizer\": \"adam\"}",
};

/* A folder with one file, and the pictures and the model of all runs. */
typedef struct
{
  char     *folder, *path; /* owned */
  NstModel *model;         /* ref */
  NstScene *scene;         /* owned */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (NstImage) content = test_image (54, 47);
  g_autoptr (NstImage) style = test_image (30, 40);
  g_autoptr (NstImage) start = test_image (20, 20);

  fixture->folder = g_dir_make_tmp (NULL, NULL);
  fixture->path = g_build_filename (fixture->folder, "checkpoint", NULL);
  fixture->model = test_model (channels, 3, 0, NST_PADDING_ZERO);
  fixture->scene = test_scene (content, style);
  nst_scene_set_start (fixture->scene, start);
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
  nst_model_unref (fixture->model);
  nst_scene_free (fixture->scene);
}

static NstRecipe
recipe_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  NstRecipe          recipe;

  nst_recipe_init (&recipe);
  nst_recipe_merge_json (&recipe,
                         "{\"content_layers\": {\"conv2_2\": 1}, \"style_layers\": {\"conv1_1\": 1, "
                         "\"conv2_1\": 1}, \"iterations\": 4, \"first_size\": 28}",
                         &error);
  g_assert_no_error (error);
  nst_recipe_merge_json (&recipe, text, &error);
  g_assert_no_error (error);

  return recipe;
}

static NstEngine *
new_engine (const Fixture *fixture, const NstRecipe *recipe, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  NstEngine         *engine = nst_engine_new (fixture->model, recipe, fixture->scene, cancellable, &error);

  g_assert_no_error (error);

  return engine;
}

static void
save (const Fixture *fixture, NstEngine *engine)
{
  g_autoptr (GError)           error = NULL;
  g_autoptr (NstArchiveWriter) archive = nst_archive_writer_new (fixture->path, KIND, &error);

  g_assert_no_error (error);
  nst_engine_save (engine, archive);
  nst_archive_writer_finish (archive, &error);
  g_assert_no_error (error);
}

static gboolean
restore (const Fixture *fixture, NstEngine *engine, GError **error)
{
  g_autoptr (NstArchiveReader) archive = nst_archive_reader_new (fixture->path, KIND, error);

  return archive != NULL && nst_engine_restore (engine, archive, error)
         && nst_archive_reader_finish (archive, error);
}

/* Steps to the end. */
static NstImage *
finish (NstEngine *engine, NstStatus *status)
{
  g_autoptr (GError) error = NULL;
  NstImage          *image;

  do
    {
      nst_engine_step (engine, status, &error);
      g_assert_no_error (error);
    }
  while (!status->finished);
  image = nst_engine_get_image (engine, &error);
  g_assert_no_error (error);

  return image;
}

static void
assert_same (const NstImage *a, const NstStatus *at_a, const NstImage *b, const NstStatus *at_b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (a->data, nst_image_bytes (a), b->data, nst_image_bytes (b));
  g_assert_cmpint (at_a->done, ==, at_b->done);
  g_assert_cmpint (at_a->evaluations, ==, at_b->evaluations);
  g_assert_cmpmem (&at_a->losses, sizeof at_a->losses, &at_b->losses, sizeof at_b->losses);
}

/* From a checkpoint after any iteration, also one that was itself made after a checkpoint. */
static void
test_resume (Fixture *fixture, gconstpointer data)
{
  const NstRecipe       recipe = recipe_of (data);
  g_autoptr (NstEngine) whole = new_engine (fixture, &recipe, NULL);
  NstStatus             at_end, status;
  g_autoptr (NstImage)  expected = finish (whole, &at_end);

  for (int iterations = 0; iterations <= at_end.done; iterations++)
    {
      g_autoptr (GError)    error = NULL;
      g_autoptr (NstEngine) first = new_engine (fixture, &recipe, NULL);
      g_autoptr (NstEngine) second = new_engine (fixture, &recipe, NULL);
      g_autoptr (NstEngine) third = new_engine (fixture, &recipe, NULL);
      g_autoptr (NstImage)  found = NULL;

      for (int i = 0; i < iterations; i++)
        g_assert_true (nst_engine_step (first, &status, &error));
      save (fixture, first);
      g_assert_true (restore (fixture, second, &error));
      nst_engine_get_status (second, &status);
      g_assert_cmpint (status.done, ==, iterations);
      g_assert_cmpint (status.finished, ==, iterations == at_end.done);
      g_assert_true (nst_engine_step (second, &status, &error));
      save (fixture, second);
      g_assert_true (restore (fixture, third, &error));
      found = finish (third, &status);
      assert_same (found, &status, expected, &at_end);
    }
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (g_random_int_range (1, 12000));
  g_cancellable_cancel (cancellable);

  return NULL;
}

/* A run that is cancelled anywhere, within an iteration or while a scale begins, goes on from there. */
static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  const NstRecipe       recipe = recipe_of (data);
  g_autoptr (NstEngine) whole = new_engine (fixture, &recipe, NULL);
  NstStatus             at_end, status = { 0 };
  g_autoptr (NstImage)  expected = finish (whole, &at_end);

  for (int i = 0; i < 4; i++)
    {
      gboolean             begun = FALSE;
      g_autoptr (NstImage) found = NULL;

      for (status.finished = FALSE; !status.finished;)
        {
          g_autoptr (GError)       error = NULL;
          g_autoptr (GCancellable) cancellable = g_cancellable_new ();
          g_autoptr (NstEngine)    engine = new_engine (fixture, &recipe, cancellable);
          GThread                 *thread;

          if (begun)
            restore (fixture, engine, &error);
          g_assert_no_error (error);
          begun = TRUE;
          thread = g_thread_new ("cancel", cancel_soon, cancellable);
          while (!status.finished && nst_engine_step (engine, &status, &error))
            ;
          g_thread_join (thread);
          if (error != NULL)
            g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          save (fixture, engine);
          g_clear_pointer (&found, nst_image_unref);
          found = nst_engine_get_image (engine, NULL);
        }
      assert_same (found, &status, expected, &at_end);
    }
}

/* What was saved by another run. */
static void
test_refused (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  static const struct
  {
    const char *recipe, *message;
  } cases[] = {
    { "{\"beta\": 3}", "beta is 30 and not 3" },
    { "{\"iterations\": 5}", "iterations is 4 and not 5" },
    { "{\"size\": 50}", "size is 0 and not 50" },
    { "{\"style_layers\": {\"conv1_1\": 2}}", "conv1_1\":2" },
    { "{\"optimizer\": \"gd\"}", "optimizer is \"lbfgs\" and not \"gd\"" },
    { "{\"history\": 3}", "history is" },
    { "{\"palette\": 0.25}", NULL },
    { "{\"model\": \"other\"}", NULL },
  };
  NstRecipe             recipe = recipe_of ("{\"beta\": 30}");
  g_autoptr (NstEngine) engine = new_engine (fixture, &recipe, NULL);
  NstStatus             status;

  nst_engine_step (engine, &status, NULL);
  save (fixture, engine);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError)    error = NULL;
      g_autoptr (NstEngine) other = NULL;

      nst_recipe_merge_json (&recipe, cases[i].recipe, &error);
      g_assert_no_error (error);
      other = new_engine (fixture, &recipe, NULL);
      g_assert_cmpint (restore (fixture, other, &error), ==, cases[i].message == NULL);
      if (cases[i].message != NULL)
        {
          g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
          g_assert_nonnull (strstr (error->message, cases[i].message));
          g_assert_nonnull (strstr (error->message, fixture->path));
        }
      recipe = recipe_of ("{\"beta\": 30}");
    }
}

static void
assert_refused (const Fixture *fixture, const NstRecipe *recipe, const char *message)
{
  g_autoptr (GError)    error = NULL;
  g_autoptr (NstEngine) engine = new_engine (fixture, recipe, NULL);

  g_assert_false (restore (fixture, engine, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_other_pictures (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  const NstRecipe       recipe = recipe_of ("{\"init\": \"image\"}");
  g_autoptr (NstEngine) engine = new_engine (fixture, &recipe, NULL);
  g_autoptr (NstScene)  scene = nst_scene_copy (fixture->scene);
  g_autoptr (NstImage)  larger = test_image (60, 47);
  g_autoptr (NstImage)  changed = nst_image_copy (scene->content, NULL);
  g_autoptr (NstMask)   mask = nst_mask_from_image (changed, NULL);
  const NstSceneStyle   masked = { scene->styles[0].image, 1, 1, mask, NULL };
  NstStatus             status;

  nst_engine_step (engine, &status, NULL);
  save (fixture, engine);

  nst_scene_set_content (fixture->scene, larger);
  assert_refused (fixture, &recipe, "another content: 54 x 47");
  changed->data[100] += 1e-3;
  nst_scene_set_content (fixture->scene, changed);
  assert_refused (fixture, &recipe, "another content");
  nst_scene_set_content (fixture->scene, scene->content);

  nst_scene_set_start (fixture->scene, changed);
  assert_refused (fixture, &recipe, "another picture to start from");
  nst_scene_set_start (fixture->scene, scene->start);

  nst_scene_set_protect (fixture->scene, mask);
  assert_refused (fixture, &recipe, "another mask of what is protected");
  nst_scene_set_protect (fixture->scene, NULL);
  nst_scene_remove_styles (fixture->scene);
  nst_scene_append_style (fixture->scene, &masked, NULL);
  assert_refused (fixture, &recipe, "another style 1: weight 1, scale 1");
  nst_scene_remove_styles (fixture->scene);
  nst_scene_add_style (fixture->scene, scene->styles[0].image, 1, NULL);

  nst_scene_add_style (fixture->scene, changed, 1, NULL);
  assert_refused (fixture, &recipe, "another number of styles: 1 and not 2");
  nst_scene_remove_styles (fixture->scene);
  nst_scene_add_style (fixture->scene, changed, 1, NULL);
  assert_refused (fixture, &recipe, "another style 1");
  nst_scene_remove_styles (fixture->scene);
  nst_scene_add_style (fixture->scene, scene->styles[0].image, 1, NULL);

  nst_model_unref (fixture->model);
  fixture->model = test_model (channels, 3, 0, NST_PADDING_ZERO);
  assert_refused (fixture, &recipe, "another network");
}

/* Writes bytes as the checkpoint; sum: with the checksum that fits. */
static void
write_bytes (const Fixture *fixture, char *bytes, gsize n, gboolean sum)
{
  g_autoptr (GError) error = NULL;

  if (sum)
    {
      g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
      gsize                 length = SUM_BYTES;

      g_checksum_update (checksum, (guchar *) bytes, n - SUM_BYTES);
      g_checksum_get_digest (checksum, (guint8 *) bytes + n - SUM_BYTES, &length);
    }
  g_file_set_contents_full (fixture->path, bytes, n, G_FILE_SET_CONTENTS_CONSISTENT, 0666, &error);
  g_assert_no_error (error);
}

/* Every length and every byte, each in a file of which only a part is tried; and lengths beyond the end. */
static void
test_damaged (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  const NstRecipe       recipe = recipe_of ("{\"history\": 1}");
  g_autoptr (NstEngine) engine = new_engine (fixture, &recipe, NULL);
  g_autofree char      *bytes = NULL;
  gsize                 n;
  NstStatus             status;

  nst_engine_step (engine, &status, NULL);
  save (fixture, engine);
  g_file_get_contents (fixture->path, &bytes, &n, NULL);
  for (gsize at = 0; at < n; at += at < 2000 || at + 200 > n ? 11 : 331)
    {
      g_autoptr (GError) shorter = NULL;
      g_autoptr (GError) flipped = NULL;

      write_bytes (fixture, bytes, at, FALSE);
      g_assert_false (restore (fixture, engine, &shorter));
      g_assert_error (shorter, NST_ERROR, NST_ERROR_FORMAT);
      bytes[at] ^= 1 << (at % 8);
      write_bytes (fixture, bytes, n, FALSE);
      g_assert_false (restore (fixture, engine, &flipped));
      g_assert_error (flipped, NST_ERROR, NST_ERROR_FORMAT);
      bytes[at] ^= 1 << (at % 8);
    }
}

/* Changes a file at random and makes its checksum fit: whatever it says, the engine refuses it or paints. */
static void
test_forged (Fixture *fixture, gconstpointer data)
{
  const NstRecipe       recipe = recipe_of (data);
  g_autoptr (NstEngine) engine = new_engine (fixture, &recipe, NULL);
  g_autofree char      *bytes = NULL;
  gsize                 n;
  int                   refused = 0;
  NstStatus             status;

  for (int i = 0; i < 3; i++)
    nst_engine_step (engine, &status, NULL);
  save (fixture, engine);
  g_file_get_contents (fixture->path, &bytes, &n, NULL);
  for (int i = 0; i < 120; i++)
    {
      g_autoptr (GError)    error = NULL;
      g_autoptr (NstEngine) other = new_engine (fixture, &recipe, NULL);
      g_autofree char      *changed = g_memdup2 (bytes, n);
      const gsize           length = i % 4 == 0 ? (gsize) g_test_rand_int_range (40, n) : n;

      /* The numbers stand in the first bytes, and floats everywhere. */
      for (int k = g_test_rand_int_range (0, 4); k >= 0; k--)
        changed[g_test_rand_int_range (strlen (KIND), i % 2 == 0 ? n : MIN (n, 2400))]
            = g_test_rand_int_range (0, 256);
      write_bytes (fixture, changed, length, TRUE);
      if (!restore (fixture, other, &error))
        {
          refused++;
          continue;
        }
      while (nst_engine_step (other, &status, &error) && !status.finished)
        ;
      g_assert_true (error == NULL || g_error_matches (error, NST_ERROR, NST_ERROR_NONFINITE));
    }
  g_assert_cmpint (refused, >, 40);
}

static void
test_missing (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) none = NULL;
  g_autoptr (GError) other = NULL;

  g_assert_null (nst_archive_reader_new (fixture->path, KIND, &none));
  g_assert_error (none, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_file_set_contents (fixture->path, "a text that is long enough to have a checksum at its end", -1, NULL);
  g_assert_null (nst_archive_reader_new (fixture->path, KIND, &other));
  g_assert_error (other, NST_ERROR, NST_ERROR_FORMAT);
  g_assert_nonnull (strstr (other->message, "not a file of the kind"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (2);
  for (gsize i = 0; i < G_N_ELEMENTS (recipes); i++)
    {
      g_autofree char *resume = g_strdup_printf ("/core/checkpoint/resume/%zu", i);
      g_autofree char *cancelled = g_strdup_printf ("/core/checkpoint/cancelled/%zu", i);

      g_test_add (resume, Fixture, recipes[i], set_up, test_resume, tear_down);
      g_test_add (cancelled, Fixture, recipes[i], set_up, test_cancelled, tear_down);
    }
  g_test_add ("/core/checkpoint/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/core/checkpoint/other-pictures", Fixture, NULL, set_up, test_other_pictures, tear_down);
  g_test_add ("/core/checkpoint/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/core/checkpoint/forged/lbfgs", Fixture, recipes[0], set_up, test_forged, tear_down);
  g_test_add ("/core/checkpoint/forged/rounds", Fixture, recipes[2], set_up, test_forged, tear_down);
  g_test_add ("/core/checkpoint/forged/adam", Fixture, recipes[3], set_up, test_forged, tear_down);
  g_test_add ("/core/checkpoint/missing", Fixture, NULL, set_up, test_missing, tear_down);

  return g_test_run ();
}
