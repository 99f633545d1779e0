/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The dialog's layout: which controls there are, and what each calls. */

#include <glib/gi18n-lib.h>

#include "nst-dialog-private.h"
#include "nst-plot.h"
#include "nst-preview.h"
#include "nst-slider.h"
#include "nst-style-chooser.h"

#define THUMBNAIL_SIZE 192
#define USUAL_SIZE 768          /* where nothing was asked for */

static const struct { const char *name; int size; } qualities[] = {
  { N_("Draft"), 384 },
  { N_("Normal"), USUAL_SIZE },
  { N_("Fine"), 1536 },
};

static int
longer_side (const NstDialog *dialog)
{
  return MAX (dialog->content->image->width, dialog->content->image->height);
}

int
nst_dialog_get_size (NstDialog *dialog)
{
  const char *id = gtk_combo_box_get_active_id (GTK_COMBO_BOX (dialog->quality));
  int         size = id ? atoi (id) : 0;

  return size > 0 ? size : longer_side (dialog);
}

NstOutput
nst_dialog_get_output (NstDialog *dialog)
{
  return gtk_combo_box_get_active (GTK_COMBO_BOX (dialog->output)) == 1 ? NST_OUTPUT_IN_PLACE : NST_OUTPUT_NEW_LAYER;
}

void
nst_dialog_show_error (NstDialog  *dialog,
                       const char *text)
{
  gtk_label_set_text (GTK_LABEL (dialog->info_text), text ? text : "");
  gtk_widget_set_visible (dialog->info, text != NULL);
}

/* Pieces */

static void
add_with_label (GtkWidget  *box,
                const char *label,
                GtkWidget  *widget)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new_with_mnemonic (label);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_width_chars (GTK_LABEL (title), 11);
  gtk_label_set_mnemonic_widget (GTK_LABEL (title), widget);
  atk_object_set_name (gtk_widget_get_accessible (widget), gtk_label_get_text (GTK_LABEL (title)));
  gtk_box_pack_start (GTK_BOX (row), title, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), widget, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), row, FALSE, FALSE, 0);
}

static GtkWidget *
add_section (GtkWidget  *box,
             const char *title)
{
  GtkWidget     *section = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget     *label = gtk_label_new (title);
  PangoAttrList *bold = pango_attr_list_new ();

  pango_attr_list_insert (bold, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  gtk_label_set_attributes (GTK_LABEL (label), bold);
  pango_attr_list_unref (bold);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_pack_start (GTK_BOX (section), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), section, FALSE, FALSE, 0);

  return section;
}

static GtkWidget *
add_button (GtkWidget  *box,
            const char *label,
            const char *tooltip,
            GCallback   clicked,
            NstDialog  *dialog)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_tooltip_text (button, tooltip);
  g_signal_connect_swapped (button, "clicked", clicked, dialog);
  gtk_box_pack_start (GTK_BOX (box), button, FALSE, FALSE, 0);

  return button;
}

/* What the controls do */

static void
split_toggled (NstDialog *dialog)
{
  nst_preview_set_split (NST_PREVIEW (dialog->preview), gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (dialog->split)));
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

void
nst_dialog_load_recipe (NstDialog *dialog)
{
  dialog->loading = TRUE;
  nst_slider_set_default (NST_SLIDER (dialog->alpha), dialog->recipe.alpha);
  nst_slider_set_default (NST_SLIDER (dialog->beta), dialog->recipe.beta);
  nst_slider_set_default (NST_SLIDER (dialog->tv), dialog->recipe.tv);
  nst_slider_set_value (NST_SLIDER (dialog->alpha), dialog->recipe.alpha);
  nst_slider_set_value (NST_SLIDER (dialog->beta), dialog->recipe.beta);
  nst_slider_set_value (NST_SLIDER (dialog->tv), dialog->recipe.tv);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (dialog->keep_colours), dialog->recipe.keep_colours);
  dialog->loading = FALSE;
}

