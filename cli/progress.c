/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Progress of a run, as text on stderr and as JSON on stdout. */
#include "cli/progress.h"

#include <cjson/cJSON.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "cli/terminal.h"

#define PLAIN_EVERY (5 * G_USEC_PER_SEC) /* between two lines if stderr is not a terminal */

void
nst_progress_begin (NstProgress *progress, const char *label, gboolean json)
{
  *progress = (NstProgress){
    .begun = g_get_monotonic_time (),
    .terminal = isatty (STDERR_FILENO),
    .label = label,
    .json = json,
    .quiet = json && isatty (STDOUT_FILENO),
  };
}

double
nst_progress_seconds (const NstProgress *progress)
{
  return (g_get_monotonic_time () - progress->begun) * 1e-6;
}

static void
print_json (const NstProgress *progress, const NstStatus *status, int done)
{
  const struct
  {
    const char *name;
    double      value;
  } fields[] = {
    { "iteration", done },
    { "scale", status->scale + 1 },
    { "scales", status->n_scales },
    { "scale_iteration", status->iteration },
    { "scale_iterations", status->iterations },
    { "width", status->width },
    { "height", status->height },
    { "total", status->losses.total },
    { "content", status->losses.content },
    { "style", status->losses.style },
    { "variation", status->losses.variation },
    { "fraction", status->fraction },
    { "seconds", nst_progress_seconds (progress) },
    { "left", status->left },
  };
  cJSON *json = cJSON_CreateObject ();
  char  *text;

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    cJSON_AddNumberToObject (json, fields[i].name, fields[i].value);
  text = cJSON_PrintUnformatted (json);
  g_print ("%s\n", text);
  cJSON_free (text);
  cJSON_Delete (json);
}

/* "1:05" or "2:03:40". */
static char *
format_time (double seconds)
{
  int s = CLAMP (seconds + 0.5, 0, 1e6);

  return s < 3600 ? g_strdup_printf ("%d:%02d", s / 60, s % 60)
                  : g_strdup_printf ("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
}

static void
print_line (const NstProgress *progress, const NstStatus *status)
{
  g_autofree char *left = format_time (status->left);
  g_autofree char *line = g_strdup_printf (_ ("scale %d/%d (%d x %d)  iteration %d/%d  total %.4g  content "
                                              "%.4g  style %.4g  %s left"),
                                           status->scale + 1, status->n_scales, status->width, status->height,
                                           status->iteration, status->iterations, status->losses.total,
                                           status->losses.content, status->losses.style, left);
  g_autofree char *labelled = progress->label != NULL ? g_strdup_printf ("%s: %s", progress->label, line)
                                                      : g_strdup (line);

  if (progress->terminal)
    nst_terminal_overwrite (labelled);
  else
    g_printerr ("%s\n", labelled);
}

void
nst_progress_show (NstProgress *progress, const NstStatus *status, int done)
{
  gint64 now = g_get_monotonic_time ();

  if (progress->json)
    print_json (progress, status, done);
  if (progress->quiet
      || (!progress->terminal && status->iteration < status->iterations
          && now < progress->shown + PLAIN_EVERY))
    return;

  print_line (progress, status);
  progress->shown = now;
}

void
nst_progress_end (NstProgress *progress)
{
  if (progress->terminal && progress->shown > 0)
    g_printerr ("\n");
}
