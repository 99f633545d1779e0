/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the dialog does: the job, and what controls have to say to it. */

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "ui/dialog-private.h"
#include "ui/widgets/advanced.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/quality.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/style-chooser.h"
#include "weights/model-file.h"

#define PREVIEW_SIZE 384 /* longer side of what Start paints */
#define MUCH_WORK 120.0  /* seconds of painting that are not thrown away unasked */
#define SETTLE 300       /* milliseconds without another change before a run starts over */

static void begin (NstDialog *dialog, int size, gboolean go_on);

gboolean
nst_dialog_is_active (NstDialog *dialog)
{
  return dialog->job && nst_job_state (dialog->job) <= NST_JOB_PAUSED;
}

static int
chosen_size (NstDialog *dialog)
{
  return nst_quality_get_size (NST_QUALITY (dialog->quality));
}

static int
longer_side (const NstShared *shared)
{
  return MAX (shared->image->width, shared->image->height);
}

/* The job */

NstRecipe
nst_dialog_make_recipe (NstDialog *dialog, int size, int from)
{
  NstRecipe recipe = dialog->recipe;

  recipe.keep_colours = FALSE; /* at the end, so that it can be switched */
  recipe.size = size >= MAX (dialog->width, dialog->height) ? 0 : size;
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
  if (chosen_size (dialog) > dialog->job_size)
    begin (dialog, chosen_size (dialog), TRUE);
  else
    nst_dialog_write (dialog);
}

static void
job_news (NstJob *job, gpointer data)
{
  NstDialog  *dialog = data;
  NstJobState state = nst_job_state (job);
  NstStatus   status = nst_job_status (job);
  NstImage   *snapshot = nst_job_take_snapshot (job);

  nst_pace_add (&dialog->pace, &status, g_timer_elapsed (dialog->timer, NULL));
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
  nst_dialog_update (dialog);
}

/* The style, if there is one yet; content and start are for who paints. */
NstScene *
nst_dialog_make_scene (NstDialog *dialog)
{
  NstScene *scene = nst_scene_new (NULL);

  if (dialog->style != NULL)
    nst_scene_add_style (scene, dialog->style, 1, NULL);

  return scene;
}

/* The layer in a size that is enough for a run, or NULL. */
static const NstShared *
content_for (NstDialog *dialog, int size, GError **error)
{
  if (size <= longer_side (dialog->small))
    return dialog->small;
  if (size <= longer_side (dialog->content))
    return dialog->content;

  return nst_dialog_read_full (dialog, error) ? dialog->full : NULL;
}

/* Paint at size, on from the picture that is there if go_on. */
static void
begin (NstDialog *dialog, int size, gboolean go_on)
{
  g_autoptr (GError)   error = NULL;
  g_autoptr (NstScene) scene = nst_dialog_make_scene (dialog);
  g_autoptr (NstImage) start = go_on ? nst_image_ref (dialog->painted->image) : NULL;
  const NstShared     *content;
  NstRecipe            recipe;
  NstPlan              plan;

  g_clear_handle_id (&dialog->restart, g_source_remove);
  nst_dialog_read_controls (dialog);
  recipe = nst_dialog_make_recipe (dialog, size, go_on ? longer_side (dialog->painted) : 0);
  nst_dialog_show_error (dialog, NULL);
  if (!nst_plan (&plan, dialog->model, &recipe, dialog->width, dialog->height, scene, &error)
      || !(content = content_for (dialog, size, &error)))
    {
      dialog->applying = FALSE;
      nst_dialog_show_error (dialog, error->message);
      return;
    }

  if (dialog->calibration)
    g_cancellable_cancel (dialog->calibration);
  g_clear_object (&dialog->calibration);
  g_clear_pointer (&dialog->job, nst_job_free);
  dialog->spent += g_timer_elapsed (dialog->timer, NULL);
  dialog->job_recipe = dialog->recipe;
  dialog->job_size = size;
  dialog->paused = dialog->stopped = FALSE;
  nst_pace_begin (&dialog->pace, &plan);
  if (!go_on)
    {
      g_clear_pointer (&dialog->painted, nst_shared_unref);
      nst_plot_clear (NST_PLOT (dialog->plot));
    }
  g_timer_start (dialog->timer);
  nst_scene_set_content (scene, content->image);
  nst_scene_set_start (scene, start);
  dialog->job = nst_job_start (dialog->model, &recipe, scene, job_news, dialog);
  nst_dialog_update (dialog);
}

/* What Start paints: small, but not so thin that there is nothing to see for the network. */
static int
preview_size (NstDialog *dialog)
{
  g_autoptr (NstScene) scene = nst_dialog_make_scene (dialog);
  const int            longest = chosen_size (dialog);
  int                  size = MIN (PREVIEW_SIZE, longest);

  while (size < longest)
    {
      const NstRecipe recipe = nst_dialog_make_recipe (dialog, size, 0);
      NstPlan         plan;

      if (nst_plan (&plan, dialog->model, &recipe, dialog->width, dialog->height, scene, NULL))
        break;
      size = MIN (longest, size * 5 / 4);
    }

  return size;
}

void
nst_dialog_start (NstDialog *dialog)
{
  if (!dialog->style)
    nst_dialog_read_style (dialog);
  else
    {
      dialog->applying = FALSE;
      begin (dialog, preview_size (dialog), FALSE);
    }
}

