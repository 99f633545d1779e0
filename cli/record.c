/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intermediate pictures, the CSV log and the animation of a run. */
#include "cli/record.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/animation.h"
#include "cli/cli.h"
#include "cli/list.h"
#include "core/base/file.h"
#include "core/base/input.h"

#define HEADER "iteration,scale,width,height,evaluations,seconds,total,content,style,variation\n"
#define LONGEST_LOG (1 << 28) /* bytes of a log that can be continued */
#define FRAMES 60             /* approximate number in an animation, unless --animation-every is given */

static struct
{
  int   save_every, animation_every;
  char *save_at, *log, *animation;
} options;

const GOptionEntry nst_record_pictures[] = {
  { "save-every", 0, 0, G_OPTION_ARG_INT, &options.save_every,
    N_ ("Save the picture every N iterations, next to the output: NAME-0010.png ..."), "N" },
  { "save-at", 0, 0, G_OPTION_ARG_STRING, &options.save_at,
    N_ ("Save the picture after these iterations, next to the output"), "N,N,..." },
  { NULL }
};

const GOptionEntry nst_record_files[] = {
  { "log", 0, 0, G_OPTION_ARG_FILENAME, &options.log, N_ ("Write the losses of each iteration to this file"),
    N_ ("FILE.csv") },
  { "animation", 0, 0, G_OPTION_ARG_FILENAME, &options.animation, N_ ("Write an animation of the run"),
    "FILE.gif|.webp" },
  { "animation-every", 0, 0, G_OPTION_ARG_INT, &options.animation_every,
    N_ ("Iterations per frame of the animation (default: about 60 frames in all)"), "N" },
  { NULL }
};

/* The iterations of --save-at, from nst_record_check () on; double; NULL without the option. */
static GArray *save_at;

struct _NstRecord
{
  char                   *output;  /* owned */
  const NstPictureFormat *format;  /* borrowed; may be NULL */
  FILE                   *log;     /* owned, or NULL */
  gboolean                started; /* the log has its first line */
  int                     kept;    /* iterations whose lines stay in the log */
  gint64                  begun;
  NstAnimation           *animation; /* owned, or NULL */
  int                     every;     /* iterations per frame */
  GError                 *problem;   /* owned; the first file that could not be written, or NULL */
  int                     problems;
};

gboolean
nst_record_check (GError **error)
{
  if (options.save_every < 0)
    return nst_cli_usage (error, _ ("--save-every: expected a number of iterations from 0, found %d"),
                          options.save_every);
  if (options.animation_every < 0)
    return nst_cli_usage (error, _ ("--animation-every: expected a number of iterations from 0, found %d"),
                          options.animation_every);
  if (options.animation_every > 0 && options.animation == NULL)
    return nst_cli_usage (error, _ ("--animation-every needs --animation FILE"));
  g_clear_pointer (&save_at, g_array_unref);
  if (options.save_at != NULL
      && (save_at = nst_list_parse_numbers ("--save-at", options.save_at, 1, 1e6, TRUE, error)) == NULL)
    return FALSE;

  return options.animation == NULL || nst_animation_check_path (options.animation, error);
}

static gboolean
is_wanted (int done)
{
  if (options.save_every > 0 && done % options.save_every == 0)
    return TRUE;
  for (guint i = 0; save_at != NULL && i < save_at->len; i++)
    if (g_array_index (save_at, double, i) == done)
      return TRUE;

  return FALSE;
}

gboolean
nst_record_add_files (NstFiles *files, const char *output, GError **error)
{
  return nst_files_write (files, "--log", options.log, error)
         && nst_files_write (files, "--animation", options.animation, error)
         && ((options.save_every == 0 && options.save_at == NULL)
             || nst_files_check_numbered (files, output, is_wanted, error));
}

static gboolean
log_error (int code, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", options.log, g_strerror (code));

  return FALSE;
}

/* Opens the log, and leaves what is in it until the run begins. It is written line by line, so that it can be
 * read while the run goes on. */
static gboolean
open_log (NstRecord *record, GError **error)
{
  const int descriptor = nst_files_open_log (options.log, error);

  if (descriptor < 0)
    return FALSE;
  record->log = fdopen (descriptor, "w");
  setvbuf (record->log, NULL, _IOLBF, BUFSIZ);

  return TRUE;
}

/* Bytes of a log of this program's up to the line of its iteration done; 0: it has another beginning. */
static gsize
length_until (const char *log, int done)
{
  const char *end = g_str_has_prefix (log, HEADER) ? log + strlen (HEADER) : log;

  for (int i = 1; end > log && i <= done && strtol (end, NULL, 10) == i && strchr (end, '\n') != NULL; i++)
    end = strchr (end, '\n') + 1;

  return end - log;
}

