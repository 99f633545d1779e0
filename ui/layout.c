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
#include "ui/widgets/style-strip.h"

/* Every window of this process takes these rules, which concern only the dialog's own classes. */
static void
load_rules (void)
{
  g_autoptr (GtkCssProvider) rules = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (rules, NST_RESOURCES "dialog.css");
  gtk_style_context_add_provider_for_screen (gdk_screen_get_default (), GTK_STYLE_PROVIDER (rules),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

GtkBuilder *
nst_layout_load (void)
{
  GtkBuilder        *layout = gtk_builder_new ();
  g_autoptr (GError) error = NULL;

  g_resources_register (nst_ui_get_resource ());
  load_rules ();
  g_type_ensure (NST_TYPE_ADVANCED);
  g_type_ensure (NST_TYPE_LOOK_CHOOSER);
  g_type_ensure (NST_TYPE_PLOT);
  g_type_ensure (NST_TYPE_PREVIEW);
  g_type_ensure (NST_TYPE_QUALITY);
  g_type_ensure (NST_TYPE_SLIDER);
  g_type_ensure (NST_TYPE_STYLE_CHOOSER);
  g_type_ensure (NST_TYPE_STYLE_STRIP);
  if (!gtk_builder_add_from_resource (layout, NST_RESOURCES "dialog.ui", &error))
    g_error ("%s", error->message); /* compiled in */

  return layout;
}

GtkWidget *
nst_layout_widget (GtkBuilder *layout, const char *name)
{
  return GTK_WIDGET (gtk_builder_get_object (layout, name));
}
