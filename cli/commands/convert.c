/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs import and convert of the command weights: model files into the user's folder, or into another
 * file. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "cli/list.h"
#include "core/base/text.h"
#include "weights/catalogue.h"
#include "weights/import/import.h"
#include "weights/model-file.h"
#include "weights/store.h"

static struct
{
  char   **operands;
  char    *name, *output;
  char    *order, *scale, *mean, *std, *padding, *pooling;
  gboolean half;
} options;

static const GOptionEntry shared_entries[] = {
  { "half", 0, 0, G_OPTION_ARG_NONE, &options.half, N_ ("Store 16-bit numbers; halves the file size"), NULL },
  { "order", 0, 0, G_OPTION_ARG_STRING, &options.order,
    N_ ("Channel order of the network, overriding the file"), "RGB|BGR" },
  { "scale", 0, 0, G_OPTION_ARG_STRING, &options.scale, N_ ("Factor for pixel values of 0..1, applied first"),
    "S" },
  { "mean", 0, 0, G_OPTION_ARG_STRING, &options.mean,
    N_ ("Subtracted after --scale, in the order of --order"), "M,M,M" },
  { "std", 0, 0, G_OPTION_ARG_STRING, &options.std, N_ ("Divisor, applied last"), "S,S,S" },
  { "padding", 0, 0, G_OPTION_ARG_STRING, &options.padding, N_ ("Padding of all layers"), "zero|replicate" },
  { "pooling", 0, 0, G_OPTION_ARG_STRING, &options.pooling, N_ ("Pooling that the network was trained with"),
    "max|average" },
  { NULL }
};

static const GOptionEntry import_entries[] = {
  { "name", 0, 0, G_OPTION_ARG_STRING, &options.name,
    N_ ("Name to store it under (default: the name of the file)"), N_ ("NAME") },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.operands, NULL, N_ ("FILE") },
  { NULL }
};

static const GOptionEntry convert_entries[] = { { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output,
                                                  N_ ("The file to write"), N_ ("FILE.safetensors") },
                                                { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
                                                  &options.operands, NULL, N_ ("NAME|FILE") },
                                                { NULL } };

static const GOptionEntry *const shared[] = { shared_entries, NULL };

/* Values from the command line; NstImportOptions points to those that were given. */
typedef struct
{
  int        order[3];
  float      scale, mean[3], std[3];
  NstPadding padding;
  NstPooling pooling;
} Overrides;

/* Checks that the option, if given, is one of two words. *second: whether it is the second. */
static gboolean
read_choice (const char *option,
             const char *text,
             const char *first_word,
             const char *second_word,
             gboolean   *second,
             GError    **error)
{
  g_autofree char *found = text != NULL ? nst_text_quote (text) : NULL;

  *second = g_strcmp0 (text, second_word) == 0;

  return text == NULL || *second || strcmp (text, first_word) == 0
         || nst_cli_usage (error, _ ("%s: expected %s or %s, found \"%s\""), option, first_word, second_word,
                           found);
}

static gboolean
read_numbers (const char *option, const char *text, guint n, float *to, GError **error)
{
  g_autoptr (GArray) numbers = nst_list_parse_numbers (option, text, -1e6, 1e6, FALSE, error);

  if (numbers == NULL)
    return FALSE;
  if (numbers->len != n)
    return nst_cli_usage (error,
                          g_dngettext (GETTEXT_PACKAGE, "%s: expected %u number, found %u",
                                       "%s: expected %u numbers, found %u", n),
                          option, n, numbers->len);
  for (guint i = 0; i < n; i++)
    to[i] = g_array_index (numbers, double, i);

  return TRUE;
}

