/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command gallery: paints one picture with every preset and measures time and memory. */
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/session.h"
#include "cli/sheet.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "picture/picture.h"

static struct
{
  char *output;
} options;

static const GOptionEntry entries[] = { { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output,
                                          N_ ("Folder for a picture of each preset, the contact sheet "
                                              "gallery.png and the measurements gallery.csv"),
                                          N_ ("FOLDER") },
                                        { NULL } };

static const GOptionEntry *const shared[] = { nst_session_pictures, nst_session_weights,
                                              nst_session_fields,   nst_session_descent,
                                              nst_session_colours,  nst_session_network,
                                              nst_sheet_entries,    NULL };

typedef struct
{
  NstSheet *sheet; /* owned */
  GString  *table; /* owned; CSV */
  int       painted, missing, failed;
} Gallery;

static void
gallery_clear (Gallery *gallery)
{
  nst_sheet_free (gallery->sheet);
  g_string_free (gallery->table, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gallery, gallery_clear)

/* The largest resident memory of the process since reset_peak (), in megabytes; 0 if the system does not
 * report it. */
static double
peak_megabytes (void)
{
  g_autofree char *text = NULL;
  const char      *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL)
      || (line = strstr (text, "VmHWM:")) == NULL)
    return 0;

  return g_ascii_strtoull (line + 6, NULL, 10) * 1024e-6;
}

static void
reset_peak (void)
{
  FILE *file = fopen ("/proc/self/clear_refs", "w");

  if (file == NULL)
    return;
  fputs ("5", file);
  fclose (file);
}

/* text in quotes, because a name from a file may contain commas and line feeds (RFC 4180). Owned by the
 * caller. */
static char *
csv_field (const char *text)
{
  g_auto (GStrv)   parts = g_strsplit (text, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", parts);

  return strpbrk (text, ",\"\r\n") != NULL ? g_strdup_printf ("\"%s\"", doubled) : g_strdup (text);
}

/* Records a preset whose model is not installed. That is not a failure. */
static gboolean
add_missing (Gallery *gallery, const char *preset, const char *model, const char *message, GError **error)
{
  g_autofree char *note = g_strdup_printf (_ ("%s is not installed"), model);
  g_autofree char *field = csv_field (model);

  gallery->missing++;
  g_printerr ("%s: %s\n", preset, message);
  g_string_append_printf (gallery->table, "%s,%s,not installed,,,,,\n", preset, field);

  return nst_sheet_add (gallery->sheet, NULL, preset, note, error);
}

static gboolean
paint (NstSession *session, const NstRecipe *recipe, const char *preset, Gallery *gallery, GError **error)
{
  g_autofree char     *name = g_strconcat (preset, ".png", NULL);
  g_autofree char     *path = g_build_filename (options.output, name, NULL);
  g_autofree char     *note = NULL;
  g_autofree char     *model = csv_field (session->model->name);
  g_autoptr (NstImage) picture = NULL;
  NstWatch             watch = { .label = preset };
  NstOutcome           outcome;
  double               megabytes;
  gboolean             good;

  reset_peak ();
  good = nst_session_paint (session, recipe, &watch, &outcome, error);
  megabytes = peak_megabytes ();
  picture = outcome.picture;
  if (!good || !nst_picture_keep (picture, path, NULL, error))
    return FALSE;

  gallery->painted++;
  g_string_append_printf (gallery->table, "%s,%s,painted,%d,%d,%d,%.1f,%.0f\n", preset, model, picture->width,
                          picture->height, outcome.done, outcome.seconds, megabytes);
  note = g_strdup_printf (_ ("%s, %d iterations\n%.1f s, %.0f MB"), session->model->name, outcome.done,
                          outcome.seconds, megabytes);

  return nst_sheet_add (gallery->sheet, picture, preset, note, error);
}

/* Paints one preset and records the result, also a failure. FALSE, with an error, if the whole gallery must
 * end.
 */
static gboolean
paint_preset (NstSession *session, const char *preset, Gallery *gallery, GError **error)
{
  g_autoptr (GError) own = NULL;
  g_autofree char   *field = NULL;
  NstRecipe          recipe;

  if (!nst_session_make_recipe (&recipe, preset, error))
    return FALSE;
  g_clear_pointer (&session->model, nst_model_unref);
  session->model = nst_session_load_model (&recipe, &own);
  if (session->model == NULL && g_error_matches (own, NST_ERROR, NST_ERROR_ARGUMENT))
    return add_missing (gallery, preset, recipe.model, own->message, error);
  if (session->model != NULL && paint (session, &recipe, preset, gallery, &own))
    return TRUE;
  if (g_error_matches (own, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&own), "%s: ", preset);
      return FALSE;
    }

  gallery->failed++;
  g_printerr ("%s: %s\n", preset, own->message);
  field = csv_field (recipe.model);
  g_string_append_printf (gallery->table, "%s,%s,failed,,,,,\n", preset, field);

  return nst_sheet_add (gallery->sheet, NULL, preset, own->message, error);
}

