/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows errors in the bar above the preview. */
#include "ui/notice.h"

#include <glib/gi18n-lib.h>

#include "ui/layout.h"
#include "ui/widgets/message-label.h"

void
nst_notice_show (NstNotice *notice, const char *text)
{
  if (text == NULL)
    text = notice->standing;
  nst_message_label_set (GTK_LABEL (notice->text), text != NULL ? text : "");
  gtk_widget_set_visible (notice->bar, text != NULL);
}

void
nst_notice_set_standing (NstNotice *notice, const char *text)
{
  notice->standing = text;
  nst_notice_show (notice, NULL);
}

static void
closed (NstNotice *notice)
{
  nst_notice_set_standing (notice, NULL);
}

static void
painter_changed (NstNotice *notice, guint changes, NstPainter *painter)
{
  const GError *error = nst_painter_error (painter);

  if (changes & NST_PAINTER_CHANGED_ERROR)
    nst_notice_show (notice, error != NULL ? error->message : NULL);
}

void
nst_notice_init (NstNotice *notice, GtkBuilder *layout, NstPainter *painter)
{
  notice->bar = nst_layout_widget (layout, "info");
  notice->text = nst_layout_widget (layout, "info_text");
  nst_message_label_init (GTK_LABEL (notice->text));
  gtk_info_bar_add_button (GTK_INFO_BAR (notice->bar), _ ("Close"), GTK_RESPONSE_CLOSE);
  g_signal_connect_swapped (notice->bar, "response", G_CALLBACK (closed), notice);
  g_signal_connect_swapped (painter, "changed", G_CALLBACK (painter_changed), notice);
}
