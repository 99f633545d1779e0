/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/engine.h"

G_BEGIN_DECLS

/* What a run leaves on disk while it goes: pictures at some iterations, the losses as CSV, an animation. */

extern const GOptionEntry nst_record_pictures[]; /* --save-every, --save-at */
extern const GOptionEntry nst_record_files[];    /* --log, --animation, --animation-every */

/* Whether the options make sense and the files that they name can be written. */
gboolean nst_record_check (GError **error);

typedef struct _NstRecord NstRecord;

/* output: pictures are called after it, "cat.png" after 10 iterations is "cat-0010.png"; depth: bits of
 * these. iterations: at each of the plan's scales. Owned by the caller. */
NstRecord *nst_record_new (
    const char *output, int depth, const NstPlan *plan, int iterations, GError **error);

/* Frees without finishing: an animation is not written. */
void nst_record_free (NstRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstRecord, nst_record_free)

/* An NstIterationFunc; data is the record. */
gboolean nst_record_iteration (
    NstEngine *engine, const NstStatus *status, int done, gpointer data, GError **error);

/* After the last iteration. */
gboolean nst_record_finish (NstRecord *record, GError **error);

G_END_DECLS
