/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog without GIMP: dialog-host --content FILE [--style FILE] [--output FILE]. */
#include "core/base/process.h"
#include "picture/picture.h"
#include "tests/support/ui-host.h"
#include "ui/dialog.h"

#include <gtk/gtk.h>

int
main (int argc, char **argv)
{
  g_autofree char   *content = NULL, *style = NULL, *output = NULL;
  gboolean           grey = FALSE;
  const GOptionEntry entries[] = {
    { "content", 0, 0, G_OPTION_ARG_FILENAME, &content, "The picture to paint", "FILE" },
    { "style", 0, 0, G_OPTION_ARG_FILENAME, &style, "The picture whose style the result takes", "FILE" },
    { "grey", 0, 0, G_OPTION_ARG_NONE, &grey, "The layer is in greyscale", NULL },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, "Where Apply writes", "FILE" },
    { NULL }
  };
  g_autoptr (GError)      error = NULL;
  g_autoptr (NstSettings) settings = nst_settings_new ();
  NstHost                 host = { NULL };
  gboolean                good;

  nst_process_init (0);
  gtk_disable_setlocale ();
  if (!gtk_init_with_args (&argc, &argv, NULL, entries, NULL, &error) || content == NULL)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "--content FILE is missing");
      return 2;
    }
  if (style != NULL)
    {
      g_free (settings->style_file);
      settings->style_file = g_canonicalize_filename (style, NULL);
    }

  host.grey = grey;
  host.content = nst_picture_load (content, &error);
  good = host.content != NULL && nst_dialog_run (&host, settings, &error)
         && (output == NULL || nst_picture_save (host.written, output, NULL, &error));
  if (error != NULL)
    g_printerr ("%s\n", error->message);
  test_host_clear (&host);

  return good ? 0 : 1;
}