/* Removes from the log all lines of iterations that are to come, or everything. */
static gboolean
start_log (NstRecord *record, GError **error)
{
  const int        descriptor = fileno (record->log);
  g_autofree char *log = NULL;
  gsize            length = 0;
  GStatBuf         status;

  record->started = TRUE;
  if (fstat (descriptor, &status) == 0 && S_ISREG (status.st_mode))
    {
      if (record->kept > 0 && (log = nst_input_read_text (options.log, LONGEST_LOG, NULL)) != NULL)
        length = length_until (log, record->kept);
      if (ftruncate (descriptor, length) != 0 || lseek (descriptor, length, SEEK_SET) < 0)
        return log_error (errno, error);
    }
  if (length == 0)
    fputs (HEADER, record->log);

  return TRUE;
}

/* Checks that the intermediate picture with the longest name can be written. */
static gboolean
check_longest (const char *output, int iterations, GError **error)
{
  g_autofree char *path = NULL;
  int              last = iterations;

  while (last > 0 && !is_wanted (last))
    last--;
  if (last == 0)
    return TRUE;
  path = nst_files_numbered (output, last);

  return nst_file_check (path, error);
}

gsize
nst_record_bytes (const NstPlan *plan)
{
  return options.animation != NULL ? nst_animation_bytes (plan->width, plan->height) : 0;
}

NstRecord *
nst_record_new (const char *output, const NstPictureFormat *format, const NstPlan *plan, GError **error)
{
  g_autoptr (NstRecord) record = g_new0 (NstRecord, 1);

  record->output = g_strdup (output);
  record->format = format;
  record->begun = g_get_monotonic_time ();
  record->every = options.animation_every > 0 ? options.animation_every
                                              : (plan->iterations + FRAMES - 1) / FRAMES;
  if (!check_longest (output, plan->iterations, error) || (options.log != NULL && !open_log (record, error))
      || (options.animation != NULL
          && (record->animation = nst_animation_new (options.animation, plan->width, plan->height, error))
                 == NULL))
    return NULL;

  return g_steal_pointer (&record);
}

void
nst_record_free (NstRecord *record)
{
  if (record == NULL)
    return;

  if (record->log != NULL)
    fclose (record->log);
  nst_animation_free (record->animation);
  g_clear_error (&record->problem);
  g_free (record->output);
  g_free (record);
}

void
nst_record_continue (NstRecord *record, int done, double seconds)
{
  record->kept = done;
  record->begun -= seconds * G_USEC_PER_SEC;
}

/* Prints the problem and keeps the first one. Takes the ownership of problem. */
static void
note (NstRecord *record, GError *problem)
{
  record->problems++;
  g_printerr ("%s\n", problem->message);
  if (record->problem == NULL)
    record->problem = problem;
  else
    g_error_free (problem);
}

/* Writes a line. After a failure the log is closed. */
static void
write_line (NstRecord *record, const NstStatus *status, int done)
{
  const NstLosses *losses = &status->losses;
  GError          *problem = NULL;

  if ((record->started || start_log (record, &problem))
      && fprintf (record->log, "%d,%d,%d,%d,%d,%.3f,%.9g,%.9g,%.9g,%.9g\n", done, status->scale + 1,
                  status->width, status->height, status->evaluations,
                  (g_get_monotonic_time () - record->begun) * 1e-6, losses->total, losses->content,
                  losses->style, losses->variation)
             >= 0
      && !ferror (record->log))
    return;

  if (problem == NULL)
    log_error (errno, &problem);
  note (record, problem);
  fclose (g_steal_pointer (&record->log));
}

static void
save (NstRecord *record, const NstImage *image, int done)
{
  g_autofree char *path = nst_files_numbered (record->output, done);
  GError          *problem = NULL;

  if (!nst_picture_save (image, path, record->format, &problem))
    note (record, problem);
}

/* Adds a frame. After a failure there is no animation. */
static void
add_frame (NstRecord *record, const NstImage *image)
{
  GError *problem = NULL;

  if (nst_animation_add (record->animation, image, &problem))
    return;
  note (record, problem);
  g_clear_pointer (&record->animation, nst_animation_free);
}

gboolean
nst_record_iteration (
    NstEngine *engine, const NstStatus *status, int done, gpointer data, GError **error G_GNUC_UNUSED)
{
  NstRecord *record = data;
  gboolean   wanted = is_wanted (done);
  gboolean frame = record->animation != NULL && (done == 1 || done % record->every == 0 || status->finished);
  g_autoptr (NstImage) image = NULL;
  GError              *problem = NULL;

  if (record->log != NULL)
    write_line (record, status, done);
  if (!wanted && !frame)
    return TRUE;

  image = nst_engine_get_result (engine, &problem);
  if (image == NULL)
    {
      note (record, problem);
      return TRUE;
    }
  if (wanted)
    save (record, image, done);
  if (frame)
    add_frame (record, image);

  return TRUE;
}

gboolean
nst_record_finish (NstRecord *record, GError **error)
{
  GError *problem = NULL;

  if (record->animation != NULL && !nst_animation_write (record->animation, &problem))
    note (record, problem);
  if (record->problem == NULL)
    return TRUE;

  g_set_error (error, record->problem->domain, record->problem->code,
               g_dngettext (GETTEXT_PACKAGE, "%d other file of the run could not be written: %s",
                            "%d other files of the run could not be written; the first: %s",
                            record->problems),
               record->problems, record->problem->message);

  return FALSE;
}
