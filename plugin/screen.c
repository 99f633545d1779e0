/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Initialises GTK+ 3 for the plug-in's dialog, and gives it the host's theme. */
#include "plugin/screen.h"

#include <gtk/gtk.h>
#include <unistd.h>

/* Timer: without GIMP no result can be written, so the process ends. */
static gboolean
watch_parent (gpointer parent)
{
  if (getppid () != GPOINTER_TO_INT (parent))
    _exit (0);

  return G_SOURCE_CONTINUE;
}

void
nst_screen_set_theme (const char *css, gboolean dark)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();
  g_autoptr (GError)         error = NULL;

  g_object_set (gtk_settings_get_default (), "gtk-application-prefer-dark-theme", dark, NULL);
  if (css != NULL && !gtk_css_provider_load_from_path (provider, css, &error))
    g_message ("%s", error->message);
  /* The priority that GIMP itself uses: above the desktop's theme, below the user's own style sheet. */
  gtk_style_context_add_provider_for_screen (gdk_screen_get_default (), GTK_STYLE_PROVIDER (provider),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION + 1);
}

gboolean
nst_screen_open (void)
{
  gtk_disable_setlocale ();
  if (!gtk_init_check (NULL, NULL))
    {
      g_debug ("No display: the dialog cannot be shown");
      return FALSE;
    }

  g_timeout_add_seconds (2, watch_parent, GINT_TO_POINTER (getppid ()));
  return TRUE;
}
