/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the dialog says: what a quality costs, how far the run is, which buttons mean something now. */

#include <glib/gi18n-lib.h>
#include <math.h>

#include "ui/dialog-private.h"
#include "ui/widgets/quality.h"
#include "ui/widgets/style-chooser.h"

/* Estimates */

static void
calibrated (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstDialog         *dialog = data; /* gone when cancelled */
  g_autoptr (GError) error = NULL;
  double             rate = nst_pace_calibrate_finish (result, &error);

  if (error)
    return;

  g_clear_object (&dialog->calibration);
  if (dialog->pace.rate <= 0)
    dialog->pace.rate = rate;
  nst_dialog_describe_quality (dialog);
}

void
nst_dialog_calibrate (NstDialog *dialog)
{
  if (dialog->calibration)
    g_cancellable_cancel (dialog->calibration);
  g_clear_object (&dialog->calibration);
  dialog->pace.rate = 0;
  dialog->calibration = g_cancellable_new ();
  nst_pace_calibrate_async (dialog->model, &dialog->recipe, dialog->content, dialog->calibration, calibrated,
                            dialog);
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
describe_cost (NstDialog *dialog, int size, gboolean *possible)
{
  const int from = dialog->painted ? MAX (dialog->painted->image->width, dialog->painted->image->height) : 0;
  const NstRecipe      recipe = nst_dialog_make_recipe (dialog, size, from < size ? from : 0);
  g_autoptr (NstScene) scene = nst_dialog_make_scene (dialog);
  g_autoptr (GError)   error = NULL;
  g_autofree char     *time = NULL;
  NstPlan              plan;

  *possible = nst_plan (&plan, dialog->model, &recipe, dialog->width, dialog->height, scene, &error);
  if (!*possible)
    return g_strdup (_ ("too small to paint"));
  if (from >= size && !nst_dialog_is_active (dialog))
    return g_strdup (_ ("painted"));
  if (dialog->pace.rate <= 0)
    return g_strdup_printf (_ ("%.1f GB"), MAX (0.1, plan.bytes * 1e-9));

  time = describe_seconds (nst_pace_foretell (&dialog->pace, &plan));
  return g_strdup_printf (_ ("%s, %.1f GB"), time, MAX (0.1, plan.bytes * 1e-9));
}

void
nst_dialog_describe_quality (NstDialog *dialog)
{
  int size;

  for (int i = 0; (size = nst_quality_get_nth (NST_QUALITY (dialog->quality), i)) > 0; i++)
    {
      gboolean         possible;
      g_autofree char *text = describe_cost (dialog, size, &possible);

      nst_quality_set_note (NST_QUALITY (dialog->quality), i, text);
      nst_quality_set_possible (NST_QUALITY (dialog->quality), i, possible);
    }
}

/* Buttons and progress */

static gboolean
has_style (NstDialog *dialog)
{
  NstStyleChooser *chooser = NST_STYLE_CHOOSER (dialog->style_chooser);

  return nst_style_chooser_get_drawable (chooser) != -1 || *nst_style_chooser_get_file (chooser);
}

static char *
describe_status (NstDialog *dialog, const NstStatus *status)
{
  g_autofree char *text = NULL;

  if (!nst_dialog_is_active (dialog))
    return g_strdup (dialog->applying     ? _ ("Writing")
                     : dialog->painted    ? _ ("Done: change the look, paint on, or apply")
                     : has_style (dialog) ? _ ("Press Start to see it painted")
                                          : _ ("Choose a style to start, or drop a picture here"));
  if (dialog->paused)
    return g_strdup (_ ("Paused"));
  if (status->iterations == 0)
    return g_strdup (_ ("Getting ready"));

  text = g_strdup_printf (_ ("%d × %d, scale %d of %d, iteration %d of %d"), status->width, status->height,
                          status->scale + 1, status->n_scales, status->iteration, status->iterations);
  return dialog->applying ? g_strdup_printf (_ ("%s, then it is written"), text) : g_steal_pointer (&text);
}

static char *
describe_clock (NstDialog *dialog, const NstStatus *status)
{
  const int elapsed = (int) g_timer_elapsed (dialog->timer, NULL);
  const int left = (int) ceil (nst_pace_left (&dialog->pace, status));

  if (!dialog->job)
    return g_strdup ("");
  if (!nst_dialog_is_active (dialog) || left <= 0)
    return g_strdup_printf (_ ("%d:%02d"), elapsed / 60, elapsed % 60);

  return g_strdup_printf (_ ("%d:%02d, %d:%02d left"), elapsed / 60, elapsed % 60, left / 60, left % 60);
}

static void
update_buttons (NstDialog *dialog)
{
  const gboolean   active = nst_dialog_is_active (dialog);
  const int        size = nst_quality_get_size (NST_QUALITY (dialog->quality));
  GtkStyleContext *start = gtk_widget_get_style_context (dialog->start);

  gtk_button_set_label (GTK_BUTTON (dialog->start), dialog->painted ? _ ("_Start Over") : _ ("_Start"));
  gtk_button_set_label (GTK_BUTTON (dialog->pause), dialog->paused ? _ ("_Resume") : _ ("_Pause"));
  if (dialog->painted || active)
    gtk_style_context_remove_class (start, GTK_STYLE_CLASS_SUGGESTED_ACTION);
  else
    gtk_style_context_add_class (start, GTK_STYLE_CLASS_SUGGESTED_ACTION);
  gtk_widget_set_sensitive (dialog->start, has_style (dialog) && (active || !dialog->applying));
  gtk_widget_set_sensitive (dialog->pause, active);
  gtk_widget_set_sensitive (dialog->stop, active);
  gtk_widget_set_sensitive (dialog->paint_on,
                            dialog->painted && !dialog->applying && size > dialog->job_size);
  gtk_widget_set_sensitive (dialog->apply, dialog->painted && !dialog->applying);

  /* What would start over does not, while the result is on its way. */
  gtk_widget_set_sensitive (dialog->style_chooser, !dialog->applying);
  gtk_widget_set_sensitive (dialog->style_scale, !dialog->applying);
  gtk_widget_set_sensitive (dialog->looks, !dialog->applying);
  gtk_widget_set_sensitive (dialog->look_menu, !dialog->applying);
  gtk_widget_set_sensitive (dialog->quality, !dialog->applying);
  gtk_widget_set_sensitive (dialog->advanced, !dialog->applying);
}

void
nst_dialog_update (NstDialog *dialog)
{
  const NstStatus  status = dialog->job ? nst_job_status (dialog->job) : (NstStatus){ 0 };
  g_autofree char *text = NULL;
  g_autofree char *clock = NULL;

  if (!nst_dialog_is_active (dialog))
    dialog->paused = FALSE;
  text = describe_status (dialog, &status);
  clock = describe_clock (dialog, &status);
  gtk_label_set_text (GTK_LABEL (dialog->status), text);
  gtk_label_set_text (GTK_LABEL (dialog->clock), clock);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (dialog->progress), status.fraction);
  update_buttons (dialog);
  nst_dialog_describe_quality (dialog);
}
