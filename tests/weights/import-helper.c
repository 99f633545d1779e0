/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Imports files and prints what was read, for the Python tests. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/process.h"
#include "core/base/tensor.h"
#include "core/network/network.h"
#include "weights/import/import.h"
#include "weights/model-file.h"

/* Commands for test-import.py; each prints a line of JSON for each file.
 *
 *   import [--WHAT VALUE]... FILE...   Import with options. WHAT: name, order, scale, mean, std (numbers with
 *                                      commas between them), padding, pooling
 *     --features LAYER --features PICTURE --features OUT
 *                                      Write the features of the last file, positions x channels, to OUT.
 *                                      PICTURE: 40 x 48 x 3 floats
 *     --save OUT, --save-half OUT      Convert the last file
 *   truncate FILE                      Cut the file off at each byte. The result must load or fail with
 *                                      NST_ERROR_FORMAT
 *   flip FILE                          Change one bit of each byte in turn. The result must load or fail with
 *                                      an NST_ERROR */

#define HEIGHT 40
#define WIDTH 48

static char *name, *order, *scale, *mean, *std, *padding, *pooling, *save, *save_half, **features;

static const GOptionEntry entries[] = { { "name", 0, 0, G_OPTION_ARG_STRING, &name },
                                        { "order", 0, 0, G_OPTION_ARG_STRING, &order },
                                        { "scale", 0, 0, G_OPTION_ARG_STRING, &scale },
                                        { "mean", 0, 0, G_OPTION_ARG_STRING, &mean },
                                        { "std", 0, 0, G_OPTION_ARG_STRING, &std },
                                        { "padding", 0, 0, G_OPTION_ARG_STRING, &padding },
                                        { "pooling", 0, 0, G_OPTION_ARG_STRING, &pooling },
                                        { "save", 0, 0, G_OPTION_ARG_FILENAME, &save },
                                        { "save-half", 0, 0, G_OPTION_ARG_FILENAME, &save_half },
                                        { "features", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &features },
                                        { NULL } };

static void
parse_numbers (const char *text, int n, double *to)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  g_assert_cmpuint (g_strv_length (parts), ==, n);
  for (int i = 0; i < n; i++)
    to[i] = g_ascii_strtod (parts[i], NULL);
}

/* The options live as long as the program. */
static NstImportOptions
make_options (void)
{
  static int        the_order[3];
  static float      the_scale, the_mean[3], the_std[3];
  static NstPadding the_padding;
  static NstPooling the_pooling;
  double            numbers[4][3] = { 0 };

  if (order != NULL)
    parse_numbers (order, 3, numbers[0]);
  if (scale != NULL)
    parse_numbers (scale, 1, numbers[1]);
  if (mean != NULL)
    parse_numbers (mean, 3, numbers[2]);
  if (std != NULL)
    parse_numbers (std, 3, numbers[3]);
  for (int i = 0; i < 3; i++)
    {
      the_order[i] = numbers[0][i];
      the_mean[i] = numbers[2][i];
      the_std[i] = numbers[3][i];
    }
  the_scale = numbers[1][0];
  the_padding = g_strcmp0 (padding, "replicate") == 0 ? NST_PADDING_REPLICATE : NST_PADDING_ZERO;
  the_pooling = g_strcmp0 (pooling, "average") == 0 ? NST_POOLING_AVERAGE : NST_POOLING_MAX;

  return (NstImportOptions){
    .name = name,
    .order = order != NULL ? the_order : NULL,
    .scale = scale != NULL ? &the_scale : NULL,
    .mean = mean != NULL ? the_mean : NULL,
    .std = std != NULL ? the_std : NULL,
    .padding = padding != NULL ? &the_padding : NULL,
    .pooling = pooling != NULL ? &the_pooling : NULL,
  };
}

static void
add_triple (cJSON *json, const char *key, const float *values)
{
  cJSON *array = cJSON_AddArrayToObject (json, key);

  for (int i = 0; i < 3; i++)
    cJSON_AddItemToArray (array, cJSON_CreateNumber (values[i]));
}

static void
add_model (cJSON *json, const NstModel *model)
{
  cJSON                *layers = cJSON_AddArrayToObject (json, "layers");
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  for (int i = 0; i < model->n_layers; i++)
    {
      const NstLayer *layer = &model->layers[i];

      cJSON_AddItemToArray (layers, cJSON_CreateString (layer->name));
      if (layer->kind == NST_LAYER_POOL)
        continue;
      g_checksum_update (sum, (const guchar *) layer->weight,
                         (gssize) layer->out_channels * layer->in_channels * 9 * 4);
      g_checksum_update (sum, (const guchar *) layer->bias, (gssize) layer->out_channels * 4);
      g_checksum_update (sum, (const guchar *) layer->head_weight,
                         (gssize) layer->head_channels * layer->out_channels * 4);
      g_checksum_update (sum, (const guchar *) layer->head_bias, (gssize) layer->head_channels * 4);
    }
  cJSON_AddStringToObject (json, "sum", g_checksum_get_string (sum));
  cJSON_AddStringToObject (json, "name", model->name);
  cJSON_AddStringToObject (json, "source", model->source != NULL ? model->source : "");
  cJSON_AddStringToObject (json, "licence", model->licence != NULL ? model->licence : "");
  cJSON_AddStringToObject (json, "padding",
                           model->layers[0].padding == NST_PADDING_ZERO ? "zero" : "replicate");
  cJSON_AddStringToObject (json, "pooling", model->pooling == NST_POOLING_MAX ? "max" : "average");
  add_triple (json, "order", (const float[]){ model->order[0], model->order[1], model->order[2] });
  cJSON_AddNumberToObject (json, "scale", model->scale);
  add_triple (json, "mean", model->mean);
  add_triple (json, "std", model->std);
}

