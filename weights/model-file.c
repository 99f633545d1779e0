/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads models: from safetensors files, from memory, and by name. */
#include "weights/model-file.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "weights/catalogue.h"
#include "weights/format/safetensors.h"
#include "weights/import/import.h"
#include "weights/store.h"

#define EMBEDDED "slim"
#define FORMAT 1
#define MAX_DEPTH 16 /* a network needs 3; unknown keys may be nested deeper */
#define MAX_LAYERS 64
#define MAX_CHANNELS 4096
#define MAX_NAME 100  /* bytes of a layer's name, characters of the network's */
#define MAX_TEXT 1000 /* characters of source and licence; what is longer is cut */

/* Defined in embedded.c, which glib-compile-resources generates. */
G_GNUC_INTERNAL GResource *nst_embedded_get_resource (void);

G_GNUC_PRINTF (2, 3)
static gboolean
wrong (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list          arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, NST_ERROR, NST_ERROR_FORMAT, text);

  return FALSE;
}

/* Checks that json is an object and has no other keys than these. where: "input" or the layer's name. */
static gboolean
check_keys (const cJSON *json, const char *where, const char *const *keys, GError **error)
{
  const cJSON *item;

  if (!cJSON_IsObject (json))
    return wrong (error, _ ("%s: expected a JSON object"), where);
  cJSON_ArrayForEach (item, json)
    if (!g_strv_contains (keys, item->string))
      {
        g_autofree char *key = nst_text_quote (item->string);

        return wrong (error, _ ("%s: \"%s\" is not known here"), where, key);
      }

  return TRUE;
}

/* choices: two words and NULL. Returns the index of json's text in choices, fallback if json is NULL and
 * fallback is not below 0, or -1 with an error. */
static int
parse_choice (const cJSON *json, const char *where, const char *const *choices, int fallback, GError **error)
{
  if (json == NULL && fallback >= 0)
    return fallback;
  for (int i = 0; cJSON_IsString (json) && choices[i] != NULL; i++)
    if (strcmp (json->valuestring, choices[i]) == 0)
      return i;

  if (json == NULL)
    wrong (error, _ ("%s: expected \"%s\" or \"%s\", found nothing"), where, choices[0], choices[1]);
  else if (cJSON_IsString (json))
    {
      g_autofree char *found = nst_text_quote (json->valuestring);

      wrong (error, _ ("%s: expected \"%s\" or \"%s\", found %s"), where, choices[0], choices[1], found);
    }
  else
    wrong (error, _ ("%s: expected \"%s\" or \"%s\", found no text"), where, choices[0], choices[1]);

  return -1;
}

static gboolean
parse_triple (const cJSON *json, const char *where, float *to, GError **error)
{
  const cJSON *item = cJSON_IsArray (json) && cJSON_GetArraySize (json) == 3 ? json->child : NULL;

  for (int i = 0; i < 3; i++, item = item->next)
    {
      if (!cJSON_IsNumber (item))
        return wrong (error, _ ("%s: expected a list of three numbers"), where);
      to[i] = item->valuedouble;
    }

  return TRUE;
}

static const char *const orders[] = { "RGB", "BGR", NULL };
static const char *const poolings[] = { "max", "average", NULL };
static const char *const paddings[] = { "zero", "replicate", NULL };

static gboolean
parse_input (const cJSON *json, NstModel *model, GError **error)
{
  static const char *const keys[] = { "order", "scale", "mean", "std", NULL };
  const cJSON             *scale = cJSON_GetObjectItemCaseSensitive (json, "scale");
  int                      order;

  if (!check_keys (json, "input", keys, error))
    return FALSE;
  order = parse_choice (cJSON_GetObjectItemCaseSensitive (json, "order"), "input: order", orders, -1, error);
  if (order < 0)
    return FALSE;
  for (int i = 0; i < 3; i++)
    model->order[i] = order == 0 ? i : 2 - i;
  if (!cJSON_IsNumber (scale))
    return wrong (error, _ ("input: scale: expected a number"));
  model->scale = scale->valuedouble;

  return parse_triple (cJSON_GetObjectItemCaseSensitive (json, "mean"), "input: mean", model->mean, error)
         && parse_triple (cJSON_GetObjectItemCaseSensitive (json, "std"), "input: std", model->std, error);
}

/* Reads the tensor NAME.what of a layer, which must have this shape (dimensions, then 0). */
static gboolean
read_tensor (const NstSafetensors *file,
             const NstLayer       *layer,
             const char           *what,
             const gint64         *shape,
             float                *to,
             GError              **error)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", layer->name, what);
  int              n = 0;

  while (shape[n] > 0)
    n++;

  return nst_safetensors_read (file, name, n, shape, to, error);
}

