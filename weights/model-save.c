/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saves a model as a safetensors file with the network as JSON in its metadata. */
#include "weights/model-file.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "weights/format/safetensors.h"

/* The shortest decimal that reads back as the same float: 0.45, not 0.449999988079071. */
static cJSON *
create_number (float value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 6; digits <= 9; digits++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, value);
      if ((float) g_ascii_strtod (text, NULL) == value)
        break;
    }

  return cJSON_CreateRaw (text);
}

static cJSON *
create_triple (const float *values)
{
  cJSON *array = cJSON_CreateArray ();

  for (int i = 0; i < 3; i++)
    cJSON_AddItemToArray (array, create_number (values[i]));

  return array;
}

static cJSON *
create_layer (const NstLayer *layer)
{
  cJSON *json = cJSON_CreateObject ();

  cJSON_AddStringToObject (json, "name", layer->name);
  if (layer->kind == NST_LAYER_POOL)
    return json;

  cJSON_AddNumberToObject (json, "channels", layer->out_channels);
  if (layer->padding == NST_PADDING_REPLICATE)
    cJSON_AddStringToObject (json, "padding", "replicate");
  if (layer->head_channels > 0)
    cJSON_AddNumberToObject (json, "head", layer->head_channels);

  return json;
}

/* The network as JSON, owned by the caller. */
static char *
network_to_json (const NstModel *model)
{
  g_autoptr (cJSON) json = cJSON_CreateObject ();
  cJSON            *input, *layers;

  cJSON_AddNumberToObject (json, "format", 1);
  cJSON_AddStringToObject (json, "name", model->name != NULL ? model->name : "");
  if (model->source != NULL)
    cJSON_AddStringToObject (json, "source", model->source);
  if (model->licence != NULL)
    cJSON_AddStringToObject (json, "licence", model->licence);
  cJSON_AddStringToObject (json, "pooling", model->pooling == NST_POOLING_MAX ? "max" : "average");
  input = cJSON_AddObjectToObject (json, "input");
  cJSON_AddStringToObject (input, "order", model->order[0] == 0 ? "RGB" : "BGR");
  cJSON_AddItemToObject (input, "scale", create_number (model->scale));
  cJSON_AddItemToObject (input, "mean", create_triple (model->mean));
  cJSON_AddItemToObject (input, "std", create_triple (model->std));
  layers = cJSON_AddArrayToObject (json, "layers");
  for (int i = 0; i < model->n_layers; i++)
    cJSON_AddItemToArray (layers, create_layer (&model->layers[i]));

  return cJSON_PrintUnformatted (json);
}

/* Rejects models that the engine can run but the file format cannot hold. */
static gboolean
check (const NstModel *model, GError **error)
{
  const int *order = model->order;

  if (!nst_model_validate (model, error))
    return FALSE;
  if (order[1] != 1 || order[0] + order[2] != 2 || order[0] == 1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The channel order %d, %d, %d is neither RGB nor BGR"), order[0], order[1], order[2]);
      return FALSE;
    }
  for (int i = 0; i < model->n_layers; i++)
    if (g_str_has_prefix (model->layers[i].name, "pool") != (model->layers[i].kind == NST_LAYER_POOL))
      {
        g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                     _ ("%s: the name of a pooling layer must begin with \"pool\", and no other layer's may"),
                     model->layers[i].name);
        return FALSE;
      }

  return TRUE;
}

static void
add_tensor (NstSafetensorsWriter *writer,
            const NstLayer       *layer,
            const char           *what,
            int                   n_dimensions,
            const gint64         *shape,
            const float          *data,
            gboolean              half)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", layer->name, what);

  nst_safetensors_writer_add (writer, name, n_dimensions, shape, data, half);
}

#define SHAPE(...)                                                                                           \
  G_N_ELEMENTS (((gint64[]){ __VA_ARGS__ })), (gint64[])                                                     \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }

gboolean
nst_model_save (const NstModel *model, const char *path, gboolean half, GError **error)
{
  return nst_model_save_ready (model, path, half, NULL, NULL, error);
}

gboolean
nst_model_save_ready (const NstModel     *model,
                      const char         *path,
                      gboolean            half,
                      NstSafetensorsReady ready,
                      gpointer            data,
                      GError            **error)
{
  g_autoptr (NstSafetensorsWriter) writer = nst_safetensors_writer_new ();
  char                            *json;

  nst_safetensors_writer_set_ready (writer, ready, data);
  if (!check (model, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  json = network_to_json (model);
  nst_safetensors_writer_set_metadata (writer, "pastiche", json);
  cJSON_free (json);
  for (int i = 0; i < model->n_layers; i++)
    {
      const NstLayer *layer = &model->layers[i];

      if (layer->kind == NST_LAYER_POOL)
        continue;
      add_tensor (writer, layer, "weight", SHAPE (layer->out_channels, layer->in_channels, 3, 3),
                  layer->weight, half);
      add_tensor (writer, layer, "bias", SHAPE (layer->out_channels), layer->bias, half);
      if (layer->head_channels == 0)
        continue;
      add_tensor (writer, layer, "head.weight", SHAPE (layer->head_channels, layer->out_channels),
                  layer->head_weight, half);
      add_tensor (writer, layer, "head.bias", SHAPE (layer->head_channels), layer->head_bias, half);
    }

  return nst_safetensors_writer_write (writer, path, error);
}

static void
add_numbers (GChecksum *sum, const void *numbers, gsize n)
{
  g_checksum_update (sum, numbers, n * 4);
}

static void
add_layer (GChecksum *sum, const NstLayer *layer)
{
  const gint32 numbers[] = { layer->kind, layer->in_channels, layer->out_channels, layer->head_channels,
                             layer->padding };
  const gsize  out = layer->out_channels, head = layer->head_channels;

  g_checksum_update (sum, (const guint8 *) layer->name, strlen (layer->name) + 1);
  add_numbers (sum, numbers, G_N_ELEMENTS (numbers));
  if (layer->kind == NST_LAYER_POOL)
    return;
  add_numbers (sum, layer->weight, out * layer->in_channels * 9);
  add_numbers (sum, layer->bias, out);
  add_numbers (sum, layer->head_weight, head * out);
  add_numbers (sum, layer->head_bias, head);
}

char *
nst_model_sum (const NstModel *model)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const gint32          pooling = model->pooling;

  add_numbers (sum, &pooling, 1);
  add_numbers (sum, model->order, 3);
  add_numbers (sum, &model->scale, 1);
  add_numbers (sum, model->mean, 3);
  add_numbers (sum, model->std, 3);
  for (int i = 0; i < model->n_layers; i++)
    add_layer (sum, &model->layers[i]);

  return g_strdup (g_checksum_get_string (sum));
}
