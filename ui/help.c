/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The help window. It is part of the program, so that it needs neither a browser nor a network. */
#include "ui/help.h"

#include <glib/gi18n-lib.h>

static const struct
{
  const char *title, *text;
} chapters[] = {
  { N_ ("Overview"), N_ ("Choose a style. A small preview is painted at once, and you see every step. Move "
                         "the sliders while it is "
                         "painted, or afterwards. Apply continues up to the chosen quality and writes the "
                         "result. Cancel leaves "
                         "everything unchanged.") },
  { N_ ("Style"), N_ ("Click on a style below the preview: a painting, a layer of an open image, a recent "
                      "file, or a picture "
                      "of a folder that you add. Type to search; the star keeps favourites. You can also "
                      "choose any picture "
                      "file, or drop one on the dialog. Brush size sets how large the strokes of the "
                      "painting become in the result.") },
  { N_ ("Look"), N_ ("Content keeps the photograph; Style follows the painting. Only the ratio of the two "
                     "matters. Smoothness "
                     "reduces small dots. Double-click a slider to reset it. The menu saves a look of your "
                     "own, and uses the "
                     "settings of a layer that Pastiche has painted. Reset to defaults, in the same menu, "
                     "resets everything but "
                     "the style.") },
  { N_ ("Quality"),
    N_ ("A small picture predicts a large one: each size continues from the one before. Paint On continues "
        "up to the "
        "chosen size without writing. The time and the memory that each size takes are shown beside it.") },
  { N_ ("Result"), N_ ("Strength mixes the result with the layer before. Keep the colours takes the colours "
                       "of the photograph. You "
                       "can change both at any time without painting again. A selection limits what is "
                       "written; the whole layer is "
                       "still painted.") },
  { N_ ("Preview"), N_ ("The wheel, + and - zoom; 0 shows the whole picture, 1 shows every pixel. Drag to "
                        "move the picture. Hold the "
                        "right mouse button or Space to see the layer before. Drag the line to compare. "
                        "The small pictures below it are what was painted so far: click on one to go back to "
                        "it, or press Ctrl+Z and Ctrl+Shift+Z.") },
};

static gboolean
key_pressed (GtkWidget *window, GdkEventKey *event)
{
  if (event->keyval != GDK_KEY_Escape)
    return FALSE;

  gtk_widget_destroy (window);
  return TRUE;
}

void
nst_help_show (GtkWindow *parent)
{
  GtkWidget *window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  gtk_container_set_border_width (GTK_CONTAINER (box), 18);
  for (guint i = 0; i < G_N_ELEMENTS (chapters); i++)
    {
      g_autofree char *markup = g_markup_printf_escaped ("<b>%s</b>\n%s", _ (chapters[i].title),
                                                         _ (chapters[i].text));
      GtkWidget       *label = gtk_label_new (NULL);

      gtk_label_set_markup (GTK_LABEL (label), markup);
      gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_max_width_chars (GTK_LABEL (label), 64);
      gtk_box_pack_start (GTK_BOX (box), label, FALSE, FALSE, 0);
    }
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_container_add (GTK_CONTAINER (scrolled), box);
  gtk_container_add (GTK_CONTAINER (window), scrolled);
  gtk_window_set_title (GTK_WINDOW (window), _ ("Help on Neural Style Transfer"));
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_position (GTK_WINDOW (window), GTK_WIN_POS_CENTER_ON_PARENT);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), 560, 600);
  g_signal_connect (window, "key-press-event", G_CALLBACK (key_pressed), NULL);
  gtk_widget_show_all (window);
}
