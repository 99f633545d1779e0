/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The painter without a window: runs from start to result, changes during a run, cancellation. Needs no
 * screen. */
#include <glib.h>
#include <math.h>

#include "core/base/error.h"
#include "core/base/process.h"
#include "tests/support/support.h"
#include "tests/support/ui-host.h"
#include "ui/painter/pace.h"
#include "ui/painter/painter.h"

#define PATIENCE 240.0 /* seconds; the machine may be loaded */
#define STYLE_LAYER 7

typedef struct
{
  NstHost      host;
  NstSettings *settings;
  NstPainter  *painter;
  guint        changes;  /* all that were emitted */
  int          pictures; /* how often a new picture was announced */
} Fixture;

typedef struct
{
  int         width, height;
  const char *json;
} Case;

static void
painter_changed (Fixture *f, guint changes, NstPainter *painter)
{
  f->changes |= changes;
  if ((changes & NST_PAINTER_CHANGED_PICTURE) && nst_painter_picture (painter) != NULL)
    f->pictures++;
}

static void
setup (Fixture *f, gconstpointer data)
{
  const Case        *c = data;
  g_autoptr (GError) error = NULL;

  f->host.content = test_image (c->width, c->height);
  f->host.style = test_image (60, 80);
  f->settings = nst_settings_new ();
  g_free (f->settings->json);
  f->settings->json = g_strdup (c->json);
  f->settings->style_drawable = STYLE_LAYER;
  f->painter = nst_painter_new (&f->host, f->settings, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (f->painter, "changed", G_CALLBACK (painter_changed), f);
}

static void
teardown (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_clear_object (&f->painter);
  nst_settings_free (f->settings);
  test_host_clear (&f->host);
}

/* Run the main loop until condition () holds. */
static void
wait_for (Fixture *f, gboolean (*condition) (Fixture *f))
{
  g_autoptr (GTimer) timer = g_timer_new ();

  while (!condition (f))
    {
      g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, PATIENCE);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

static void
iterate (double seconds)
{
  g_autoptr (GTimer) timer = g_timer_new ();

  while (g_timer_elapsed (timer, NULL) < seconds)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static gboolean
is_painted (Fixture *f)
{
  return nst_painter_picture (f->painter) != NULL;
}

static gboolean
is_ended (Fixture *f)
{
  return nst_painter_state (f->painter) == NST_PAINTER_ENDED;
}

static gboolean
has_result (Fixture *f)
{
  return f->changes & NST_PAINTER_CHANGED_RESULT;
}

static gboolean
is_estimated (Fixture *f)
{
  NstEstimate estimate;

  nst_painter_estimate (f->painter, 64, &estimate);

  return estimate.seconds > 0;
}

/* The losses of the newest status are weighted with this alpha. */
static gboolean
has_alpha (Fixture *f, double alpha)
{
  const NstRecipe *recipe = nst_painter_recipe (f->painter);
  const NstLosses  losses = nst_painter_status (f->painter).losses;
  const double total = alpha * losses.content + recipe->beta * losses.style + recipe->tv * losses.variation;

  return losses.content > 0 && fabs (losses.total - total) < 1e-6 * losses.total;
}

static gboolean
has_alpha_50 (Fixture *f)
{
  return has_alpha (f, 50);
}

static void
set_alpha (Fixture *f, double alpha)
{
  NstRecipe recipe = *nst_painter_recipe (f->painter);

  recipe.alpha = alpha;
  nst_painter_set_recipe (f->painter, &recipe);
}

/* Nothing is painted before start, which reads the style; finish gives a picture of the layer's size. */
static void
test_paint (Fixture *f, gconstpointer data)
{
  const Case          *c = data;
  g_autoptr (NstImage) result = NULL;

  iterate (0.05);
  g_assert_cmpint (nst_painter_state (f->painter), ==, NST_PAINTER_EMPTY);
  g_assert_cmpint (f->host.reads, ==, 0);
  g_assert_null (nst_painter_picture (f->painter));
  nst_painter_finish (f->painter);
  g_assert_false (nst_painter_is_finishing (f->painter));

  nst_painter_start (f->painter);
  g_assert_no_error (nst_painter_error (f->painter));
  g_assert_cmpint (nst_painter_state (f->painter), ==, NST_PAINTER_PAINTING);
  g_assert_cmpint (f->host.reads, ==, 1);
  g_assert_true (f->changes & NST_PAINTER_CHANGED_STYLE);
  wait_for (f, is_ended);
  g_assert_no_error (nst_painter_error (f->painter));
  g_assert_cmpint (f->pictures, >, 0);
  g_assert_true (nst_painter_status (f->painter).finished);
  g_assert_cmpint (nst_painter_picture (f->painter)->width, ==, c->width);
  g_assert_cmpfloat (nst_painter_elapsed (f->painter), >, 0);

  nst_painter_finish (f->painter);
  g_assert_true (nst_painter_is_finishing (f->painter));
  wait_for (f, has_result);
  g_assert_false (nst_painter_is_finishing (f->painter));
  result = nst_painter_take_result (f->painter);
  g_assert_nonnull (result);
  g_assert_cmpint (result->width, ==, c->width);
  g_assert_cmpint (result->height, ==, c->height);
  g_assert_null (nst_painter_take_result (f->painter));
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 1);
}

/* During a pause there are no pictures and the clock stands; stop ends the run and keeps its picture. */
static void
test_pause (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  double elapsed;
  int    pictures;

  nst_painter_start (f->painter);
  wait_for (f, is_painted);
  nst_painter_pause (f->painter);
  g_assert_cmpint (nst_painter_state (f->painter), ==, NST_PAINTER_PAUSED);
  iterate (0.3); /* until the current iteration ends */
  pictures = f->pictures;
  elapsed = nst_painter_elapsed (f->painter);
  iterate (0.2);
  g_assert_cmpint (f->pictures, ==, pictures);
  g_assert_cmpfloat (nst_painter_elapsed (f->painter), ==, elapsed);

  nst_painter_resume (f->painter);
  g_assert_cmpint (nst_painter_state (f->painter), ==, NST_PAINTER_PAINTING);
  set_alpha (f, 50);
  wait_for (f, has_alpha_50);
  g_assert_cmpint (f->pictures, >, pictures);
  nst_painter_stop (f->painter);
  wait_for (f, is_ended);
  g_assert_nonnull (nst_painter_picture (f->painter));

  /* New weights do not continue a run that was stopped. */
  set_alpha (f, 10);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 1);
  g_assert_cmpint (nst_painter_state (f->painter), ==, NST_PAINTER_ENDED);
}

/* New weights: the current run takes them; a finished run continues with them from its picture. */
static void
test_weights (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  nst_painter_start (f->painter);
  set_alpha (f, 20);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 1);
  wait_for (f, is_ended);
  g_assert_true (has_alpha (f, 20));

  /* The same recipe again is no change. */
  set_alpha (f, 20);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 1);

  set_alpha (f, 50);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 2);
  g_assert_nonnull (nst_painter_picture (f->painter));
  g_assert_false (nst_painter_is_settling (f->painter));
  wait_for (f, is_ended);
  g_assert_true (has_alpha (f, 50));
}

