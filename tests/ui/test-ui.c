/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog with a host of its own instead of GIMP. */
#include <gtk/gtk.h>
#include <math.h>

#include "core/base/process.h"
#include "host/paint.h"
#include "picture/picture.h"
#include "tests/support/support.h"
#include "tests/support/ui-host.h"
#include "ui/dialog-private.h"
#include "ui/widgets/look-chooser.h"
#include "ui/widgets/model-chooser.h"
#include "ui/widgets/preview.h"
#include "ui/widgets/quality.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/style-chooser.h"

#define PATIENCE 240.0 /* seconds; the machine may be loaded */
#define STYLE_LAYER 7

typedef struct
{
  NstHost      host;
  NstSettings *settings;
  NstDialog   *dialog;
} Fixture;

typedef struct
{
  int         width, height;
  const char *json;
} Case;

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
  f->dialog = nst_dialog_new (&f->host, f->settings, &error);
  g_assert_no_error (error);
  gtk_widget_show (f->dialog->window);
}

static void
teardown (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  nst_dialog_free (f->dialog);
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

static gboolean
is_painted (Fixture *f)
{
  return nst_painter_picture (f->dialog->painter) != NULL;
}

static gboolean
is_finished (Fixture *f)
{
  return nst_painter_state (f->dialog->painter) == NST_PAINTER_ENDED
         && nst_painter_error (f->dialog->painter) == NULL
         && !gtk_widget_get_sensitive (f->dialog->progress.stop);
}

static gboolean
is_paused (Fixture *f)
{
  return nst_painter_state (f->dialog->painter) == NST_PAINTER_PAUSED;
}

static gboolean
is_applied (Fixture *f)
{
  return f->dialog->applied;
}

static gboolean
is_complaining (Fixture *f)
{
  return gtk_widget_get_visible (f->dialog->notice.bar);
}

static gboolean
is_loaded (Fixture *f)
{
  return nst_painter_loading (f->dialog->painter) == NULL;
}

static gboolean
has_new_weights (Fixture *f)
{
  const NstLosses losses = nst_painter_status (f->dialog->painter).losses;
  NstRecipe       recipe;

  nst_recipe_init (&recipe);

  return losses.style > 0
         && fabs (losses.total - recipe.alpha * losses.content - 500 * losses.style
                  - recipe.tv * losses.variation)
                < 1e-6 * losses.total;
}

static void
choose_style (Fixture *f)
{
  nst_style_chooser_set (NST_STYLE_CHOOSER (f->dialog->controls.style_chooser), STYLE_LAYER, "");
  g_assert_cmpint (f->host.reads, >, 0);
  g_assert_cmpuint (nst_painter_runs (f->dialog->painter), >, 0);
}

static void
choose_full_size (Fixture *f)
{
  GtkWidget *row = gtk_grid_get_child_at (GTK_GRID (f->dialog->controls.quality), 0, 1);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (row), TRUE);
  g_assert_cmpint (nst_quality_get_size (NST_QUALITY (f->dialog->controls.quality)), ==,
                   MAX (f->host.content->width, f->host.content->height));
}

static void
test_opens (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_assert_true (gtk_widget_get_visible (f->dialog->window));
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (f->dialog->window)), ==,
                   "Neural Style Transfer: town.xcf, Background");
  g_assert_false (gtk_widget_get_sensitive (f->dialog->progress.start));
  g_assert_false (gtk_widget_get_sensitive (f->dialog->progress.apply));
  g_assert_false (gtk_widget_get_visible (f->dialog->notice.bar));
  g_assert_cmpuint (nst_painter_runs (f->dialog->painter), ==, 0);
}

/* Choosing a style starts; a slider changes the weights of the current run; a stopped run can be applied. */
static void
test_steer (Fixture *f, gconstpointer data)
{
  const Case *c = data;
  guint       runs;
  NstRecipe   recipe;

  choose_style (f);
  runs = nst_painter_runs (f->dialog->painter);
  wait_for (f, is_painted);
  nst_slider_set_value (NST_SLIDER (f->dialog->controls.beta), 500);
  wait_for (f, has_new_weights);
  g_assert_cmpuint (nst_painter_runs (f->dialog->painter), ==, runs);

  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.pause));
  wait_for (f, is_paused);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.pause));
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.stop));
  wait_for (f, is_finished);
  g_assert_null (f->host.written);

  gtk_combo_box_set_active (GTK_COMBO_BOX (f->dialog->controls.output), 1);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.apply));
  wait_for (f, is_applied);
  g_assert_cmpint (f->host.written->width, ==, c->width);
  g_assert_cmpint (f->host.written->height, ==, c->height);
  g_assert_cmpint (f->host.output, ==, NST_OUTPUT_IN_PLACE);

  /* The settings ask for the same again. */
  g_assert_cmpint (f->settings->style_drawable, ==, STYLE_LAYER);
  g_assert_true (nst_settings_get_recipe (f->settings, &recipe, NULL));
  g_assert_cmpfloat (recipe.beta, ==, 500);
}

