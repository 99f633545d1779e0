/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses a weight by a logarithmic scale or a number. */
#include "ui/widgets/slider.h"

#include <math.h>
#include <string.h>

#include "ui/widgets/log-scale.h"

struct _NstSlider
{
  GtkBox parent;

  GtkWidget *scale, *spin; /* children */
  char      *label;        /* owned */
  double     low, high, least, most, initial;
  gboolean   syncing; /* one control follows the other: no second signal */
};

G_DEFINE_TYPE (NstSlider, nst_slider, GTK_TYPE_BOX)

static guint changed_signal;

/* The scale goes from 0 to 1, in proportion to the logarithm of the value. 0 is the value 0 if that is
 * allowed. */
static double
value_at (NstSlider *slider, double position)
{
  return position <= 0 && slider->least <= 0 ? 0 : slider->low * pow (slider->high / slider->low, position);
}

static double
position_of (NstSlider *slider, double value)
{
  return value <= slider->low ? 0 : MIN (1, log (value / slider->low) / log (slider->high / slider->low));
}

/* Three significant digits. */
static double
rounded (double value)
{
  double unit;

  if (value <= 0)
    return 0;

  unit = pow (10, floor (log10 (value)) - 2);
  return round (value / unit) * unit;
}

/* No trailing zeros. */
static gboolean
print_number (NstSlider *slider)
{
  g_autofree char *text = g_strdup_printf ("%.6g", nst_slider_get_value (slider));

  if (strcmp (text, gtk_entry_get_text (GTK_ENTRY (slider->spin))) != 0)
    gtk_entry_set_text (GTK_ENTRY (slider->spin), text);

  return TRUE;
}

/* Text that is no number, or no text, leaves the old value. */
static int
parse_number (GtkSpinButton *spin, double *value)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (spin));
  char       *end;

  *value = g_strtod (text, &end);

  return end == text || end[strspn (end, " ")] != '\0' ? GTK_INPUT_ERROR : TRUE;
}

static void
scale_moved (NstSlider *slider)
{
  if (slider->syncing)
    return;

  slider->syncing = TRUE;
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (slider->spin),
                             rounded (value_at (slider, gtk_range_get_value (GTK_RANGE (slider->scale)))));
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
scale_pressed (NstSlider *slider, GdkEventButton *event)
{
  if (event->type != GDK_2BUTTON_PRESS)
    return FALSE;

  nst_slider_set_value (slider, slider->initial);
  return TRUE;
}

enum
{
  PROP_0,
  LABEL,
  LOW,
  HIGH,
  LEAST,
  MOST,
  N_PROPERTIES
};

static void
nst_slider_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  NstSlider *slider = NST_SLIDER (object);

  if (id == LABEL)
    slider->label = g_value_dup_string (value);
  else if (id == LOW)
    slider->low = g_value_get_double (value);
  else if (id == HIGH)
    slider->high = g_value_get_double (value);
  else if (id == LEAST)
    slider->least = g_value_get_double (value);
  else if (id == MOST)
    slider->most = g_value_get_double (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

/* Step of the number: a tenth of the middle of the scale, with one significant digit. */
static double
find_step (const NstSlider *slider)
{
  const double middle = sqrt (slider->low * slider->high) / 10, unit = pow (10, floor (log10 (middle)));

  return round (middle / unit) * unit;
}

static void
nst_slider_constructed (GObject *object)
{
  NstSlider   *slider = NST_SLIDER (object);
  GtkWidget   *title = gtk_label_new_with_mnemonic (slider->label);
  const char  *name = gtk_label_get_text (GTK_LABEL (title));
  const double step = find_step (slider);

  G_OBJECT_CLASS (nst_slider_parent_class)->constructed (object);
  slider->spin = gtk_spin_button_new_with_range (slider->least, slider->most, step);
  slider->scale = nst_log_scale_new (gtk_spin_button_get_adjustment (GTK_SPIN_BUTTON (slider->spin)));
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (slider->spin), 3);
  gtk_spin_button_set_update_policy (GTK_SPIN_BUTTON (slider->spin), GTK_UPDATE_IF_VALID);
  gtk_spin_button_set_increments (GTK_SPIN_BUTTON (slider->spin), step, 10 * step);
  gtk_entry_set_width_chars (GTK_ENTRY (slider->spin), 5);
  gtk_label_set_width_chars (GTK_LABEL (title), 11);
  gtk_scale_set_draw_value (GTK_SCALE (slider->scale), FALSE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (title), slider->scale);
  atk_object_set_name (gtk_widget_get_accessible (slider->scale), name);
  atk_object_set_name (gtk_widget_get_accessible (slider->spin), name);

  gtk_box_set_spacing (GTK_BOX (slider), 6);
  gtk_box_pack_start (GTK_BOX (slider), title, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (slider), slider->scale, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (slider), slider->spin, FALSE, FALSE, 0);
  gtk_widget_show_all (title);
  gtk_widget_show (slider->scale);
  gtk_widget_show (slider->spin);
  g_signal_connect (slider->spin, "input", G_CALLBACK (parse_number), NULL);
  g_signal_connect_swapped (slider->spin, "output", G_CALLBACK (print_number), slider);
  g_signal_connect_swapped (slider->scale, "value-changed", G_CALLBACK (scale_moved), slider);
  g_signal_connect_swapped (slider->scale, "button-press-event", G_CALLBACK (scale_pressed), slider);
  g_signal_connect_swapped (slider->spin, "value-changed", G_CALLBACK (number_changed), slider);
}

static void
nst_slider_finalize (GObject *object)
{
  g_free (NST_SLIDER (object)->label);
  G_OBJECT_CLASS (nst_slider_parent_class)->finalize (object);
}

static void
install_number (GObjectClass *class, guint id, const char *name, double initial)
{
  g_object_class_install_property (class, id,
                                   g_param_spec_double (name, NULL, NULL, 0, 1e9, initial,
                                                        G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY));
}

static void
nst_slider_class_init (NstSliderClass *class)
{
  GObjectClass *object = G_OBJECT_CLASS (class);

  object->set_property = nst_slider_set_property;
  object->constructed = nst_slider_constructed;
  object->finalize = nst_slider_finalize;
  g_object_class_install_property (object, LABEL,
                                   g_param_spec_string ("label", NULL, NULL, "",
                                                        G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY));
  install_number (object, LOW, "low", 0.1);
  install_number (object, HIGH, "high", 1000);
  install_number (object, LEAST, "least", 0);
  install_number (object, MOST, "most", 1e9);
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
nst_slider_init (NstSlider *slider G_GNUC_UNUSED)
{
}

GtkWidget *
nst_slider_new (const char *label, double low, double high)
{
  return g_object_new (NST_TYPE_SLIDER, "label", label, "low", low, "high", high, NULL);
}

double
nst_slider_get_value (NstSlider *slider)
{
  return gtk_spin_button_get_value (GTK_SPIN_BUTTON (slider->spin));
}

void
nst_slider_set_value (NstSlider *slider, double value)
{
  double least, most;

  /* A recipe may ask for more than a user needs. */
  gtk_spin_button_get_range (GTK_SPIN_BUTTON (slider->spin), &least, &most);
  if (value > most)
    gtk_spin_button_set_range (GTK_SPIN_BUTTON (slider->spin), least, value);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (slider->spin), value);
}

void
nst_slider_set_default (NstSlider *slider, double value)
{
  slider->initial = value;
}
