/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/engine.h"

G_BEGIN_DECLS

/* What the commands that paint have in common: their options, the pictures and the model that these name, and
 * a run from its first iteration to its last. */

/* Tables of options; a command lists those that it wants (NstCommand.shared). */
extern const GOptionEntry nst_session_pictures[]; /* --content, --style, --style-weight */
extern const GOptionEntry nst_session_weights[];  /* --alpha, --beta */
extern const GOptionEntry nst_session_fields[];   /* --size, --iterations, --tv, --init, --seed */
extern const GOptionEntry nst_session_descent[];  /* --optimizer */
extern const GOptionEntry nst_session_colours[];  /* --keep-colours */
extern const GOptionEntry nst_session_network[];  /* --model, --preset, --recipe, --threads */

typedef struct
{
  NstScene *scene; /* owned; the pictures that were named. A command may have no content or no style */
  NstModel *model; /* ref */
  NstRecipe recipe;
  gboolean  share;   /* several runs that differ in weights, formulas, optimiser and start alone: content and
                        style are    looked at once */
  NstEngine *engine; /* owned; of the runs that share it, or NULL */
} NstSession;

/* The recipe that the options describe; preset: instead of the one that --preset names, or NULL. */
gboolean nst_session_make_recipe (NstRecipe *recipe, const char *preset, GError **error);

/* Fill in a cleared session: sets the number of threads, makes the recipe, loads the model and the pictures
 * that were named. Where content or style is needed and missing, the command line is wrong. On failure
 * session holds what was loaded until then. */
gboolean nst_session_open (NstSession *session, gboolean content, gboolean style, GError **error);
void     nst_session_clear (NstSession *session);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NstSession, nst_session_clear)

/* Whether an option was given that is the recipe's field of this name. */
gboolean nst_session_has_field (const char *name);

/* Whether --preset was given. */
gboolean nst_session_has_preset (void);

/* The model that --model names, or else the recipe. A reference. */
NstModel *nst_session_load_model (const NstRecipe *recipe, GError **error);

/* --content, the first --style, and the file that --init names as they were given, or NULL. */
const char *nst_session_content_path (void);
const char *nst_session_style_path (void);
const char *nst_session_start_path (void);

/* After each iteration; done: how many there were over all scales. FALSE ends the run. */
typedef gboolean (*NstIterationFunc) (
    NstEngine *engine, const NstStatus *status, int done, gpointer data, GError **error);

typedef struct
{
  const char      *label; /* what is painted, before each line of progress; or NULL */
  gboolean         json;  /* a line of JSON for each iteration */
  NstIterationFunc func;  /* or NULL */
  gpointer         data;
} NstWatch;

typedef struct
{
  NstImage *picture; /* owned; after a failure as far as it came, or NULL if no iteration was done */
  NstStatus status;
  int       done; /* iterations over all scales */
  double    seconds;
} NstOutcome;

/* A whole run with the session's pictures and model; where one of the pictures is missing, the other stands
 * in for it. Ctrl-C cancels it (G_IO_ERROR_CANCELLED). outcome is filled in either way; its picture is the
 * caller's. */
gboolean nst_session_paint (
    NstSession *session, const NstRecipe *recipe, const NstWatch *watch, NstOutcome *outcome, GError **error);

/* From the first call on Ctrl-C cancels this, and a second one ends the program. Borrowed; lasts as long as
 * the program. */
GCancellable *nst_session_cancellable (void);

G_END_DECLS
