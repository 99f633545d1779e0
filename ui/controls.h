/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "host/host.h"
#include "host/settings.h"
#include "ui/notice.h"
#include "ui/state.h"

G_BEGIN_DECLS

/* The controls at the right: style, weights, quality, strength, output, Advanced with the model. What the
 * user changes goes to the painter; what the painter says about costs and styles is shown. */
typedef struct
{
  NstPainter *painter; /* borrowed */
  NstNotice  *notice;  /* borrowed */
  NstState   *state;   /* borrowed */
  GtkWidget  *style_chooser, *styles, *style_scale, *alpha, *beta, *tv, *palette, *detail, *freedom;
  GtkWidget  *quality, *strength, *output;
  GtkWidget  *advanced, *model_chooser;
  GtkWidget  *scrolled, *column, *expander; /* column: all controls; expander: Advanced */
  gboolean    loading;                      /* controls are being set: the user has changed nothing */
  gboolean    unfolding;                    /* Advanced was opened, and its room is not allocated yet */
} NstControls;

/* settings: what the controls show first. painter is observed until it is disposed of; all other arguments
 * but settings, and controls, must live as long. */
void nst_controls_init (NstControls       *controls,
                        GtkBuilder        *layout,
                        NstHost           *host,
                        NstPainter        *painter,
                        NstNotice         *notice,
                        NstState          *state,
                        const NstSettings *settings);

/* Show the painter's recipe and strength. */
void nst_controls_load (NstControls *controls);

/* Quality, strength and output as they are by default. */
void nst_controls_reset (NstControls *controls);

/* Choose this file as the style. start: and start unasked, as if the user had chosen it. */
void nst_controls_choose_style (NstControls *controls, const char *file, gboolean start);

/* The layer is gone: the result can only become a new image. */
void nst_controls_keep_new_image (NstControls *controls);

NstOutput   nst_controls_output (NstControls *controls);
const char *nst_controls_style_name (NstControls *controls); /* for people; borrowed; NULL: none */

/* Put what is to be remembered into the state. */
void nst_controls_save_state (NstControls *controls);

G_END_DECLS
