/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the dialog does: the job, and what controls have to say to it. */

#include <glib/gi18n-lib.h>
#include <math.h>

#include "nst-dialog-private.h"
#include "nst-plot.h"
#include "nst-preview.h"
#include "nst-slider.h"
#include "nst-style-chooser.h"

#define PREVIEW_SIZE 384        /* longer side of what Start paints */
#define MUCH_WORK 120.0         /* seconds of painting that are not thrown away unasked */

static void begin (NstDialog *dialog, int size, gboolean go_on);

static gboolean
job_is_active (NstDialog *dialog)
{
  return dialog->job && nst_job_state (dialog->job) <= NST_JOB_PAUSED;
}

/* The job */

NstRecipe
nst_dialog_make_recipe (NstDialog *dialog,
                        int        size,
                        int        from)
{
  NstRecipe recipe = dialog->recipe;

  recipe.keep_colours = FALSE;      /* at the end, so that it can be switched */
  recipe.size = size >= MAX (dialog->content->image->width, dialog->content->image->height) ? 0 : size;
  if (from > 0)
    {
      recipe.init = NST_INIT_IMAGE;
      recipe.noise = 0;
      if (from >= size)
        recipe.scale_ratio = 1;
      else
        recipe.first_size = CLAMP ((int) ceil (from * MAX (1.1, recipe.scale_ratio)), 16, 32768);
    }

  return recipe;
}

/* On to the chosen quality, from what is done; a run at that quality that was stopped is good as it is. */
static void
go_on_to_result (NstDialog *dialog)
{
  if (nst_dialog_get_size (dialog) > dialog->job_size)
    begin (dialog, nst_dialog_get_size (dialog), TRUE);
  else
    nst_dialog_write (dialog);
}

static void
job_news (NstJob  *job,
          gpointer data)
{
  NstDialog  *dialog = data;
  NstJobState state = nst_job_state (job);
  NstStatus   status = nst_job_status (job);
  NstImage   *snapshot = nst_job_take_snapshot (job);
  double      elapsed = g_timer_elapsed (dialog->timer, NULL);

  if (status.fraction > 0.02)
    dialog->seconds_per_work = elapsed / (status.fraction * dialog->job_work);
  if (snapshot)
    {
      nst_shared_unref (dialog->painted);
      dialog->painted = nst_shared_new (snapshot);
      nst_plot_add (NST_PLOT (dialog->plot), &status.losses, dialog->recipe.alpha, dialog->recipe.beta);
      nst_dialog_show_picture (dialog);
    }
  if (state > NST_JOB_PAUSED)
    g_timer_stop (dialog->timer);
  if (state == NST_JOB_FAILED)
    {
      nst_dialog_show_error (dialog, nst_job_error (job)->message);
      dialog->applying = FALSE;
    }
  if (state == NST_JOB_FINISHED && dialog->applying && dialog->painted)
    go_on_to_result (dialog);
  nst_dialog_describe_quality (dialog);
  nst_dialog_update (dialog);
}

/* Paint at size, on from the picture that is there if go_on. */
static void
begin (NstDialog *dialog,
       int        size,
       gboolean   go_on)
{
  g_autoptr (GError) error = NULL;
  const NstImage *content = dialog->content->image;
  NstRecipe       recipe;
  NstPlan         plan;

  nst_dialog_read_controls (dialog);
  recipe = nst_dialog_make_recipe (dialog, size, go_on ? MAX (dialog->painted->image->width, dialog->painted->image->height) : 0);
  nst_dialog_show_error (dialog, NULL);
  if (!nst_plan (&plan, dialog->model, &recipe, content->width, content->height, &error))
    {
      dialog->applying = FALSE;
      nst_dialog_show_error (dialog, error->message);
      return;
    }

  g_clear_pointer (&dialog->job, nst_job_free);
  dialog->spent += g_timer_elapsed (dialog->timer, NULL);
  dialog->job_size = size;
  dialog->job_work = plan.pixel_iterations;
  dialog->paused = dialog->stopped = FALSE;
  if (!go_on)
    {
      g_clear_pointer (&dialog->painted, nst_shared_unref);
      nst_plot_clear (NST_PLOT (dialog->plot));
      dialog->spent = 0;
    }
  g_timer_start (dialog->timer);
  dialog->job = nst_job_start (dialog->model, &recipe, content, dialog->style, go_on ? dialog->painted->image : NULL, job_news, dialog);
  nst_dialog_update (dialog);
}

