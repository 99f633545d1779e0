/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "core/run/job.h"
#include "ui/painter/finish.h"
#include "ui/painter/sources.h"

G_BEGIN_DECLS

/* Paints one layer, without a window: owns recipe, model, pictures, the current run and what it has painted
 * so far. The dialog and any program that paints step by step drive it by the verbs below and observe its
 * signal
 *
 *   "changed" (NstPainter *, guint changes): changes is a set of NstPainterChange.
 *
 * A run paints small at first (nst_painter_start ()); later runs continue from the painted picture to larger
 * sizes. The engine runs in a thread of its own, but every function here and the signal are for one thread,
 * the one whose default main context the painter was made in; that context must be iterated for anything to
 * happen. Verbs do not block, except where they read pictures from the host.
 *
 * After g_object_run_dispose (), or when the last reference is dropped, the run is cancelled, its thread and
 * the one that measures have ended, and no signal is emitted any more. */
#define NST_TYPE_PAINTER (nst_painter_get_type ())
G_DECLARE_FINAL_TYPE (NstPainter, nst_painter, NST, PAINTER, GObject)

typedef enum
{
  NST_PAINTER_CHANGED_STATE = 1 << 0,    /* nst_painter_state (), progress, which verbs are possible */
  NST_PAINTER_CHANGED_PICTURE = 1 << 1,  /* nst_painter_picture () */
  NST_PAINTER_CHANGED_FINISH = 1 << 2,   /* strength or colours: the same picture is shown differently */
  NST_PAINTER_CHANGED_ESTIMATE = 1 << 3, /* nst_painter_estimate () */
  NST_PAINTER_CHANGED_STYLE = 1 << 4,    /* which style is named in nst_painter_sources () */
  NST_PAINTER_CHANGED_ERROR = 1 << 5,    /* nst_painter_error () */
  NST_PAINTER_CHANGED_RESULT = 1 << 6,   /* nst_painter_take_result () has the finished picture */
  NST_PAINTER_CHANGED_RECIPE = 1 << 7,   /* a model was loaded and its recipe is taken, or neither */
  NST_PAINTER_CHANGED_SETTLED = 1 << 8,  /* with PICTURE: it was painted anew in the background */
} NstPainterChange;

typedef enum
{
  NST_PAINTER_EMPTY,    /* no run was started yet */
  NST_PAINTER_PAINTING, /* a run goes on */
  NST_PAINTER_PAUSED,
  NST_PAINTER_ENDED, /* the run is done, was stopped, or failed (nst_painter_error ()) */
} NstPainterState;

/* Read the layer from host; take recipe, strength and the names of styles and start from settings. Where the
 * recipe has another model than the built-in one, the painter begins with the default recipe, and the other
 * one follows when its model is loaded (nst_painter_set_recipe ()). host is borrowed and must outlive the
 * painter. Nothing is painted yet; a thread begins to measure how fast the model is. Errors: as
 * nst_settings_get_recipe
 * () and nst_sources_init (). */
NstPainter *nst_painter_new (NstHost *host, const NstSettings *settings, GError **error);

/* What is to be painted */

/* Borrowed; valid until the next verb. */
const NstSources *nst_painter_sources (NstPainter *painter);
const NstRecipe  *nst_painter_recipe (NstPainter *painter); /* its size: nst_painter_size () */
NstModel         *nst_painter_model (NstPainter *painter);

/* Paint by this recipe from now on; its size is ignored. New weights (alpha, beta, tv) are given to the
 * current run, or a finished run continues with them at the preview's size. When that has ended and nothing
 * has changed for a moment, the picture is painted anew from its start in the background, so that the same
 * settings give the same picture, whatever was tried before; nst_painter_finish () and nst_painter_paint_on
 * () do so first. Other colours only finish the picture differently. Anything else starts over once SETTLE
 * milliseconds have passed without another change. A run that the user stopped, and a result that is being
 * finished, are left alone. NST_INIT_IMAGE needs a start picture; without one it means NST_INIT_CONTENT.
 *
 * Another model is loaded in a thread first. Until then the old recipe stays, and a start waits. Then
 * NST_PAINTER_CHANGED_RECIPE is emitted, also if the model cannot be loaded (nst_painter_error ()) or
 * nst_painter_stop () was called: then the old recipe stays for good. A newer recipe replaces one that waits.
 */
void nst_painter_set_recipe (NstPainter *painter, const NstRecipe *recipe);

/* Name or file of the model that is being loaded, borrowed; NULL: none. */
const char *nst_painter_loading (NstPainter *painter);

/* nst_painter_set_recipe () with the recipe that settings ask for. FALSE with an error where settings are
 * invalid; then nothing has changed. pictures: the settings are those of a layer, perhaps a stranger's; also
 * take the other styles and the start picture that they name, instead of the ones named so far. A start
 * picture that is named is started from. */
