/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits labels that show messages. */
#include "ui/widgets/message-label.h"

#include "core/base/text.h"

#define LINES 6

void
nst_message_label_init (GtkLabel *label)
{
  gtk_label_set_line_wrap (label, TRUE);
  gtk_label_set_line_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
  gtk_label_set_lines (label, LINES);
}

static void
limit (GtkWidget *child, gpointer data G_GNUC_UNUSED)
{
  if (GTK_IS_LABEL (child))
    nst_message_label_init (GTK_LABEL (child));
}

void
nst_message_label_init_dialog (GtkMessageDialog *dialog)
{
  gtk_container_foreach (GTK_CONTAINER (gtk_message_dialog_get_message_area (dialog)), limit, NULL);
}

void
nst_message_label_set (GtkLabel *label, const char *text)
{
  g_autofree char *cut = nst_text_cut (text, NST_MESSAGE_LONGEST);

  nst_text_flatten (cut);
  gtk_label_set_text (label, cut);
}
