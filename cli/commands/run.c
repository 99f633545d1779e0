/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command run: paints one picture in the style of another. */
#include <glib/gi18n-lib.h>

#include "cli/checkpoint.h"
#include "cli/cli.h"
#include "cli/masks.h"
#include "cli/print.h"
#include "cli/record.h"
#include "cli/session.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "picture/picture.h"

static struct
{
  char            *output, *print;
  NstPictureFormat format;
  gboolean         json;
} options;

static gboolean
set_depth (const char *option G_GNUC_UNUSED, const char *value, gpointer data G_GNUC_UNUSED, GError **error)
{
  return nst_depth_parse (value, &options.format.depth, error);
}

static const GOptionEntry entries[] = {
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output,
    N_ ("The result: a .png, .jpg, .tif, .webp, .avif or .jxl file"), N_ ("FILE") },
  { "depth", 0, 0, G_OPTION_ARG_CALLBACK, set_depth, N_ ("Bits per channel (default: those of the content)"),
    "8|16|float" },
  { "print", 0, 0, G_OPTION_ARG_STRING, &options.print,
    N_ ("Size of a print, at --dpi (default: 300), instead of --size"), "WxHcm|mm|in" },
  { "dpi", 0, 0, G_OPTION_ARG_DOUBLE, &options.format.dpi,
    N_ ("Resolution that the file states, in pixels per inch"), "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print a line of JSON for each iteration"), NULL },
  { NULL }
};

static const GOptionEntry *const shared[] = {
  nst_session_pictures, nst_masks_options,      nst_session_weights, nst_session_fields,
  nst_session_descent,  nst_session_colours,    nst_session_network, nst_record_pictures,
  nst_record_files,     nst_checkpoint_options, nst_picture_options, NULL
};

/* Saves the picture of a run that failed with *error, if there is one, and adds to the message what was
 * saved. */
static void
save_partial (const NstOutcome *outcome, GError **error)
{
  g_autoptr (GError) other = NULL;

  if (outcome->done == 0
      && (g_error_matches (*error, NST_ERROR, NST_ERROR_ARGUMENT)
          || g_error_matches (*error, NST_ERROR, NST_ERROR_FORMAT)))
    return; /* the checkpoint was refused */
  if (outcome->done == 0)
    g_prefix_error (error, _ ("Nothing was saved, because no iteration was completed: "));
  else if (outcome->picture == NULL)
    g_prefix_error (error, _ ("There was not enough memory to save the picture so far: "));
  else if (nst_picture_keep (outcome->picture, options.output, &options.format, &other))
    g_prefix_error (error, _ ("%s holds the picture after iteration %d, scale %d of %d: "), options.output,
                    outcome->done, outcome->status.scale + 1, outcome->status.n_scales);
  else
    g_prefix_error (error, _ ("The picture so far could not be saved (%s): "), other->message);
}

static gboolean
paint (NstSession *session, const NstPlan *plan, GError **error)
{
  g_autofree char          *recipe = nst_recipe_to_json (&session->recipe);
  g_autoptr (NstCheckpoint) checkpoint = NULL;
  g_autoptr (NstRecord)     record = NULL;
  g_autoptr (NstImage)      picture = NULL;
  NstWatch                  watch = { .json = options.json, .func = nst_record_iteration };
  NstOutcome                outcome;
  gboolean                  good;

  if (!nst_checkpoint_new (&checkpoint, error)
      || (record = nst_record_new (options.output, &options.format, plan, error)) == NULL)
    return FALSE;
  options.format.origin = session->origin;
  options.format.recipe = recipe;

  nst_record_continue (record, nst_checkpoint_done (checkpoint), nst_checkpoint_seconds (checkpoint));
  watch.data = record;
  watch.checkpoint = checkpoint;
  good = nst_session_paint (session, &session->recipe, &watch, &outcome, error);
  picture = outcome.picture;
  if (!good)
    {
      save_partial (&outcome, error);
      nst_record_finish (record, NULL);
      return FALSE;
    }
  if (!nst_picture_keep (picture, options.output, &options.format, error))
    {
      nst_record_finish (record, NULL);
      return FALSE;
    }
  nst_checkpoint_remove (checkpoint);
  g_printerr (g_dngettext (GETTEXT_PACKAGE, "%s: %d x %d pixels after %d iteration, %.1f s\n",
                           "%s: %d x %d pixels after %d iterations, %.1f s\n", outcome.done),
              options.output, outcome.status.width, outcome.status.height, outcome.done,
              nst_checkpoint_seconds (checkpoint) + outcome.seconds);

  return nst_record_finish (record, error);
}

/* Reads --print, which needs a resolution. */
static gboolean
check_print (NstPrint *print, GError **error)
{
  if (options.print == NULL)
    return TRUE;
  if (nst_session_has_field ("size"))
    return nst_cli_usage (error, _ ("--print and --size exclude each other"));
  if (options.format.dpi == 0)
    options.format.dpi = NST_PRINT_DPI;

  return nst_print_parse (print, options.print, error);
}

/* Sets the recipe's size for --print. */
static gboolean
apply_print (const NstPrint *print, NstSession *session, GError **error)
{
  const NstImage *content = session->scene->content;
  const double    dpi = options.format.dpi;
  int             width, height;

  if (options.print == NULL)
    return TRUE;
  if (!nst_print_fit (print, dpi, content->width, content->height, &session->recipe.size, error))
    return FALSE;

  session->recipe.enlarge = TRUE;
  nst_image_fit (content->width, content->height, session->recipe.size, &width, &height);
  g_printerr (_ ("The print is %.1f x %.1f %s at %g pixels per inch\n"), width / dpi * print->per_inch,
              height / dpi * print->per_inch, print->unit, dpi);

  return TRUE;
}

static gboolean
run (GError **error)
{
  g_auto (NstSession)  session = { NULL };
  g_autoptr (NstFiles) files = nst_files_new ();
  NstPrint             print;
  NstPlan              plan;

  if (nst_session_content_path () == NULL || nst_session_style_path () == NULL || options.output == NULL)
    return nst_cli_usage (error, _ ("--content FILE, --style FILE and --output FILE are needed"));
  if (!check_print (&print, error) || !nst_picture_check_path (options.output, &options.format, error)
      || !nst_record_check (error) || !nst_session_add_files (files, error)
      || !nst_files_write (files, "--output", options.output, error) || !nst_checkpoint_check (files, error)
      || !nst_record_add_files (files, options.output, error)
      || !nst_session_open (&session, TRUE, TRUE, error) || !apply_print (&print, &session, error)
      || !nst_plan (&plan, session.model, &session.recipe, session.scene->content->width,
                    session.scene->content->height, session.scene, error))
    return FALSE;

  g_printerr (
      g_dngettext (GETTEXT_PACKAGE,
                   "%d x %d pixels, %d scale, %d iterations, at most %.0f MB of memory, model \"%s\"\n",
                   "%d x %d pixels, %d scales, %d iterations, at most %.0f MB of memory, model \"%s\"\n",
                   plan.n_scales),
      plan.width, plan.height, plan.n_scales, plan.iterations, (plan.bytes + nst_record_bytes (&plan)) * 1e-6,
      session.model->name);
  if (plan.tiles > 1)
    g_printerr (_ ("To save memory it is painted in %d tiles\n"), plan.tiles);
  if (plan.disk > 0)
    g_printerr (_ ("What does not fit into memory uses %.1f GB of disk\n"), plan.disk * 1e-9);

  return paint (&session, &plan, error);
}

const NstCommand nst_command_run = { "run", N_ ("Paint one picture in the style of another"), entries, shared,
                                     run };