void
nst_dialog_pause (NstDialog *dialog)
{
  if (!nst_dialog_is_active (dialog))
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
  g_clear_handle_id (&dialog->restart, g_source_remove);
  dialog->stopped = TRUE;
  dialog->applying = FALSE;
  if (nst_dialog_is_active (dialog))
    nst_job_stop (dialog->job);
  nst_dialog_update (dialog);
}

void
nst_dialog_paint_on (NstDialog *dialog)
{
  if (dialog->painted && !dialog->applying && chosen_size (dialog) > dialog->job_size)
    begin (dialog, chosen_size (dialog), TRUE);
}

void
nst_dialog_apply (NstDialog *dialog)
{
  if (!dialog->painted || dialog->applying)
    return;

  g_clear_handle_id (&dialog->restart, g_source_remove);
  nst_dialog_show_error (dialog, NULL);
  dialog->applying = TRUE;
  if (!nst_dialog_is_active (dialog))
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

  question = gtk_message_dialog_new (GTK_WINDOW (dialog->window),
                                     GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION,
                                     GTK_BUTTONS_NONE, _ ("Throw the painted picture away?"));
  gtk_dialog_add_buttons (GTK_DIALOG (question), _ ("_Go on"), GTK_RESPONSE_CANCEL, _ ("_Throw away"),
                          GTK_RESPONSE_ACCEPT, NULL);
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

/* What is shown as the style is what is painted with, and what is remembered. */
static void
show_style_again (NstDialog *dialog)
{
  const gboolean before = dialog->loading;

  dialog->loading = TRUE;
  nst_style_chooser_set (NST_STYLE_CHOOSER (dialog->style_chooser), dialog->style_drawable,
                         dialog->style_file);
  dialog->loading = before;
}

void
nst_dialog_read_style (NstDialog *dialog)
{
  NstStyleChooser        *chooser = NST_STYLE_CHOOSER (dialog->style_chooser);
  const char             *file = nst_style_chooser_get_file (chooser);
  g_autoptr (GError)      error = NULL;
  g_autoptr (NstSettings) wanted = nst_settings_new ();
  NstImage               *style;

  g_free (wanted->style_file);
  wanted->style_drawable = nst_style_chooser_get_drawable (chooser);
  wanted->style_file = g_strdup (file);
  style = nst_host_read_style (dialog->host, wanted, &error);
  if (!style)
    {
      nst_dialog_show_error (dialog, error->message);
      show_style_again (dialog);
      nst_dialog_update (dialog);
      return;
    }

  nst_image_unref (dialog->style);
  g_free (dialog->style_file);
  dialog->style = style;
  dialog->style_drawable = wanted->style_drawable;
  dialog->style_file = g_strdup (file);
  if (*file)
    nst_state_add_recent (dialog->state, file);
  nst_dialog_start (dialog);
}

/* Changes mean something else than another weight: there is no going on. */
static gboolean
needs_new_run (const NstRecipe *a, const NstRecipe *b)
{
  NstRecipe        other = *b;
  g_autofree char *text = NULL;
  g_autofree char *other_text = NULL;

  other.alpha = a->alpha;
  other.beta = a->beta;
  other.tv = a->tv;
  other.keep_colours = a->keep_colours;
  other.size = a->size;
  text = nst_recipe_to_json (a);
  other_text = nst_recipe_to_json (&other);

  return strcmp (text, other_text) != 0;
}

static gboolean
settled (gpointer data)
{
  NstDialog *dialog = data;

  dialog->restart = 0;
  nst_dialog_start (dialog);

  return G_SOURCE_REMOVE;
}

/* A run that is done goes on with new weights, so that the preview always answers. */
void
nst_dialog_change (NstDialog *dialog)
{
  if (dialog->loading)
    return;

  nst_dialog_read_controls (dialog);
  if (!dialog->job)
    nst_dialog_describe_quality (dialog);
  else if (needs_new_run (&dialog->job_recipe, &dialog->recipe))
    {
      g_clear_handle_id (&dialog->restart, g_source_remove);
      if (!dialog->stopped && !dialog->applying)
        dialog->restart = g_timeout_add (SETTLE, settled, dialog);
    }
  else if (nst_dialog_is_active (dialog))
    nst_job_set_weights (dialog->job, dialog->recipe.alpha, dialog->recipe.beta, dialog->recipe.tv);
  else if (dialog->painted && !dialog->stopped && !dialog->applying)
    begin (dialog, dialog->job_size, TRUE);
}

gboolean
nst_dialog_set_model (NstDialog *dialog, const char *name, GError **error)
{
  NstModel *model;

  if (strcmp (name, dialog->recipe.model) == 0)
    return TRUE;

  model = nst_model_get (name, error);
  if (!model)
    return FALSE;

  nst_model_unref (dialog->model);
  dialog->model = model;
  g_strlcpy (dialog->recipe.model, name, sizeof dialog->recipe.model);
  nst_advanced_load (NST_ADVANCED (dialog->advanced), model, &dialog->recipe);
  nst_dialog_calibrate (dialog);
  nst_dialog_change (dialog);

  return TRUE;
}
