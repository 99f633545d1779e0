/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/checkpoint.h"
#include "cli/files.h"
#include "core/run/engine.h"
#include "picture/origin.h"

G_BEGIN_DECLS

/* What the painting commands share: their options, the pictures and the model that these name, and a complete
 * run. */

/* Tables of options; a command lists those that it takes in NstCommand.shared. */
extern const GOptionEntry nst_session_pictures[]; /* --content, --style, --style-weight */
extern const GOptionEntry nst_session_weights[];  /* --alpha, --beta */
extern const GOptionEntry nst_session_fields[];   /* --size, --iterations, --tv, --init, --seed */
extern const GOptionEntry nst_session_descent[];  /* --optimizer */
extern const GOptionEntry nst_session_colours[];  /* --keep-colours */
extern const GOptionEntry nst_session_network[];  /* --model, --preset, --recipe, --threads */

typedef struct
{
  NstScene *scene; /* owned; a command may have no content or no style */
  NstModel *model; /* ref */
  NstRecipe recipe;
  gboolean  share; /* the recipes of all runs differ only in loss weights, loss formulas, optimiser and start;
                    * then one engine and its targets are used for all of them */
  NstEngine *engine; /* owned; the shared engine, or NULL */
  NstOrigin *origin; /* owned; what else the content's file holds; NULL without a content */
} NstSession;

/* Fills in recipe from the options. preset replaces that of --preset, unless it is NULL. */
gboolean nst_session_make_recipe (NstRecipe *recipe, const char *preset, GError **error);

/* Fills in a zeroed session: sets the number of threads, makes the recipe, loads the model and the pictures.
 * content and style say which pictures the command needs; a missing one is an NST_ERROR_ARGUMENT. After a
 * failure the session must still be cleared. */
gboolean nst_session_open (NstSession *session, gboolean content, gboolean style, GError **error);
void     nst_session_clear (NstSession *session);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NstSession, nst_session_clear)

/* Whether the option for this field of the recipe was given; name as in JSON ("palette"). */
gboolean nst_session_has_field (const char *name);

/* For nst_picture_load_for (): the longest side at which a picture is used, where --size says so. scale: it
 * is used at this size, relative to that of the result. 0: not known. */
int nst_session_side (const NstRecipe *recipe, double scale);

/* Whether --preset was given. */
gboolean nst_session_has_preset (void);

/* Loads the model of --model, or else of the recipe. Returns a reference. */
NstModel *nst_session_load_model (const NstRecipe *recipe, GError **error);

/* Adds the files that the options name to those that are read: --content, --style, --init, --recipe, and the
 * network of --model or of the recipe. Fails also if there is no recipe. */
gboolean nst_session_add_files (NstFiles *files, GError **error);

/* --content, the first --style and the file of --init, as given; NULL if not given. */
const char *nst_session_content_path (void);
const char *nst_session_style_path (void);
const char *nst_session_start_path (void);

/* How many --style were given so far. */
guint nst_session_count_styles (void);

/* Called after each iteration. done: iterations so far, over all scales. FALSE, with an error, ends the run.
 */
typedef gboolean (*NstIterationFunc) (
    NstEngine *engine, const NstStatus *status, int done, gpointer data, GError **error);

typedef struct
{
  const char      *label;      /* printed before each progress line; may be NULL */
  gboolean         json;       /* print a JSON line for each iteration */
  NstIterationFunc func;       /* may be NULL */
  gpointer         data;       /* passed to func */
  NstCheckpoint   *checkpoint; /* borrowed; the run goes on from it, and it is written; may be NULL */
} NstWatch;

typedef struct
{
  NstImage *picture; /* ref; after a failure the last good picture, or NULL if no iteration was completed */
  NstStatus status;  /* after the last iteration */
  int       done;    /* iterations over all scales, also those before a checkpoint */
  double    seconds;
} NstOutcome;

/* Paints the session's scene with this recipe. If the scene has no content or no style, the other picture is
 * used in its place. outcome is filled in on success and on failure; the caller owns its picture. Ctrl-C
 * cancels the run (G_IO_ERROR_CANCELLED). */
gboolean nst_session_paint (
    NstSession *session, const NstRecipe *recipe, const NstWatch *watch, NstOutcome *outcome, GError **error);

/* The cancellable that Ctrl-C, SIGTERM and SIGHUP trigger, from the first call of this function on; a second
 * Ctrl-C or SIGTERM ends the program at once. Borrowed; lives as long as the program. */
GCancellable *nst_session_cancellable (void);

/* The command is complete: from here on these signals end the program, as they did before that first call. */
void nst_session_release_signals (void);

G_END_DECLS