/* The look of a preset: its weights and colours. Nothing starts over. */
static void
preset_chosen (NstDialog *dialog)
{
  const char *name = gtk_combo_box_get_active_id (GTK_COMBO_BOX (dialog->preset));

  if (!name || dialog->loading || !nst_recipe_set_preset (&dialog->recipe, name, NULL))
    return;

  nst_dialog_load_recipe (dialog);
  nst_dialog_set_weights (dialog);
  nst_dialog_show_picture (dialog);
}

static gboolean
key_pressed (NstDialog   *dialog,
             GdkEventKey *event)
{
  if (event->keyval != GDK_KEY_Escape)
    return FALSE;

  nst_dialog_cancel (dialog);
  return TRUE;
}

static gboolean
close_asked (NstDialog *dialog)
{
  nst_dialog_cancel (dialog);
  return TRUE;
}

/* Left: the picture, what is done with looking at it, and how far it is. */
static GtkWidget *
make_left (NstDialog *dialog)
{
  GtkWidget *left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  dialog->info = gtk_info_bar_new ();
  dialog->info_text = gtk_label_new (NULL);
  gtk_label_set_line_wrap (GTK_LABEL (dialog->info_text), TRUE);
  gtk_label_set_xalign (GTK_LABEL (dialog->info_text), 0);
  gtk_info_bar_set_message_type (GTK_INFO_BAR (dialog->info), GTK_MESSAGE_WARNING);
  gtk_container_add (GTK_CONTAINER (gtk_info_bar_get_content_area (GTK_INFO_BAR (dialog->info))), dialog->info_text);
  gtk_widget_show (dialog->info_text);
  gtk_widget_set_no_show_all (dialog->info, TRUE);

  dialog->preview = nst_preview_new ();
  atk_object_set_name (gtk_widget_get_accessible (dialog->preview), _("Preview"));
  add_button (row, _("_Fit"), _("The whole picture (0)"), G_CALLBACK (zoom_to_fit), dialog);
  add_button (row, _("_1:1"), _("Every pixel of the layer (1); the wheel zooms, dragging moves"), G_CALLBACK (zoom_to_pixels), dialog);
  dialog->split = gtk_check_button_new_with_mnemonic (_("Compare _before and after"));
  gtk_widget_set_tooltip_text (dialog->split, _("Before is left of the line, which can be dragged. Holding the right button over the "
                                                "picture shows all of what was before."));
  g_signal_connect_swapped (dialog->split, "toggled", G_CALLBACK (split_toggled), dialog);
  gtk_box_pack_end (GTK_BOX (row), dialog->split, FALSE, FALSE, 0);

  dialog->progress = gtk_progress_bar_new ();
  dialog->status = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (dialog->status), 0);
  gtk_label_set_ellipsize (GTK_LABEL (dialog->status), PANGO_ELLIPSIZE_END);
  atk_object_set_name (gtk_widget_get_accessible (dialog->progress), _("Progress"));
  dialog->plot = nst_plot_new ();
  atk_object_set_name (gtk_widget_get_accessible (dialog->plot), _("Losses"));

  gtk_box_pack_start (GTK_BOX (left), dialog->info, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (left), dialog->preview, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (left), row, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (left), dialog->status, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (left), dialog->progress, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (left), dialog->plot, FALSE, FALSE, 0);

  return left;
}