static void
add_error (cJSON *json, const GError *error)
{
  static const char *const names[] = { "ARGUMENT", "FORMAT", "SHAPE", "SIZE", "MEMORY", "NONFINITE" };

  if (error->domain == NST_ERROR)
    cJSON_AddStringToObject (json, "error", names[error->code]);
  else
    cJSON_AddStringToObject (json, "error", g_quark_to_string (error->domain));
  cJSON_AddStringToObject (json, "message", error->message);
}

/* features: LAYER PICTURE OUT */
static void
write_features (NstModel *model)
{
  int                    tap = nst_model_find_layer (model, features[0]);
  gsize                  length;
  g_autoptr (GError)     error = NULL;
  g_autoptr (NstNetwork) network = NULL;
  g_autofree char       *picture = NULL;
  const NstTensor       *tensor;
  NstNetworkTap          last;

  g_assert_cmpint (tap, >=, 0);
  network = nst_network_new (model, model->pooling, tap + 1, 0, NST_CONV_AUTO, &error);
  g_assert_no_error (error);
  g_file_get_contents (features[1], &picture, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (length, ==, HEIGHT * WIDTH * 3 * 4);
  nst_network_resize (network, WIDTH, HEIGHT, &error);
  g_assert_no_error (error);
  nst_network_begin (network, (const float *) picture, WIDTH);
  nst_network_forward (network, &last, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (last.layer, ==, tap);
  tensor = last.features;
  g_file_set_contents (features[2], (const char *) tensor->data, nst_tensor_length (tensor) * 4, &error);
  g_assert_no_error (error);
}

/* Bytes: the most that this process ever had. Not getrusage (), which remembers the process before exec ().
 */
static double
get_peak (void)
{
  g_autofree char *status = NULL;
  const char      *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "VmHWM:");
  g_assert_nonnull (line);

  return g_ascii_strtod (line + strlen ("VmHWM:"), NULL) * 1024;
}

static void
import (const char *path)
{
  NstImportOptions     options = make_options ();
  gint64               start = g_get_monotonic_time ();
  cJSON               *json = cJSON_CreateObject ();
  char                *text;
  g_autoptr (GError)   error = NULL;
  g_autoptr (NstModel) model = nst_model_import (path, &options, NULL, &error);

  cJSON_AddNumberToObject (json, "seconds", (g_get_monotonic_time () - start) / 1e6);
  cJSON_AddNumberToObject (json, "peak", get_peak ());
  g_assert_true ((model == NULL) == (error != NULL));
  if (model != NULL && (save != NULL || save_half != NULL)
      && !nst_model_save (model, save != NULL ? save : save_half, save == NULL, &error))
    g_assert_nonnull (error);
  if (error != NULL)
    add_error (json, error);
  else
    add_model (json, model);
  if (features != NULL)
    write_features (model);
  text = cJSON_PrintUnformatted (json);
  puts (text);
  cJSON_free (text);
  cJSON_Delete (json);
}

/* Import from memory through an anonymous file. */
static NstModel *
import_bytes (const char *bytes, gsize length, GError **error)
{
  int              fd = memfd_create ("weights", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  NstModel        *model;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, bytes, length), ==, length);
  model = nst_model_import (path, NULL, NULL, error);
  close (fd);

  return model;
}

static void
cut_or_change (const char *path, gboolean cut)
{
  g_autofree char *bytes = NULL;
  gsize            length, good = 0;

  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GError)   error = NULL;
      g_autoptr (NstModel) model = NULL;

      bytes[i] ^= cut ? 0 : 1 << i % 8;
      model = import_bytes (bytes, cut ? i : length, &error);
      bytes[i] ^= cut ? 0 : 1 << i % 8;
      good += model != NULL;
      g_assert_true ((model == NULL) == (error != NULL));
      if (error != NULL && (error->domain != NST_ERROR || (cut && error->code != NST_ERROR_FORMAT)))
        g_error ("byte %" G_GSIZE_FORMAT " of %s: %s", i, path, error->message);
    }
  g_print ("{\"files\": %" G_GSIZE_FORMAT ", \"good\": %" G_GSIZE_FORMAT "}\n", length, good);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("import|truncate|flip FILE...");
  g_autoptr (GError)         error = NULL;

  nst_process_init (0);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc < 3
      || (features != NULL && g_strv_length (features) != 3))
    {
      g_printerr ("%s\n", error != NULL ? error->message : "import|truncate|flip FILE...");
      return 2;
    }
  for (int i = 2; i < argc; i++)
    if (strcmp (argv[1], "import") == 0)
      import (argv[i]);
    else
      cut_or_change (argv[i], strcmp (argv[1], "truncate") == 0);

  return 0;
}