/* Puts the options that were given into own, and pointers to them into import. */
static gboolean
override (Overrides *own, NstImportOptions *import, GError **error)
{
  gboolean bgr, replicate, average;

  if (!read_choice ("--order", options.order, "RGB", "BGR", &bgr, error)
      || !read_choice ("--padding", options.padding, "zero", "replicate", &replicate, error)
      || !read_choice ("--pooling", options.pooling, "max", "average", &average, error)
      || (options.scale != NULL && !read_numbers ("--scale", options.scale, 1, &own->scale, error))
      || (options.mean != NULL && !read_numbers ("--mean", options.mean, 3, own->mean, error))
      || (options.std != NULL && !read_numbers ("--std", options.std, 3, own->std, error)))
    return FALSE;

  for (int i = 0; i < 3; i++)
    own->order[i] = bgr ? 2 - i : i;
  own->padding = replicate ? NST_PADDING_REPLICATE : NST_PADDING_ZERO;
  own->pooling = average ? NST_POOLING_AVERAGE : NST_POOLING_MAX;
  if (options.order != NULL)
    import->order = own->order;
  if (options.scale != NULL)
    import->scale = &own->scale;
  if (options.mean != NULL)
    import->mean = own->mean;
  if (options.std != NULL)
    import->std = own->std;
  if (options.padding != NULL)
    import->padding = &own->padding;
  if (options.pooling != NULL)
    import->pooling = &own->pooling;

  return TRUE;
}

/* "folder/vgg19-dcbb9e9d.pth" -> "vgg19-dcbb9e9d" */
static char *
name_from_path (const char *path)
{
  char *base = g_path_get_basename (path), *dot = strrchr (base, '.');

  if (dot != NULL && dot != base)
    *dot = '\0';

  return base;
}

static gboolean
import (GError **error)
{
  g_autofree char         *name = NULL;
  g_autofree char         *path = NULL;
  g_autoptr (GPtrArray)    catalogue = NULL;
  g_autoptr (NstModel)     model = NULL;
  g_autoptr (NstFiles)     files = nst_files_new ();
  g_autofree char         *folder = nst_store_folder ();
  g_autofree char         *stored = NULL;
  const NstCatalogueEntry *entry;
  NstImportOptions         known = { NULL };
  Overrides                own;
  const char              *operand;

  if (!nst_cli_operand (options.operands, _ ("file"), TRUE, &operand, error)
      || (catalogue = nst_catalogue_new (error)) == NULL)
    return FALSE;
  name = options.name != NULL ? g_strdup (options.name) : name_from_path (operand);
  known.name = name;
  entry = nst_catalogue_find (catalogue, name);
  if (entry != NULL)
    nst_catalogue_options (entry, &known);
  if (!override (&own, &known, error))
    return FALSE;
  stored = g_strconcat (name, ".safetensors", NULL);
  if (!nst_store_check (name, error) || !nst_files_read (files, _ ("the network"), operand, error)
      || !nst_files_write_in (files, "--name", folder, stored, error))
    return FALSE;
  model = nst_model_import (operand, &known, NULL, error);
  if (model == NULL || !nst_store_add (model, name, options.half, &path, error))
    return FALSE;
  g_print (_ ("%s: use it with --model %s\n"), path, name);

  return TRUE;
}

static gboolean
convert (GError **error)
{
  g_autoptr (NstModel) model = NULL;
  g_autoptr (NstFiles) files = nst_files_new ();
  NstImportOptions     import = { NULL };
  Overrides            own;
  const char          *operand;
  g_autofree char     *path = NULL;

  if (!nst_cli_operand (options.operands, _ ("name or file"), TRUE, &operand, error))
    return FALSE;
  if (options.output == NULL)
    return nst_cli_usage (error, _ ("--output FILE.safetensors is needed"));
  path = g_file_test (operand, G_FILE_TEST_IS_REGULAR) ? g_strdup (operand) : nst_model_path (operand);
  if (!nst_files_read (files, _ ("the network"), path, error)
      || !nst_files_write (files, "--output", options.output, error) || !override (&own, &import, error))
    return FALSE;
  if (g_file_test (operand, G_FILE_TEST_IS_REGULAR))
    model = nst_model_import (operand, &import, NULL, error);
  else if ((model = nst_model_get (operand, error)) != NULL)
    nst_import_options_apply (&import, model);

  return model != NULL && nst_store_save (model, options.output, options.half, error);
}

const NstCommand nst_command_import = {
  .name = "import",
  .summary = N_ ("Store a model file as a network of your own"),
  .entries = import_entries,
  .shared = shared,
  .run = import,
};

const NstCommand nst_command_convert = {
  .name = "convert",
  .summary = N_ ("Write a network or a model file as a safetensors file"),
  .entries = convert_entries,
  .shared = shared,
  .run = convert,
};
