/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NST_STATE_RECENT 8

/* How the user left the dialog, in pastiche/dialog.ini in the XDG configuration folder. It holds nothing
 * about the layer. */
typedef struct
{
  int      x, y, width, height; /* of the window in pixels; width 0: unknown */
  gboolean maximised;
  int      split;         /* NstSplit */
  double   divider, zoom; /* see ui/widgets/preview.h */
  gboolean advanced;      /* Advanced is unfolded */
  char    *folder;        /* owned; where the file chooser opens, or NULL */
  GStrv    recent;        /* owned; style files, newest first, at most NST_STATE_RECENT */
  GStrv    favourites;    /* owned; style files */
  GStrv    folders;       /* owned; of pictures, which the user added to the strip of styles */
} NstState;

/* The state in the file, with values limited to valid ranges; defaults where there are none. */
NstState *nst_state_load (void);

/* A failure is only logged. */
void nst_state_save (const NstState *state);
void nst_state_free (NstState *state);

/* Make file the first of the recent files. */
void nst_state_add_recent (NstState *state, const char *file);

G_END_DECLS