static gboolean
has_settled (Fixture *f)
{
  return f->changes & NST_PAINTER_CHANGED_SETTLED;
}

/* Change alpha, and wait until the picture was painted anew. Owned by the caller. */
static NstImage *
settle_with (Fixture *f, double alpha)
{
  f->changes = 0;
  set_alpha (f, alpha);
  wait_for (f, has_settled);
  g_assert_true (is_ended (f));

  return nst_image_ref (nst_painter_picture (f->painter));
}

/* The same settings give the same picture, whatever was tried before: a picture that was steered is painted
 * anew in the background, and stays on the screen meanwhile. */
static void
test_settle (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const gsize          n = (gsize) 64 * 48 * 3;
  g_autoptr (NstImage) first = NULL;
  g_autoptr (NstImage) steered = NULL;
  g_autoptr (NstImage) other = NULL;
  g_autoptr (NstImage) again = NULL;
  g_autoptr (NstImage) result = NULL;

  nst_painter_start (f->painter);
  wait_for (f, is_ended);
  first = nst_image_ref (nst_painter_picture (f->painter));
  g_assert_false (nst_painter_is_settling (f->painter));

  other = settle_with (f, 1000);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 3);
  g_assert_cmpfloat (test_distance (other->data, first->data, n), >, 1e-4);
  again = settle_with (f, 1);
  g_assert_cmpmem (again->data, n * sizeof (float), first->data, n * sizeof (float));

  /* The result of a picture that was only steered so far is painted anew first. */
  set_alpha (f, 1000);
  wait_for (f, is_ended);
  steered = nst_image_ref (nst_painter_picture (f->painter));
  g_assert_cmpfloat (test_distance (steered->data, other->data, n), >, 1e-5);
  nst_painter_finish (f->painter);
  g_assert_true (nst_painter_is_behind (f->painter));
  g_assert_true (nst_painter_picture (f->painter) == steered);
  wait_for (f, has_result);
  result = nst_painter_take_result (f->painter);
  g_assert_cmpmem (result->data, n * sizeof (float), other->data, n * sizeof (float));
}