/* Apply at a larger quality continues from the preview. */
static void
test_paint_on (Fixture *f, gconstpointer data)
{
  const Case *c = data;
  NstRecipe   recipe;

  choose_style (f);
  wait_for (f, is_finished);
  g_assert_cmpint (nst_painter_picture (f->dialog->painter)->width, ==, 384);
  choose_full_size (f);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.apply));
  g_assert_cmpint (nst_painter_run_size (f->dialog->painter), ==, c->width);
  wait_for (f, is_applied);
  g_assert_cmpint (nst_painter_picture (f->dialog->painter)->width, ==, c->width);
  g_assert_cmpint (f->host.written->width, ==, c->width);
  g_assert_true (nst_settings_get_recipe (f->settings, &recipe, NULL));
  g_assert_cmpint (recipe.size, ==, 0);
}

/* Apply while the preview is still being painted: it ends, is painted on, then written. */
static void
test_apply_early (Fixture *f, gconstpointer data)
{
  const Case *c = data;

  choose_style (f);
  choose_full_size (f);
  wait_for (f, is_painted);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.pause));
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.apply));
  wait_for (f, is_applied);
  g_assert_cmpint (nst_painter_picture (f->dialog->painter)->width, ==, c->width);
  g_assert_cmpint (f->host.written->width, ==, c->width);
}

static void
test_strength (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const gsize n = (gsize) f->host.content->width * f->host.content->height * 3;

  choose_style (f);
  wait_for (f, is_finished);
  g_assert_cmpfloat (test_distance (nst_painter_picture (f->dialog->painter)->data, f->host.content->data, n),
                     >, 1e-3);
  gtk_range_set_value (GTK_RANGE (f->dialog->controls.strength), 0);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.apply));
  wait_for (f, is_applied);
  g_assert_cmpfloat (test_distance (f->host.written->data, f->host.content->data, n), <, 1e-6);
  g_assert_cmpfloat (f->settings->strength, ==, 0);
}

/* The dialog shows that the host refuses the picture; Apply can be repeated. */
static void
test_refused (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->host.refuse = TRUE;
  choose_style (f);
  wait_for (f, is_finished);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.apply));
  wait_for (f, is_complaining);
  g_assert_false (f->dialog->applied);

  f->host.refuse = FALSE;
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.apply));
  wait_for (f, is_applied);
}

static void
test_too_small (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  nst_style_chooser_set (NST_STYLE_CHOOSER (f->dialog->controls.style_chooser), STYLE_LAYER, "");
  g_assert_true (is_complaining (f));
  g_assert_cmpuint (nst_painter_runs (f->dialog->painter), ==, 0);
}

static void
test_bad_style (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  NstStyleChooser *chooser = NST_STYLE_CHOOSER (f->dialog->controls.style_chooser);

  nst_style_chooser_set (chooser, -1, "/does/not/exist.png");
  g_assert_true (is_complaining (f));
  g_assert_cmpuint (nst_painter_runs (f->dialog->painter), ==, 0);
  g_assert_cmpstr (nst_style_chooser_get_file (chooser), ==, "");
  g_assert_false (gtk_widget_get_sensitive (f->dialog->progress.start));

  /* After a good style: that one stays, and is remembered. */
  choose_style (f);
  wait_for (f, is_finished);
  nst_style_chooser_set (chooser, -1, "/does/not/exist.png");
  g_assert_true (is_complaining (f));
  g_assert_cmpint (nst_style_chooser_get_drawable (chooser), ==, STYLE_LAYER);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.apply));
  wait_for (f, is_applied);
  g_assert_nonnull (strstr (f->host.text, "Style (test)"));
  g_assert_cmpint (f->settings->style_drawable, ==, STYLE_LAYER);
  g_assert_cmpstr (f->settings->style_file, ==, "");
}

