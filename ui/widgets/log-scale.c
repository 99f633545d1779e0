/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scale whose accessible gives and takes the value that its position stands for. */
#include "ui/widgets/log-scale.h"

#include <gtk/gtk-a11y.h>

struct _NstLogScale
{
  GtkScale parent;

  GtkAdjustment *shown; /* borrowed */
};

G_DEFINE_TYPE (NstLogScale, nst_log_scale, GTK_TYPE_SCALE)

/* The accessible */

typedef struct
{
  GtkScaleAccessible parent;
} NstLogScaleAccessible;

typedef struct
{
  GtkScaleAccessibleClass parent;
} NstLogScaleAccessibleClass;

static void value_init (AtkValueIface *iface);

GType nst_log_scale_accessible_get_type (void);
G_DEFINE_TYPE_WITH_CODE (NstLogScaleAccessible,
                         nst_log_scale_accessible,
                         GTK_TYPE_SCALE_ACCESSIBLE,
                         G_IMPLEMENT_INTERFACE (ATK_TYPE_VALUE, value_init))

static GtkAdjustment *
get_shown (AtkValue *value)
{
  GtkWidget *scale = gtk_accessible_get_widget (GTK_ACCESSIBLE (value));

  return scale != NULL ? NST_LOG_SCALE (scale)->shown : NULL;
}

static void
get_value_and_text (AtkValue *value, double *number, char **text)
{
  GtkAdjustment *shown = get_shown (value);

  *number = shown != NULL ? gtk_adjustment_get_value (shown) : 0;
  if (text != NULL)
    *text = g_strdup_printf ("%.6g", *number);
}

static AtkRange *
get_range (AtkValue *value)
{
  GtkAdjustment *shown = get_shown (value);

  return shown != NULL
             ? atk_range_new (gtk_adjustment_get_lower (shown), gtk_adjustment_get_upper (shown), NULL)
             : NULL;
}

static void
set_value (AtkValue *value, const double number)
{
  GtkAdjustment *shown = get_shown (value);

  if (shown != NULL)
    gtk_adjustment_set_value (shown, number);
}

/* The older interface, which some readers still use. */

static void
fill (GValue *to, double number)
{
  g_value_init (to, G_TYPE_DOUBLE);
  g_value_set_double (to, number);
}

static void
get_current_value (AtkValue *value, GValue *to)
{
  double number;

  get_value_and_text (value, &number, NULL);
  fill (to, number);
}

static void
get_minimum_value (AtkValue *value, GValue *to)
{
  GtkAdjustment *shown = get_shown (value);

  fill (to, shown != NULL ? gtk_adjustment_get_lower (shown) : 0);
}

static void
get_maximum_value (AtkValue *value, GValue *to)
{
  GtkAdjustment *shown = get_shown (value);

  fill (to, shown != NULL ? gtk_adjustment_get_upper (shown) : 0);
}

static gboolean
set_current_value (AtkValue *value, const GValue *from)
{
  if (!G_VALUE_HOLDS_DOUBLE (from))
    return FALSE;

  set_value (value, g_value_get_double (from));
  return TRUE;
}

static void
value_init (AtkValueIface *iface)
{
  iface->get_value_and_text = get_value_and_text;
  iface->get_range = get_range;
  iface->set_value = set_value;
  iface->get_current_value = get_current_value;
  iface->get_minimum_value = get_minimum_value;
  iface->get_maximum_value = get_maximum_value;
  iface->set_current_value = set_current_value;
}

static void
nst_log_scale_accessible_class_init (NstLogScaleAccessibleClass *class G_GNUC_UNUSED)
{
}

static void
nst_log_scale_accessible_init (NstLogScaleAccessible *accessible G_GNUC_UNUSED)
{
}

/* The scale */

static void
nst_log_scale_class_init (NstLogScaleClass *class)
{
  gtk_widget_class_set_accessible_type (GTK_WIDGET_CLASS (class), nst_log_scale_accessible_get_type ());
}

static void
nst_log_scale_init (NstLogScale *scale G_GNUC_UNUSED)
{
}

GtkWidget *
nst_log_scale_new (GtkAdjustment *shown)
{
  NstLogScale *scale = g_object_new (NST_TYPE_LOG_SCALE, "orientation", GTK_ORIENTATION_HORIZONTAL, NULL);

  scale->shown = shown;
  gtk_range_set_range (GTK_RANGE (scale), 0, 1);
  gtk_range_set_increments (GTK_RANGE (scale), 0.02, 0.1);
  gtk_scale_set_digits (GTK_SCALE (scale), -1);

  return GTK_WIDGET (scale);
}