static gboolean
is_second_run (Fixture *f)
{
  return nst_painter_runs (f->painter) == 2;
}

/* Another layer starts over, after a while without changes, and the old picture is dropped. A change that is
 * taken back does not. */
static void
test_layer (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const NstRecipe before = *nst_painter_recipe (f->painter);
  NstRecipe       recipe = before;

  nst_painter_start (f->painter);
  wait_for (f, is_painted);
  recipe.style_layers.n = 1;
  nst_painter_set_recipe (f->painter, &recipe);
  g_assert_true (nst_painter_is_settling (f->painter));
  nst_painter_set_recipe (f->painter, &before);
  g_assert_false (nst_painter_is_settling (f->painter));

  nst_painter_set_recipe (f->painter, &recipe);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 1);
  wait_for (f, is_second_run);
  g_assert_false (nst_painter_is_settling (f->painter));
  g_assert_null (nst_painter_picture (f->painter));
  wait_for (f, is_painted);
  g_assert_cmpint (f->host.reads, ==, 1);
}

/* Colours and strength only finish the picture differently. */
static void
test_colours (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const gsize          n = (gsize) f->host.content->width * f->host.content->height * 3;
  NstRecipe            recipe = *nst_painter_recipe (f->painter);
  g_autoptr (NstImage) result = NULL;

  nst_painter_start (f->painter);
  wait_for (f, is_ended);
  f->changes = 0;
  recipe.palette = 0;
  nst_painter_set_recipe (f->painter, &recipe);
  g_assert_true (f->changes & NST_PAINTER_CHANGED_FINISH);
  g_assert_false (f->changes & NST_PAINTER_CHANGED_PICTURE);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 1);

  nst_painter_set_strength (f->painter, 0);
  nst_painter_finish (f->painter);
  wait_for (f, has_result);
  result = nst_painter_take_result (f->painter);
  g_assert_cmpfloat (test_distance (result->data, f->host.content->data, n), <, 1e-6);
}

/* A preview, which continues to a larger size; finish continues by itself. */
static void
test_paint_on (Fixture *f, gconstpointer data)
{
  const Case          *c = data;
  NstEstimate          estimate;
  g_autoptr (NstImage) result = NULL;

  wait_for (f, is_estimated);
  nst_painter_set_size (f->painter, 400);
  nst_painter_start (f->painter);
  g_assert_cmpint (nst_painter_run_size (f->painter), ==, 384);
  wait_for (f, is_ended);
  g_assert_cmpint (nst_painter_picture (f->painter)->width, ==, 384);
  nst_painter_estimate (f->painter, 384, &estimate);
  g_assert_true (estimate.possible && estimate.painted);
  nst_painter_estimate (f->painter, 400, &estimate);
  g_assert_true (estimate.possible && !estimate.painted);
  g_assert_cmpfloat (estimate.seconds, >, 0);
  g_assert_cmpuint (estimate.bytes, >, 1 << 20);

  g_assert_true (nst_painter_can_paint_on (f->painter));
  nst_painter_paint_on (f->painter);
  g_assert_nonnull (nst_painter_picture (f->painter));
  wait_for (f, is_ended);
  g_assert_cmpint (nst_painter_picture (f->painter)->width, ==, 400);
  g_assert_false (nst_painter_can_paint_on (f->painter));
  nst_painter_paint_on (f->painter);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 2);

  nst_painter_set_size (f->painter, c->width);
  nst_painter_finish (f->painter);
  wait_for (f, has_result);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 3);
  result = nst_painter_take_result (f->painter);
  g_assert_cmpint (result->width, ==, c->width);
}

