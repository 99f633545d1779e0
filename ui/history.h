/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/notice.h"

G_BEGIN_DECLS

#define NST_HISTORY_MOST 40       /* pictures */
#define NST_HISTORY_MEGABYTES 200 /* of pictures; older ones are forgotten */

/* The pictures that were painted, each as a thumbnail with its settings, under the preview. A click goes back
 * to one: picture, recipe, style and strength. The strip is shown when there are two. */
typedef struct
{
  NstPainter *painter;       /* borrowed */
  NstNotice  *notice;        /* borrowed */
  GtkWidget  *window, *flow; /* the strip */
  GPtrArray  *entries;       /* owned; oldest first */
  int         current;       /* index of the one that is shown; -1: none */
  guint       last_run;      /* number of the run whose picture was added last */
} NstHistory;

/* painter is observed until it is disposed of; all arguments and history must live as long. */
void nst_history_init (NstHistory *history, GtkBuilder *layout, NstPainter *painter, NstNotice *notice);
void nst_history_clear (NstHistory *history);

/* Go back to the picture before the one that is shown (steps -1), or forward again (1). Nothing happens where
 * there is none. */
void nst_history_go (NstHistory *history, int steps);

G_END_DECLS