#define SHAPE(...) ((const gint64[]){ __VA_ARGS__, 0 })

static gboolean
read_parameters (const NstSafetensors *file, NstLayer *layer, GError **error)
{
  if (!nst_layer_try_alloc (layer))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("%s: there is not enough memory for %d x %d x 3 x 3 parameters"), layer->name,
                   layer->out_channels, layer->in_channels);
      return FALSE;
    }

  return read_tensor (file, layer, "weight", SHAPE (layer->out_channels, layer->in_channels, 3, 3),
                      layer->weight, error)
         && read_tensor (file, layer, "bias", SHAPE (layer->out_channels), layer->bias, error)
         && (layer->head_channels == 0
             || (read_tensor (file, layer, "head.weight", SHAPE (layer->head_channels, layer->out_channels),
                              layer->head_weight, error)
                 && read_tensor (file, layer, "head.bias", SHAPE (layer->head_channels), layer->head_bias,
                                 error)));
}

/* Fills in a layer except for its parameters. in_channels: the output channels of the previous layer. */
static gboolean
parse_layer (const cJSON *json, int in_channels, NstLayer *layer, GError **error)
{
  static const char *const keys[] = { "name", "channels", "padding", "head", NULL }, *const pool_keys[] = {
    "name", NULL
  };
  const char  *name = cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (json, "name"));
  const cJSON *head = cJSON_GetObjectItemCaseSensitive (json, "head");
  gint64       channels = 0, head_channels = 0;
  int          padding;

  if (name == NULL || *name == '\0')
    return wrong (error, _ ("a layer has no name"));
  if (strlen (name) > MAX_NAME)
    return wrong (error, _ ("the layer's name has %zu bytes; at most %d are possible"), strlen (name),
                  MAX_NAME);
  layer->name = g_strdup (name);
  layer->kind = g_str_has_prefix (name, "pool") ? NST_LAYER_POOL : NST_LAYER_CONV;
  layer->in_channels = layer->out_channels = in_channels;
  if (!check_keys (json, name, layer->kind == NST_LAYER_POOL ? pool_keys : keys, error))
    return FALSE;
  if (layer->kind == NST_LAYER_POOL)
    return TRUE;

  if (!nst_json_get_whole (cJSON_GetObjectItemCaseSensitive (json, "channels"), MAX_CHANNELS, &channels)
      || channels == 0)
    return wrong (error, _ ("%s: channels: expected a whole number from 1 to %d"), name, MAX_CHANNELS);
  if (head != NULL && !nst_json_get_whole (head, MAX_CHANNELS, &head_channels))
    return wrong (error, _ ("%s: head: expected a whole number from 0 to %d"), name, MAX_CHANNELS);
  padding = parse_choice (cJSON_GetObjectItemCaseSensitive (json, "padding"), name, paddings,
                          NST_PADDING_ZERO, error);
  layer->out_channels = channels;
  layer->head_channels = head_channels;
  layer->padding = padding;

  return padding >= 0;
}

static gboolean
parse_text (const cJSON *json, const char *key, gboolean needed, gsize most, char **to, GError **error)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive (json, key);
  const char  *text = cJSON_GetStringValue (item);

  if (!(cJSON_IsString (item) || (item == NULL && !needed)))
    return wrong (error, _ ("%s: expected a text"), key);
  *to = text != NULL ? nst_text_cut (text, most) : NULL;

  return TRUE;
}

static NstModel *
parse_network (const NstSafetensors *file, const cJSON *json, GError **error)
{
  const cJSON         *layers = cJSON_GetObjectItemCaseSensitive (json, "layers"), *item;
  int                  n = cJSON_IsArray (layers) ? cJSON_GetArraySize (layers) : 0;
  int                  pooling, channels = 3, i = 0;
  gint64               format;
  g_autoptr (NstModel) model = NULL;

  if (!nst_json_get_whole (cJSON_GetObjectItemCaseSensitive (json, "format"), G_MAXINT, &format)
      || format != FORMAT)
    {
      wrong (error, _ ("format: expected %d, the only one that this version of the program reads"), FORMAT);
      return NULL;
    }
  if (n < 1 || n > MAX_LAYERS)
    {
      wrong (error, _ ("layers: expected a list of 1 to %d, found %d"), MAX_LAYERS, n);
      return NULL;
    }
  pooling = parse_choice (cJSON_GetObjectItemCaseSensitive (json, "pooling"), "pooling", poolings, -1, error);
  if (pooling < 0)
    return NULL;

  model = nst_model_new (n);
  model->pooling = pooling;
  if (!parse_text (json, "name", TRUE, MAX_NAME, &model->name, error)
      || !parse_text (json, "source", FALSE, MAX_TEXT, &model->source, error)
      || !parse_text (json, "licence", FALSE, MAX_TEXT, &model->licence, error)
      || !parse_input (cJSON_GetObjectItemCaseSensitive (json, "input"), model, error))
    return NULL;

  cJSON_ArrayForEach (item, layers)
    {
      if (!parse_layer (item, channels, &model->layers[i], error))
        {
          g_prefix_error (error, _ ("layer %d: "), i + 1);
          return NULL;
        }
      if (model->layers[i].kind == NST_LAYER_CONV && !read_parameters (file, &model->layers[i], error))
        return NULL;
      channels = model->layers[i++].out_channels;
    }

  return g_steal_pointer (&model);
}

