/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controls of the dialog: passes changes to the painter, and shows styles and costs that the painter
 * knows. */
#include "ui/controls.h"

#include <glib/gi18n-lib.h>

#include "ui/layout.h"
#include "ui/widgets/advanced.h"
#include "ui/widgets/model-chooser.h"
#include "ui/widgets/quality.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/style-chooser.h"
#include "ui/widgets/wheel.h"

#define THUMBNAIL_SIZE 96

/* Recipe */

static void
load_slider (GtkWidget *slider, double value)
{
  nst_slider_set_default (NST_SLIDER (slider), value);
  nst_slider_set_value (NST_SLIDER (slider), value);
}

static void
load_advanced (NstControls *controls)
{
  const NstRecipe *recipe = nst_painter_recipe (controls->painter);

  nst_advanced_load (NST_ADVANCED (controls->advanced), nst_painter_model (controls->painter), recipe,
                     nst_painter_sources (controls->painter)->more.start != NULL);
  nst_model_chooser_set (NST_MODEL_CHOOSER (controls->model_chooser), recipe->model);
}

void
nst_controls_load (NstControls *controls)
{
  const NstRecipe *recipe = nst_painter_recipe (controls->painter);
  const gboolean   before = controls->loading;

  controls->loading = TRUE;
  load_slider (controls->style_scale, recipe->style_scale);
  load_slider (controls->alpha, recipe->alpha);
  load_slider (controls->beta, recipe->beta);
  load_slider (controls->tv, recipe->tv);
  gtk_range_set_value (GTK_RANGE (controls->palette), 100 * recipe->palette);
  gtk_range_set_value (GTK_RANGE (controls->detail), 100 * recipe->detail);
  gtk_range_set_value (GTK_RANGE (controls->freedom), 100 * recipe->freedom);
  gtk_range_set_value (GTK_RANGE (controls->strength), 100 * nst_painter_strength (controls->painter));
  load_advanced (controls);
  controls->loading = before;
}

static void
recipe_changed (NstControls *controls)
{
  NstRecipe recipe = *nst_painter_recipe (controls->painter);

  if (controls->loading)
    return;

  recipe.style_scale = nst_slider_get_value (NST_SLIDER (controls->style_scale));
  recipe.alpha = nst_slider_get_value (NST_SLIDER (controls->alpha));
  recipe.beta = nst_slider_get_value (NST_SLIDER (controls->beta));
  recipe.tv = nst_slider_get_value (NST_SLIDER (controls->tv));
  recipe.palette = gtk_range_get_value (GTK_RANGE (controls->palette)) / 100;
  recipe.detail = gtk_range_get_value (GTK_RANGE (controls->detail)) / 100;
  recipe.freedom = gtk_range_get_value (GTK_RANGE (controls->freedom)) / 100;
  nst_painter_set_recipe (controls->painter, &recipe);
}

static void
advanced_changed (NstControls *controls)
{
  NstRecipe recipe = *nst_painter_recipe (controls->painter);

  nst_advanced_read (NST_ADVANCED (controls->advanced), &recipe);
  nst_painter_set_recipe (controls->painter, &recipe);
}

/* The new model's layers are shown when it is loaded; or the old model's name, if that fails. */
static void
model_chosen (NstControls *controls)
{
  NstRecipe recipe = *nst_painter_recipe (controls->painter);

  if (controls->loading)
    return;

  g_strlcpy (recipe.model, nst_model_chooser_get (NST_MODEL_CHOOSER (controls->model_chooser)),
             sizeof recipe.model);
  nst_notice_show (controls->notice, NULL);
  nst_painter_set_recipe (controls->painter, &recipe);
}

/* Strength and quality */

static void
strength_changed (NstControls *controls)
{
  if (!controls->loading)
    nst_painter_set_strength (controls->painter, gtk_range_get_value (GTK_RANGE (controls->strength)) / 100);
}

static void
quality_changed (NstControls *controls)
{
  if (!controls->loading)
    nst_painter_set_size (controls->painter, nst_quality_get_size (NST_QUALITY (controls->quality)));
}

