/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoints of a run: when they are written, and how a run goes on from one. */
#include "config.h"

#include "cli/checkpoint.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "cli/cli.h"
#include "core/base/archive.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/simd/simd.h"

#define KIND "Pastiche checkpoint 1\n"
#define EVERY 300           /* seconds between two checkpoints */
#define MOST_EVERY 86400    /* seconds */
#define LONGEST_PROGRAM 200 /* bytes */

static struct
{
  char *path;
  int   every;
} options = { .every = EVERY };

const GOptionEntry nst_checkpoint_options[] = {
  { "checkpoint", 0, 0, G_OPTION_ARG_FILENAME, &options.path,
    N_ ("Keep the state of the run in this file; the same command goes on from it"), N_ ("FILE") },
  { "checkpoint-every", 0, 0, G_OPTION_ARG_INT, &options.every,
    N_ ("Seconds between two checkpoints (default: 300)"), N_ ("SECONDS") },
  { NULL }
};

struct _NstCheckpoint
{
  NstArchiveReader *archive; /* owned; the file, until the engine has gone on from it; or NULL */
  char             *program; /* owned; what has written the file, or NULL */
  int               done;
  double            seconds;
  gint64            begun, written; /* g_get_monotonic_time () of the start and of the newest checkpoint */
  int               last;           /* iteration of the checkpoint that is in the file; 0: there is none */
  gboolean          failed;         /* the newest checkpoint could not be written */
};

gboolean
nst_checkpoint_check (NstFiles *files, GError **error)
{
  if (options.every < 0 || options.every > MOST_EVERY)
    return nst_cli_usage (error, _ ("--checkpoint-every: expected 0 to %d seconds, found %d"), MOST_EVERY,
                          options.every);
  if (options.path == NULL && options.every != EVERY)
    return nst_cli_usage (error, _ ("--checkpoint-every needs --checkpoint FILE"));

  return options.path == NULL
         || (nst_files_write (files, "--checkpoint", options.path, error)
             && nst_file_check (options.path, error));
}

/* The last bits of a result depend on what is in this text; owned. */
static char *
program_text (void)
{
  return g_strdup_printf ("Pastiche %s, %d threads, %s", PACKAGE_VERSION, nst_threads (),
                          nst_simd_for (256)->name);
}

static gboolean
read_head (NstCheckpoint *checkpoint, GError **error)
{
  NstArchiveReader *archive = checkpoint->archive;
  gint64            done;

  checkpoint->program = nst_archive_get_text (archive, LONGEST_PROGRAM, error);
  if (checkpoint->program == NULL || !nst_archive_get_int (archive, 0, G_MAXINT, &done, error)
      || !nst_archive_get_double (archive, &checkpoint->seconds, error))
    return FALSE;
  checkpoint->done = checkpoint->last = done;
  checkpoint->seconds = CLAMP (checkpoint->seconds, 0, 1e9);

  return TRUE;
}

/* Adds to a message what to do with a file that cannot be used. */
static gboolean
refuse (GError **error)
{
  if (!g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_error_matches (*error, NST_ERROR, NST_ERROR_MEMORY))
    {
      g_autofree char *what = g_steal_pointer (&(*error)->message);

      (*error)->message
          = g_strdup_printf (_ ("The checkpoint cannot be used. %s. Give the pictures and options "
                                "that it was made with, or delete it to start over"),
                             what);
    }

  return FALSE;
}

gboolean
nst_checkpoint_new (NstCheckpoint **checkpoint, GError **error)
{
  g_autoptr (NstCheckpoint) made = NULL;
  GError                   *own = NULL;

  *checkpoint = NULL;
  if (options.path == NULL)
    return TRUE;

  made = g_new0 (NstCheckpoint, 1);
  made->begun = made->written = g_get_monotonic_time ();
  if (g_file_test (options.path, G_FILE_TEST_EXISTS))
    {
      made->archive = nst_archive_reader_new (options.path, KIND, &own);
      if (made->archive == NULL || !read_head (made, &own))
        {
          refuse (&own);
          g_propagate_error (error, own);
          return FALSE;
        }
    }
  *checkpoint = g_steal_pointer (&made);

  return TRUE;
}