gboolean nst_painter_use_settings (NstPainter        *painter,
                                   const NstSettings *settings,
                                   gboolean           pictures,
                                   GError           **error);

/* A recipe change waits for further changes before the run starts over, or before the picture is painted
 * anew.
 */
gboolean nst_painter_is_settling (NstPainter *painter);

/* Longer side of the result in pixels, from 16; the layer's own is the largest. */
int  nst_painter_size (NstPainter *painter);
void nst_painter_set_size (NstPainter *painter, int size);

/* Share of the painted picture in the result, 0 .. 1; the rest is the layer as it was. */
double nst_painter_strength (NstPainter *painter);
void   nst_painter_set_strength (NstPainter *painter, double strength);

/* Read the style: a layer of the host, or with drawable -1 a file. FALSE with the host's error where that
 * fails; then the old style stays. Emits "changed" in both cases. The current run goes on with the old style:
 * nst_painter_start () starts over. */
gboolean nst_painter_set_style (NstPainter *painter, int drawable, const char *file, GError **error);

/* The picture is one that its settings lead to, or that the user stopped at, and nothing is being painted. */
gboolean nst_painter_is_settled (NstPainter *painter);

/* Go back to a picture that was painted up to size by this recipe, which must have the same model, and this
 * strength: it is the painted picture again, and what is running ends. The style stays as it is. */
void nst_painter_restore (
    NstPainter *painter, const NstRecipe *recipe, double strength, NstImage *picture, int size);

/* A run paints anew in the background; the picture stays until it is done. */
gboolean nst_painter_is_behind (NstPainter *painter);

/* Verbs. Errors are reported by nst_painter_error (). */

/* Paint from the beginning, small. Reads the styles that are named and not read yet. */
void nst_painter_start (NstPainter *painter);

/* The same, unless the recipe came with a layer (nst_painter_use_settings ()) and its preview takes far more
 * memory or work than by default. Then the costs are reported as an error, and the user may start. */
void nst_painter_start_unasked (NstPainter *painter);
void nst_painter_pause (NstPainter *painter);
void nst_painter_resume (NstPainter *painter);

/* End the run after this iteration and keep its picture. A model that is being loaded is given up. */
void nst_painter_stop (NstPainter *painter);

/* Continue from the painted picture up to nst_painter_size (); nothing happens where that is not larger. */
void     nst_painter_paint_on (NstPainter *painter);
gboolean nst_painter_can_paint_on (NstPainter *painter);

/* Make the result: let the current run end, paint on to nst_painter_size () where that is larger, and finish
 * the picture in the layer's own size with strength and colours. NST_PAINTER_CHANGED_RESULT says that it is
 * there. Nothing happens without a painted picture. */
void     nst_painter_finish (NstPainter *painter);
gboolean nst_painter_is_finishing (NstPainter *painter);

/* Owned; NULL: there is none, or it was taken. */
NstImage *nst_painter_take_result (NstPainter *painter);

/* What was painted */

NstPainterState nst_painter_state (NstPainter *painter);
const GError   *nst_painter_error (NstPainter *painter);    /* borrowed; NULL: the newest verb went well */
NstImage       *nst_painter_picture (NstPainter *painter);  /* borrowed; as the engine painted it, or NULL */
NstStatus       nst_painter_status (NstPainter *painter);   /* of the current run; all zero: none */
guint           nst_painter_runs (NstPainter *painter);     /* how many were started */
int             nst_painter_run_size (NstPainter *painter); /* longer side that the current run ends with */

/* The picture as the user sees it: nst_finish () with strength and colours at the size that was painted, in a
 * thread. There must be a picture. convert, free_converted, callback: as nst_finish_async (); so is the
 * result, of nst_finish_get (). */
void nst_painter_show_async (NstPainter         *painter,
                             NstFinishConvert    convert,
                             GDestroyNotify      free_converted,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            data);

/* Put what was used into settings: recipe, strength, style and the other pictures. Asked for again, they
 * paint the same. */
void nst_painter_save (NstPainter *painter, NstSettings *settings);

/* Time and memory */

/* What a run up to a longer side of size costs, from the painted picture where there is one. */
typedef struct
{
  gboolean possible; /* FALSE: too small for the network's layers */
  gboolean painted;  /* the picture has this size already */
  double   seconds;  /* 0: not known yet */
  gsize    bytes;    /* of memory */
} NstEstimate;

void nst_painter_estimate (NstPainter *painter, int size, NstEstimate *estimate);

/* Seconds that the current run has taken, pauses left out; that all runs have taken; and that the current run
 * still needs (0: not known yet). */
double nst_painter_elapsed (NstPainter *painter);
double nst_painter_spent (NstPainter *painter);
double nst_painter_left (NstPainter *painter);

G_END_DECLS