/* The dialog is freed at any moment of a run: the layer is unchanged. */
static void
test_teardown (gconstpointer data)
{
  const char *times = g_getenv ("TEARDOWNS");

  for (int i = 0; i < (times != NULL ? atoi (times) : 50); i++)
    {
      Fixture            f = { 0 };
      g_autoptr (GTimer) timer = g_timer_new ();
      const double       moment = g_test_rand_double_range (0, 0.02);

      setup (&f, data);
      choose_style (&f);
      while (g_timer_elapsed (timer, NULL) < moment)
        g_main_context_iteration (NULL, FALSE);
      nst_dialog_cancel (f.dialog);
      g_assert_null (f.host.written);
      teardown (&f, NULL);
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Time from choosing a style to the first painted preview of a layer of 12 megapixels, and from moving a
 * slider to the first loss with the new weight. Only with -m perf. */
static void
test_speed (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  double seconds;

  g_test_timer_start ();
  choose_style (f);
  wait_for (f, is_painted);
  seconds = g_test_timer_elapsed ();
  g_test_minimized_result (seconds, "first preview of 4000 x 3000: %.2f s", seconds);

  g_test_timer_start ();
  nst_slider_set_value (NST_SLIDER (f->dialog->controls.beta), 500);
  wait_for (f, has_new_weights);
  seconds = g_test_timer_elapsed ();
  g_test_minimized_result (seconds, "answer to a slider: %.2f s", seconds);
}

/* The style's layer is deleted during a run: the run continues, and starts over with the style that was read.
 * Choosing it again shows an error. */
static void
test_style_deleted (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  choose_style (f);
  wait_for (f, is_painted);
  g_clear_pointer (&f->host.style, nst_image_unref);
  nst_slider_set_value (NST_SLIDER (f->dialog->controls.beta), 500);
  wait_for (f, has_new_weights);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.start));
  g_assert_false (is_complaining (f));
  wait_for (f, is_painted);
  nst_style_chooser_set (NST_STYLE_CHOOSER (f->dialog->controls.style_chooser), STYLE_LAYER, "");
  g_assert_true (is_complaining (f));
  g_assert_cmpint (nst_painter_state (f->dialog->painter), ==, NST_PAINTER_PAINTING);
}

/* The layer to paint goes away: that is said at once, and the picture can be kept as a new image. */
static void
test_gone (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  choose_style (f);
  wait_for (f, is_finished);
  g_assert_false (is_complaining (f));
  g_assert_cmpint (nst_controls_output (&f->dialog->controls), ==, NST_OUTPUT_NEW_LAYER);
  f->host.gone = TRUE;
  wait_for (f, is_complaining);
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (f->dialog->notice.text)), "deleted"));
  g_assert_false (gtk_widget_get_sensitive (f->dialog->controls.output));
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.apply));
  wait_for (f, is_applied);
  g_assert_cmpint (f->host.output, ==, NST_OUTPUT_NEW_IMAGE);
}

static gboolean
has_history (Fixture *f)
{
  return f->dialog->history.current >= 0;
}

/* A picture of the history that another network painted stays where it is. */
static void
test_history_of_other_model (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  NstPainter *painter = f->dialog->painter;
  NstRecipe   other;

  choose_style (f);
  wait_for (f, has_history);
  other = *nst_painter_recipe (painter);
  g_strlcpy (other.model, "other", sizeof other.model);
  nst_painter_set_recipe (painter, &other);
  wait_for (f, is_loaded);
  g_assert_cmpstr (nst_painter_recipe (painter)->model, ==, "other");
  nst_history_go (&f->dialog->history, 0);
  g_assert_true (is_complaining (f));
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (f->dialog->notice.text)), "slim"));
  g_assert_cmpstr (nst_painter_recipe (painter)->model, ==, "other");
}

/* No two controls that are visible at once have the same mnemonic. */
static void
count_mnemonics (GtkWidget *widget, gpointer counts)
{
  const guint key = GTK_IS_LABEL (widget) ? gtk_label_get_mnemonic_keyval (GTK_LABEL (widget))
                                          : GDK_KEY_VoidSymbol;

  if (key != GDK_KEY_VoidSymbol)
    {
      const char *other = g_hash_table_lookup (counts, GUINT_TO_POINTER (key));

      if (other != NULL)
        g_test_message ("\"%s\" and \"%s\" share a mnemonic", other,
                        gtk_label_get_label (GTK_LABEL (widget)));
      g_assert_null (other);
      g_hash_table_insert (counts, GUINT_TO_POINTER (key),
                           (gpointer) gtk_label_get_label (GTK_LABEL (widget)));
    }
  if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), count_mnemonics, counts);
}

static void
test_mnemonics (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);

  count_mnemonics (f->dialog->window, counts);
  g_assert_cmpuint (g_hash_table_size (counts), >, 15);
}

static gboolean
sees_advanced (Fixture *f)
{
  int y;

  while (g_main_context_iteration (NULL, FALSE))
    ;
  return gtk_widget_get_mapped (f->dialog->controls.advanced)
         && gtk_widget_translate_coordinates (f->dialog->controls.advanced, f->dialog->controls.scrolled, 0,
                                              0, NULL, &y)
         && y >= 0 && y + 200 < gtk_widget_get_allocated_height (f->dialog->controls.scrolled);
}

