/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds the dialog's widgets from dialog.ui, which is compiled into the program. */
#include "ui/layout.h"

#include "ui/widgets/advanced.h"
#include "ui/widgets/look-chooser.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/preview.h"
#include "ui/widgets/quality.h"
#include "ui/widgets/resources.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/style-chooser.h"

GtkBuilder *
nst_layout_load (void)
{
  GtkBuilder        *layout = gtk_builder_new ();
  g_autoptr (GError) error = NULL;

  g_resources_register (nst_ui_get_resource ());
  g_type_ensure (NST_TYPE_ADVANCED);
  g_type_ensure (NST_TYPE_LOOK_CHOOSER);
  g_type_ensure (NST_TYPE_PLOT);
  g_type_ensure (NST_TYPE_PREVIEW);
  g_type_ensure (NST_TYPE_QUALITY);
  g_type_ensure (NST_TYPE_SLIDER);
  g_type_ensure (NST_TYPE_STYLE_CHOOSER);
  if (!gtk_builder_add_from_resource (layout, NST_RESOURCES "dialog.ui", &error))
    g_error ("%s", error->message); /* compiled in */

  return layout;
}

GtkWidget *
nst_layout_widget (GtkBuilder *layout, const char *name)
{
  return GTK_WIDGET (gtk_builder_get_object (layout, name));
}
