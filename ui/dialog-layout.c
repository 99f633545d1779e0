/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The dialog's layout is in dialog.ui; here is what each control calls, and what is remembered of the window.
 */

#include <glib/gi18n-lib.h>

#include "ui/dialog-private.h"
#include "ui/resources.h"
#include "ui/widgets/advanced.h"
#include "ui/widgets/look-chooser.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/preview.h"
#include "ui/widgets/quality.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/style-chooser.h"

void
nst_dialog_show_error (NstDialog *dialog, const char *text)
{
  gtk_label_set_text (GTK_LABEL (dialog->info_text), text ? text : "");
  gtk_widget_set_visible (dialog->info, text != NULL);
}

/* Recipe and controls */

static void
load_slider (GtkWidget *slider, double value)
{
  nst_slider_set_default (NST_SLIDER (slider), value);
  nst_slider_set_value (NST_SLIDER (slider), value);
}

void
nst_dialog_load_recipe (NstDialog *dialog)
{
  const gboolean before = dialog->loading;

  dialog->loading = TRUE;
  load_slider (dialog->style_scale, dialog->recipe.style_scale);
  load_slider (dialog->alpha, dialog->recipe.alpha);
  load_slider (dialog->beta, dialog->recipe.beta);
  load_slider (dialog->tv, dialog->recipe.tv);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (dialog->keep_colours), dialog->recipe.keep_colours);
  nst_advanced_load (NST_ADVANCED (dialog->advanced), dialog->model, &dialog->recipe);
  nst_dialog_show_model (dialog);
  dialog->loading = before;
}

/* Those that are Advanced's come when they change. */
void
nst_dialog_read_controls (NstDialog *dialog)
{
  dialog->recipe.style_scale = nst_slider_get_value (NST_SLIDER (dialog->style_scale));
  dialog->recipe.alpha = nst_slider_get_value (NST_SLIDER (dialog->alpha));
  dialog->recipe.beta = nst_slider_get_value (NST_SLIDER (dialog->beta));
  dialog->recipe.tv = nst_slider_get_value (NST_SLIDER (dialog->tv));
  dialog->recipe.keep_colours = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (dialog->keep_colours));
}

/* What the controls do */

static void
split_toggled (NstDialog *dialog)
{
  NstSplit split = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (dialog->split_left))  ? NST_SPLIT_LEFT
                   : gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (dialog->split_top)) ? NST_SPLIT_TOP
                                                                                          : NST_SPLIT_NONE;

  nst_preview_set_split (NST_PREVIEW (dialog->preview), split);
  dialog->state->split = split;
}

static void
zoom_to_fit (NstDialog *dialog)
{
  nst_preview_set_zoom (NST_PREVIEW (dialog->preview), 0);
}

static void
zoom_to_pixels (NstDialog *dialog)
{
  nst_preview_set_zoom (NST_PREVIEW (dialog->preview), 1);
}

static void
zoomed (NstDialog *dialog)
{
  g_autofree char *text = g_strdup_printf ("%.0f %%",
                                           100 * nst_preview_get_shown_zoom (NST_PREVIEW (dialog->preview)));

  gtk_label_set_text (GTK_LABEL (dialog->zoom), text);
}

static void
advanced_changed (NstDialog *dialog)
{
  nst_advanced_read (NST_ADVANCED (dialog->advanced), &dialog->recipe);
  nst_dialog_change (dialog);
}

static void
advanced_folded (NstDialog *dialog)
{
  dialog->unfolding = !dialog->loading && gtk_expander_get_expanded (GTK_EXPANDER (dialog->expander));
}

/* The controls have got the room for what was unfolded, below the window's edge: that is what the user wants
 * to see. */
static void
controls_grew (NstDialog *dialog)
{
  int y;

  if (!dialog->unfolding
      || !gtk_widget_translate_coordinates (dialog->expander, dialog->right, 0, 0, NULL, &y))
    return;

  dialog->unfolding = FALSE;
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (dialog->controls)), y);
}

static void
quality_changed (NstDialog *dialog)
{
  if (!dialog->loading)
    nst_dialog_update (dialog);
}