/* Advanced, at the lower end of the controls, becomes visible when it is unfolded. */
static void
test_unfold (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  gtk_window_resize (GTK_WINDOW (f->dialog->window), 1000, 600);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  gtk_expander_set_expanded (GTK_EXPANDER (f->dialog->controls.expander), TRUE);
  wait_for (f, sees_advanced);
}

/* Layers of extreme sizes: the dialog opens, says what they cost or that they are too small, and paints
 * nothing larger than asked for. */
static void
test_size (Fixture *f, gconstpointer data)
{
  const Case       *c = data;
  const int         shorter = MIN (c->width, c->height);
  const NstSources *sources = nst_painter_sources (f->dialog->painter);

  g_assert_cmpint (sources->width, ==, c->width);
  g_assert_cmpint (sources->height, ==, c->height);
  g_assert_cmpint (MAX (sources->content->width, sources->content->height), <=, 4096);
  nst_style_chooser_set (NST_STYLE_CHOOSER (f->dialog->controls.style_chooser), STYLE_LAYER, "");
  if (shorter < 16)
    {
      g_assert_true (is_complaining (f));
      g_assert_cmpuint (nst_painter_runs (f->dialog->painter), ==, 0);
      return;
    }

  wait_for (f, is_painted);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.stop));
  wait_for (f, is_finished);
  if (gtk_widget_get_sensitive (gtk_grid_get_child_at (GTK_GRID (f->dialog->controls.quality), 0, 0)))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (
                                      gtk_grid_get_child_at (GTK_GRID (f->dialog->controls.quality), 0, 0)),
                                  TRUE);
  gtk_range_set_value (GTK_RANGE (f->dialog->controls.palette), 0);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.apply));
  wait_for (f, is_applied);
  g_assert_cmpint (f->host.written->width, ==, c->width);
  g_assert_cmpint (f->host.written->height, ==, c->height);
}

/* A half transparent layer: the preview shows the checkerboard in its left half. */
static void
test_transparent (gconstpointer data)
{
  Fixture          f = { .host.transparent = TRUE };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 400, 300);
  cairo_t         *cr = cairo_create (surface);
  const guint32   *row;
  GtkAllocation    area = { 0, 0, 400, 300 };

  setup (&f, data);
  nst_preview_set_zoom (NST_PREVIEW (f.dialog->view.preview), 0);
  gtk_widget_size_allocate (f.dialog->view.preview, &area);
  gtk_widget_draw (f.dialog->view.preview, cr);
  cairo_surface_flush (surface);
  row = (const guint32 *) (cairo_image_surface_get_data (surface)
                           + 150 * cairo_image_surface_get_stride (surface));
  for (int x = 8; x < 180; x++)
    g_assert_true ((row[x] & 0xffffff) == 0x999999 || (row[x] & 0xffffff) == 0x666666);
  for (int x = 210; x < 390; x++)
    g_assert_false ((row[x] & 0xffffff) == 0x999999 && (row[x + 1] & 0xffffff) == 0x999999);
  teardown (&f, data);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* A picture file in the test's own folder; its name is owned. */
static char *
make_file (const char *name, int width, int height)
{
  g_autoptr (NstImage) image = test_image (width, height);
  g_autoptr (GError)   error = NULL;
  char                *path = g_build_filename (g_get_user_config_dir (), name, NULL);

  nst_image_clamp (image);
  nst_picture_save (image, path, NULL, &error);
  g_assert_no_error (error);

  return path;
}

static void
assert_more_pictures (const NstSettings *settings, const char *style, const char *start)
{
  g_auto (NstMorePictures) more = { NULL };

  g_assert_true (nst_settings_get_more (settings, &more, NULL));
  g_assert_cmpuint (g_strv_length (more.files), ==, 1);
  g_assert_cmpstr (more.files[0], ==, style);
  g_assert_cmpfloat (more.weights[0], ==, 2.5);
  g_assert_cmpstr (more.start, ==, start);
}

/* Styles and start picture that a script named are painted with, as without the dialog, and are kept with the
 * result. */
