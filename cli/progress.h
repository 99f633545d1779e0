/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/run/engine.h"

G_BEGIN_DECLS

/* How far a run is: for people on stderr (one line that is rewritten on a terminal, else a line every few
 * seconds), for programs as JSON lines on stdout. */
typedef struct
{
  gint64      begun, shown; /* g_get_monotonic_time () of the start and of the newest line */
  gboolean    terminal;     /* stderr is one */
  const char *label;        /* borrowed; before each line, or NULL */
  gboolean    json;
  gboolean    quiet; /* no line for people: JSON goes to the same terminal */
} NstProgress;

/* label: what is painted, or NULL; borrowed. */
void nst_progress_begin (NstProgress *progress, const char *label, gboolean json);

/* After each iteration; done: how many there were over all scales. */
void nst_progress_show (NstProgress *progress, const NstStatus *status, int done);

/* Leaves the rewritten line, so that what follows stands on one of its own. */
void nst_progress_end (NstProgress *progress);

/* Since the beginning. */
double nst_progress_seconds (const NstProgress *progress);

G_END_DECLS
