/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "cli/cli.h"
#include "cli/picture.h"
#include "cli/session.h"
#include "core/base/error.h"
#include "weights/model-file.h"
#include "weights/normalise.h"

#define LONGEST 512 /* side of the pictures that weights are normalised by */

static struct
{
  char   **operands;
  char    *output, *pictures;
  gboolean half;
} options;

static const GOptionEntry entries[] = {
  { "pictures", 0, 0, G_OPTION_ARG_FILENAME, &options.pictures, "By all pictures in this folder", "FOLDER" },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output, "The file to write", "FILE.safetensors" },
  { "half", 0, 0, G_OPTION_ARG_NONE, &options.half, "Write 16-bit numbers, half the size", NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.operands, NULL, "NAME|FILE" },
  { NULL }
};

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The pictures of a folder in the order of their names; owned. */
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

/* Look at one file, at most LONGEST pixels long. A file that is no picture is passed over, with a note. */
static gboolean
look_at (NstActivations *activations, const char *path, int *n, GError **error)
{
  g_autoptr (GError)   other = NULL;
  g_autoptr (NstImage) image = nst_picture_load (path, &other);
  g_autoptr (NstImage) small = NULL;
  int                  width, height;

  if (image == NULL)
    {
      g_printerr ("Passed over: %s\n", other->message);
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
  g_autoptr (GPtrArray)      files = NULL;
  const char                *operand;
  int                        n = 0, dead;

  if (!nst_cli_operand (options.operands, "name or file", TRUE, &operand, error))
    return FALSE;
  if (options.output == NULL || options.pictures == NULL)
    return nst_cli_usage (error, "normalise: --pictures FOLDER and --output FILE.safetensors are needed");
  if ((model = nst_model_get (operand, error)) == NULL
      || (activations = nst_activations_new (model, error)) == NULL
      || (files = list_folder (options.pictures, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    if (!look_at (activations, g_ptr_array_index (files, i), &n, error))
      return FALSE;
  if (n == 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, "%s: there is no picture in it", options.pictures);
      return FALSE;
    }

  normalised = nst_activations_normalise (activations, &dead, error);
  if (normalised == NULL || !nst_model_save (normalised, options.output, options.half, error))
    return FALSE;
  g_printerr ("%s: normalised by %d pictures\n", options.output, n);
  if (dead > 0)
    g_printerr ("%d filters answered to none of them and were left as they are\n", dead);

  return TRUE;
}

const NstCommand nst_command_normalise = {
  .name = "normalise",
  .summary = "Scale weights so that every filter's mean activation is 1",
  .entries = entries,
  .run = normalise
};
