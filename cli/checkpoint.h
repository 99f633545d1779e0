/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/files.h"
#include "core/run/engine.h"

G_BEGIN_DECLS

/* The file from which a run goes on that was interrupted or killed. */

extern const GOptionEntry nst_checkpoint_options[]; /* --checkpoint, --checkpoint-every */

/* Adds the file to those that are written, and checks the values of the options and that the file can be
 * written. */
gboolean nst_checkpoint_check (NstFiles *files, GError **error);

typedef struct _NstCheckpoint NstCheckpoint;

/* Opens the file, if there is one. Owned by the caller. *checkpoint is NULL without --checkpoint. Fails with
 * G_FILE_ERROR, or NST_ERROR_FORMAT if the file is damaged or of another kind. */
gboolean nst_checkpoint_new (NstCheckpoint **checkpoint, GError **error);
void     nst_checkpoint_free (NstCheckpoint *checkpoint); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstCheckpoint, nst_checkpoint_free)

/* What the run had done when the file was written: iterations over all scales, and seconds. 0: there is no
 * file. checkpoint may be NULL. */
int    nst_checkpoint_done (const NstCheckpoint *checkpoint);
double nst_checkpoint_seconds (const NstCheckpoint *checkpoint);

/* Makes a new engine go on from the file; without a file nothing happens. Says on stderr where the run goes
 * on. Errors of nst_engine_restore (), with what to do. */
gboolean nst_checkpoint_resume (NstCheckpoint *checkpoint, NstEngine *engine, GError **error);

/* To be called after each iteration: writes the file if it is time. A failure does not end the run; it is
 * printed once. */
void nst_checkpoint_iteration (NstCheckpoint *checkpoint, NstEngine *engine);

/* The run ends before its last iteration: writes the file, and says on stderr from where the same command
 * goes on. */
void nst_checkpoint_interrupted (NstCheckpoint *checkpoint, NstEngine *engine);

/* The run is complete, and its result is saved: removes the file. checkpoint may be NULL. */
void nst_checkpoint_remove (NstCheckpoint *checkpoint);

G_END_DECLS