static void
style_changed (NstDialog *dialog)
{
  if (!dialog->loading)
    nst_dialog_read_style (dialog);
}

static void
show_help (NstDialog *dialog)
{
  nst_help_show (GTK_WINDOW (dialog->window));
}

static void
open_look_menu (NstDialog *dialog)
{
  gtk_menu_button_set_popup (GTK_MENU_BUTTON (dialog->look_menu), nst_dialog_make_look_menu (dialog));
}

static gboolean
key_pressed (NstDialog *dialog, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape)
    nst_dialog_cancel (dialog);
  else if (event->keyval == GDK_KEY_F1)
    show_help (dialog);
  else
    return FALSE;

  return TRUE;
}

static gboolean
close_asked (NstDialog *dialog)
{
  nst_dialog_cancel (dialog);
  return TRUE;
}

/* Making it */

#define CHILD(name)                                                                                          \
  {                                                                                                          \
#name, G_STRUCT_OFFSET(NstDialog, name)                                                                  \
  }

static const struct
{
  const char *name;
  gsize       offset;
} children[] = {
  CHILD (window),      CHILD (info),         CHILD (info_text),  CHILD (preview),    CHILD (fit),
  CHILD (pixels),      CHILD (zoom),         CHILD (split_none), CHILD (split_left), CHILD (split_top),
  CHILD (status),      CHILD (clock),        CHILD (progress),   CHILD (plot),       CHILD (style_chooser),
  CHILD (style_scale), CHILD (looks),        CHILD (look_menu),  CHILD (alpha),      CHILD (beta),
  CHILD (tv),          CHILD (keep_colours), CHILD (quality),    CHILD (strength),   CHILD (output),
  CHILD (controls),    CHILD (right),        CHILD (expander),   CHILD (advanced),   CHILD (start),
  CHILD (pause),       CHILD (stop),         CHILD (paint_on),   CHILD (help),       CHILD (cancel),
  CHILD (apply),
};

static void
connect_controls (NstDialog *dialog)
{
  const struct
  {
    GtkWidget  *widget;
    const char *signal;
    GCallback   call;
  } connections[] = {
    { dialog->window, "key-press-event", G_CALLBACK (key_pressed) },
    { dialog->window, "delete-event", G_CALLBACK (close_asked) },
    { dialog->preview, "zoomed", G_CALLBACK (zoomed) },
    { dialog->fit, "clicked", G_CALLBACK (zoom_to_fit) },
    { dialog->pixels, "clicked", G_CALLBACK (zoom_to_pixels) },
    { dialog->split_none, "toggled", G_CALLBACK (split_toggled) },
    { dialog->split_left, "toggled", G_CALLBACK (split_toggled) },
    { dialog->split_top, "toggled", G_CALLBACK (split_toggled) },
    { dialog->style_chooser, "changed", G_CALLBACK (style_changed) },
    { dialog->style_scale, "changed", G_CALLBACK (nst_dialog_change) },
    { dialog->looks, "chosen", G_CALLBACK (nst_dialog_choose_look) },
    { dialog->alpha, "changed", G_CALLBACK (nst_dialog_change) },
    { dialog->beta, "changed", G_CALLBACK (nst_dialog_change) },
    { dialog->tv, "changed", G_CALLBACK (nst_dialog_change) },
    { dialog->keep_colours, "toggled", G_CALLBACK (nst_dialog_show_picture) },
    { dialog->quality, "changed", G_CALLBACK (quality_changed) },
    { dialog->strength, "value-changed", G_CALLBACK (nst_dialog_show_picture) },
    { dialog->advanced, "changed", G_CALLBACK (advanced_changed) },
    { dialog->expander, "notify::expanded", G_CALLBACK (advanced_folded) },
    { dialog->start, "clicked", G_CALLBACK (nst_dialog_start) },
    { dialog->pause, "clicked", G_CALLBACK (nst_dialog_pause) },
    { dialog->stop, "clicked", G_CALLBACK (nst_dialog_stop) },
    { dialog->paint_on, "clicked", G_CALLBACK (nst_dialog_paint_on) },
    { dialog->help, "clicked", G_CALLBACK (show_help) },
    { dialog->cancel, "clicked", G_CALLBACK (nst_dialog_cancel) },
    { dialog->apply, "clicked", G_CALLBACK (nst_dialog_apply) },
  };

  GtkAdjustment *scroll = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (dialog->controls));

  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    g_signal_connect_swapped (connections[i].widget, connections[i].signal, connections[i].call, dialog);
  g_signal_connect_swapped (scroll, "changed", G_CALLBACK (controls_grew), dialog);
  gtk_container_set_focus_vadjustment (GTK_CONTAINER (gtk_widget_get_parent (dialog->right)), scroll);
}

