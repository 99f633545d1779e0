/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/run/job.h"
#include "host/host.h"
#include "ui/pace.h"
#include "ui/shared.h"
#include "ui/state.h"

G_BEGIN_DECLS

/* The dialog's inside, for its own files and for tests. */

typedef struct
{
  /* Given. */
  NstHost     *host;          /* borrowed */
  NstSettings *settings;      /* borrowed; written when the picture is applied */
  NstModel    *model;         /* ref; recipe.model */
  int          width, height; /* of the layer */
  NstShared   *content;       /* ref; the layer, made smaller where it is huge */
  NstShared   *small;         /* ref; content, small enough that a preview starts at once */
  NstShared   *full;          /* ref; the layer as it is, or NULL: not needed yet */
  NstState    *state;         /* owned */

  /* The run. */
  NstRecipe  recipe;         /* what the controls say, size left alone */
  NstImage  *style;          /* owned; NULL: none yet */
  int        style_drawable; /* where it was read; -1: in style_file */
  char      *style_file;     /* owned */
  NstJob    *job;            /* owned; NULL: nothing was started */
  NstRecipe  job_recipe;     /* what it was started with */
  int        job_size;       /* longer side that the job paints at last */
  NstShared *painted;        /* ref; the newest picture as the engine gave it */
  GTimer    *timer;          /* owned; runs while the job does */
  NstPace    pace;
  double     spent;   /* seconds of all jobs before this one */
  guint      restart; /* source: start over as soon as the user pauses to change things */
  gboolean   paused;
  gboolean   stopped;  /* by the user: moving a slider does not go on */
  gboolean   applying; /* write the picture as soon as it is there */

  /* On their way from other threads. */
  GCancellable *cancellable; /* ref; of all pictures */
  gboolean      finishing, finish_again;
  GCancellable *calibration; /* ref; NULL: none goes on */

  GMainLoop *loop; /* ref; while the dialog runs */
  gboolean   applied;

  /* Widgets, all children of window, with their names in dialog.ui. */
  GtkWidget *window; /* owned */
  GtkWidget *info, *info_text;
  GtkWidget *preview, *fit, *pixels, *zoom, *split_none, *split_left, *split_top;
  GtkWidget *status, *clock, *progress, *plot;
  GtkWidget *style_chooser, *style_scale;
  GtkWidget *looks, *look_menu, *alpha, *beta, *tv, *keep_colours;
  GtkWidget *quality, *strength, *output;
  GtkWidget *controls, *right, *expander, *advanced, *model_chooser;
  GtkWidget *start, *pause, *stop, *paint_on, *help, *cancel, *apply;
  gboolean   loading;   /* controls are being set from the recipe */
  gboolean   unfolding; /* Advanced was opened, and has not got its room yet */
} NstDialog;

/* nst-dialog.c */

/* Reads the layer and the model, and shows nothing yet. */
NstDialog *nst_dialog_new (NstHost *host, NstSettings *settings, GError **error);
void       nst_dialog_free (NstDialog *dialog);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstDialog, nst_dialog_free)

/* nst-dialog-layout.c */
void nst_dialog_make_window (NstDialog *dialog);
void nst_dialog_load_recipe (NstDialog *dialog);                  /* into the controls */
void nst_dialog_read_controls (NstDialog *dialog);                /* into the recipe */
void nst_dialog_show_error (NstDialog *dialog, const char *text); /* NULL hides it */
void nst_dialog_load_state (NstDialog *dialog);
void nst_dialog_save_state (NstDialog *dialog);

/* nst-dialog-look.c */
void       nst_dialog_choose_look (NstDialog *dialog); /* the one that is selected */
void       nst_dialog_find_look (NstDialog *dialog);   /* select the one that the recipe is, if any */
GtkWidget *nst_dialog_make_look_menu (NstDialog *dialog);
gboolean   nst_dialog_save_look (NstDialog *dialog, const char *name);
void       nst_dialog_remove_look (NstDialog *dialog);
/* that a layer was painted with */
void nst_dialog_use_settings (NstDialog *dialog, int drawable);
/* all settings as they first were; the style stays */
void nst_dialog_reset (NstDialog *dialog);

/* nst-dialog-run.c */

/* The recipe that paints at size, from the beginning or (from > 0) on from a picture whose longer side is
 * from. */
NstRecipe nst_dialog_make_recipe (NstDialog *dialog, int size, int from);
NstScene *nst_dialog_make_scene (NstDialog *dialog);
gboolean  nst_dialog_is_active (NstDialog *dialog); /* a job runs or pauses */

/* What the buttons do. */
void nst_dialog_start (NstDialog *dialog); /* from the beginning, small */
void nst_dialog_pause (NstDialog *dialog); /* or go on */
void nst_dialog_stop (NstDialog *dialog);
void nst_dialog_paint_on (NstDialog *dialog); /* up to the chosen quality */
/* at the chosen quality; paints on first where that is larger */
void nst_dialog_apply (NstDialog *dialog);
void nst_dialog_cancel (NstDialog *dialog);

/* Controls changed. */
void nst_dialog_read_style (NstDialog *dialog); /* and start */
/* and start over */
gboolean nst_dialog_set_model (NstDialog *dialog, const char *name, GError **error);
/* new weights: go on with them; anything else: start over */
void nst_dialog_change (NstDialog *dialog);

/* nst-dialog-progress.c */
void nst_dialog_calibrate (NstDialog *dialog);        /* measure how fast the model is */
void nst_dialog_describe_quality (NstDialog *dialog); /* memory and, once it was measured, time */
void nst_dialog_update (NstDialog *dialog);           /* buttons and progress */

/* nst-dialog-model.c */
void nst_dialog_make_model (NstDialog *dialog);
void nst_dialog_show_model (NstDialog *dialog); /* the recipe's */

/* nst-dialog-result.c */
void     nst_dialog_show_picture (NstDialog *dialog);              /* as colours and strength are now */
gboolean nst_dialog_read_full (NstDialog *dialog, GError **error); /* the layer as it is */
void     nst_dialog_quit (NstDialog *dialog);
void     nst_dialog_write (NstDialog *dialog); /* to the host; done: the dialog closes */

/* nst-help.c */
void nst_help_show (GtkWindow *parent);

G_END_DECLS
