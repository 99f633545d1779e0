/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "core/nst-error.h"
#include "nst-list.h"
#include "nst-picture.h"
#include "nst-session.h"
#include "weights/nst-catalogue.h"
#include "weights/nst-fetch.h"
#include "weights/nst-model-file.h"
#include "weights/nst-normalise.h"
#include "weights/nst-store.h"

#define PATIENCE 60     /* seconds without a byte */
#define LONGEST 512     /* side of the pictures that weights are normalised by */

static struct
{
  char   **operands;
  char    *name, *output, *sum, *pictures;
  char    *order, *scale, *mean, *std, *padding, *pooling;
  gboolean half, keep;
  int      patience;
} options = { .patience = PATIENCE };

static const GOptionEntry entries[] = {
  { "name", 0, 0, G_OPTION_ARG_STRING, &options.name, "import: under this name; by default the file's own", "NAME" },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output, "convert, normalise: the file to write", "FILE.safetensors" },
  { "half", 0, 0, G_OPTION_ARG_NONE, &options.half, "fetch, import, convert, normalise: as 16-bit numbers, half the size", NULL },
  { "order", 0, 0, G_OPTION_ARG_STRING, &options.order, "import, convert: the network's order of colours, whatever the file says", "RGB|BGR" },
  { "scale", 0, 0, G_OPTION_ARG_STRING, &options.scale, "import, convert: what values of 0..1 are multiplied with first", "S" },
  { "mean", 0, 0, G_OPTION_ARG_STRING, &options.mean, "import, convert: what is subtracted then, in the order of --order", "M,M,M" },
  { "std", 0, 0, G_OPTION_ARG_STRING, &options.std, "import, convert: what is divided by at last", "S,S,S" },
  { "padding", 0, 0, G_OPTION_ARG_STRING, &options.padding, "import, convert: of all layers", "zero|replicate" },
  { "pooling", 0, 0, G_OPTION_ARG_STRING, &options.pooling, "import, convert: what it was trained with", "max|average" },
  { "pictures", 0, 0, G_OPTION_ARG_FILENAME, &options.pictures, "normalise: by all pictures in this folder", "FOLDER" },
  { "keep", 0, 0, G_OPTION_ARG_NONE, &options.keep, "fetch: keep the file as it was published, too", NULL },
  { "sha256", 0, 0, G_OPTION_ARG_STRING, &options.sum, "fetch: the sum of the file, where none is published", "SUM" },
  { "patience", 0, 0, G_OPTION_ARG_INT, &options.patience, "fetch: seconds without a byte before an address is given up", "S" },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.operands, NULL,
    "list | info NAME|FILE | fetch NAME | import FILE | convert FILE | normalise NAME|FILE | verify [NAME] | remove NAME" },
  { NULL }
};

/* list */

static gboolean
list (const char *operand G_GNUC_UNUSED,
      GError    **error)
{
  g_autoptr (GPtrArray) catalogue = nst_catalogue_new (error);
  g_auto (GStrv)        names = nst_store_list ();

  if (catalogue == NULL)
    return FALSE;

  g_print ("There now (--model NAME):\n  %-24s the one in the program\n", "slim");
  for (int i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = nst_store_find (names[i]);

      g_print ("  %-24s %s\n", names[i], path);
    }
  g_print ("\nTo be fetched (pastiche weights fetch NAME), and only when you say so:\n");
  for (guint i = 0; i < catalogue->len; i++)
    {
      const NstCatalogueEntry *entry = g_ptr_array_index (catalogue, i);

      if (!g_strv_contains ((const char *const *) names, entry->name))
        g_print ("  %-24s %4.0f MB  %s%s\n", entry->name, entry->megabytes, entry->title,
                 entry->sum != NULL ? "" : " (no sum is published: give one with --sha256, or import the file)");
    }

  return TRUE;
}

/* info */

