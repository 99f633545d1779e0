/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/files.h"
#include "core/run/engine.h"
#include "picture/picture.h"

G_BEGIN_DECLS

/* What a run writes to disk while it goes on: intermediate pictures, the losses as CSV, an animation. */

extern const GOptionEntry nst_record_pictures[]; /* --save-every, --save-at */
extern const GOptionEntry nst_record_files[];    /* --log, --animation, --animation-every */

/* Checks the values of these options, and that the animation can be written. To be called before the
 * functions below. */
gboolean nst_record_check (GError **error);

/* Adds the log and the animation to the files that are written, and checks all files added so far against the
 * names of the intermediate pictures of output. */
gboolean nst_record_add_files (NstFiles *files, const char *output, GError **error);

/* The memory, in bytes, that recording a run of this plan takes at most. */
gsize nst_record_bytes (const NstPlan *plan);

typedef struct _NstRecord NstRecord;

/* Opens the files that the options name, and checks that intermediate pictures can be written. Owned by the
 * caller. Fails with G_FILE_ERROR, or with G_IO_ERROR_BUSY if another run writes the log.
 *
 *   output   path of the result; the intermediate picture after 10 iterations of "cat.png" is "cat-0010.png"
 *   format   of intermediate pictures; borrowed; may be NULL
 *   plan     of the run; only read */
NstRecord *nst_record_new (const char             *output,
                           const NstPictureFormat *format,
                           const NstPlan          *plan,
                           GError                **error);

/* The run goes on after so many iterations and seconds: the log keeps their lines and is continued. To be
 * called before the first iteration. An animation begins here. */
void nst_record_continue (NstRecord *record, int done, double seconds);

/* Frees the record; NULL is allowed. An animation that was not finished is not written. */
void nst_record_free (NstRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstRecord, nst_record_free)

/* Records one iteration; an NstIterationFunc (cli/session.h) whose data is the record. A file that cannot be
 * written does not end the run: the problem is printed and kept for nst_record_finish (). Always TRUE. */
gboolean nst_record_iteration (
    NstEngine *engine, const NstStatus *status, int done, gpointer data, GError **error);

/* Call after the last iteration: writes the animation, if there is one. Fails with the first problem of the
 * whole run. */
gboolean nst_record_finish (NstRecord *record, GError **error);

G_END_DECLS
