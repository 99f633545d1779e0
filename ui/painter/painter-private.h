/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/painter/pace.h"
#include "ui/painter/painter.h"

G_BEGIN_DECLS

/* The painter's fields, for the files that implement it: painter.c (what is to be painted), runs.c (which run
 * is started when). */

/* Whether to start, and whether the user wants this run, whatever it costs. */
typedef enum
{
  NST_START_NOT,
  NST_START_UNASKED,
  NST_START_ASKED,
} NstStart;

struct _NstPainter
{
  GObject parent;

  /* What is to be painted. */
  NstSources sources;
  NstRecipe  recipe;
  NstModel  *model; /* ref; recipe.model */
  int        size;  /* longer side of the result */
  double     strength;

  /* A recipe whose model is being loaded in a thread. */
  GCancellable   *loading; /* ref; NULL: there is none */
  NstRecipe       wanted;
  NstMorePictures wanted_more; /* owned */
  gboolean        of_layer;    /* wanted and wanted_more came with a layer */
  NstStart        start_after; /* what to do once it is taken */

  /* The current run. */
  NstJob         *job;        /* owned; NULL: none was started */
  NstRecipe       run_recipe; /* what it was started with, and the weights that it was given since */
  int             run_size;   /* longer side that it ends with */
  guint           runs;
  NstPainterState state;          /* as announced; the job itself may be further */
  gboolean        stopped;        /* by the user: a change of the recipe does not start another run */
  gboolean        foreign;        /* the recipe came with a layer, and the user has not started with it yet */
  gboolean        finishing;      /* its picture becomes the result */
  guint           restart;        /* source: start over when changes have settled */
  gboolean        steered;        /* the picture is not the one that the recipe leads to from its start */
  gboolean        behind;         /* the run paints in the background */
  NstImage       *behind_picture; /* ref; the newest one of such a run, or NULL */
  gboolean        going_on;       /* when it is done, paint on to size */
  guint           rest;           /* source: paint in the background when nothing has changed for a moment */
  NstStatus       status;         /* newest; all zero: no run */
  NstImage       *picture;        /* ref; the newest one as the engine painted it, or NULL */
  NstImage       *result;         /* ref; not taken yet */
  GError         *error;          /* owned */

  NstPace       pace;
  GCancellable *cancellable; /* ref; of the result that is being finished */
};

/* Emit the signal. */
void nst_painter_changed (NstPainter *painter, NstPainterChange changes);

/* Take error; NULL: no error any more. */
void nst_painter_report (NstPainter *painter, GError *error);

gboolean nst_painter_is_active (NstPainter *painter); /* painting or paused */

int nst_painter_longer_side (const NstImage *image); /* 0: NULL */

typedef enum
{
  NST_FROM_START,
  NST_FROM_PICTURE, /* continue from the painted picture */
  NST_BEHIND, /* from the start, in the background: the painted picture stays until the new one is done */
} NstFrom;

/* Paint up to size. */
void nst_painter_begin (NstPainter *painter, int size, NstFrom from);

/* Begin to paint anew in the background when nothing has changed for a moment. Nothing happens unless the
 * picture was steered. */
void nst_painter_settle (NstPainter *painter);

/* Longer side of the preview. */
int nst_painter_preview_size (NstPainter *painter);

/* Paint from the beginning, small. */
void nst_painter_start_how (NstPainter *painter, NstStart how);

/* Whether a model was being loaded. */
gboolean nst_painter_stop_loading (NstPainter *painter);

G_END_DECLS
