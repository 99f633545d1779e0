/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A weight: a logarithmic scale and a number that can be typed, beside each other. A double click on the
 * scale goes back to the first value. Signal "changed" (NstSlider *), for every change of the value, whoever
 * makes it. */
#define NST_TYPE_SLIDER (nst_slider_get_type ())
G_DECLARE_FINAL_TYPE (NstSlider, nst_slider, NST, SLIDER, GtkBox)

/* Properties, for construction: "label" with its mnemonic, which goes to the scale; "low" and "high", where
 * the scale goes from and to, its left end meaning 0 where "least" allows that; "least" and "most" (0, 1e9),
 * between which numbers may be typed. */
GtkWidget *nst_slider_new (const char *label, double low, double high);

double nst_slider_get_value (NstSlider *slider);
void   nst_slider_set_value (NstSlider *slider, double value);

/* What a double click goes back to. */
void nst_slider_set_default (NstSlider *slider, double value);

G_END_DECLS