static void
test_more_pictures (void)
{
  Fixture          f = { 0 };
  g_autofree char *style = make_file ("more style.png", 70, 50), *start = make_file ("start.png", 64, 48);
  g_autofree char *json = g_strdup_printf ("{\"iterations\": 3, \"first_size\": 64, "
                                           "\"more_styles\": {\"%s\": 2.5}, \"start_file\": \"%s\"}",
                                           style, start);
  const Case       c = { 64, 48, json };
  g_autoptr (NstSettings) of_layer = NULL;
  g_autoptr (NstImage)    painted = NULL;
  g_autoptr (GError)      error = NULL;

  setup (&f, &c);
  choose_style (&f);
  g_assert_cmpint (f.host.reads, ==, 3);
  wait_for (&f, is_finished);
  gtk_button_clicked (GTK_BUTTON (f.dialog->progress.apply));
  wait_for (&f, is_applied);

  assert_more_pictures (f.settings, style, start);
  of_layer = nst_settings_from_json (f.host.text, NULL, &error);
  g_assert_no_error (error);
  assert_more_pictures (of_layer, style, start);

  painted = nst_image_ref (f.host.written);
  g_assert_true (nst_paint (&f.host, f.settings, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (painted->data, nst_image_bytes (painted), f.host.written->data,
                   nst_image_bytes (f.host.written));
  teardown (&f, NULL);
}

/* A file that is named beside the style and is not there: the dialog opens, says which when it should paint,
 * and paints without it at the second start. */
static void
test_more_missing (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  nst_style_chooser_set (NST_STYLE_CHOOSER (f->dialog->controls.style_chooser), STYLE_LAYER, "");
  g_assert_true (is_complaining (f));
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (f->dialog->notice.text)), "missing.png"));
  g_assert_cmpuint (nst_painter_runs (f->dialog->painter), ==, 0);
  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.start));
  g_assert_false (is_complaining (f));
  wait_for (f, is_finished);
}

/* Recipe and strength of a layer are used again; invalid settings change nothing. */
static void
test_settings_of_layer (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->host.text = g_strdup (
      "{\"preset\":\"strong\",\"strength\":0.25,\"style_file\":\"\",\"recipe\":"
      "{\"beta\":77,\"style_scale\":2,\"iterations\":9,\"style_layers\":{\"conv3_1\":1}}}");
  nst_looks_use_layer (&f->dialog->looks, -1);
  g_assert_false (is_complaining (f));
  g_assert_cmpfloat (nst_slider_get_value (NST_SLIDER (f->dialog->controls.beta)), ==, 77);
  g_assert_cmpfloat (nst_slider_get_value (NST_SLIDER (f->dialog->controls.style_scale)), ==, 2);
  g_assert_cmpfloat (gtk_range_get_value (GTK_RANGE (f->dialog->controls.strength)), ==, 25);
  g_assert_cmpint (nst_painter_recipe (f->dialog->painter)->iterations, ==, 9);
  g_assert_cmpint (nst_painter_recipe (f->dialog->painter)->style_layers.n, ==, 1);

  g_free (f->host.text);
  f->host.text = g_strdup ("{\"recipe\": {\"beta\": \"many\"}}");
  nst_looks_use_layer (&f->dialog->looks, -1);
  g_assert_true (is_complaining (f));
  g_assert_cmpfloat (nst_painter_recipe (f->dialog->painter)->beta, ==, 77);
}

/* The least size that the window takes with this notice. */
static GtkRequisition
measure_with (Fixture *f, const char *notice)
{
  GtkRequisition least;

  nst_notice_show (&f->dialog->notice, notice);
  gtk_widget_get_preferred_size (f->dialog->window, &least, NULL);

  return least;
}

/* A message of any length, without a blank or with many lines, neither widens the window nor makes it higher
 * than a few lines. */
static void
test_long_message (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const parts[] = { "x", "\n", "\xe2\x80\xa9", "W ", "\xff" };
  const GtkRequisition     plain = measure_with (f, "A message");

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (GString) text = g_string_new ("found ");
      GtkRequisition      least;

      while (text->len < 1 << 20)
        g_string_append (text, parts[i]);
      least = measure_with (f, text->str);
      g_assert_cmpint (least.width, ==, plain.width);
      g_assert_cmpint (least.height, <, plain.height + 150);
      g_assert_cmpint (strlen (gtk_label_get_text (GTK_LABEL (f->dialog->notice.text))), <, 4096);
    }
}