static NstModel *
parse (const NstSafetensors *file, GError **error)
{
  const char          *text = nst_safetensors_metadata (file, "pastiche");
  g_autoptr (cJSON)    json = NULL;
  g_autoptr (NstModel) model = NULL;

  if (text == NULL)
    {
      wrong (error,
             _ ("the file does not describe its network: there is no \"pastiche\" among its metadata"));
      return NULL;
    }
  json = nst_json_parse (text, MAX_DEPTH, error);
  if (json == NULL)
    {
      g_prefix_error (error, _ ("the network: "));
      return NULL;
    }
  model = parse_network (file, json, error);
  if (model == NULL || !nst_model_validate (model, error))
    return NULL;

  return g_steal_pointer (&model);
}

static NstModel *
load (const NstSafetensors *file, const char *name, GError **error)
{
  NstModel *model = parse (file, error);

  if (model == NULL)
    g_prefix_error (error, "%s: ", name);

  return model;
}

NstModel *
nst_model_load (const char *path, GError **error)
{
  g_autoptr (NstSafetensors) file = nst_safetensors_open (path, error);

  return file != NULL ? load (file, path, error) : NULL;
}

NstModel *
nst_model_load_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (NstSafetensors) file = nst_safetensors_parse (bytes, name, error);

  return file != NULL ? load (file, name, error) : NULL;
}

static NstModel *
load_embedded (GError **error)
{
  g_autoptr (GBytes) bytes = g_resource_lookup_data (nst_embedded_get_resource (),
                                                     "/pastiche/slim.safetensors", 0, error);

  return bytes != NULL ? nst_model_load_bytes (bytes, EMBEDDED, error) : NULL;
}

/* Sets the error for a model that is neither in the program nor on disk. */
static void
set_missing (const char *name, GError **error)
{
  g_autofree char         *quoted = nst_text_quote (name);
  g_autoptr (GPtrArray)    catalogue = nst_catalogue_new (NULL);
  const NstCatalogueEntry *entry = catalogue != NULL ? nst_catalogue_find (catalogue, name) : NULL;
  g_auto (GStrv)           folders = nst_store_folders ();
  g_autofree char         *list = g_strjoinv (", ", folders);

  if (entry != NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("The network \"%s\" (%s, about %.0f MB) is not on this computer yet. Download it with "
                    "\"pastiche weights fetch %s\". If you already have %s, run \"pastiche weights import "
                    "FILE --name %s\""),
                 name, entry->title, entry->megabytes, name, entry->file, name);
  else
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("There is no model \"%s\": it is not the built-in one, \"%s\", and there is no "
                    "%s.safetensors in %s. Run \"pastiche weights list\" to see which models are installed "
                    "and which can be fetched"),
                 quoted, EMBEDDED, quoted, list);
}

NstModel *
nst_model_get (const char *name, GError **error)
{
  return nst_model_get_cancellable (name, NULL, error);
}

static gboolean
is_embedded (const char *name)
{
  return name == NULL || strcmp (name, EMBEDDED) == 0;
}

char *
nst_model_path (const char *name)
{
  if (is_embedded (name))
    return NULL;
  if (strchr (name, '/') != NULL || g_str_has_suffix (name, ".safetensors")
      || (strchr (name, '.') != NULL && g_file_test (name, G_FILE_TEST_IS_REGULAR)))
    return g_strdup (name);

  return nst_store_find (name);
}

NstModel *
nst_model_get_cancellable (const char *name, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = nst_model_path (name);

  if (is_embedded (name))
    return load_embedded (error);
  if (path != NULL)
    return nst_model_import (path, NULL, cancellable, error);

  set_missing (name, error);

  return NULL;
}
