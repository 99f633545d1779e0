/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The help window. It is part of the program, so that it needs neither a browser nor a network. */
#include "ui/help.h"

#include <glib/gi18n-lib.h>

static const struct
{
  const char *title, *text;
} chapters[] = {
  { N_ ("In short"), N_ ("Choose a style. The picture is painted small at once, and you see every step. Move "
                         "the sliders while it goes on, or afterwards; "
                         "Apply paints on up to the chosen quality and writes the result. Cancel leaves "
                         "everything as it was.") },
  { N_ ("Style"), N_ ("Any picture file, a layer of an open image, or a file that was used lately. It can be "
                      "dropped on the dialog, too. Brush size says "
                      "how large its strokes are in the picture.") },
  { N_ ("Look"),
    N_ ("Content keeps the photograph, Style takes the painting; what counts is the one against the other. "
        "Smoothness takes small dots away. "
        "A double click on a slider brings the first value back. The menu saves a look of your own, and "
        "takes the settings of a layer that "
        "was painted before. Reset to defaults, in the same menu, is for everything but the style.") },
  { N_ ("Quality"), N_ ("What is painted small predicts what is painted large: each size goes on from the "
                        "one before. Paint On goes up to the chosen size "
                        "without writing; time and memory are told beside each.") },
  { N_ ("Result"), N_ ("Strength mixes the result with what was before, and Keep the colours takes the "
                       "photograph's: both at any time, without painting "
                       "again. A selection limits what is written, not what is looked at.") },
  { N_ ("The picture"), N_ ("The wheel, + and - zoom; 0 shows all, 1 every pixel; dragging moves. The right "
                            "button or Space shows what was before for as long as "
                            "it is held. Drag the line to compare.") },
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