void
nst_dialog_make_window (NstDialog *dialog)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new ();
  g_autoptr (GError)     error = NULL;

  g_resources_register (nst_ui_get_resource ());
  g_type_ensure (NST_TYPE_ADVANCED);
  g_type_ensure (NST_TYPE_LOOK_CHOOSER);
  g_type_ensure (NST_TYPE_PLOT);
  g_type_ensure (NST_TYPE_PREVIEW);
  g_type_ensure (NST_TYPE_QUALITY);
  g_type_ensure (NST_TYPE_SLIDER);
  g_type_ensure (NST_TYPE_STYLE_CHOOSER);
  if (!gtk_builder_add_from_resource (builder, NST_RESOURCES "dialog.ui", &error))
    g_error ("%s", error->message); /* compiled in */

  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    G_STRUCT_MEMBER (GtkWidget *, dialog, children[i].offset) = GTK_WIDGET (
        gtk_builder_get_object (builder, children[i].name));
  g_object_ref (dialog->window);
  nst_look_chooser_reload (NST_LOOK_CHOOSER (dialog->looks));
  open_look_menu (dialog);
  nst_style_chooser_accept_drops (NST_STYLE_CHOOSER (dialog->style_chooser), dialog->preview);
  nst_dialog_make_model (dialog);
  connect_controls (dialog);
}

/* Remembering */

void
nst_dialog_load_state (NstDialog *dialog)
{
  const NstState *state = dialog->state;
  GtkWindow      *window = GTK_WINDOW (dialog->window);
  GtkWidget      *split = state->split == NST_SPLIT_LEFT  ? dialog->split_left
                          : state->split == NST_SPLIT_TOP ? dialog->split_top
                                                          : dialog->split_none;

  gtk_window_set_position (window, GTK_WIN_POS_CENTER);
  if (state->width > 0 && state->height > 0)
    {
      gtk_window_set_default_size (window, state->width, state->height);
      gtk_window_set_position (window, GTK_WIN_POS_NONE);
      gtk_window_move (window, state->x, state->y);
    }
  if (state->maximised)
    gtk_window_maximize (window);
  nst_preview_set_divider (NST_PREVIEW (dialog->preview), state->divider);
  nst_preview_set_zoom (NST_PREVIEW (dialog->preview), state->zoom);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (split), TRUE);
  gtk_expander_set_expanded (GTK_EXPANDER (dialog->expander), state->advanced);
}

void
nst_dialog_save_state (NstDialog *dialog)
{
  NstState  *state = dialog->state;
  GtkWindow *window = GTK_WINDOW (dialog->window);
  char      *folder = nst_style_chooser_get_folder (NST_STYLE_CHOOSER (dialog->style_chooser));

  state->maximised = gtk_window_is_maximized (window);
  if (!state->maximised)
    {
      gtk_window_get_size (window, &state->width, &state->height);
      gtk_window_get_position (window, &state->x, &state->y);
    }
  state->divider = nst_preview_get_divider (NST_PREVIEW (dialog->preview));
  state->zoom = nst_preview_get_zoom (NST_PREVIEW (dialog->preview));
  state->advanced = gtk_expander_get_expanded (GTK_EXPANDER (dialog->expander));
  if (folder)
    {
      g_free (state->folder);
      state->folder = folder;
    }
  nst_state_save (state);
}
