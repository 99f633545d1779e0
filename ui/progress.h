/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/painter/painter.h"

G_BEGIN_DECLS

/* The progress of the painter (status, clock, progress bar, losses), and the buttons for its verbs. */
typedef struct
{
  NstPainter *painter; /* borrowed */
  GtkWidget  *status, *clock, *bar, *plot;
  GtkWidget  *start, *pause, *stop, *paint_on, *apply;
} NstProgress;

/* painter is observed until it is disposed of; it and progress must live as long. */
void nst_progress_init (NstProgress *progress, GtkBuilder *layout, NstPainter *painter);

G_END_DECLS
