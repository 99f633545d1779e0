/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command batch: paints all pairs of a folder or a list; resumes after an interruption. */
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/list.h"
#include "cli/pairs.h"
#include "cli/record.h"
#include "cli/session.h"
#include "core/base/text.h"
#include "picture/picture.h"
#include "weights/model-file.h"
#include "weights/store.h"

#define LONGEST_NAME 400 /* characters of a file's name in the list of failures */

static struct
{
  char   **folders;
  char    *pairs, *output, *crop, *format;
  NstDepth depth;
  gboolean again;
} options = { .format = (char *) "png" };

static gboolean
set_depth (const char *option G_GNUC_UNUSED, const char *value, gpointer data G_GNUC_UNUSED, GError **error)
{
  return nst_depth_parse (value, &options.depth, error);
}

static const GOptionEntry entries[] = {
  { "pairs", 0, 0, G_OPTION_ARG_FILENAME, &options.pairs,
    N_ ("File with a content and a style on each line, instead of a folder"), N_ ("FILE") },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output,
    N_ ("Folder for the results: gen_0, gen_1 ... and index.tsv, which lists them"), N_ ("FOLDER") },
  { "format", 0, 0, G_OPTION_ARG_STRING, &options.format, N_ ("Format of the results (default: png)"),
    "png|jpg|tif|webp" },
  { "depth", 0, 0, G_OPTION_ARG_CALLBACK, set_depth, N_ ("Bits per channel (default: those of each content)"),
    "8|16|float" },
  { "crop", 0, 0, G_OPTION_ARG_STRING, &options.crop,
    N_ ("Scale and crop all pictures to this size; \"common\": the smallest width and height of all contents "
        "(default for a folder); \"none\": leave them as they are (default for --pairs)"),
    "WxH|common|none" },
  { "again", 0, 0, G_OPTION_ARG_NONE, &options.again, N_ ("Also paint results that are up to date"), NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.folders, NULL, N_ ("FOLDER") },
  { NULL }
};

static const GOptionEntry *const shared[] = { nst_session_weights,
                                              nst_session_fields,
                                              nst_session_descent,
                                              nst_session_colours,
                                              nst_session_network,
                                              nst_record_pictures,
                                              NULL };

typedef struct
{
  NstSession session;
  NstFiles  *files;         /* owned; holds the lock of the output folder */
  GArray    *pairs;         /* owned; of NstPair */
  GString   *others;        /* owned; lines of the index about pairs that are not in this batch */
  char      *settings;      /* owned; everything except its two files that a result depends on */
  int        width, height; /* pictures are cropped to this size; 0: not cropped */
  int        painted, skipped;
  GPtrArray *failures; /* owned; a text for each failure, owned */
} Batch;

static void
batch_clear (Batch *batch)
{
  nst_session_clear (&batch->session);
  g_clear_pointer (&batch->files, nst_files_free);
  g_clear_pointer (&batch->pairs, g_array_unref);
  g_string_free (batch->others, TRUE);
  g_ptr_array_unref (batch->failures);
  g_free (batch->settings);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Batch, batch_clear)

/* Sets the size for --crop common: the smallest width and the smallest height of all contents that can be
 * read, scaled down to the recipe's size. */
static void
find_common_size (Batch *batch)
{
  const int size = batch->session.recipe.size;

  for (guint i = 0; i < batch->pairs->len; i++)
    {
      const char *path = g_array_index (batch->pairs, NstPair, i).content;
      int         width, height;

      if ((i > 0 && strcmp (path, g_array_index (batch->pairs, NstPair, i - 1).content) == 0)
          || !nst_picture_size (path, &width, &height, NULL))
        continue;
      batch->width = batch->width > 0 ? MIN (batch->width, width) : width;
      batch->height = batch->height > 0 ? MIN (batch->height, height) : height;
    }
  if (batch->width > 0 && size > 0 && MAX (batch->width, batch->height) > size)
    nst_image_fit (batch->width, batch->height, size, &batch->width, &batch->height);
}

static gboolean
find_size (Batch *batch, GError **error)
{
  const char *crop = options.crop != NULL ? options.crop : options.pairs != NULL ? "none" : "common";
  int         used = 0;

  if (strcmp (crop, "none") == 0)
    return TRUE;
  if (strcmp (crop, "common") == 0)
    find_common_size (batch);
  else if (sscanf (crop, "%5dx%5d%n", &batch->width, &batch->height, &used) != 2 || crop[used] != '\0'
           || MIN (batch->width, batch->height) < 16 || MAX (batch->width, batch->height) > 32768)
    {
      g_autofree char *found = nst_text_quote (crop);

      return nst_cli_usage (error,
                            _ ("--crop: expected WIDTHxHEIGHT (from 16 to 32768), \"common\" or \"none\", "
                               "found \"%s\""),
                            found);
    }
  batch->session.recipe.enlarge = FALSE; /* the pictures have their size already */

  return TRUE;
}

