/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/controls.h"

G_BEGIN_DECLS

/* Whole recipes: the presets and the user's own looks in a chooser, and a menu that saves and removes looks,
 * takes the settings of a painted layer, and resets everything. */
typedef struct
{
  NstHost     *host;     /* borrowed */
  NstPainter  *painter;  /* borrowed */
  NstNotice   *notice;   /* borrowed */
  NstControls *controls; /* borrowed */
  GtkWidget   *window;   /* borrowed */
  GtkWidget   *chooser, *menu;
  NstRecipe    compared; /* the recipe that was last compared with the selected look */
} NstLooks;

/* painter is observed until it is disposed of; all arguments and looks must live as long. */
void nst_looks_init (NstLooks    *looks,
                     GtkBuilder  *layout,
                     NstHost     *host,
                     NstPainter  *painter,
                     NstNotice   *notice,
                     NstControls *controls);

/* The preset that is selected, borrowed; "": none, or one of the user's own looks. */
const char *nst_looks_preset (NstLooks *looks);

/* Save recipe and picture under this name. FALSE: the notice says why not. */
gboolean nst_looks_save (NstLooks *looks, const char *name);

/* Take the settings that a layer of the host was painted with, style and other pictures included; -1: the
 * layer that is painted. */
void nst_looks_use_layer (NstLooks *looks, int drawable);

/* Everything as it is by default; the styles stay. */
void nst_looks_reset (NstLooks *looks);

G_END_DECLS
