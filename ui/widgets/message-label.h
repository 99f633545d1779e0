/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Labels for messages. A message may quote text from a file or from the network: however long, and without a
 * blank, it neither widens the window nor takes Pango long. */

/* Make label wrap anywhere, and end after some lines with an ellipsis. */
void nst_message_label_init (GtkLabel *label);

/* Do so with all labels in a message dialog. */
void nst_message_label_init_dialog (GtkMessageDialog *dialog);

/* Show text, at most its first NST_MESSAGE_LONGEST characters, with blanks instead of control characters. */
#define NST_MESSAGE_LONGEST 500
void nst_message_label_set (GtkLabel *label, const char *text);

G_END_DECLS