static gboolean
add_files (NstFiles *files, GError **error)
{
  if (!nst_session_add_files (files, error))
    return FALSE;
  for (const NstPresetInfo *preset = nst_presets (); preset->name != NULL; preset++)
    {
      g_autofree char *name = g_strconcat (preset->name, ".png", NULL);

      if (!nst_files_write_in (files, _ ("the result"), options.output, name, error))
        return FALSE;
    }

  return nst_files_write_in (files, _ ("the contact sheet"), options.output, "gallery.png", error)
         && nst_files_write_in (files, _ ("the table"), options.output, "gallery.csv", error);
}

static gboolean
run (GError **error)
{
  g_auto (NstSession) session = { NULL };
  g_auto (Gallery)    gallery = {
       nst_sheet_new (0), g_string_new ("preset,model,result,width,height,iterations,seconds,megabytes\n")
  };
  g_autoptr (NstFiles) files = nst_files_new ();
  g_autofree char     *sheet = NULL;
  g_autofree char     *table = NULL;
  GError              *first = NULL, *unwritten = NULL;

#ifdef __GLIBC__
  /* Large blocks are returned to the system when they are freed, so that the memory of one preset is not
   * attributed to the next. */
  mallopt (M_MMAP_THRESHOLD, 128 * 1024);
#endif
  if (options.output == NULL)
    return nst_cli_usage (error, _ ("--output FOLDER is needed"));
  if (nst_session_has_preset ())
    return nst_cli_usage (error, _ ("A gallery paints with every preset; leave out --preset"));
  if (!nst_sheet_check (error) || !nst_files_lock_folder (files, options.output, error)
      || !add_files (files, error) || !nst_session_open (&session, TRUE, TRUE, error)
      || !nst_sheet_add (gallery.sheet, session.scene->content, _ ("content"), NULL, error)
      || !nst_sheet_add (gallery.sheet, session.scene->styles[0].image, _ ("style"), NULL, error))
    return FALSE;

  for (const NstPresetInfo *preset = nst_presets (); preset->name != NULL && first == NULL; preset++)
    paint_preset (&session, preset->name, &gallery, &first);

  /* Also what was painted until Ctrl-C; one file that cannot be written does not prevent the other. */
  sheet = g_build_filename (options.output, "gallery.png", NULL);
  table = g_build_filename (options.output, "gallery.csv", NULL);
  nst_file_write (table, gallery.table->str, gallery.table->len, &unwritten);
  nst_cli_add_failure (&first, g_steal_pointer (&unwritten));
  nst_sheet_save (gallery.sheet, sheet, &unwritten);
  nst_cli_add_failure (&first, g_steal_pointer (&unwritten));
  if (first != NULL)
    {
      g_propagate_error (error, first);
      return FALSE;
    }
  g_printerr (_ ("%s: %d painted, %d not installed, %d failed\n"), sheet, gallery.painted, gallery.missing,
              gallery.failed);
  if (gallery.failed == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("%d of %d presets failed"), gallery.failed,
               gallery.painted + gallery.missing + gallery.failed);

  return FALSE;
}

const NstCommand nst_command_gallery = { "gallery",
                                         N_ ("Paint a contact sheet of one picture with every preset"),
                                         entries, shared, run };