void
nst_dialog_start (NstDialog *dialog)
{
  if (!dialog->style)
    nst_dialog_read_style (dialog);
  else
    {
      dialog->applying = FALSE;
      begin (dialog, MIN (PREVIEW_SIZE, nst_dialog_get_size (dialog)), FALSE);
    }
}

void
nst_dialog_pause (NstDialog *dialog)
{
  if (!job_is_active (dialog))
    return;

  if (dialog->paused)
    {
      nst_job_resume (dialog->job);
      g_timer_continue (dialog->timer);
      dialog->paused = FALSE;
    }
  else
    {
      nst_job_pause (dialog->job);
      g_timer_stop (dialog->timer);
      dialog->paused = TRUE;
    }
  nst_dialog_update (dialog);
}

void
nst_dialog_stop (NstDialog *dialog)
{
  dialog->stopped = TRUE;
  dialog->applying = FALSE;
  if (job_is_active (dialog))
    nst_job_stop (dialog->job);
  nst_dialog_update (dialog);
}

void
nst_dialog_apply (NstDialog *dialog)
{
  if (!dialog->painted || dialog->applying)
    return;

  nst_dialog_show_error (dialog, NULL);
  dialog->applying = TRUE;
  if (!job_is_active (dialog))
    go_on_to_result (dialog);
  else if (dialog->paused)
    nst_dialog_pause (dialog);
  nst_dialog_update (dialog);
}

static gboolean
may_throw_away (NstDialog *dialog)
{
  GtkWidget *question;
  int        answer;

  if (!dialog->painted || dialog->spent + g_timer_elapsed (dialog->timer, NULL) < MUCH_WORK)
    return TRUE;

  question = gtk_message_dialog_new (GTK_WINDOW (dialog->window), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION,
                                     GTK_BUTTONS_NONE, _("Throw the painted picture away?"));
  gtk_dialog_add_buttons (GTK_DIALOG (question), _("_Go on"), GTK_RESPONSE_CANCEL, _("_Throw away"), GTK_RESPONSE_ACCEPT, NULL);
  answer = gtk_dialog_run (GTK_DIALOG (question));
  gtk_widget_destroy (question);

  return answer == GTK_RESPONSE_ACCEPT;
}

void
nst_dialog_cancel (NstDialog *dialog)
{
  if (may_throw_away (dialog) && !dialog->applied)
    nst_dialog_quit (dialog);
}

/* Controls */

void
nst_dialog_read_style (NstDialog *dialog)
{
  NstStyleChooser *chooser = NST_STYLE_CHOOSER (dialog->style_chooser);
  g_autoptr (GError) error = NULL;
  NstSettings *wanted = nst_settings_new ();
  NstImage    *style;

  g_free (wanted->style_file);
  wanted->style_drawable = nst_style_chooser_get_drawable (chooser);
  wanted->style_file = g_strdup (nst_style_chooser_get_file (chooser));
  style = nst_host_read_style (dialog->host, wanted, &error);
  nst_settings_free (wanted);
  if (!style)
    {
      nst_dialog_show_error (dialog, error->message);
      return;
    }

  nst_image_free (dialog->style);
  dialog->style = style;
  nst_dialog_start (dialog);
}

/* A run that is done goes on with the new weights, so that the preview always answers. */
void
nst_dialog_set_weights (NstDialog *dialog)
{
  if (dialog->loading)
    return;

  nst_dialog_read_controls (dialog);
  if (job_is_active (dialog))
    nst_job_set_weights (dialog->job, dialog->recipe.alpha, dialog->recipe.beta, dialog->recipe.tv);
  else if (dialog->painted && !dialog->stopped && !dialog->applying)
    begin (dialog, dialog->job_size, TRUE);
}

