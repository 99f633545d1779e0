/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/notice.h"
#include "ui/state.h"

G_BEGIN_DECLS

/* The preview with its buttons: shows the painter's picture, finished as the user will get it. */
typedef struct
{
  NstPainter   *painter; /* borrowed */
  NstNotice    *notice;  /* borrowed */
  NstState     *state;   /* borrowed; split is kept up to date */
  GtkWidget    *preview, *zoom, *split_none, *split_left, *split_top;
  GCancellable *cancellable;       /* ref; of the picture that is being finished */
  gboolean      finishing;         /* a picture is being finished in a thread */
  gboolean      changed_since;     /* and another is wanted after it */
  gboolean      grey;              /* the layer is in greyscale, and so is the result */
  gboolean      settled, settling; /* that one, and the next one, was painted anew: it is faded in */
} NstView;

/* Shows the layer of host. painter is observed until it is disposed of; all arguments and view must live as
 * long. */
void nst_view_init (NstView    *view,
                    GtkBuilder *layout,
                    NstHost    *host,
                    NstPainter *painter,
                    NstNotice  *notice,
                    NstState   *state);

/* No picture is waited for any more. */
void nst_view_clear (NstView *view);

/* Put zoom and divider into the state. */
void nst_view_save_state (NstView *view);

G_END_DECLS
