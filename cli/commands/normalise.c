/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verb normalise of the command weights: scales a network's parameters by the activations of pictures. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "cli/session.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "picture/picture.h"
#include "weights/model-file.h"
#include "weights/normalise.h"
#include "weights/store.h"

#define LONGEST 512 /* larger pictures are scaled down to this longer side, in pixels */

static struct
{
  char   **operands;
  char    *output, *pictures;
  gboolean half;
} options;

static const GOptionEntry entries[] = {
  { "pictures", 0, 0, G_OPTION_ARG_FILENAME, &options.pictures,
    N_ ("Folder of pictures to measure activations on"), N_ ("FOLDER") },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output, N_ ("The file to write"),
    N_ ("FILE.safetensors") },
  { "half", 0, 0, G_OPTION_ARG_NONE, &options.half, N_ ("Store 16-bit numbers; halves the file size"), NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.operands, NULL, N_ ("NAME|FILE") },
  { NULL }
};

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The paths of all files in a folder, sorted by name; owned by the caller. */
static GPtrArray *
list_folder (const char *path, GError **error)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, error);
  GPtrArray       *files;
  const char      *name;

  if (folder == NULL)
    return NULL;
  files = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (files, g_build_filename (path, name, NULL));
  g_ptr_array_sort (files, compare_names);

  return files;
}

/* Adds one file to the activations and increments *n. A file that is not a picture is skipped with a note. */
static gboolean
add_file (NstActivations *activations, const char *path, int *n, GError **error)
{
  g_autoptr (GError)   other = NULL;
  g_autoptr (NstImage) image = nst_picture_load_for (path, LONGEST, &other);
  g_autoptr (NstImage) small = NULL;
  int                  width, height;

  if (image == NULL)
    {
      g_printerr (_ ("Skipped: %s\n"), other->message);
      return TRUE;
    }
  nst_image_fit (image->width, image->height, MIN (LONGEST, MAX (image->width, image->height)), &width,
                 &height);
  small = nst_image_resize (image, width, height, error);
  if (small == NULL)
    return FALSE;
  if (!nst_activations_add (activations, small, nst_session_cancellable (), error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  ++*n;

  return TRUE;
}

static gboolean
normalise (GError **error)
{
  g_autoptr (NstModel)       model = NULL;
  g_autoptr (NstModel)       normalised = NULL;
  g_autoptr (NstActivations) activations = NULL;
  g_autoptr (GPtrArray)      pictures = NULL;
  g_autoptr (NstFiles)       files = nst_files_new ();
  const char                *operand;
  g_autofree char           *path = NULL;
  int                        n = 0, dead;

  if (!nst_cli_operand (options.operands, _ ("name or file"), TRUE, &operand, error))
    return FALSE;
  if (options.output == NULL || options.pictures == NULL)
    return nst_cli_usage (error, _ ("--pictures FOLDER and --output FILE.safetensors are needed"));
  path = nst_model_path (operand);
  if ((model = nst_model_get (operand, error)) == NULL
      || (activations = nst_activations_new (model, error)) == NULL
      || (pictures = list_folder (options.pictures, error)) == NULL || !nst_file_check (options.output, error)
      || !nst_files_read (files, _ ("the network"), path, error)
      || !nst_files_write (files, "--output", options.output, error))
    return FALSE;
  for (guint i = 0; i < pictures->len; i++)
    if (!nst_files_read (files, _ ("the picture"), g_ptr_array_index (pictures, i), error))
      return FALSE;
  for (guint i = 0; i < pictures->len; i++)
    if (!add_file (activations, g_ptr_array_index (pictures, i), &n, error))
      return FALSE;
  if (n == 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("%s: there is no picture in this folder"),
                   options.pictures);
      return FALSE;
    }

  normalised = nst_activations_normalise (activations, &dead, error);
  if (normalised == NULL || !nst_store_save (normalised, options.output, options.half, error))
    return FALSE;
  g_printerr (_ ("%s: normalised with %d pictures\n"), options.output, n);
  if (dead > 0)
    g_printerr (_ ("Filters with no activation on any picture, left unchanged: %d\n"), dead);

  return TRUE;
}

const NstCommand nst_command_normalise = {
  .name = "normalise",
  .summary = N_ ("Scale the weights so that the mean activation of every filter is 1"),
  .entries = entries,
  .run = normalise,
};
