/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/painter/painter.h"

G_BEGIN_DECLS

/* The bar above the preview that says what went wrong: the painter's errors and those of the dialog. */
typedef struct
{
  GtkWidget  *bar, *text;
  const char *standing; /* static; shown when there is no error; NULL: nothing */
} NstNotice;

/* painter is observed until it is disposed of; notice must live as long. */
void nst_notice_init (NstNotice *notice, GtkBuilder *layout, NstPainter *painter);

/* NULL hides the bar. */
void nst_notice_show (NstNotice *notice, const char *text);

/* Show this static text while there is no error, until the user closes the bar; NULL: nothing. */
void nst_notice_set_standing (NstNotice *notice, const char *text);

G_END_DECLS
