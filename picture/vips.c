/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts libvips, the library of picture files. */
#include "picture/vips.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <vips/vips.h>

#include "core/base/error.h"
#include "core/base/text.h"

#define LONGEST 200 /* characters of a message */

/* A message handler may not log itself. */
static void
be_quiet (const char    *domain G_GNUC_UNUSED,
          GLogLevelFlags level G_GNUC_UNUSED,
          const char    *text G_GNUC_UNUSED,
          gpointer       data G_GNUC_UNUSED)
{
}

gboolean
nst_vips_initialise (GError **error)
{
  static gboolean done;

  if (done)
    return TRUE;
  if (VIPS_INIT ("pastiche") != 0)
    {
      g_autofree char *reason = nst_vips_take_message ();

      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, _ ("libvips could not be started: %s"), reason);
      return FALSE;
    }

  g_log_set_handler ("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO, be_quiet, NULL);
  vips_concurrency_set (1);
  vips_cache_set_max (0);
  done = TRUE;

  return TRUE;
}

char *
nst_vips_take_message (void)
{
  const char      *all = vips_error_buffer ();
  g_autofree char *line = g_strndup (all, strcspn (all, "\n"));
  g_autofree char *valid = g_utf8_make_valid (*line != '\0' ? line : _ ("unknown fault"), -1);

  vips_error_clear ();

  return nst_text_cut_middle (valid, LONGEST);
}