static char *
describe_seconds (double seconds)
{
  if (seconds < 99.5)
    return g_strdup_printf (_ ("about %.0f s"), MAX (1, seconds));
  if (seconds < 99.5 * 60)
    return g_strdup_printf (_ ("about %.0f min"), seconds / 60);

  return g_strdup_printf (_ ("about %.0f h"), seconds / 3600);
}

static char *
describe_cost (const NstEstimate *estimate)
{
  const double     gigabytes = MAX (0.1, estimate->bytes * 1e-9);
  g_autofree char *time = NULL;

  if (!estimate->possible)
    return g_strdup (_ ("too small to paint"));
  if (estimate->painted)
    return g_strdup (_ ("painted"));
  if (estimate->seconds <= 0)
    return g_strdup_printf (_ ("%.1f GB"), gigabytes);

  time = describe_seconds (estimate->seconds);
  return g_strdup_printf (_ ("%s, %.1f GB"), time, gigabytes);
}

static void
describe_qualities (NstControls *controls)
{
  NstQuality *quality = NST_QUALITY (controls->quality);
  int         size;

  for (int i = 0; (size = nst_quality_get_nth (quality, i)) > 0; i++)
    {
      NstEstimate      estimate;
      g_autofree char *text = NULL;

      nst_painter_estimate (controls->painter, size, &estimate);
      text = describe_cost (&estimate);
      nst_quality_set_note (quality, i, text);
      nst_quality_set_possible (quality, i, estimate.possible);
    }
}

/* Style */

static void
take_style (NstControls *controls, gboolean start)
{
  NstStyleChooser   *chooser = NST_STYLE_CHOOSER (controls->style_chooser);
  g_autoptr (GError) error = NULL;

  if (nst_painter_set_style (controls->painter, nst_style_chooser_get_drawable (chooser),
                             nst_style_chooser_get_file (chooser), &error))
    {
      if (start)
        nst_painter_start_unasked (controls->painter);
    }
  else
    nst_notice_show (controls->notice, error->message);
}

static void
style_chosen (NstControls *controls)
{
  if (!controls->loading)
    take_style (controls, TRUE);
}

/* Show the style that the painter paints with, which is also the one that is remembered. */
static void
show_style (NstControls *controls)
{
  const NstSources *sources = nst_painter_sources (controls->painter);
  NstStyleChooser  *chooser = NST_STYLE_CHOOSER (controls->style_chooser);
  const gboolean    before = controls->loading;

  if (sources->style != NULL && *sources->style_file != '\0')
    nst_state_add_recent (controls->state, sources->style_file);
  if (nst_style_chooser_get_drawable (chooser) == sources->style_drawable
      && strcmp (nst_style_chooser_get_file (chooser), sources->style_file) == 0)
    return;

  controls->loading = TRUE;
  nst_style_chooser_set (chooser, sources->style_drawable, sources->style_file);
  controls->loading = before;
}

/* Favourites and folders are remembered at once: the user made them. */
static void
styles_kept (NstControls *controls)
{
  NstState *state = controls->state;

  g_strfreev (state->favourites);
  g_strfreev (state->folders);
  state->favourites = nst_style_strip_get_favourites (NST_STYLE_STRIP (controls->styles));
  state->folders = nst_style_strip_get_folders (NST_STYLE_STRIP (controls->styles));
  nst_state_save (state);
}

void
nst_controls_choose_style (NstControls *controls, const char *file, gboolean start)
{
  const gboolean before = controls->loading;

  controls->loading = TRUE;
  nst_style_chooser_set (NST_STYLE_CHOOSER (controls->style_chooser), -1, file);
  controls->loading = before;
  take_style (controls, start);
}

/* The painter */

