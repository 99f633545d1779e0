/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/engine.h"

G_BEGIN_DECLS

/* Reports the progress of a run: for people on stderr (on a terminal one line that is overwritten, otherwise
 * a line every few seconds), for programs as JSON lines on stdout. */
typedef struct
{
  gint64      begun, shown; /* g_get_monotonic_time () of the start and of the last line */
  gboolean    terminal;     /* stderr is a terminal */
  const char *label;        /* borrowed; printed before each line; may be NULL */
  gboolean    json;
  gboolean    quiet; /* no lines for people, because the JSON lines go to a terminal */
} NstProgress;

/* Initialises progress and starts its clock. label names the picture; borrowed; may be NULL. */
void nst_progress_begin (NstProgress *progress, const char *label, gboolean json);

/* Call after each iteration. done: iterations so far, over all scales. */
void nst_progress_show (NstProgress *progress, const NstStatus *status, int done);

/* Ends the line on a terminal, so that later output starts on a new one. */
void nst_progress_end (NstProgress *progress);

/* Seconds since nst_progress_begin (). */
double nst_progress_seconds (const NstProgress *progress);

G_END_DECLS