/* Errors: no style, one that cannot be read, a layer that is too small. Nothing is painted, and the next
 * start can go well. */
static void
test_errors (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const NstSources  *sources = nst_painter_sources (f->painter);
  g_autoptr (GError) error = NULL;

  g_assert_false (nst_painter_set_style (f->painter, -1, "/does/not/exist.png", &error));
  g_assert_nonnull (strstr (error->message, "exist.png"));
  g_assert_cmpint (sources->style_drawable, ==, STYLE_LAYER);

  g_clear_pointer (&f->host.style, nst_image_unref);
  nst_painter_start (f->painter);
  g_assert_nonnull (nst_painter_error (f->painter));
  g_assert_true (f->changes & NST_PAINTER_CHANGED_ERROR);
  g_assert_false (nst_sources_has_style (sources));
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 0);

  f->host.style = test_image (60, 80);
  g_assert_true (nst_painter_set_style (f->painter, STYLE_LAYER, "", NULL));
  nst_painter_start (f->painter);
  g_assert_no_error (nst_painter_error (f->painter));
  wait_for (f, is_painted);
}

static void
test_too_small (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  NstEstimate estimate;

  nst_painter_estimate (f->painter, 1, &estimate);
  g_assert_false (estimate.possible);
  nst_painter_start (f->painter);
  g_assert_nonnull (nst_painter_error (f->painter));
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 0);
}

/* The speed is measured before the first run. */
static void
test_calibration (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  wait_for (f, is_estimated);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 0);
}

/* The saved settings ask for the same again. */
static void
test_save (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_auto (NstMorePictures) more = { NULL };
  NstRecipe                recipe;

  g_assert_cmpint (nst_painter_recipe (f->painter)->init, ==, NST_INIT_IMAGE);
  set_alpha (f, 50);
  nst_painter_set_strength (f->painter, 0.25);
  nst_painter_set_size (f->painter, 40);
  nst_painter_save (f->painter, f->settings);
  g_assert_true (nst_settings_get_recipe (f->settings, &recipe, NULL));
  g_assert_true (nst_settings_get_more (f->settings, &more, NULL));
  g_assert_cmpfloat (recipe.alpha, ==, 50);
  g_assert_cmpint (recipe.size, ==, 40);
  g_assert_cmpfloat (f->settings->strength, ==, 0.25);
  g_assert_cmpint (f->settings->style_drawable, ==, STYLE_LAYER);
  g_assert_cmpuint (g_strv_length (more.files), ==, 2);
  g_assert_cmpstr (more.files[1], ==, "b.png");
  g_assert_cmpfloat (more.weights[1], ==, 0.5);
  g_assert_cmpstr (more.start, ==, "s.png");

  /* Painted from the layer, the start picture was not used; a look keeps both, the settings of another layer
   * name their own. */
  recipe = *nst_painter_recipe (f->painter);
  recipe.init = NST_INIT_CONTENT;
  nst_painter_set_recipe (f->painter, &recipe);
  nst_painter_save (f->painter, f->settings);
  nst_more_pictures_clear (&more);
  g_assert_true (nst_settings_get_more (f->settings, &more, NULL));
  g_assert_cmpuint (g_strv_length (more.files), ==, 2);
  g_assert_null (more.start);

  g_free (f->settings->json);
  f->settings->json = g_strdup ("{\"beta\": 3}");
  g_assert_true (nst_painter_use_settings (f->painter, f->settings, FALSE, NULL));
  g_assert_cmpuint (g_strv_length (nst_painter_sources (f->painter)->more.files), ==, 2);
  g_assert_cmpint (nst_painter_recipe (f->painter)->init, ==, NST_INIT_IMAGE);
  g_assert_true (nst_painter_use_settings (f->painter, f->settings, TRUE, NULL));
  g_assert_cmpuint (g_strv_length (nst_painter_sources (f->painter)->more.files), ==, 0);
  g_assert_cmpint (nst_painter_recipe (f->painter)->init, ==, NST_INIT_CONTENT);
}

static void
use_settings (Fixture *f, const char *json)
{
  g_free (f->settings->json);
  f->settings->json = g_strdup (json);
  g_assert_true (nst_painter_use_settings (f->painter, f->settings, TRUE, NULL));
}