static void
update_sensitivity (NstControls *controls)
{
  const gboolean loading = nst_painter_loading (controls->painter) != NULL;
  const gboolean ready = !nst_painter_is_finishing (controls->painter) && !loading;

  /* Controls that would start over are insensitive while the result is being made, and all that belong to the
   * recipe while another one waits for its model. */
  gtk_widget_set_sensitive (controls->style_chooser, ready);
  gtk_widget_set_sensitive (controls->styles, ready);
  gtk_widget_set_sensitive (controls->style_scale, ready);
  gtk_widget_set_sensitive (controls->quality, ready);
  gtk_widget_set_sensitive (controls->advanced, ready);
  gtk_widget_set_sensitive (controls->alpha, !loading);
  gtk_widget_set_sensitive (controls->beta, !loading);
  gtk_widget_set_sensitive (controls->tv, !loading);
  gtk_widget_set_sensitive (controls->palette, !loading);
  gtk_widget_set_sensitive (controls->detail, !loading);
  gtk_widget_set_sensitive (controls->freedom, !loading);
}

static void
painter_changed (NstControls *controls, guint changes)
{
  if (changes & NST_PAINTER_CHANGED_STYLE)
    show_style (controls);
  if (changes & NST_PAINTER_CHANGED_RECIPE)
    nst_controls_load (controls);
  if (changes & NST_PAINTER_CHANGED_STATE)
    update_sensitivity (controls);
  if (changes & NST_PAINTER_CHANGED_ESTIMATE)
    describe_qualities (controls);
}

/* Advanced may unfold below the lower edge of the window. Once it has its room, scroll to it. */

static void
advanced_folded (NstControls *controls)
{
  controls->unfolding = !controls->loading && gtk_expander_get_expanded (GTK_EXPANDER (controls->expander));
}

static void
column_grew (NstControls *controls)
{
  int y;

  if (!controls->unfolding
      || !gtk_widget_translate_coordinates (controls->expander, controls->column, 0, 0, NULL, &y))
    return;

  controls->unfolding = FALSE;
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (controls->scrolled)),
                            y);
}

/* Making and remembering */

void
nst_controls_reset (NstControls *controls)
{
  g_autoptr (NstSettings) settings = nst_settings_new ();

  nst_quality_reset (NST_QUALITY (controls->quality));
  gtk_range_set_value (GTK_RANGE (controls->strength), 100 * settings->strength);
  gtk_combo_box_set_active (GTK_COMBO_BOX (controls->output), settings->output);
}

void
nst_controls_keep_new_image (NstControls *controls)
{
  gtk_combo_box_set_active (GTK_COMBO_BOX (controls->output), NST_OUTPUT_NEW_IMAGE);
  gtk_widget_set_sensitive (controls->output, FALSE);
}

NstOutput
nst_controls_output (NstControls *controls)
{
  return gtk_combo_box_get_active (GTK_COMBO_BOX (controls->output));
}

const char *
nst_controls_style_name (NstControls *controls)
{
  return nst_style_chooser_get_name (NST_STYLE_CHOOSER (controls->style_chooser));
}

void
nst_controls_save_state (NstControls *controls)
{
  NstState *state = controls->state;
  char     *folder = nst_style_chooser_get_folder (NST_STYLE_CHOOSER (controls->style_chooser));

  state->advanced = gtk_expander_get_expanded (GTK_EXPANDER (controls->expander));
  if (folder != NULL)
    {
      g_free (state->folder);
      state->folder = folder;
    }
}

static void
find_widgets (NstControls *controls, GtkBuilder *layout)
{
  controls->style_chooser = nst_layout_widget (layout, "style_chooser");
  controls->styles = nst_layout_widget (layout, "styles");
  controls->style_scale = nst_layout_widget (layout, "style_scale");
  controls->alpha = nst_layout_widget (layout, "alpha");
  controls->beta = nst_layout_widget (layout, "beta");
  controls->tv = nst_layout_widget (layout, "tv");
  controls->palette = nst_layout_widget (layout, "palette");
  controls->detail = nst_layout_widget (layout, "detail");
  controls->freedom = nst_layout_widget (layout, "freedom");
  controls->quality = nst_layout_widget (layout, "quality");
  controls->strength = nst_layout_widget (layout, "strength");
  controls->output = nst_layout_widget (layout, "output");
  controls->advanced = nst_layout_widget (layout, "advanced");
  controls->scrolled = nst_layout_widget (layout, "controls");
  controls->column = nst_layout_widget (layout, "right");
  controls->expander = nst_layout_widget (layout, "expander");
  controls->model_chooser = nst_model_chooser_new ();
  gtk_box_pack_start (GTK_BOX (nst_advanced_get_model_box (NST_ADVANCED (controls->advanced))),
                      controls->model_chooser, TRUE, TRUE, 0);
  gtk_widget_show (controls->model_chooser);
}

