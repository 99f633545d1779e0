/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-screen.h"

#include <gtk/gtk.h>
#include <unistd.h>

/* GIMP is gone: nothing could be written any more. */
static gboolean
watch_parent (gpointer parent)
{
  if (getppid () != GPOINTER_TO_INT (parent))
    _exit (0);

  return G_SOURCE_CONTINUE;
}

gboolean
nst_screen_open (void)
{
  gtk_disable_setlocale ();
  if (!gtk_init_check (NULL, NULL))
    return FALSE;

  g_timeout_add_seconds (2, watch_parent, GINT_TO_POINTER (getppid ()));
  return TRUE;
}
