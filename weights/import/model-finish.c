/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds the model from the collected tensors: which VGG it is, where it ends, what is missing. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "weights/import/model-builder-private.h"
#include "weights/import/model-fold.h"

/* How well a file fits a network: the layers missing before its last one, and the layers that the network
 * does not have. */
typedef struct
{
  NstVgg   vgg;
  int      length; /* layers up to the last one in the file */
  gboolean there[NST_VGG_MAX_LAYERS];
  int      missing, extra;
} Match;

static Match
match (const NstModelBuilder *builder, NstVgg vgg)
{
  Match result = { vgg };

  for (guint i = 0; i < builder->slots->len; i++)
    {
      const NstModelSlot *slot = g_ptr_array_index (builder->slots, i);
      int                 index = slot->place.kind == NST_PLACE_CONV ? nst_vgg_find (vgg, &slot->place) : -1;

      if (slot->place.kind == NST_PLACE_CONV && index < 0)
        result.extra++;
      if (index < 0)
        continue;
      result.there[index] = TRUE;
      result.length = MAX (result.length, index + 1);
    }
  for (int i = 0; i < result.length; i++)
    result.missing += !result.there[i];

  return result;
}

static void
set_mismatch (const NstModelBuilder *builder, const Match *found, GError **error)
{
  const char         *title = found->length > 0 ? nst_vgg_title (found->vgg) : "VGG-16 / VGG-19";
  g_autoptr (GString) missing = g_string_new (NULL), extra = g_string_new (NULL);

  for (int i = 0; i < found->length; i++)
    {
      NstVggPlace place = nst_vgg_place (found->vgg, i);

      if (!found->there[i])
        g_string_append_printf (missing, "%sconv%d_%d", missing->len > 0 ? ", " : "", place.block,
                                place.layer);
    }
  for (guint i = 0; i < builder->slots->len; i++)
    {
      const NstModelSlot *slot = g_ptr_array_index (builder->slots, i);

      if (slot->place.kind == NST_PLACE_CONV && nst_vgg_find (found->vgg, &slot->place) < 0)
        g_string_append_printf (extra, "%s%s", extra->len > 0 ? ", " : "", slot->name);
    }
  if (missing->len > 0 && extra->len > 0)
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                 _ ("not a %s: layers are missing (%s), and tensors do not belong to it (%s)"), title,
                 missing->str, extra->str);
  else if (missing->len > 0)
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                 _ ("not a %s: layers are missing (%s); export the whole network"), title, missing->str);
  else if (extra->len > 0)
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, _ ("not a %s: tensors do not belong to it (%s)"), title,
                 extra->str);
  else
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                 _ ("no layer has a name of VGG-16 or VGG-19, such as conv1_1 or features.0; only these "
                    "networks can be used"));
}

/* The slot of a layer's weight or bias under any of the source's names. */
static NstModelSlot *
find_by_index (const NstModelBuilder *builder, NstVgg vgg, int index, NstTensorKind kind)
{
  for (guint i = 0; i < builder->slots->len; i++)
    {
      NstModelSlot *slot = g_ptr_array_index (builder->slots, i);

      if (slot->place.kind == NST_PLACE_CONV && slot->kind == kind
          && nst_vgg_find (vgg, &slot->place) == index)
        return slot;
    }

  return NULL;
}

/* Check weight and bias of a layer: both exist, are complete and have matching channels. in: channels of the
 * layer before. what: the layer for messages. */
static gboolean
check_pair (const NstModelSlot *weight, const NstModelSlot *bias, int in, const char *what, GError **error)
{
  if (weight == NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, _ ("%s: the file has no weights of it"), what);
  else if (bias == NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, _ ("%s: the file has no biases of it"), what);
  else if (weight->shape[1] != in)
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                 _ ("%s: expected %dx%dx%dx%d after a layer of %d channels, found %dx%dx%dx%d"), weight->name,
                 weight->shape[0], in, weight->shape[2], weight->shape[3], in, weight->shape[0],
                 weight->shape[1], weight->shape[2], weight->shape[3]);
  else if (bias->shape[0] != weight->shape[0])
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                 _ ("%s: expected %d numbers for %s of %d channels, found %d"), bias->name, weight->shape[0],
                 weight->name, weight->shape[0], bias->shape[0]);
  else if (weight->written < weight->length || bias->written < bias->length)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("%s: the file has only %zu of %zu weights and %zu of %zu biases"), what, weight->written,
                 weight->length, bias->written, bias->length);
  else
    return TRUE;

  return FALSE;
}

static gboolean
set_conv (NstModelBuilder *builder, NstVgg vgg, int index, int in, NstLayer *layer, GError **error)
{
  NstVggPlace      place = nst_vgg_place (vgg, index), head = { NST_PLACE_HEAD, place.block, place.layer };
  NstModelSlot    *weight = find_by_index (builder, vgg, index, NST_TENSOR_WEIGHT);
  NstModelSlot    *bias = find_by_index (builder, vgg, index, NST_TENSOR_BIAS);
  NstModelSlot    *head_weight = nst_model_builder_find (builder, &head, NST_TENSOR_WEIGHT);
  NstModelSlot    *head_bias = nst_model_builder_find (builder, &head, NST_TENSOR_BIAS);
  g_autofree char *what = NULL;

  layer->name = g_strdup_printf ("conv%d_%d", place.block, place.layer);
  layer->kind = NST_LAYER_CONV;
  if (!check_pair (weight, bias, in, layer->name, error))
    return FALSE;
  layer->in_channels = in;
  layer->out_channels = weight->shape[0];
  layer->weight = g_steal_pointer (&weight->data);
  layer->bias = g_steal_pointer (&bias->data);

  if (head_weight == NULL && head_bias == NULL)
    return TRUE;
  what = g_strdup_printf (_ ("the head of %s"), layer->name);
  if (!check_pair (head_weight, head_bias, layer->out_channels, what, error))
    return FALSE;
  layer->head_channels = head_weight->shape[0];
  layer->head_weight = g_steal_pointer (&head_weight->data);
  layer->head_bias = g_steal_pointer (&head_bias->data);

  return TRUE;
}