void
nst_checkpoint_free (NstCheckpoint *checkpoint)
{
  if (checkpoint == NULL)
    return;

  nst_archive_reader_free (checkpoint->archive);
  g_free (checkpoint->program);
  g_free (checkpoint);
}

int
nst_checkpoint_done (const NstCheckpoint *checkpoint)
{
  return checkpoint != NULL ? checkpoint->done : 0;
}

double
nst_checkpoint_seconds (const NstCheckpoint *checkpoint)
{
  return checkpoint != NULL ? checkpoint->seconds : 0;
}

gboolean
nst_checkpoint_resume (NstCheckpoint *checkpoint, NstEngine *engine, GError **error)
{
  g_autofree char *program = program_text ();
  GError          *own = NULL;
  NstStatus        status;

  if (checkpoint->archive == NULL)
    return TRUE;

  if (!nst_engine_restore (engine, checkpoint->archive, &own)
      || !nst_archive_reader_finish (checkpoint->archive, &own))
    {
      refuse (&own);
      g_propagate_error (error, own);
      return FALSE;
    }
  g_clear_pointer (&checkpoint->archive, nst_archive_reader_free);
  nst_engine_get_status (engine, &status);
  g_printerr (_ ("%s: the run goes on after iteration %d, scale %d of %d\n"), options.path, status.done,
              status.scale + 1, status.n_scales);
  if (g_strcmp0 (program, checkpoint->program) != 0)
    {
      g_autofree char *other = nst_text_escape (checkpoint->program, "");

      g_printerr (_ ("%s was written by \"%s\", and \"%s\" goes on: the result may differ in its last "
                     "bits\n"),
                  options.path, other, program);
    }

  return TRUE;
}

static gboolean
write_file (NstCheckpoint *checkpoint, NstEngine *engine, GError **error)
{
  const double                 seconds = (g_get_monotonic_time () - checkpoint->begun) * 1e-6;
  g_autoptr (NstArchiveWriter) archive = nst_archive_writer_new (options.path, KIND, error);
  g_autofree char             *program = program_text ();
  NstStatus                    status;

  if (archive == NULL)
    return FALSE;

  nst_engine_get_status (engine, &status);
  nst_archive_put_text (archive, program);
  nst_archive_put_int (archive, status.done);
  nst_archive_put_double (archive, checkpoint->seconds + seconds);
  nst_engine_save (engine, archive);
  if (!nst_archive_writer_finish (archive, error))
    return FALSE;
  checkpoint->last = status.done;

  return TRUE;
}

/* The file that is kept when a checkpoint could not be written. */
static void
say_last (const NstCheckpoint *checkpoint)
{
  if (checkpoint->last > 0)
    g_printerr (_ ("%s holds the checkpoint after iteration %d\n"), options.path, checkpoint->last);
}

void
nst_checkpoint_iteration (NstCheckpoint *checkpoint, NstEngine *engine)
{
  g_autoptr (GError) error = NULL;
  gboolean           good;

  if (g_get_monotonic_time () < checkpoint->written + options.every * G_USEC_PER_SEC)
    return;

  good = write_file (checkpoint, engine, &error);
  checkpoint->written = g_get_monotonic_time ();
  if (!good && !checkpoint->failed)
    {
      g_printerr (_ ("A checkpoint could not be written, and the run goes on: %s\n"), error->message);
      say_last (checkpoint);
    }
  checkpoint->failed = !good;
}

void
nst_checkpoint_interrupted (NstCheckpoint *checkpoint, NstEngine *engine)
{
  g_autoptr (GError) error = NULL;
  NstStatus          status;

  nst_engine_get_status (engine, &status);
  if (write_file (checkpoint, engine, &error))
    {
      g_printerr (_ ("%s holds the state after iteration %d; the same command goes on from there\n"),
                  options.path, status.done);
      return;
    }
  g_printerr (_ ("The checkpoint could not be written: %s\n"), error->message);
  say_last (checkpoint);
}

void
nst_checkpoint_remove (NstCheckpoint *checkpoint)
{
  if (checkpoint != NULL && checkpoint->last > 0 && g_unlink (options.path) != 0)
    g_printerr (_ ("%s is not needed any more, but could not be removed\n"), options.path);
}