static void
print_model (const NstModel *model)
{
  static const char *const colours[] = { "R", "G", "B" };
  gsize                    numbers = 0;

  g_print ("Model     %s\n", model->name);
  if (model->source != NULL)
    g_print ("Source    %s\n", model->source);
  if (model->licence != NULL)
    g_print ("Licence   %s\n", model->licence);
  g_print ("Input     %s%s%s times %g, minus %g %g %g, over %g %g %g\n", colours[model->order[0]], colours[model->order[1]],
           colours[model->order[2]], model->scale, model->mean[0], model->mean[1], model->mean[2], model->std[0], model->std[1],
           model->std[2]);
  g_print ("Pooling   %s\n", model->pooling == NST_POOLING_MAX ? "max" : "average");
  g_print ("Layers   ");
  for (int i = 0; i < model->n_layers; i++)
    {
      const NstLayer *layer = &model->layers[i];

      if (layer->kind != NST_LAYER_CONV)
        continue;
      g_print (" %s %d", layer->name, layer->out_channels);
      if (layer->head_channels > 0)
        g_print (" (head %d)", layer->head_channels);
      numbers += (gsize) layer->out_channels * (layer->in_channels * 9 + 1) + (gsize) layer->head_channels * (layer->out_channels + 1);
    }
  g_print ("\nMemory    %.1f MB\n", numbers * 4e-6);
}

static void
print_entry (const NstCatalogueEntry *entry)
{
  g_print ("%s: %s\nFile      %s, about %.0f MB\nLicence   %s\n", entry->name, entry->title, entry->file, entry->megabytes, entry->licence);
  g_print ("Sum       %s\n", entry->sum == NULL ? "none is published"
           : entry->sum_type == G_CHECKSUM_MD5 ? "MD5" : strlen (entry->sum) < 64 ? "the first digits of the SHA-256" : "SHA-256");
  if (entry->sum != NULL)
    g_print ("          %s%s%s\n", entry->sum, entry->sum_by != NULL ? ", published by " : "", entry->sum_by != NULL ? entry->sum_by : "");
  for (int i = 0; entry->addresses[i] != NULL; i++)
    g_print ("Address   %s\n", entry->addresses[i]);
}

static gboolean
info (const char *operand,
      GError    **error)
{
  g_autoptr (GPtrArray)    catalogue = nst_catalogue_new (error);
  g_autoptr (NstModel)     model = NULL;
  g_autoptr (GError)       missing = NULL;
  const NstCatalogueEntry *entry;

  if (catalogue == NULL)
    return FALSE;
  entry = nst_catalogue_find (catalogue, operand);
  if (entry != NULL)
    print_entry (entry);
  model = nst_model_get (operand, &missing);
  if (model != NULL)
    print_model (model);
  else if (entry == NULL)
    g_propagate_error (error, g_steal_pointer (&missing));
  else
    g_print ("It is not there: \"pastiche weights fetch %s\" gets it\n", entry->name);

  return model != NULL || entry != NULL;
}

/* fetch, import, convert */

static gboolean
keep_model (NstModel   *model,
            const char *name,
            GError    **error)
{
  g_autofree char *path = NULL;

  if (!nst_store_add (model, name, options.half, &path, error))
    return FALSE;
  g_print ("%s: use it as --model %s\n", path, name);

  return TRUE;
}

static void
show_bytes (guint64  bytes,
            guint64  whole,
            gpointer data)
{
  gint64 *shown = data, now = g_get_monotonic_time ();

  if (now - *shown < G_USEC_PER_SEC / 4 || !isatty (STDERR_FILENO))
    return;
  *shown = now;
  if (whole > 0)
    g_printerr ("\r%.1f of %.1f MB, %.0f %% ", bytes * 1e-6, whole * 1e-6, 100.0 * bytes / whole);
  else
    g_printerr ("\r%.1f MB ", bytes * 1e-6);
}

