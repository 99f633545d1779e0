/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Large vectors in a file instead of memory: a mapping of a file in a temporary folder that has no name from
 * the start, so that it is gone with the process. What was used last stays in the system's cache as long as
 * nobody else needs the memory.
 *
 * The folder is $TMPDIR, or else /var/tmp, or else /tmp; never one whose files are in memory themselves. */

/* How much of a run's numbers is in files. */
typedef enum
{
  NST_SPILL_NOTHING,
  NST_SPILL_PAIRS, /* an optimiser's history, and the content's features */
  NST_SPILL_ALL,   /* all of the optimiser's vectors, too */
} NstSpill;

/* n floats, 0 at first, with room in the file for all of them; NULL with NST_ERROR_MEMORY: the disk is full,
 * there is no such folder, or no address space. To be freed with nst_spill_free (), which allows NULL. */
float *nst_spill_try_new (gsize n, GError **error);
void   nst_spill_free (float *floats, gsize n);

/* Give the memory of floats first .. first + n - 1 back; their values stay. */
void nst_spill_release (const float *floats, gsize first, gsize n);

/* Bytes that such a folder has room for; 0: there is none. */
guint64 nst_spill_room (void);

G_END_DECLS