static NstModel *
make_layers (NstModelBuilder *builder, const Match *found, GError **error)
{
  NstVggPlace          last = nst_vgg_place (found->vgg, found->length - 1);
  g_autoptr (NstModel) model = nst_model_new (found->length + last.block - 1);
  NstLayer            *layer = model->layers;
  int                  block = 1, channels = 3;

  for (int i = 0; i < found->length; i++)
    {
      NstVggPlace place = nst_vgg_place (found->vgg, i);

      if (place.block > block)
        {
          layer->name = g_strdup_printf ("pool%d", block);
          layer->kind = NST_LAYER_POOL;
          layer->in_channels = layer->out_channels = channels;
          layer++;
          block = place.block;
        }
      if (!set_conv (builder, found->vgg, i, channels, layer, error))
        return NULL;
      channels = layer++->out_channels;
    }

  return g_steal_pointer (&model);
}

/* Refuse heads without a layer. */
static gboolean
check_heads (const NstModelBuilder *builder, GError **error)
{
  for (guint i = 0; i < builder->slots->len; i++)
    {
      const NstModelSlot *slot = g_ptr_array_index (builder->slots, i);

      if (slot->place.kind == NST_PLACE_HEAD && slot->data != NULL)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                       _ ("%s: the file does not have the layer of this head"), slot->name);
          return FALSE;
        }
    }

  return TRUE;
}

/* Whether the network has the full width of Oxford's VGG; then its licence is known. */
static gboolean
is_full_width (const NstModel *model)
{
  static const int widths[] = { 64, 128, 256, 512, 512 };

  for (int i = 0; i < model->n_layers; i++)
    if (model->layers[i].kind == NST_LAYER_CONV
        && model->layers[i].out_channels != widths[model->layers[i].name[4] - '1'])
      return FALSE;

  return TRUE;
}

static void
describe (const NstModelBuilder *builder, const Match *found, gboolean folded, NstModel *model)
{
  g_autofree char *base = g_path_get_basename (builder->file->path);
  g_autofree char *name = g_filename_display_name (base);
  const char      *last = model->layers[model->n_layers - 1].name;
  char            *dot;

  model->source = g_strdup_printf ("%s to %s%s%s, from %s%s", nst_vgg_title (found->vgg), last,
                                   folded ? "" : ", as in ", folded ? "" : builder->source->title, name,
                                   folded ? " (padded by reflection there, by repeating the edge here)" : "");
  if (is_full_width (model) && !folded)
    model->licence = g_strdup (builder->source->licence);
  dot = strrchr (name, '.');
  if (dot != NULL && dot > name)
    *dot = '\0';
  model->name = g_steal_pointer (&name);
}

/* A 1x1 layer in front of the network normalises the picture, from RGB in 0..1. */
static void
set_preprocessing (const NstModelBuilder *builder, gboolean folded, NstModel *model)
{
  if (folded)
    {
      for (int i = 0; i < model->n_layers; i++)
        model->layers[i].padding = NST_PADDING_REPLICATE;
      return;
    }

  memcpy (model->order, builder->source->order, sizeof model->order);
  memcpy (model->mean, builder->mean, sizeof model->mean);
  memcpy (model->std, builder->source->std, sizeof model->std);
  model->scale = builder->source->scale;
}

NstModel *
nst_model_builder_finish (NstModelBuilder *builder, GError **error)
{
  static const NstVggPlace first = { NST_PLACE_FIRST };
  Match                    found = match (builder, NST_VGG_19), other = match (builder, NST_VGG_16);
  const NstModelSlot      *weight = nst_model_builder_find (builder, &first, NST_TENSOR_WEIGHT);
  const NstModelSlot      *bias = nst_model_builder_find (builder, &first, NST_TENSOR_BIAS);
  gboolean                 folded = weight != NULL || bias != NULL;
  g_autoptr (NstModel)     model = NULL;

  g_debug ("%s: %u tensors of layers, %zu numbers. VGG-19: %d layers missing, %d tensors too many; VGG-16: "
           "%d "
           "and %d. First layer to fold: %s",
           builder->file->path, builder->slots->len, builder->floats, found.missing, found.extra,
           other.missing, other.extra, folded ? "yes" : "no");
  if (other.missing + other.extra < found.missing + found.extra)
    found = other;
  if (found.missing + found.extra > 0 || found.length == 0)
    {
      set_mismatch (builder, &found, error);
      return NULL;
    }

  model = make_layers (builder, &found, error);
  if (model == NULL || !check_heads (builder, error)
      || (folded && !check_pair (weight, bias, 3, "conv0", error)))
    return NULL;
  set_preprocessing (builder, folded, model);
  describe (builder, &found, folded, model);
  nst_import_options_apply (builder->options, model);
  if (!nst_model_validate (model, error)
      || (folded
          && (!nst_model_fold_first (model, weight->shape[0], weight->data, bias->data, error)
              || !nst_model_validate (model, error))))
    return NULL;

  return g_steal_pointer (&model);
}