static gboolean
is_refused (Fixture *f)
{
  return nst_painter_error (f->painter) != NULL;
}

/* Settings of a layer whose preview costs far more than the default's: the costs are shown, and only the user
 * starts. */
static void
test_costly (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const costly[] = { "{\"style_scale\": 10, \"history\": 100}",
                                        "{\"iterations\": 100000}" };

  for (gsize i = 0; i < G_N_ELEMENTS (costly); i++)
    {
      const guint runs = nst_painter_runs (f->painter);

      /* Another style, or settings that are taken while a run goes on. */
      use_settings (f, costly[i]);
      if (i == 0)
        nst_painter_start_unasked (f->painter);
      else
        wait_for (f, is_refused);
      g_assert_error (nst_painter_error (f->painter), NST_ERROR, NST_ERROR_SIZE);
      g_test_message ("%s", nst_painter_error (f->painter)->message);
      g_assert_nonnull (strstr (nst_painter_error (f->painter)->message, "Press Start"));
      g_assert_cmpuint (nst_painter_runs (f->painter), ==, runs);
      if (i > 0)
        wait_for (f, is_ended);
      iterate (0.5); /* longer than changes take to settle */
      g_assert_cmpuint (nst_painter_runs (f->painter), ==, runs);

      nst_painter_start (f->painter);
      g_assert_no_error (nst_painter_error (f->painter));
      g_assert_cmpuint (nst_painter_runs (f->painter), ==, runs + 1);
      wait_for (f, is_painted);
    }

  /* What the user has started once is started again, and so is what costs no more than usual. */
  nst_painter_start_unasked (f->painter);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 3);
  use_settings (f, "{\"style_scale\": 1.5, \"iterations\": 5}");
  nst_painter_start_unasked (f->painter);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 4);
}

static gboolean
is_loaded (Fixture *f)
{
  return f->changes & NST_PAINTER_CHANGED_RECIPE;
}

static void
choose_model (Fixture *f, const char *model)
{
  NstRecipe recipe = *nst_painter_recipe (f->painter);

  g_strlcpy (recipe.model, model, sizeof recipe.model);
  f->changes = 0;
  nst_painter_set_recipe (f->painter, &recipe);
}

/* Another model is loaded while the main loop goes on; the old one stays until then, and if that fails or is
 * stopped. A start waits. */
static void
test_load_model (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const NstRecipe *recipe = nst_painter_recipe (f->painter);
  g_autofree char *plain = g_build_filename (g_getenv ("SRCDIR"), "tests/data/plain.safetensors", NULL);

  choose_model (f, plain);
  g_assert_cmpstr (nst_painter_loading (f->painter), ==, plain);
  g_assert_cmpstr (recipe->model, ==, "slim");
  nst_painter_start (f->painter);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 0);
  wait_for (f, is_loaded);
  g_assert_null (nst_painter_loading (f->painter));
  g_assert_cmpstr (recipe->model, ==, plain);
  g_assert_cmpstr (nst_painter_model (f->painter)->name, ==, "plain");
  g_assert_no_error (nst_painter_error (f->painter));
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 1);
  wait_for (f, is_ended);

  choose_model (f, "/no/such.safetensors");
  wait_for (f, is_loaded);
  g_assert_nonnull (strstr (nst_painter_error (f->painter)->message, "/no/such.safetensors"));
  g_assert_cmpstr (recipe->model, ==, plain);

  choose_model (f, "slim");
  nst_painter_start (f->painter);
  nst_painter_stop (f->painter);
  g_assert_true (is_loaded (f));
  g_assert_null (nst_painter_loading (f->painter));
  f->changes = 0;
  iterate (0.3);
  g_assert_false (is_loaded (f));
  g_assert_cmpstr (recipe->model, ==, plain);
  g_assert_cmpuint (nst_painter_runs (f->painter), ==, 1);

  /* The newest wins. */
  choose_model (f, "/no/such.safetensors");
  choose_model (f, "slim");
  wait_for (f, is_loaded);
  g_assert_false (f->changes & NST_PAINTER_CHANGED_ERROR);
  g_assert_cmpstr (recipe->model, ==, "slim");
}