static void
add_look (NstDialog *dialog,
          GtkWidget *section)
{
  dialog->preset = gtk_combo_box_text_new ();
  for (const NstPresetInfo *info = nst_presets (); info->name; info++)
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (dialog->preset), info->name, _(info->title));
  gtk_widget_set_tooltip_text (dialog->preset, _("Sets everything below"));
  dialog->alpha = nst_slider_new (_("Con_tent"), _("How much of the photograph stays to be seen. Double click: as it was."), 0.01, 100);
  dialog->beta = nst_slider_new (_("St_yle"), _("How much the picture takes of the painting. Double click: as it was."), 0.1, 1e4);
  dialog->tv = nst_slider_new (_("S_moothness"), _("Fewer small dots. Double click: as it was."), 0.1, 100);
  dialog->keep_colours = gtk_check_button_new_with_mnemonic (_("_Keep the colours of the picture"));

  gtk_box_pack_start (GTK_BOX (section), dialog->preset, FALSE, FALSE, 0);
  atk_object_set_name (gtk_widget_get_accessible (dialog->preset), _("Look"));
  gtk_box_pack_start (GTK_BOX (section), dialog->alpha, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (section), dialog->beta, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (section), dialog->tv, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (section), dialog->keep_colours, FALSE, FALSE, 0);
  g_signal_connect_swapped (dialog->preset, "changed", G_CALLBACK (preset_chosen), dialog);
  g_signal_connect_swapped (dialog->alpha, "changed", G_CALLBACK (nst_dialog_set_weights), dialog);
  g_signal_connect_swapped (dialog->beta, "changed", G_CALLBACK (nst_dialog_set_weights), dialog);
  g_signal_connect_swapped (dialog->tv, "changed", G_CALLBACK (nst_dialog_set_weights), dialog);
  g_signal_connect_swapped (dialog->keep_colours, "toggled", G_CALLBACK (nst_dialog_show_picture), dialog);
}

static void
append_quality (NstDialog  *dialog,
                const char *name,
                int         size)
{
  g_autofree char *id = g_strdup_printf ("%d", size);
  g_autofree char *text = NULL;
  int width, height;

  nst_image_fit (dialog->content->image->width, dialog->content->image->height, size > 0 ? size : longer_side (dialog), &width, &height);
  text = g_strdup_printf ("%s (%d × %d)", name, width, height);
  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (dialog->quality), id, text);
}

/* Only qualities that are smaller than the layer, and its own size. One that was asked for and is none of them has a place too. */
static void
add_qualities (NstDialog *dialog)
{
  const NstSettings *settings = dialog->settings;
  const gboolean     asked = settings->size >= 0 || *settings->json;
  g_autofree char   *id = NULL;
  int                size = asked ? dialog->recipe.size : USUAL_SIZE;

  if (size >= longer_side (dialog))
    size = 0;
  dialog->quality = gtk_combo_box_text_new ();
  for (guint i = 0; i < G_N_ELEMENTS (qualities); i++)
    if (qualities[i].size < longer_side (dialog))
      append_quality (dialog, _(qualities[i].name), qualities[i].size);
  append_quality (dialog, _("Full size"), 0);

  id = g_strdup_printf ("%d", size);
  if (!gtk_combo_box_set_active_id (GTK_COMBO_BOX (dialog->quality), id))
    {
      append_quality (dialog, _("As last time"), size);
      gtk_combo_box_set_active_id (GTK_COMBO_BOX (dialog->quality), id);
    }
}

static void
add_result (NstDialog *dialog,
            GtkWidget *section)
{
  add_qualities (dialog);
  gtk_widget_set_tooltip_text (dialog->quality, _("The preview is painted small. Apply paints on from it up to this size."));
  dialog->quality_note = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (dialog->quality_note), 1);
  gtk_style_context_add_class (gtk_widget_get_style_context (dialog->quality_note), GTK_STYLE_CLASS_DIM_LABEL);
  dialog->strength = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 100, 1);
  gtk_scale_set_value_pos (GTK_SCALE (dialog->strength), GTK_POS_RIGHT);
  gtk_range_set_value (GTK_RANGE (dialog->strength), 100 * dialog->settings->strength);
  gtk_widget_set_tooltip_text (dialog->strength, _("Mixes the result with what was before; in percent"));
  dialog->output = gtk_combo_box_text_new ();
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (dialog->output), _("A new layer above"));
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (dialog->output), _("In place"));
  gtk_combo_box_set_active (GTK_COMBO_BOX (dialog->output), dialog->settings->output == NST_OUTPUT_IN_PLACE);

  add_with_label (section, _("_Quality"), dialog->quality);
  gtk_box_pack_start (GTK_BOX (section), dialog->quality_note, FALSE, FALSE, 0);
  add_with_label (section, _("Stren_gth"), dialog->strength);
  add_with_label (section, _("_Write to"), dialog->output);
  g_signal_connect_swapped (dialog->quality, "changed", G_CALLBACK (nst_dialog_describe_quality), dialog);
  g_signal_connect_swapped (dialog->strength, "value-changed", G_CALLBACK (nst_dialog_show_picture), dialog);
}

