/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place that prints: what g_print (), g_printerr () and GLib's log are given goes through here. */
#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/base/text.h"

static int      output_errno; /* of the first failed write to standard output; 0: none */
static gboolean many_lines;

static gboolean
write_text (FILE *file, const char *text)
{
  const char      *charset;
  g_autofree char *converted = NULL;

  if (!g_get_console_charset (&charset))
    converted = g_convert_with_fallback (text, -1, charset, "UTF-8", "?", NULL, NULL, NULL);

  return fputs (converted != NULL ? converted : text, file) >= 0 && fflush (file) == 0;
}

/* A line feed ends a line of the program only as the last character; others may come from outside. */
static char *
make_safe (const char *text)
{
  gsize            length = strlen (text);
  g_autofree char *line = NULL;
  g_autofree char *safe = NULL;

  if (many_lines)
    return nst_text_escape (text, "\n\t");
  if (g_str_has_suffix (text, "\n"))
    length--;
  line = g_strndup (text, length);
  safe = nst_text_escape (line, "\t");

  return g_strconcat (safe, text + length, NULL);
}

static void
print_output (const char *text)
{
  g_autofree char *safe = make_safe (text);

  errno = 0;
  if (!write_text (stdout, safe) && output_errno == 0)
    output_errno = errno != 0 ? errno : EIO;
}

static void
print_error (const char *text)
{
  g_autofree char *safe = make_safe (text);

  write_text (stderr, safe);
}

/* GLib escapes control characters itself, except line feeds and carriage returns. */
static void
write_log (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  g_autofree char *safe = nst_text_escape (message != NULL ? message : "", "\t");

  g_log_default_handler (domain, level, safe, data);
}

void
nst_terminal_set_lines (gboolean lines)
{
  many_lines = lines;
}

/* Automatic wrapping (DECAWM) is off while the line is printed: a wrapped line could not be overwritten. */
void
nst_terminal_overwrite (const char *text)
{
  g_autofree char *safe = nst_text_escape (text, "");
  g_autofree char *line = g_strconcat ("\r\033[?7l", safe, "\033[K\033[?7h", NULL);

  write_text (stderr, line);
}

/* Standard output may be a file on a full disk, or a pipe whose reader has ended. */
static void
report_output (void)
{
  if (output_errno == 0)
    return;
  g_printerr (_ ("pastiche: the output could not be written completely: %s\n"), g_strerror (output_errno));
  _exit (NST_EXIT_FAILED);
}

/* All three are opened for reading, so that writing to standard output or standard error still fails. */
static void
open_standard (void)
{
  for (int fd = 0; fd < 3; fd++)
    if (fcntl (fd, F_GETFD) < 0 && errno == EBADF && open ("/dev/null", O_RDONLY) != fd)
      _exit (NST_EXIT_FAILED);
}

void
nst_terminal_init (void)
{
  open_standard ();
  g_set_print_handler (print_output);
  g_set_printerr_handler (print_error);
  g_log_set_default_handler (write_log, NULL);
  atexit (report_output);
}