static gboolean
fetch (const char *operand,
       GError    **error)
{
  g_autoptr (GPtrArray)    catalogue = nst_catalogue_new (error);
  g_autofree char         *path = NULL;
  const NstCatalogueEntry *entry;
  NstFetchOptions          how = { options.sum, options.half, options.keep, options.patience };
  gint64                   shown = 0;
  gboolean                 good;

  if (catalogue == NULL)
    return FALSE;
  entry = nst_catalogue_find (catalogue, operand);
  if (entry == NULL)
    return nst_cli_usage (error, "The catalogue has no \"%s\"; \"pastiche weights list\" says what it has", operand);
  if (options.patience < 1)
    return nst_cli_usage (error, "--patience: expected a number of seconds from 1, found %d", options.patience);
  if (options.sum != NULL && (strlen (options.sum) != 64 || strspn (options.sum, "0123456789abcdef") != 64))
    return nst_cli_usage (error, "--sha256: expected 64 digits from 0 to 9 and a to f, found \"%s\"", options.sum);

  g_printerr ("%s, about %.0f MB, from %s\n", entry->file, entry->megabytes, entry->addresses[0]);
  good = nst_fetch (entry, &how, show_bytes, &shown, nst_session_cancellable (), &path, error);
  if (shown > 0)
    g_printerr ("\n");
  if (good)
    g_print ("%s: use it as --model %s\n", path, entry->name);

  return good;
}

/* What the command line says of a file, beside or instead of what it says itself. */
typedef struct
{
  int        order[3];
  float      scale, mean[3], std[3];
  NstPadding padding;
  NstPooling pooling;
} Overrides;

/* FALSE unless the option, if given, is one of two words; *second: whether it is the second. */
static gboolean
read_choice (const char *option,
             const char *text,
             const char *first_word,
             const char *second_word,
             gboolean   *second,
             GError    **error)
{
  *second = g_strcmp0 (text, second_word) == 0;

  return text == NULL || *second || strcmp (text, first_word) == 0 ||
         nst_cli_usage (error, "%s: expected %s or %s, found \"%s\"", option, first_word, second_word, text);
}

static gboolean
read_numbers (const char *option,
              const char *text,
              guint       n,
              float      *to,
              GError    **error)
{
  g_autoptr (GArray) numbers = nst_list_parse_numbers (option, text, -1e6, 1e6, FALSE, error);

  if (numbers == NULL)
    return FALSE;
  if (numbers->len != n)
    return nst_cli_usage (error, "%s: expected %u %s, found %u", option, n, n == 1 ? "number" : "numbers", numbers->len);
  for (guint i = 0; i < n; i++)
    to[i] = g_array_index (numbers, double, i);

  return TRUE;
}