/* Settings of more than 64 KB are none: nothing of them is shown. Shorter ones are quoted, but not whole. */
static void
test_long_settings (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const struct
  {
    gsize       length;
    const char *message;
  } cases[] = { { 1 << 20, "not painted by Pastiche" }, { 60000, "A recipe has no field \"xxx" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strnfill (cases[i].length, 'x');
      const char      *shown;

      g_free (f->host.text);
      f->host.text = g_strdup_printf ("{\"recipe\": {\"%s\": 1}}", text);
      nst_looks_use_layer (&f->dialog->looks, -1);
      g_assert_true (is_complaining (f));
      shown = gtk_label_get_text (GTK_LABEL (f->dialog->notice.text));
      g_assert_nonnull (strstr (shown, cases[i].message));
      g_assert_cmpuint (strlen (shown), <, 200);
    }
}

/* Settings that name a style which is not known on this computer: the user sees that before anything is
 * painted without it. */
static void
test_missing_settings (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  guint runs;

  choose_style (f);
  wait_for (f, is_finished);
  runs = nst_painter_runs (f->dialog->painter);
  f->host.text = g_strdup ("{\"style_file\": \"night.jpg\", \"recipe\": {\"iterations\": 5, "
                           "\"start_file\": \"first.png\"}}");
  nst_looks_use_layer (&f->dialog->looks, -1);
  g_assert_true (is_complaining (f));
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (f->dialog->notice.text)), "night.jpg, first.png"));
  g_assert_false (nst_painter_is_settling (f->dialog->painter));
  g_assert_cmpuint (nst_painter_runs (f->dialog->painter), ==, runs);
  g_assert_cmpint (nst_painter_recipe (f->dialog->painter)->iterations, ==, 5);

  gtk_button_clicked (GTK_BUTTON (f->dialog->progress.start));
  g_assert_false (is_complaining (f));
  g_assert_cmpuint (nst_painter_runs (f->dialog->painter), ==, runs + 1);
}

/* Reset: all controls have their defaults, also those that settings had set; the style stays. */
static void
test_reset (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  NstDialog *d = f->dialog;
  NstRecipe  recipe;
  gboolean   own;

  choose_style (f);
  g_assert_cmpint (nst_quality_get_size (NST_QUALITY (d->controls.quality)), ==, 384);
  nst_slider_set_value (NST_SLIDER (d->controls.beta), 77);
  nst_slider_set_value (NST_SLIDER (d->controls.style_scale), 2);
  gtk_range_set_value (GTK_RANGE (d->controls.palette), 40);
  gtk_range_set_value (GTK_RANGE (d->controls.detail), 80);
  gtk_range_set_value (GTK_RANGE (d->controls.freedom), 60);
  gtk_range_set_value (GTK_RANGE (d->controls.strength), 25);
  gtk_combo_box_set_active (GTK_COMBO_BOX (d->controls.output), NST_OUTPUT_NEW_IMAGE);
  nst_looks_reset (&d->looks);
  g_assert_false (is_complaining (f));
  g_assert_true (nst_recipe_set_preset (&recipe, nst_presets ()->name, NULL));
  g_assert_cmpfloat (nst_painter_recipe (d->painter)->beta, ==, recipe.beta);
  g_assert_cmpfloat (nst_painter_recipe (d->painter)->style_scale, ==, recipe.style_scale);
  g_assert_cmpint (nst_painter_recipe (d->painter)->iterations, ==, recipe.iterations);
  g_assert_cmpfloat (nst_painter_recipe (d->painter)->palette, ==, recipe.palette);
  g_assert_cmpfloat (nst_painter_recipe (d->painter)->detail, ==, recipe.detail);
  g_assert_cmpfloat (nst_painter_recipe (d->painter)->freedom, ==, recipe.freedom);
  g_assert_cmpstr (nst_look_chooser_get_name (NST_LOOK_CHOOSER (d->looks.chooser), &own), ==,
                   nst_presets ()->name);
  g_assert_cmpfloat (gtk_range_get_value (GTK_RANGE (d->controls.strength)), ==, 100);
  g_assert_cmpint (gtk_combo_box_get_active (GTK_COMBO_BOX (d->controls.output)), ==, NST_OUTPUT_NEW_LAYER);
  g_assert_cmpint (nst_quality_get_size (NST_QUALITY (d->controls.quality)), ==, 420);
  g_assert_cmpint (nst_style_chooser_get_drawable (NST_STYLE_CHOOSER (d->controls.style_chooser)), ==,
                   STYLE_LAYER);
}

static gboolean
is_restarted (Fixture *f)
{
  return !nst_painter_is_settling (f->dialog->painter) && nst_painter_runs (f->dialog->painter) == 2;
}

/* Another brush size is another run. It does not begin at once, because a slider moves through many values.
 */
static void
test_brush_size (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  choose_style (f);
  wait_for (f, is_painted);
  nst_slider_set_value (NST_SLIDER (f->dialog->controls.style_scale), 1.5);
  nst_slider_set_value (NST_SLIDER (f->dialog->controls.style_scale), 2);
  g_assert_cmpuint (nst_painter_runs (f->dialog->painter), ==, 1);
  g_assert_true (nst_painter_is_settling (f->dialog->painter));
  wait_for (f, is_restarted);
  g_assert_cmpfloat (nst_painter_recipe (f->dialog->painter)->style_scale, ==, 2);
  wait_for (f, is_painted);
}

