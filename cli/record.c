/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intermediate pictures, the CSV log and the animation of a run. */
#include "cli/record.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "cli/animation.h"
#include "cli/cli.h"
#include "cli/list.h"
#include "cli/picture.h"

#define FRAMES 60 /* approximate number in an animation, unless --animation-every is given */

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

struct _NstRecord
{
  char         *output; /* owned */
  int           depth;
  GArray       *at;  /* owned; double */
  FILE         *log; /* owned, or NULL */
  gint64        begun;
  NstAnimation *animation; /* owned, or NULL */
  int           every;     /* iterations per frame */
};

gboolean
nst_record_check (GError **error)
{
  g_autoptr (GArray) at = NULL;

  if (options.save_every < 0)
    return nst_cli_usage (error, _ ("--save-every: expected a number of iterations from 0, found %d"),
                          options.save_every);
  if (options.animation_every < 0)
    return nst_cli_usage (error, _ ("--animation-every: expected a number of iterations from 0, found %d"),
                          options.animation_every);
  if (options.animation_every > 0 && options.animation == NULL)
    return nst_cli_usage (error, _ ("--animation-every needs --animation FILE"));
  if (options.save_at != NULL
      && (at = nst_list_parse_numbers ("--save-at", options.save_at, 1, 1e6, TRUE, error)) == NULL)
    return FALSE;

  return options.animation == NULL || nst_animation_check_path (options.animation, error);
}

static gboolean
open_log (NstRecord *record, GError **error)
{
  record->log = fopen (options.log, "w");
  if (record->log == NULL)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", options.log,
                   g_strerror (errno));
      return FALSE;
    }
  setvbuf (record->log, NULL, _IOLBF, BUFSIZ);
  fputs ("iteration,scale,width,height,evaluations,seconds,total,content,style,variation\n", record->log);

  return TRUE;
}

NstRecord *
nst_record_new (const char *output, int depth, const NstPlan *plan, int iterations, GError **error)
{
  g_autoptr (NstRecord) record = g_new0 (NstRecord, 1);

  if (!nst_record_check (error))
    return NULL;

  record->output = g_strdup (output);
  record->depth = depth;
  record->begun = g_get_monotonic_time ();
  record->every = options.animation_every > 0 ? options.animation_every
                                              : (plan->n_scales * iterations + FRAMES - 1) / FRAMES;
  if (options.save_at != NULL)
    record->at = nst_list_parse_numbers ("--save-at", options.save_at, 1, 1e6, TRUE, NULL);
  if (options.log != NULL && !open_log (record, error))
    return NULL;
  if (options.animation != NULL
      && (record->animation = nst_animation_new (options.animation, plan->width, plan->height, error))
             == NULL)
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
  g_clear_pointer (&record->at, g_array_unref);
  g_free (record->output);
  g_free (record);
}

static gboolean
is_wanted (const NstRecord *record, int done)
{
  if (options.save_every > 0 && done % options.save_every == 0)
    return TRUE;
  for (guint i = 0; record->at != NULL && i < record->at->len; i++)
    if (g_array_index (record->at, double, i) == done)
      return TRUE;

  return FALSE;
}

static gboolean
save (const NstRecord *record, const NstImage *image, int done, GError **error)
{
  const char      *dot = strrchr (record->output, '.');
  g_autofree char *path = g_strdup_printf ("%.*s-%04d%s", (int) (dot - record->output), record->output, done,
                                           dot);

  return nst_picture_save (image, path, record->depth, error);
}

static gboolean
write_line (NstRecord *record, const NstStatus *status, int done, GError **error)
{
  const NstLosses *losses = &status->losses;

  fprintf (record->log, "%d,%d,%d,%d,%d,%.3f,%.9g,%.9g,%.9g,%.9g\n", done, status->scale + 1, status->width,
           status->height, status->evaluations, (g_get_monotonic_time () - record->begun) * 1e-6,
           losses->total, losses->content, losses->style, losses->variation);
  if (!ferror (record->log))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", options.log,
               g_strerror (errno));

  return FALSE;
}

gboolean
nst_record_iteration (NstEngine *engine, const NstStatus *status, int done, gpointer data, GError **error)
{
  NstRecord *record = data;
  gboolean   wanted = is_wanted (record, done);
  gboolean frame = record->animation != NULL && (done == 1 || done % record->every == 0 || status->finished);
  g_autoptr (NstImage) image = NULL;

  if (record->log != NULL && !write_line (record, status, done, error))
    return FALSE;
  if (!wanted && !frame)
    return TRUE;

  image = nst_engine_get_image (engine, error);

  return image != NULL && (!wanted || save (record, image, done, error))
         && (!frame || nst_animation_add (record->animation, image, error));
}

gboolean
nst_record_finish (NstRecord *record, GError **error)
{
  return record->animation == NULL || nst_animation_write (record->animation, error);
}