void
nst_dialog_describe_quality (NstDialog *dialog)
{
  const NstImage *content = dialog->content->image;
  const int       size = nst_dialog_get_size (dialog);
  const int       from = dialog->painted ? MAX (dialog->painted->image->width, dialog->painted->image->height) : 0;
  NstRecipe       recipe = nst_dialog_make_recipe (dialog, size, from);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  NstPlan          plan;
  double           seconds;

  if (!nst_plan (&plan, dialog->model, &recipe, content->width, content->height, &error))
    text = g_strdup (error->message);
  else
    {
      seconds = dialog->seconds_per_work * plan.pixel_iterations;
      if (from > 0 && size <= dialog->job_size)
        text = g_strdup_printf (_("%.1f GB of memory, as in the preview"), plan.bytes * 1e-9);
      else if (seconds <= 0)
        text = g_strdup_printf (_("%.1f GB of memory"), plan.bytes * 1e-9);
      else if (seconds < 90)
        text = g_strdup_printf (_("about %.0f s, %.1f GB of memory"), ceil (seconds), plan.bytes * 1e-9);
      else
        text = g_strdup_printf (_("about %.0f min, %.1f GB of memory"), ceil (seconds / 60), plan.bytes * 1e-9);
    }
  gtk_label_set_text (GTK_LABEL (dialog->quality_note), text);
}

/* Buttons and progress */

static gboolean
has_style (NstDialog *dialog)
{
  NstStyleChooser *chooser = NST_STYLE_CHOOSER (dialog->style_chooser);

  return nst_style_chooser_get_drawable (chooser) != -1 || *nst_style_chooser_get_file (chooser);
}

static char *
describe_progress (NstDialog *dialog,
                   NstStatus  status)
{
  const double elapsed = g_timer_elapsed (dialog->timer, NULL);
  const double left = status.fraction > 0.02 ? elapsed * (1 - status.fraction) / status.fraction : 0;

  if (status.iterations == 0)
    return g_strdup (_("Getting ready"));
  if (left <= 0)
    return g_strdup_printf (_("%d × %d, scale %d of %d, iteration %d of %d"), status.width, status.height, status.scale + 1,
                            status.n_scales, status.iteration, status.iterations);
  return g_strdup_printf (_("%d × %d, scale %d of %d, iteration %d of %d, %.0f s left"), status.width, status.height, status.scale + 1,
                          status.n_scales, status.iteration, status.iterations, ceil (left));
}

void
nst_dialog_update (NstDialog *dialog)
{
  const gboolean   active = job_is_active (dialog);
  const NstStatus  status = dialog->job ? nst_job_status (dialog->job) : (NstStatus) { 0 };
  g_autofree char *text = NULL;

  if (!active)
    dialog->paused = FALSE;
  if (active)
    {
      text = describe_progress (dialog, status);
      if (dialog->applying)
        {
          char *longer = g_strdup_printf (_("%s, then it is written"), text);

          g_free (text);
          text = longer;
        }
    }
  else
    text = g_strdup (dialog->applying ? _("Writing the layer") : dialog->painted ? _("Done: change the look, or apply")
                     : has_style (dialog) ? _("Press Start to see it painted")
                     : _("Choose a style to start, or drop a picture here"));
  gtk_label_set_text (GTK_LABEL (dialog->status), text);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (dialog->progress), status.fraction);

  gtk_button_set_label (GTK_BUTTON (dialog->start), dialog->painted ? _("_Start over") : _("_Start"));
  gtk_button_set_label (GTK_BUTTON (dialog->pause), dialog->paused ? _("_Resume") : _("_Pause"));
  if (dialog->painted || active)
    gtk_style_context_remove_class (gtk_widget_get_style_context (dialog->start), GTK_STYLE_CLASS_SUGGESTED_ACTION);
  else
    gtk_style_context_add_class (gtk_widget_get_style_context (dialog->start), GTK_STYLE_CLASS_SUGGESTED_ACTION);
  gtk_widget_set_sensitive (dialog->start, has_style (dialog) && (active || !dialog->applying));
  gtk_widget_set_sensitive (dialog->pause, active);
  gtk_widget_set_sensitive (dialog->stop, active);
  gtk_widget_set_sensitive (dialog->apply, dialog->painted != NULL && !dialog->applying);
}