/* The state of the dialog is read as it was written. */
static void
test_state (void)
{
  NstState *state = nst_state_load ();

  for (int i = 0; i < 12; i++)
    {
      g_autofree char *file = g_strdup_printf ("/tmp/%d; and more.png", i % 10);

      nst_state_add_recent (state, file);
    }
  state->width = 700;
  state->zoom = 1.5;
  state->divider = 0.25;
  state->split = 2;
  nst_state_save (state);
  nst_state_free (state);

  state = nst_state_load ();
  g_assert_cmpint (g_strv_length (state->recent), ==, NST_STATE_RECENT);
  g_assert_cmpstr (state->recent[0], ==, "/tmp/1; and more.png");
  g_assert_cmpstr (state->recent[7], ==, "/tmp/4; and more.png");
  g_assert_cmpint (state->width, ==, 700);
  g_assert_cmpint (state->split, ==, 2);
  g_assert_cmpfloat (state->zoom, ==, 1.5);
  g_assert_cmpfloat (state->divider, ==, 0.25);
  nst_state_free (state);
}

/* A window that was stored larger than the screen, or beside it, is opened on it. */
static void
test_large_state (void)
{
  static const Case plain = { 64, 48, "{}" };
  Fixture           f = { 0 };
  NstState         *state = nst_state_load ();
  GdkMonitor       *monitor = gdk_display_get_monitor (gdk_display_get_default (), 0);
  GdkRectangle      area;

  state->x = 30000;
  state->y = -30000;
  state->width = 32767;
  state->height = 5000;
  nst_state_save (state);
  nst_state_free (state);

  setup (&f, &plain);
  state = f.dialog->state;
  gdk_monitor_get_workarea (monitor, &area);
  g_assert_cmpint (state->width, ==, area.width);
  g_assert_cmpint (state->height, ==, area.height);
  g_assert_cmpint (state->x, ==, area.x);
  g_assert_cmpint (state->y, ==, area.y);
  gtk_window_get_default_size (GTK_WINDOW (f.dialog->window), &area.width, &area.height);
  g_assert_cmpint (area.width, ==, state->width);
  g_assert_cmpint (area.height, ==, state->height);
  teardown (&f, NULL);

  state = nst_state_load ();
  state->width = state->height = 0;
  nst_state_save (state);
  nst_state_free (state);
}

static void
count (int *calls)
{
  (*calls)++;
}

static void
test_slider (void)
{
  NstSlider *slider = NST_SLIDER (g_object_ref_sink (nst_slider_new ("_Weight", 0.1, 1000)));
  int        calls = 0;

  g_signal_connect_swapped (slider, "changed", G_CALLBACK (count), &calls);
  nst_slider_set_value (slider, 10);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpfloat (nst_slider_get_value (slider), ==, 10);
  nst_slider_set_value (slider, 1e6);
  g_assert_cmpfloat (nst_slider_get_value (slider), ==, 1e6);
  nst_slider_set_value (slider, 0);
  g_assert_cmpfloat (nst_slider_get_value (slider), ==, 0);
  g_assert_cmpint (calls, ==, 3);
  g_object_unref (slider);
}

/* The rows of the model chooser, by their ids. test-ui.sh has put "other" and a damaged file "damaged" into
 * the folder of models. */
static void
test_chooser (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  NstModelChooser  *chooser = NST_MODEL_CHOOSER (f->dialog->controls.model_chooser);
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (chooser));
  GtkComboBox      *combo = GTK_COMBO_BOX (children->data);

  g_assert_cmpstr (gtk_combo_box_get_active_id (combo), ==, "slim");
  g_assert_true (gtk_combo_box_set_active_id (combo, "other"));
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (f->dialog->progress.status)), "other"));
  g_assert_false (gtk_widget_get_sensitive (f->dialog->controls.advanced));
  wait_for (f, is_loaded);
  g_assert_true (gtk_widget_get_sensitive (f->dialog->controls.advanced));
  g_assert_cmpstr (nst_model_chooser_get (chooser), ==, "other");
  g_assert_cmpstr (nst_painter_recipe (f->dialog->painter)->model, ==, "other");
  g_assert_cmpstr (nst_painter_model (f->dialog->painter)->name, ==, "plain");

  /* A model that cannot be loaded changes nothing. */
  g_assert_true (gtk_combo_box_set_active_id (combo, "damaged"));
  wait_for (f, is_loaded);
  g_assert_true (is_complaining (f));
  g_assert_cmpstr (nst_model_chooser_get (chooser), ==, "other");
  g_assert_cmpstr (gtk_combo_box_get_active_id (combo), ==, "other");
  g_assert_cmpstr (nst_painter_recipe (f->dialog->painter)->model, ==, "other");

  /* A file outside of the folder has a row as long as it is chosen. */
  nst_model_chooser_set (chooser, "/nowhere/vgg.safetensors");
  g_assert_cmpstr (gtk_combo_box_get_active_id (combo), ==, "/nowhere/vgg.safetensors");
  nst_model_chooser_set (chooser, "slim");
  g_assert_false (gtk_combo_box_set_active_id (combo, "/nowhere/vgg.safetensors"));
}