/* The path of a result, owned. */
static char *
result_path (const NstPair *pair)
{
  g_autofree char *name = g_strdup_printf ("gen_%d.%s", pair->number, options.format);

  return g_build_filename (options.output, name, NULL);
}

static gboolean
add_files (const Batch *batch, GError **error)
{
  const NstPair *const pairs = (const NstPair *) batch->pairs->data;

  if (!nst_session_add_files (batch->files, error)
      || !nst_files_read (batch->files, "--pairs", options.pairs, error)
      || !nst_files_write_in (batch->files, _ ("the index"), options.output, "index.tsv", error))
    return FALSE;
  for (guint i = 0; i < batch->pairs->len; i++)
    {
      g_autofree char *path = result_path (&pairs[i]);

      if (!nst_files_read (batch->files, _ ("the content"), pairs[i].content, error)
          || !nst_files_read (batch->files, _ ("the style"), pairs[i].style, error)
          || !nst_files_write (batch->files, _ ("the result"), path, error))
        return FALSE;
    }
  for (guint i = 0; i < batch->pairs->len; i++)
    {
      g_autofree char *path = result_path (&pairs[i]);

      if (!nst_record_add_files (batch->files, path, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
prepare (Batch *batch, GError **error)
{
  g_autofree char *name = g_strconcat ("x.", options.format, NULL);
  g_autofree char *probe = NULL;
  g_autofree char *recipe = NULL;
  g_autofree char *model = NULL;
  g_autofree char *start = NULL;

  if ((options.folders == NULL) == (options.pairs == NULL)
      || (options.folders != NULL && g_strv_length (options.folders) != 1))
    return nst_cli_usage (error, _ ("Give one folder, or a list with --pairs FILE"));
  if (options.output == NULL)
    return nst_cli_usage (error, _ ("--output FOLDER is needed"));
  if (!nst_picture_is_extension (options.format))
    {
      g_autofree char *found = nst_text_quote (options.format);

      return nst_cli_usage (error, _ ("--format: expected png, jpg, tif or webp, found \"%s\""), found);
    }
  batch->pairs = options.pairs != NULL ? nst_pairs_from_list (options.pairs, error)
                                       : nst_pairs_from_folder (options.folders[0], error);
  if (batch->pairs == NULL || !nst_record_check (error)
      || !nst_files_lock_folder (batch->files, options.output, error)
      || !nst_session_open (&batch->session, FALSE, FALSE, error) || !find_size (batch, error))
    return FALSE;

  probe = g_build_filename (options.output, name, NULL);
  recipe = nst_recipe_to_json (&batch->session.recipe);
  /* Another network or start picture may come under the same name. */
  model = nst_model_sum (batch->session.model);
  if (nst_session_start_path () != NULL
      && (start = nst_store_sum (nst_session_start_path (), G_CHECKSUM_SHA256, error)) == NULL)
    return FALSE;
  batch->settings = g_strdup_printf ("%s %s %s %dx%d depth %d", recipe, model, start != NULL ? start : "",
                                     batch->width, batch->height, options.depth);

  return nst_picture_check_path (probe, &(NstPictureFormat){ .depth = options.depth }, error)
         && nst_pairs_number (batch->pairs, options.output, batch->others, error) && add_files (batch, error);
}

/* Loads a picture, cropped and scaled as --crop wants. scale: it is used at this size, relative to that of
 * the result. origin: what else the file holds; or NULL. */
static NstImage *
load (const Batch *batch, const char *path, double scale, NstOrigin **origin, GError **error)
{
  const int            side = batch->width > 0 ? MAX (batch->width, batch->height)
                                               : nst_session_side (&batch->session.recipe, scale);
  g_autoptr (NstImage) image = origin != NULL ? nst_picture_load_content (path, side, origin, error)
                                              : nst_picture_load_for (path, side, error);
  g_autoptr (NstImage) middle = NULL;

  if (image == NULL || batch->width == 0)
    return g_steal_pointer (&image);
  middle = nst_image_crop_to_proportions (image, batch->width, batch->height, error);
  if (middle == NULL)
    return NULL;
  if (origin != NULL)
    nst_origin_crop (*origin, middle);

  return nst_image_resize (middle, batch->width, batch->height, error);
}

static gboolean
paint (Batch *batch, const NstPair *pair, const char *path, const char *label, GError **error)
{
  NstSession           *session = &batch->session;
  const double          style_scale = MAX (session->recipe.style_scale, 1);
  g_autofree char      *recipe = nst_recipe_to_json (&session->recipe);
  g_autoptr (NstOrigin) origin = NULL;
  g_autoptr (NstRecord) record = NULL;
  g_autoptr (NstImage)  picture = NULL;
  NstWatch              watch = { .label = label, .func = nst_record_iteration };
  NstOutcome            outcome;
  g_autoptr (NstImage)  content = load (batch, pair->content, 1, &origin, error);
  g_autoptr (NstImage)  style = content != NULL ? load (batch, pair->style, style_scale, NULL, error) : NULL;
  NstPictureFormat      format = { .depth = options.depth, .origin = origin, .recipe = recipe };
  NstPlan               plan;
  gboolean              good;

  if (style == NULL)
    return FALSE;

  nst_scene_set_content (session->scene, content);
  nst_scene_remove_styles (session->scene);
  if (!nst_scene_add_style (session->scene, style, 1, error)
      || !nst_plan (&plan, session->model, &session->recipe, content->width, content->height, session->scene,
                    error)
      || (record = nst_record_new (path, &format, &plan, error)) == NULL)
    return FALSE;

  watch.data = record;
  good = nst_session_paint (session, &session->recipe, &watch, &outcome, error);
  picture = outcome.picture;

  return good && nst_picture_keep (picture, path, &format, error) && nst_record_finish (record, error);
}

/* Paints one pair and records it in the index, unless its result exists and has the same checksum. */
static gboolean
process_pair (Batch *batch, guint i, GError **error)
{
  NstPair         *pair = &g_array_index (batch->pairs, NstPair, i);
  g_autofree char *path = result_path (pair);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *label = g_strdup_printf ("%u/%u %s", i + 1, batch->pairs->len, name);
  g_autofree char *sum = nst_pairs_sum (pair, batch->settings, error);

  if (sum == NULL)
    return FALSE;
  if (!options.again && g_strcmp0 (sum, pair->made_of) == 0 && g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      batch->skipped++;
      return TRUE;
    }

  /* If painting is interrupted, the index must not claim that the old result is up to date. */
  g_clear_pointer (&pair->made_of, g_free);
  if (!nst_pairs_write_index (batch->pairs, batch->others, options.output, error)
      || !paint (batch, pair, path, label, error))
    return FALSE;
  pair->made_of = g_steal_pointer (&sum);
  batch->painted++;

  return nst_pairs_write_index (batch->pairs, batch->others, options.output, error);
}

static gboolean
run (GError **error)
{
  g_auto (Batch) batch = { .files = nst_files_new (),
                           .others = g_string_new (NULL),
                           .failures = g_ptr_array_new_with_free_func (g_free) };

  if (!prepare (&batch, error))
    return FALSE;

  for (guint i = 0; i < batch.pairs->len; i++)
    {
      const NstPair     *pair = &g_array_index (batch.pairs, NstPair, i);
      g_autofree char   *content = NULL, *style = NULL, *message = NULL;
      g_autoptr (GError) own = NULL;

      if (process_pair (&batch, i, &own))
        continue;
      if (g_error_matches (own, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_prefixed_error (error, g_steal_pointer (&own),
                                      _ ("%d painted, %u not yet; run the same command again to continue: "),
                                      batch.painted, batch.pairs->len - i);
          return FALSE;
        }
      content = nst_text_cut_middle (pair->content, LONGEST_NAME);
      style = nst_text_cut_middle (pair->style, LONGEST_NAME);
      message = nst_text_cut_middle (own->message, NST_CLI_LONGEST);
      g_printerr (_ ("gen_%d: %s\n"), pair->number, message);
      g_ptr_array_add (batch.failures,
                       g_strdup_printf (_ ("gen_%d, %s with %s: %s"), pair->number, content, style, message));
    }

  g_printerr (_ ("%s: %d painted, %d up to date, %u failed\n"), options.output, batch.painted, batch.skipped,
              batch.failures->len);
  if (batch.failures->len == 0)
    return TRUE;
  for (guint i = 0; i < batch.failures->len; i++)
    g_printerr ("  %s\n", (const char *) g_ptr_array_index (batch.failures, i));
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("%u of %u pictures failed"), batch.failures->len,
               batch.pairs->len);

  return FALSE;
}

const NstCommand nst_command_batch = {
  "batch", N_ ("Paint every content of a folder in every style of the folder, or a list of pairs"), entries,
  shared, run
};
