/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NST_STATE_RECENT 8

/* How the user left the dialog: pastiche/dialog.ini in the XDG configuration folder. It says nothing about
 * any picture. */
typedef struct
{
  int      x, y, width, height; /* of the window; width 0: not known */
  gboolean maximised;
  int      split;         /* NstSplit */
  double   divider, zoom; /* see nst-preview.h */
  gboolean advanced;      /* unfolded */
  char    *folder;        /* owned; of styles, or NULL */
  GStrv    recent;        /* owned; style files, the newest first, at most NST_STATE_RECENT */
} NstState;

/* What the file says, within reason; what is not there is as it is at first. */
NstState *nst_state_load (void);

/* A failure is warned about: nothing of value is lost. */
void nst_state_save (const NstState *state);
void nst_state_free (NstState *state);

/* Put file first. */
void nst_state_add_recent (NstState *state, const char *file);

G_END_DECLS