int
main (int argc, char **argv)
{
  static const Case quick = { 64, 48, "{\"iterations\": 3, \"first_size\": 64}" };
  static const Case endless = { 64, 48, "{\"iterations\": 100000, \"first_size\": 64}" };
  static const Case large = { 420, 300, "{\"iterations\": 1, \"size\": 384}" };
  static const Case photograph = { 4000, 3000, "{}" };
  static const Case tiny = { 1, 1, "{}" };
  static const Case thin = { 40, 4000, "{\"iterations\": 2}" };
  static const Case missing = {
    64, 48, "{\"iterations\": 3, \"more_styles\": {\"/does/not/exist/missing.png\": 1}}"
  };
  static const Case huge = { 12000, 9000, "{\"iterations\": 1}" };

  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  gtk_disable_setlocale ();
  if (!gtk_init_check (&argc, &argv))
    {
      g_print ("1..0 # SKIP there is no screen\n");
      return 0;
    }

  g_test_add ("/ui/dialog/opens", Fixture, &quick, setup, test_opens, teardown);
  g_test_add ("/ui/dialog/steer", Fixture, &endless, setup, test_steer, teardown);
  g_test_add ("/ui/dialog/paint-on", Fixture, &large, setup, test_paint_on, teardown);
  g_test_add ("/ui/dialog/apply-early", Fixture, &large, setup, test_apply_early, teardown);
  g_test_add ("/ui/dialog/strength", Fixture, &quick, setup, test_strength, teardown);
  g_test_add ("/ui/dialog/refused", Fixture, &quick, setup, test_refused, teardown);
  g_test_add ("/ui/dialog/style-deleted", Fixture, &endless, setup, test_style_deleted, teardown);
  g_test_add ("/ui/dialog/gone", Fixture, &quick, setup, test_gone, teardown);
  g_test_add ("/ui/dialog/history-of-other-model", Fixture, &quick, setup, test_history_of_other_model,
              teardown);
  g_test_add ("/ui/dialog/mnemonics", Fixture, &quick, setup, test_mnemonics, teardown);
  g_test_add ("/ui/dialog/unfold", Fixture, &quick, setup, test_unfold, teardown);
  g_test_add ("/ui/dialog/too-small", Fixture, &tiny, setup, test_too_small, teardown);
  g_test_add ("/ui/dialog/size/1x1", Fixture, &tiny, setup, test_size, teardown);
  g_test_add ("/ui/dialog/size/40x4000", Fixture, &thin, setup, test_size, teardown);
  if (g_test_slow ())
    g_test_add ("/ui/dialog/size/12000x9000", Fixture, &huge, setup, test_size, teardown);
  g_test_add_data_func ("/ui/dialog/transparent", &quick, test_transparent);
  g_test_add_func ("/ui/dialog/more-pictures", test_more_pictures);
  g_test_add ("/ui/dialog/more-missing", Fixture, &missing, setup, test_more_missing, teardown);
  g_test_add ("/ui/dialog/settings-of-layer", Fixture, &quick, setup, test_settings_of_layer, teardown);
  g_test_add ("/ui/dialog/long-message", Fixture, &quick, setup, test_long_message, teardown);
  g_test_add ("/ui/dialog/long-settings", Fixture, &quick, setup, test_long_settings, teardown);
  g_test_add ("/ui/dialog/missing-settings", Fixture, &quick, setup, test_missing_settings, teardown);
  g_test_add ("/ui/dialog/reset", Fixture, &large, setup, test_reset, teardown);
  g_test_add ("/ui/dialog/brush-size", Fixture, &quick, setup, test_brush_size, teardown);
  g_test_add ("/ui/dialog/model", Fixture, &quick, setup, test_chooser, teardown);
  g_test_add_func ("/ui/state", test_state);
  g_test_add_func ("/ui/state/large", test_large_state);
  g_test_add ("/ui/dialog/bad-style", Fixture, &quick, setup, test_bad_style, teardown);
  g_test_add_data_func ("/ui/dialog/teardown", &endless, test_teardown);
  g_test_add_func ("/ui/slider", test_slider);
  if (g_test_perf ())
    g_test_add ("/ui/dialog/speed", Fixture, &photograph, setup, test_speed, teardown);

  return g_test_run ();
}
