/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/controls.h"
#include "ui/history.h"
#include "ui/looks.h"
#include "ui/notice.h"
#include "ui/progress.h"
#include "ui/view.h"

G_BEGIN_DECLS

/* The parts of the dialog, for dialog.c and its tests. Each part observes the painter and calls its verbs;
 * looks know controls, and all know the notice. */
typedef struct
{
  NstHost     *host;     /* borrowed */
  NstSettings *settings; /* borrowed; written when the result is */
  NstState    *state;    /* owned */
  NstPainter  *painter;  /* ref */

  GtkWidget  *window; /* ref */
  NstNotice   notice;
  NstView     view;
  NstProgress progress;
  NstControls controls;
  NstLooks    looks;
  NstHistory  history;

  guint      watch; /* source; looks whether the layer is still there */
  gboolean   gone;  /* it is not */
  GMainLoop *loop;  /* ref; while the dialog runs */
  gboolean   applied;
} NstDialog;

/* Reads the layer and the model, and shows nothing yet. */
NstDialog *nst_dialog_new (NstHost *host, NstSettings *settings, GError **error);
void       nst_dialog_free (NstDialog *dialog);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstDialog, nst_dialog_free)

/* Close without a result; the user is asked where much work would be lost. */
void nst_dialog_cancel (NstDialog *dialog);

G_END_DECLS