static void
connect (NstControls *controls, GtkWidget *widget, const char *signal, void (*call) (NstControls *))
{
  g_signal_connect_swapped (widget, signal, G_CALLBACK (call), controls);
}

static void
connect_widgets (NstControls *controls)
{
  GtkScrolledWindow *scrolled = GTK_SCROLLED_WINDOW (controls->scrolled);
  GtkAdjustment     *scroll = gtk_scrolled_window_get_vadjustment (scrolled);

  connect (controls, controls->style_chooser, "changed", style_chosen);
  connect (controls, controls->styles, "kept", styles_kept);
  connect (controls, controls->style_scale, "changed", recipe_changed);
  connect (controls, controls->alpha, "changed", recipe_changed);
  connect (controls, controls->beta, "changed", recipe_changed);
  connect (controls, controls->tv, "changed", recipe_changed);
  connect (controls, controls->palette, "value-changed", recipe_changed);
  connect (controls, controls->detail, "value-changed", recipe_changed);
  connect (controls, controls->freedom, "value-changed", recipe_changed);
  connect (controls, controls->quality, "changed", quality_changed);
  connect (controls, controls->strength, "value-changed", strength_changed);
  connect (controls, controls->advanced, "changed", advanced_changed);
  connect (controls, controls->model_chooser, "changed", model_chosen);
  connect (controls, controls->expander, "notify::expanded", advanced_folded);
  g_signal_connect_swapped (scroll, "changed", G_CALLBACK (column_grew), controls);
  nst_wheel_tame_all (controls->column);
  gtk_container_set_focus_vadjustment (GTK_CONTAINER (gtk_widget_get_parent (controls->column)), scroll);
}

static void
fill (NstControls *controls, NstHost *host, const NstSettings *settings)
{
  const NstSources     *sources = nst_painter_sources (controls->painter);
  const gboolean        asked = settings->size >= 0 || *settings->json != '\0';
  g_autoptr (GPtrArray) layers = nst_host_list_layers (host, THUMBNAIL_SIZE);

  nst_quality_fill (NST_QUALITY (controls->quality), sources->width, sources->height,
                    asked ? nst_painter_recipe (controls->painter)->size : -1);
  nst_painter_set_size (controls->painter, nst_quality_get_size (NST_QUALITY (controls->quality)));
  gtk_combo_box_set_active (GTK_COMBO_BOX (controls->output), settings->output);
  nst_style_strip_fill (NST_STYLE_STRIP (controls->styles), layers,
                        (const char *const *) controls->state->recent,
                        (const char *const *) controls->state->favourites,
                        (const char *const *) controls->state->folders);
  nst_style_chooser_set_strip (NST_STYLE_CHOOSER (controls->style_chooser),
                               NST_STYLE_STRIP (controls->styles), controls->state->folder);
  nst_style_chooser_set (NST_STYLE_CHOOSER (controls->style_chooser), sources->style_drawable,
                         sources->style_file);
  gtk_expander_set_expanded (GTK_EXPANDER (controls->expander), controls->state->advanced);
}

void
nst_controls_init (NstControls       *controls,
                   GtkBuilder        *layout,
                   NstHost           *host,
                   NstPainter        *painter,
                   NstNotice         *notice,
                   NstState          *state,
                   const NstSettings *settings)
{
  controls->painter = painter;
  controls->notice = notice;
  controls->state = state;
  controls->loading = TRUE;
  find_widgets (controls, layout);
  connect_widgets (controls);
  fill (controls, host, settings);
  nst_controls_load (controls);
  controls->loading = FALSE;
  update_sensitivity (controls);
  /* Not earlier: a quality that is too small to paint is left for the next one, which is a choice. */
  g_signal_connect_swapped (painter, "changed", G_CALLBACK (painter_changed), controls);
  describe_qualities (controls);
}