static gboolean
override (Overrides        *own,
          NstImportOptions *import,
          GError          **error)
{
  gboolean bgr, replicate, average;

  if (!read_choice ("--order", options.order, "RGB", "BGR", &bgr, error) ||
      !read_choice ("--padding", options.padding, "zero", "replicate", &replicate, error) ||
      !read_choice ("--pooling", options.pooling, "max", "average", &average, error) ||
      (options.scale != NULL && !read_numbers ("--scale", options.scale, 1, &own->scale, error)) ||
      (options.mean != NULL && !read_numbers ("--mean", options.mean, 3, own->mean, error)) ||
      (options.std != NULL && !read_numbers ("--std", options.std, 3, own->std, error)))
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

/* "folder/vgg19-dcbb9e9d.pth" is "vgg19-dcbb9e9d". */
static char *
own_name (const char *path)
{
  char *base = g_path_get_basename (path), *dot = strrchr (base, '.');

  if (dot != NULL && dot != base)
    *dot = '\0';

  return base;
}

static gboolean
import (const char *operand,
        GError    **error)
{
  g_autofree char         *name = options.name != NULL ? g_strdup (options.name) : own_name (operand);
  g_autoptr (GPtrArray)    catalogue = nst_catalogue_new (error);
  g_autoptr (NstModel)     model = NULL;
  const NstCatalogueEntry *entry;
  NstImportOptions         known = { .name = name };
  Overrides                own;

  if (catalogue == NULL)
    return FALSE;
  entry = nst_catalogue_find (catalogue, name);
  if (entry != NULL)
    nst_catalogue_options (entry, &known);
  if (!override (&own, &known, error))
    return FALSE;
  model = nst_model_import (operand, &known, error);

  return model != NULL && keep_model (model, name, error);
}

static gboolean
convert (const char *operand,
         GError    **error)
{
  g_autoptr (NstModel) model = NULL;
  NstImportOptions     import = { NULL };
  Overrides            own;

  if (options.output == NULL)
    return nst_cli_usage (error, "convert: --output FILE.safetensors says where to write");
  if (!override (&own, &import, error))
    return FALSE;
  model = g_file_test (operand, G_FILE_TEST_IS_REGULAR) ? nst_model_import (operand, &import, error) : nst_model_get (operand, error);

  return model != NULL && nst_model_save (model, options.output, options.half, error);
}

/* normalise */

static int
compare_names (const void *a,
               const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The pictures of a folder in the order of their names; owned. */
static GPtrArray *
list_folder (const char *path,
             GError    **error)
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
look_at (NstActivations *activations,
         const char     *path,
         int            *n,
         GError        **error)
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
  nst_image_fit (image->width, image->height, MIN (LONGEST, MAX (image->width, image->height)), &width, &height);
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
normalise (const char *operand,
           GError    **error)
{
  g_autoptr (NstModel)       model = NULL;
  g_autoptr (NstModel)       normalised = NULL;
  g_autoptr (NstActivations) activations = NULL;
  g_autoptr (GPtrArray)      files = NULL;
  int                        n = 0, dead;

  if (options.output == NULL || options.pictures == NULL)
    return nst_cli_usage (error, "normalise: --pictures FOLDER and --output FILE.safetensors are needed");
  if ((model = nst_model_get (operand, error)) == NULL || (activations = nst_activations_new (model, error)) == NULL ||
      (files = list_folder (options.pictures, error)) == NULL)
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

/* verify, remove */

static gboolean
verify_one (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *sum = NULL;
  gboolean           good = nst_store_verify (path, &sum, &error);

  if (good)
    g_print ("good  %s  SHA-256 %s\n", path, sum);
  else
    g_print ("BAD   %s\n", error->message);

  return good;
}

static gboolean
verify (const char *operand,
        GError    **error)
{
  g_auto (GStrv) names = nst_store_list ();
  g_autofree char *path = NULL;
  int              bad = 0, n = 0;

  if (operand != NULL)
    {
      if (nst_store_is_name (operand))
        path = nst_store_find (operand);
      if (path == NULL && g_file_test (operand, G_FILE_TEST_EXISTS))
        path = g_strdup (operand);
      if (path == NULL)
        return nst_cli_usage (error, "There is no model \"%s\"; \"pastiche weights list\" says which there are", operand);
      n = 1;
      bad = !verify_one (path);
    }
  else
    for (; names[n] != NULL; n++)
      {
        g_autofree char *file = nst_store_find (names[n]);

        bad += file == NULL || !verify_one (file);
      }
  if (n == 0)
    g_print ("There are no models but the one in the program\n");
  if (bad > 0)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, "%d of %d models did not verify", bad, n);

  return bad == 0;
}

static gboolean
drop (const char *operand,
      GError    **error)
{
  return nst_store_remove (operand, error);
}

/* The verbs */

static gboolean
run (GError **error)
{
  static const struct { const char *name; int least, most; gboolean (*run) (const char *, GError **); } verbs[] = {
    { "list", 0, 0, list }, { "info", 1, 1, info }, { "fetch", 1, 1, fetch }, { "import", 1, 1, import },
    { "convert", 1, 1, convert }, { "normalise", 1, 1, normalise }, { "verify", 0, 1, verify }, { "remove", 1, 1, drop },
  };
  int n = options.operands != NULL ? (int) g_strv_length (options.operands) - 1 : -1;

  if (n < 0)
    return nst_cli_usage (error, "weights: expected list, info, fetch, import, convert, normalise, verify or remove");
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (options.operands[0], verbs[i].name) == 0)
      {
        if (n < verbs[i].least || n > verbs[i].most)
          return nst_cli_usage (error, "weights %s: expected %s, found %d", verbs[i].name,
                                verbs[i].most == 0 ? "nothing after it" : verbs[i].least == 0 ? "at most one name" : "one name or file", n);
        return verbs[i].run (n > 0 ? options.operands[1] : NULL, error);
      }

  return nst_cli_usage (error, "weights: there is no \"%s\"; expected list, info, fetch, import, convert, normalise, verify or remove",
                        options.operands[0]);
}

const NstCommand nst_command_weights = { "weights", "List, fetch, import and check networks", entries, NULL, run };
