/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-slider.h"

#include <math.h>
#include <string.h>

struct _NstSlider
{
  GtkBox parent;

  GtkWidget *scale, *spin;      /* children */
  double     low, high, initial;
  gboolean   syncing;           /* one follows the other: no second signal */
};

G_DEFINE_TYPE (NstSlider, nst_slider, GTK_TYPE_BOX)

static guint changed_signal;

/* Positions are 0 .. 1; 0 itself is the value 0. */
static double
value_at (NstSlider *slider,
          double     position)
{
  return position <= 0 ? 0 : slider->low * pow (slider->high / slider->low, position);
}

static double
position_of (NstSlider *slider,
             double     value)
{
  return value <= slider->low ? 0 : MIN (1, log (value / slider->low) / log (slider->high / slider->low));
}

/* Three figures that count. */
static double
rounded (double value)
{
  double unit;

  if (value <= 0)
    return 0;

  unit = pow (10, floor (log10 (value)) - 2);
  return round (value / unit) * unit;
}

/* As few digits as say it. */
static gboolean
print_number (NstSlider *slider)
{
  g_autofree char *text = g_strdup_printf ("%.6g", nst_slider_get_value (slider));

  if (strcmp (text, gtk_entry_get_text (GTK_ENTRY (slider->spin))) != 0)
    gtk_entry_set_text (GTK_ENTRY (slider->spin), text);

  return TRUE;
}

static void
scale_moved (NstSlider *slider)
{
  if (slider->syncing)
    return;

  slider->syncing = TRUE;
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (slider->spin), rounded (value_at (slider, gtk_range_get_value (GTK_RANGE (slider->scale)))));
  slider->syncing = FALSE;
  g_signal_emit (slider, changed_signal, 0);
}

static void
number_changed (NstSlider *slider)
{
  if (slider->syncing)
    return;

  slider->syncing = TRUE;
  gtk_range_set_value (GTK_RANGE (slider->scale), position_of (slider, nst_slider_get_value (slider)));
  slider->syncing = FALSE;
  g_signal_emit (slider, changed_signal, 0);
}

static gboolean
scale_pressed (NstSlider      *slider,
               GdkEventButton *event)
{
  if (event->type != GDK_2BUTTON_PRESS)
    return FALSE;

  nst_slider_set_value (slider, slider->initial);
  return TRUE;
}

static void
nst_slider_class_init (NstSliderClass *class)
{
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nst_slider_init (NstSlider *slider)
{
  gtk_box_set_spacing (GTK_BOX (slider), 6);
}

static void
name_widget (GtkWidget  *widget,
             const char *name,
             const char *tooltip)
{
  atk_object_set_name (gtk_widget_get_accessible (widget), name);
  gtk_widget_set_tooltip_text (widget, tooltip);
}

GtkWidget *
nst_slider_new (const char *label,
                const char *tooltip,
                double      low,
                double      high)
{
  NstSlider *slider = g_object_new (NST_TYPE_SLIDER, NULL);
  GtkWidget *title = gtk_label_new_with_mnemonic (label);
  const char *name = gtk_label_get_text (GTK_LABEL (title));

  slider->low = low;
  slider->high = high;
  slider->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 0.02);
  slider->spin = gtk_spin_button_new_with_range (0, 1e9, low);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (slider->spin), 3);
  gtk_spin_button_set_increments (GTK_SPIN_BUTTON (slider->spin), low * 10, low * 1000);
  gtk_entry_set_width_chars (GTK_ENTRY (slider->spin), 5);
  gtk_label_set_width_chars (GTK_LABEL (title), 11);
  gtk_scale_set_draw_value (GTK_SCALE (slider->scale), FALSE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (title), slider->scale);
  name_widget (slider->scale, name, tooltip);
  name_widget (slider->spin, name, tooltip);

  gtk_box_pack_start (GTK_BOX (slider), title, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (slider), slider->scale, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (slider), slider->spin, FALSE, FALSE, 0);
  g_signal_connect_swapped (slider->spin, "output", G_CALLBACK (print_number), slider);
  g_signal_connect_swapped (slider->scale, "value-changed", G_CALLBACK (scale_moved), slider);
  g_signal_connect_swapped (slider->scale, "button-press-event", G_CALLBACK (scale_pressed), slider);
  g_signal_connect_swapped (slider->spin, "value-changed", G_CALLBACK (number_changed), slider);

  return GTK_WIDGET (slider);
}

double
nst_slider_get_value (NstSlider *slider)
{
  return gtk_spin_button_get_value (GTK_SPIN_BUTTON (slider->spin));
}

void
nst_slider_set_value (NstSlider *slider,
                      double     value)
{
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (slider->spin), value);
}

void
nst_slider_set_default (NstSlider *slider,
                        double     value)
{
  slider->initial = value;
}