static GtkWidget *
make_right (NstDialog *dialog)
{
  GtkWidget *window = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  GtkWidget *section = add_section (right, _("Style"));

  dialog->style_chooser = nst_style_chooser_new (nst_host_list_layers (dialog->host, THUMBNAIL_SIZE));
  gtk_box_pack_start (GTK_BOX (section), dialog->style_chooser, FALSE, FALSE, 0);
  nst_style_chooser_accept_drops (NST_STYLE_CHOOSER (dialog->style_chooser), dialog->preview);
  add_look (dialog, add_section (right, _("Look")));
  add_result (dialog, add_section (right, _("Result")));

  gtk_widget_set_margin_end (right, 12);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (window), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (window, 340, -1);
  gtk_container_add (GTK_CONTAINER (window), right);

  return window;
}

static GtkWidget *
make_actions (NstDialog *dialog)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *end = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  dialog->start = add_button (row, _("_Start"), _("Paint from the beginning, small"), G_CALLBACK (nst_dialog_start), dialog);
  dialog->pause = add_button (row, _("_Pause"), _("Stop for a while, or go on"), G_CALLBACK (nst_dialog_pause), dialog);
  dialog->stop = add_button (row, _("St_op"), _("Paint no further, and keep the picture"), G_CALLBACK (nst_dialog_stop), dialog);
  dialog->cancel = add_button (end, _("_Cancel"), _("Leave the layer as it was"), G_CALLBACK (nst_dialog_cancel), dialog);
  dialog->apply = add_button (end, _("_Apply"), _("Paint to the end at the chosen quality, then write"),
                              G_CALLBACK (nst_dialog_apply), dialog);
  gtk_style_context_add_class (gtk_widget_get_style_context (dialog->apply), GTK_STYLE_CLASS_SUGGESTED_ACTION);
  gtk_box_pack_end (GTK_BOX (row), end, FALSE, FALSE, 0);

  return row;
}

void
nst_dialog_make_window (NstDialog *dialog)
{
  GtkWidget *outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *columns = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  dialog->window = g_object_ref_sink (gtk_window_new (GTK_WINDOW_TOPLEVEL));
  gtk_window_set_title (GTK_WINDOW (dialog->window), _("Neural Style Transfer"));
  gtk_window_set_default_size (GTK_WINDOW (dialog->window), 1080, 760);
  gtk_window_set_position (GTK_WINDOW (dialog->window), GTK_WIN_POS_CENTER);
  gtk_window_set_type_hint (GTK_WINDOW (dialog->window), GDK_WINDOW_TYPE_HINT_NORMAL);
  gtk_container_set_border_width (GTK_CONTAINER (outer), 12);
  gtk_box_pack_start (GTK_BOX (columns), make_left (dialog), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (columns), make_right (dialog), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (outer), columns, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (outer), make_actions (dialog), FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (dialog->window), outer);
  g_signal_connect_swapped (dialog->window, "key-press-event", G_CALLBACK (key_pressed), dialog);
  g_signal_connect_swapped (dialog->window, "delete-event", G_CALLBACK (close_asked), dialog);
}
