/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows the progress of the painter, and connects its verbs to buttons. */
#include "ui/progress.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/base/text.h"
#include "ui/layout.h"
#include "ui/widgets/plot.h"

static gboolean
is_active (NstProgress *progress)
{
  const NstPainterState state = nst_painter_state (progress->painter);

  return state == NST_PAINTER_PAINTING || state == NST_PAINTER_PAUSED;
}

static char *
describe_status (NstProgress *progress)
{
  NstPainter     *painter = progress->painter;
  const NstStatus status = nst_painter_status (painter);

  if (nst_painter_loading (painter) != NULL)
    {
      g_autofree char *base = g_filename_display_basename (nst_painter_loading (painter));
      g_autofree char *name = nst_text_quote (base);

      return g_strdup_printf (_ ("Loading the model %s"), name);
    }
  if (!is_active (progress))
    return g_strdup (nst_painter_is_finishing (painter)  ? _ ("Writing the result")
                     : nst_painter_is_settling (painter) ? _ ("Soon painted anew with these settings")
                     : nst_painter_picture (painter) != NULL
                         ? _ ("Done. Change the look, paint on, or apply.")
                     : nst_sources_has_style (nst_painter_sources (painter))
                         ? _ ("Press Start to paint a preview")
                         : _ ("Choose a style, or drop a picture here"));
  if (nst_painter_state (painter) == NST_PAINTER_PAUSED)
    return g_strdup (_ ("Paused"));
  if (status.iterations == 0)
    return g_strdup (_ ("Preparing"));

  if (nst_painter_is_behind (painter))
    return g_strdup_printf (_ ("Painting anew with these settings, scale %d of %d, iteration %d of %d"),
                            status.scale + 1, status.n_scales, status.iteration, status.iterations);

  return g_strdup_printf (nst_painter_is_finishing (painter)
                              ? _ ("%d × %d, scale %d of %d, iteration %d of %d; then the result is written")
                              : _ ("%d × %d, scale %d of %d, iteration %d of %d"),
                          status.width, status.height, status.scale + 1, status.n_scales, status.iteration,
                          status.iterations);
}

static char *
describe_clock (NstProgress *progress)
{
  const int elapsed = (int) nst_painter_elapsed (progress->painter);
  const int left = (int) ceil (nst_painter_left (progress->painter));

  if (nst_painter_state (progress->painter) == NST_PAINTER_EMPTY)
    return g_strdup ("");
  if (!is_active (progress) || left <= 0)
    return g_strdup_printf (_ ("%d:%02d"), elapsed / 60, elapsed % 60);

  return g_strdup_printf (_ ("%d:%02d, %d:%02d left"), elapsed / 60, elapsed % 60, left / 60, left % 60);
}

static void
update_buttons (NstProgress *progress)
{
  NstPainter      *painter = progress->painter;
  const gboolean   active = is_active (progress);
  const gboolean   painted = nst_painter_picture (painter) != NULL;
  const gboolean   finishing = nst_painter_is_finishing (painter);
  const gboolean   loading = nst_painter_loading (painter) != NULL;
  const gboolean   has_style = nst_sources_has_style (nst_painter_sources (painter));
  const gboolean   paused = nst_painter_state (painter) == NST_PAINTER_PAUSED;
  GtkStyleContext *start = gtk_widget_get_style_context (progress->start);

  gtk_button_set_label (GTK_BUTTON (progress->start), painted ? _ ("_Start Over") : _ ("_Start"));
  gtk_button_set_label (GTK_BUTTON (progress->pause), paused ? _ ("_Resume") : _ ("_Pause"));
  if (painted || active)
    gtk_style_context_remove_class (start, GTK_STYLE_CLASS_SUGGESTED_ACTION);
  else
    gtk_style_context_add_class (start, GTK_STYLE_CLASS_SUGGESTED_ACTION);
  gtk_widget_set_sensitive (progress->start, has_style && !loading && (active || !finishing));
  gtk_widget_set_sensitive (progress->pause, active);
  gtk_widget_set_sensitive (progress->stop, active || loading);
  gtk_widget_set_sensitive (progress->paint_on, nst_painter_can_paint_on (painter));
  gtk_widget_set_sensitive (progress->apply, painted && !finishing && !loading);
}

static void
update (NstProgress *progress)
{
  g_autofree char *status = describe_status (progress);
  g_autofree char *clock = describe_clock (progress);

  gtk_label_set_text (GTK_LABEL (progress->status), status);
  gtk_label_set_text (GTK_LABEL (progress->clock), clock);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (progress->bar),
                                 nst_painter_status (progress->painter).fraction);
  update_buttons (progress);
}

static void
update_plot (NstProgress *progress)
{
  const NstRecipe *recipe = nst_painter_recipe (progress->painter);
  const NstStatus  status = nst_painter_status (progress->painter);

  if (nst_painter_picture (progress->painter) != NULL)
    nst_plot_add (NST_PLOT (progress->plot), &status.losses, recipe->alpha, recipe->beta);
  else
    nst_plot_clear (NST_PLOT (progress->plot));
}

static void
painter_changed (NstProgress *progress, guint changes)
{
  if (changes & NST_PAINTER_CHANGED_PICTURE)
    update_plot (progress);
  if (changes & NST_PAINTER_CHANGED_STATE)
    update (progress);
}

static void
pause_or_resume (NstPainter *painter)
{
  if (nst_painter_state (painter) == NST_PAINTER_PAUSED)
    nst_painter_resume (painter);
  else
    nst_painter_pause (painter);
}

void
nst_progress_init (NstProgress *progress, GtkBuilder *layout, NstPainter *painter)
{
  progress->painter = painter;
  progress->status = nst_layout_widget (layout, "status");
  progress->clock = nst_layout_widget (layout, "clock");
  progress->bar = nst_layout_widget (layout, "progress");
  progress->plot = nst_layout_widget (layout, "plot");
  progress->start = nst_layout_widget (layout, "start");
  progress->pause = nst_layout_widget (layout, "pause");
  progress->stop = nst_layout_widget (layout, "stop");
  progress->paint_on = nst_layout_widget (layout, "paint_on");
  progress->apply = nst_layout_widget (layout, "apply");
  g_signal_connect_swapped (progress->start, "clicked", G_CALLBACK (nst_painter_start), painter);
  g_signal_connect_swapped (progress->pause, "clicked", G_CALLBACK (pause_or_resume), painter);
  g_signal_connect_swapped (progress->stop, "clicked", G_CALLBACK (nst_painter_stop), painter);
  g_signal_connect_swapped (progress->paint_on, "clicked", G_CALLBACK (nst_painter_paint_on), painter);
  g_signal_connect_swapped (progress->apply, "clicked", G_CALLBACK (nst_painter_finish), painter);
  g_signal_connect_swapped (painter, "changed", G_CALLBACK (painter_changed), progress);
  update (progress);
}
