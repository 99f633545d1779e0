/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows errors in the bar above the preview. */
#include "ui/notice.h"

#include "ui/layout.h"
#include "ui/widgets/message-label.h"

void
nst_notice_show (NstNotice *notice, const char *text)
{
  nst_message_label_set (GTK_LABEL (notice->text), text != NULL ? text : "");
  gtk_widget_set_visible (notice->bar, text != NULL);
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
  g_signal_connect_swapped (painter, "changed", G_CALLBACK (painter_changed), notice);
}
