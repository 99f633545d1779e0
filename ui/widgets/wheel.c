/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the wheel from changing values that the user only scrolls past. */
#include "ui/widgets/wheel.h"

/* Steps upwards that an event asks for. */
static double
count_steps (const GdkEventScroll *event)
{
  double dx, dy;

  if (gdk_event_get_scroll_deltas ((const GdkEvent *) event, &dx, &dy))
    return dx != 0 && dy == 0 ? dx : -dy;

  return event->direction == GDK_SCROLL_UP || event->direction == GDK_SCROLL_RIGHT ? 1 : -1;
}

static gboolean
scrolled (GtkWidget *widget, GdkEventScroll *event)
{
  if (!gtk_widget_has_focus (widget) || GTK_IS_COMBO_BOX (widget))
    {
      GtkWidget *parent = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);

      if (parent != NULL)
        gtk_widget_event (parent, (GdkEvent *) event);
    }
  else if (GTK_IS_RANGE (widget))
    {
      GtkAdjustment *adjustment = gtk_range_get_adjustment (GTK_RANGE (widget));

      gtk_range_set_value (GTK_RANGE (widget),
                           gtk_range_get_value (GTK_RANGE (widget))
                               + count_steps (event) * gtk_adjustment_get_step_increment (adjustment));
    }
  else
    gtk_spin_button_spin (GTK_SPIN_BUTTON (widget),
                          count_steps (event) > 0 ? GTK_SPIN_STEP_FORWARD : GTK_SPIN_STEP_BACKWARD, 0);

  return TRUE;
}

void
nst_wheel_tame (GtkWidget *widget)
{
  g_signal_connect (widget, "scroll-event", G_CALLBACK (scrolled), NULL);
}

static void
tame_all (GtkWidget *widget, gpointer data G_GNUC_UNUSED)
{
  nst_wheel_tame_all (widget);
}

void
nst_wheel_tame_all (GtkWidget *widget)
{
  if (GTK_IS_SCALE (widget) || GTK_IS_SPIN_BUTTON (widget) || GTK_IS_COMBO_BOX (widget))
    nst_wheel_tame (widget);
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), tame_all, NULL);
}
