/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Chooses a weight by a logarithmic scale or by a number beside it. A double click on the scale resets it.
 * Signal "changed" (NstSlider *): the value has changed, by the user or by nst_slider_set_value (). */
#define NST_TYPE_SLIDER (nst_slider_get_type ())
G_DECLARE_FINAL_TYPE (NstSlider, nst_slider, NST, SLIDER, GtkBox)

/* Construction properties: "label", with a mnemonic for the scale; "low" and "high", the ends of the scale,
 * whose left end means 0 if "least" is 0; "least" and "most" (0 and 1e9), the limits of the number. */
GtkWidget *nst_slider_new (const char *label, double low, double high);

double nst_slider_get_value (NstSlider *slider);
void   nst_slider_set_value (NstSlider *slider, double value);

/* The value that a double click sets. */
void nst_slider_set_default (NstSlider *slider, double value);

G_END_DECLS