/* Settings of last time or of a layer with another model, which is loaded first; and one that is disposed of
 * in the meantime. */
static void
test_model_of_settings (void)
{
  g_autofree char *plain = g_build_filename (g_getenv ("SRCDIR"), "tests/data/plain.safetensors", NULL);
  g_autofree char *json = g_strdup_printf ("{\"model\": \"%s\", \"iterations\": 3, \"first_size\": 64}",
                                           plain);
  const Case       c = { 64, 48, json };
  Fixture          f = { 0 };

  setup (&f, &c);
  g_assert_cmpstr (nst_painter_loading (f.painter), ==, plain);
  wait_for (&f, is_loaded);
  g_assert_cmpint (nst_painter_recipe (f.painter)->iterations, ==, 3);
  g_assert_cmpstr (nst_painter_model (f.painter)->name, ==, "plain");

  use_settings (&f, "{\"more_styles\": {\"a.png\": 2}, \"iterations\": 4}");
  g_assert_cmpstr (nst_painter_loading (f.painter), ==, "slim");
  g_assert_cmpint (nst_painter_recipe (f.painter)->iterations, ==, 3);
  f.changes = 0;
  wait_for (&f, is_loaded);
  g_assert_cmpint (nst_painter_recipe (f.painter)->iterations, ==, 4);
  g_assert_cmpstr (nst_painter_sources (f.painter)->more.files[0], ==, "a.png");

  choose_model (&f, plain);
  teardown (&f, NULL);
  iterate (0.1);
}

/* Disposed of at any moment of a run: the thread ends, and no signal is emitted any more. */
static void
test_cancel (gconstpointer data)
{
  for (int i = 0; i < 30; i++)
    {
      Fixture f = { 0 };

      setup (&f, data);
      nst_painter_start (f.painter);
      iterate (g_test_rand_double_range (0, 0.02));
      if (i % 3 == 0)
        nst_painter_finish (f.painter);
      g_object_run_dispose (G_OBJECT (f.painter));
      g_assert_false (nst_pace_is_calibrating ());
      f.changes = 0;
      iterate (0.002);
      g_assert_cmpuint (f.changes, ==, 0);
      teardown (&f, NULL);
    }
}

int
main (int argc, char **argv)
{
  static const Case quick = { 64, 48, "{\"iterations\": 3, \"first_size\": 64}" };
  static const Case endless = { 64, 48, "{\"iterations\": 100000, \"first_size\": 64}" };
  static const Case large = { 420, 300, "{\"iterations\": 1}" };
  static const Case tiny = { 1, 1, "{}" };
  static const Case more = { 64, 48,
                             "{\"more_styles\": {\"a.png\": 2, \"b.png\": 0.5}, "
                             "\"start_file\": \"s.png\"}" };

  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add ("/ui/painter/paint", Fixture, &quick, setup, test_paint, teardown);
  g_test_add ("/ui/painter/pause", Fixture, &endless, setup, test_pause, teardown);
  g_test_add ("/ui/painter/weights", Fixture, &quick, setup, test_weights, teardown);
  g_test_add ("/ui/painter/settle", Fixture, &quick, setup, test_settle, teardown);
  g_test_add ("/ui/painter/layer", Fixture, &quick, setup, test_layer, teardown);
  g_test_add ("/ui/painter/colours", Fixture, &quick, setup, test_colours, teardown);
  g_test_add ("/ui/painter/paint-on", Fixture, &large, setup, test_paint_on, teardown);
  g_test_add ("/ui/painter/errors", Fixture, &quick, setup, test_errors, teardown);
  g_test_add ("/ui/painter/too-small", Fixture, &tiny, setup, test_too_small, teardown);
  g_test_add ("/ui/painter/calibration", Fixture, &quick, setup, test_calibration, teardown);
  g_test_add ("/ui/painter/save", Fixture, &more, setup, test_save, teardown);
  g_test_add ("/ui/painter/costly", Fixture, &large, setup, test_costly, teardown);
  g_test_add ("/ui/painter/model", Fixture, &quick, setup, test_load_model, teardown);
  g_test_add_func ("/ui/painter/model-of-settings", test_model_of_settings);
  g_test_add_data_func ("/ui/painter/cancel", &endless, test_cancel);

  return g_test_run ();
}
