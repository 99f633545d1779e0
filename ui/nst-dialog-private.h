/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/nst-job.h"
#include "nst-shared.h"
#include "plugin/nst-host.h"

G_BEGIN_DECLS

/* The dialog's inside, for its own files and for tests. */

typedef struct
{
  /* Given. */
  NstHost     *host;            /* borrowed */
  NstSettings *settings;        /* borrowed; written when the picture is applied */
  NstModel    *model;           /* ref */
  NstShared   *content;         /* ref; the layer */

  /* The run. */
  NstRecipe    recipe;          /* what the controls say, size left alone */
  NstImage    *style;           /* owned; NULL: none yet */
  NstJob      *job;             /* owned; NULL: nothing was started */
  int          job_size;        /* longer side that the job paints at last */
  double       job_work;        /* its plan's pixel_iterations */
  NstShared   *painted;         /* ref; the newest picture as the engine gave it */
  GTimer      *timer;           /* owned; runs while the job does */
  double       seconds_per_work;        /* measured; 0: not yet */
  double       spent;           /* seconds of all jobs before this one */
  gboolean     paused;
  gboolean     stopped;         /* by the user: moving a slider does not go on */
  gboolean     applying;        /* write the picture as soon as it is there */

  /* The picture on its way to the screen. */
  GCancellable *cancellable;    /* ref; of all that is on its way */
  gboolean     finishing, finish_again;

  GMainLoop   *loop;            /* ref; while the dialog runs */
  gboolean     applied;

  /* Widgets, all children of window. */
  GtkWidget   *window;          /* owned */
  GtkWidget   *preview, *split, *style_chooser, *plot;
  GtkWidget   *preset, *alpha, *beta, *tv, *keep_colours, *strength;
  GtkWidget   *quality, *quality_note, *output;
  GtkWidget   *info, *info_text, *status, *progress;
  GtkWidget   *start, *pause, *stop, *apply, *cancel;
  gboolean     loading;         /* controls are being set from the recipe */
} NstDialog;

/* nst-dialog.c */

/* Reads the layer and the model, and shows nothing yet. */
NstDialog *nst_dialog_new (NstHost *host, NstSettings *settings, GError **error);
void       nst_dialog_free (NstDialog *dialog);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstDialog, nst_dialog_free)

/* nst-dialog-layout.c */
void       nst_dialog_make_window (NstDialog *dialog);
void       nst_dialog_load_recipe (NstDialog *dialog);      /* into the controls */

/* Longer side of the chosen quality; the layer's own at most. */
int        nst_dialog_get_size (NstDialog *dialog);
NstOutput  nst_dialog_get_output (NstDialog *dialog);

/* NULL hides it. */
void       nst_dialog_show_error (NstDialog *dialog, const char *text);

/* nst-dialog-run.c */

/* The recipe that paints at size, from the beginning or (from > 0) on from a picture whose longer side is from. */
NstRecipe  nst_dialog_make_recipe (NstDialog *dialog, int size, int from);

/* What the buttons do. */
void       nst_dialog_start (NstDialog *dialog);            /* from the beginning, small */
void       nst_dialog_pause (NstDialog *dialog);            /* or go on */
void       nst_dialog_stop (NstDialog *dialog);
void       nst_dialog_apply (NstDialog *dialog);            /* at the chosen quality; paints on first where that is larger */
void       nst_dialog_cancel (NstDialog *dialog);

/* Controls changed. */
void       nst_dialog_describe_quality (NstDialog *dialog); /* size, memory and, once it was measured, time */
void       nst_dialog_read_style (NstDialog *dialog);       /* and start */
void       nst_dialog_set_weights (NstDialog *dialog);
void       nst_dialog_update (NstDialog *dialog);           /* buttons and progress */

/* nst-dialog-result.c */
void       nst_dialog_read_controls (NstDialog *dialog);    /* into the recipe */
void       nst_dialog_show_picture (NstDialog *dialog);     /* as colours and strength are now */
void       nst_dialog_quit (NstDialog *dialog);
void       nst_dialog_write (NstDialog *dialog);            /* to the host; done: the dialog closes */

G_END_DECLS
