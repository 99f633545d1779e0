/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-model-builder.h"

#include <gio/gio.h>
#include <string.h>

#include "core/nst-error.h"
#include "core/nst-tensor.h"
#include "nst-model-fold.h"
#include "nst-vgg.h"

#define MAX_CHANNELS 4096
#define MAX_SLOTS    128                /* 16 layers with heads are 64 */
#define MAX_FLOATS   ((gsize) 1 << 26)  /* VGG-19's convolutions have 20 million */

#define OXFORD "Creative Commons Attribution 4.0 International (CC BY 4.0): Karen Simonyan and Andrew Zisserman, " \
               "Visual Geometry Group, University of Oxford, \"Very Deep Convolutional Networks for Large-Scale Image Recognition\", " \
               "arXiv 1409.1556"

const NstModelSource nst_model_source_torchvision =
  { "torchvision", OXFORD "; these weights: torchvision, BSD 3-Clause", { 0, 1, 2 }, 1, { 0.485, 0.456, 0.406 }, { 0.229, 0.224, 0.225 } };
const NstModelSource nst_model_source_caffe =
  { "Caffe", OXFORD, { 2, 1, 0 }, 255, { 103.939, 116.779, 123.68 }, { 1, 1, 1 } };
const NstModelSource nst_model_source_rgb =
  { "Caffe's weights with inputs in the order RGB", OXFORD, { 0, 1, 2 }, 255, { 123.68, 116.779, 103.939 }, { 1, 1, 1 } };

struct _NstModelSlot
{
  char          *name;          /* owned; the source's, with what it is: "features.0.weight" */
  NstVggPlace    place;
  NstTensorKind  kind;
  int            shape[4];      /* O, I, H, W; of a bias O, 1, 1, 1 */

  float         *data;          /* owned; O x I x H x W */
  gsize          length, written;
  int            n_dimensions;  /* the source's, with the step that each makes in data */
  gsize          dimensions[4], steps[4];
};

struct _NstModelBuilder
{
  const NstImportFile    *file;         /* borrowed, as the next two */
  const NstModelSource   *source;
  const NstImportOptions *options;
  GPtrArray              *slots;        /* owned NstModelSlots */
  gsize                   floats;       /* of all slots */
  float                   mean[3];
};

static void
slot_free (gpointer data)
{
  NstModelSlot *slot = data;

  nst_floats_free (slot->data);
  g_free (slot->name);
  g_free (slot);
}

NstModelBuilder *
nst_model_builder_new (const NstImportFile    *file,
                       const NstModelSource   *source,
                       const NstImportOptions *options)
{
  NstModelBuilder *builder = g_new0 (NstModelBuilder, 1);

  builder->file = file;
  builder->source = source;
  builder->options = options;
  builder->slots = g_ptr_array_new_with_free_func (slot_free);
  memcpy (builder->mean, source->mean, sizeof builder->mean);

  return builder;
}

void
nst_model_builder_free (NstModelBuilder *builder)
{
  if (builder == NULL)
    return;

  g_ptr_array_unref (builder->slots);
  g_free (builder);
}

void
nst_model_builder_set_mean (NstModelBuilder *builder,
                            const float     *mean)
{
  memcpy (builder->mean, mean, sizeof builder->mean);
}

char *
nst_tensor_name_split (const char    *name,
                       NstTensorKind *kind)
{
  static const char *const suffixes[][2] = { [NST_TENSOR_WEIGHT] = { ".weight", "_W" }, [NST_TENSOR_BIAS] = { ".bias", "_b" } };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    for (int j = 0; j < 2; j++)
      if (g_str_has_suffix (name, suffixes[i][j]))
        {
          *kind = i;
          return g_strndup (name, strlen (name) - strlen (suffixes[i][j]));
        }

  return NULL;
}

static char *
shape_to_string (int           n_dimensions,
                 const gint64 *shape)
{
  GString *string = g_string_new (n_dimensions == 0 ? "a single number" : NULL);

  for (int i = 0; i < n_dimensions; i++)
    g_string_append_printf (string, "%s%" G_GINT64_FORMAT, i > 0 ? "x" : "", shape[i]);

  return g_string_free (string, FALSE);
}

/* Sets shape, dimensions and steps, and length; FALSE unless it is what the place takes. */
static gboolean
set_shape (NstModelSlot *slot,
           int           n_dimensions,
           const gint64 *shape,
           const char   *axes)
{
  static const char order[] = "OIHW";
  int    side = slot->place.kind == NST_PLACE_CONV ? 3 : 1;
  gsize  steps[4];
  gint64 length = 1;

  for (int i = 0; i < 4; i++)
    slot->shape[i] = 1;
  for (int i = 0; i < n_dimensions; i++)
    if (shape[i] < 1 || shape[i] > MAX_CHANNELS)
      return FALSE;

  if (slot->kind == NST_TENSOR_BIAS)
    {
      for (int i = 0; i < n_dimensions; i++)
        if (shape[i] > 1 && slot->shape[0] > 1)
          return FALSE;
        else
          slot->shape[0] = MAX (slot->shape[0], shape[i]);
      slot->n_dimensions = 1;
      slot->dimensions[0] = slot->length = slot->shape[0];
      slot->steps[0] = 1;
      return n_dimensions > 0;
    }

  if (n_dimensions > 4 || axes == NULL || strlen (axes) != (gsize) n_dimensions)
    return FALSE;
  for (int i = 0; i < n_dimensions; i++)
    slot->shape[strchr (order, axes[i]) - order] = shape[i];
  for (int i = 3; i >= 0; i--)
    {
      steps[i] = length;
      length *= slot->shape[i];     /* at most 4096^4 = 2^48 */
    }
  slot->length = length;
  slot->n_dimensions = n_dimensions;
  for (int i = 0; i < n_dimensions; i++)
    {
      slot->dimensions[i] = shape[i];
      slot->steps[i] = steps[strchr (order, axes[i]) - order];
    }

  return slot->shape[2] == side && slot->shape[3] == side;
}

static gboolean
same_place (const NstVggPlace *a,
            const NstVggPlace *b)
{
  return a->kind == b->kind && a->block == b->block && a->layer == b->layer && a->number == b->number;
}

static NstModelSlot *
find_slot (const NstModelBuilder *builder,
           const NstVggPlace     *place,
           NstTensorKind          kind)
{
  for (guint i = 0; i < builder->slots->len; i++)
    {
      NstModelSlot *slot = g_ptr_array_index (builder->slots, i);

      if (slot->kind == kind && same_place (&slot->place, place))
        return slot;
    }

  return NULL;
}

gboolean
nst_model_builder_wants (const char *layer)
{
  return nst_vgg_parse_name (layer).kind != NST_PLACE_NONE;
}

gboolean
nst_model_builder_offer (NstModelBuilder *builder,
                         const char      *layer,
                         NstTensorKind    kind,
                         int              n_dimensions,
                         const gint64    *shape,
                         const char      *axes,
                         NstModelSlot   **result,
                         GError         **error)
{
  NstVggPlace   place = nst_vgg_parse_name (layer);
  NstModelSlot *slot, *other;

  *result = NULL;
  if (place.kind == NST_PLACE_NONE)
    return TRUE;
  if (builder->slots->len >= MAX_SLOTS)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, "%s: more than %d tensors of layers: no VGG has as many", layer, MAX_SLOTS);
      return FALSE;
    }

  other = find_slot (builder, &place, kind);
  slot = g_new0 (NstModelSlot, 1);
  g_ptr_array_add (builder->slots, slot);
  slot->name = g_strdup_printf ("%s.%s", layer, kind == NST_TENSOR_WEIGHT ? "weight" : "bias");
  slot->place = place;
  slot->kind = kind;
  if (other != NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, "%s: there twice, the first time as %s", slot->name, other->name);
      return FALSE;
    }
  if (!set_shape (slot, n_dimensions, shape, axes))
    {
      g_autofree char *found = shape_to_string (n_dimensions, shape);

      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, "%s: expected %s of 1 to %d channels, found %s (%s)", slot->name,
                   kind == NST_TENSOR_BIAS ? "a list" : place.kind == NST_PLACE_CONV ? "a 3x3 kernel" : "a 1x1 kernel",
                   MAX_CHANNELS, found, kind == NST_TENSOR_BIAS || axes == NULL ? "O" : axes);
      return FALSE;
    }
  if (slot->length > MAX_FLOATS - builder->floats || (slot->data = nst_floats_try_new (slot->length)) == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, "%s: no memory for %" G_GSIZE_FORMAT " numbers beside %" G_GSIZE_FORMAT
                   " (at most %" G_GSIZE_FORMAT ")", slot->name, slot->length, builder->floats, MAX_FLOATS);
      return FALSE;
    }
  builder->floats += slot->length;
  *result = slot;

  return TRUE;
}

gsize
nst_model_slot_length (const NstModelSlot *slot)
{
  return slot->length;
}

void
nst_model_slot_write (NstModelSlot *slot,
                      const float  *values,
                      gsize         n)
{
  gsize at[4], rest = slot->written, position = 0;

  g_return_if_fail (n <= slot->length - slot->written);

  for (int i = slot->n_dimensions - 1; i >= 0; i--)
    {
      at[i] = rest % slot->dimensions[i];
      rest /= slot->dimensions[i];
      position += at[i] * slot->steps[i];
    }
  for (gsize k = 0; k < n; k++)
    {
      int i = slot->n_dimensions - 1;

      slot->data[position] = values[k];
      position += slot->steps[i];
      while (++at[i] == slot->dimensions[i] && i > 0)
        {
          position -= slot->dimensions[i] * slot->steps[i];
          at[i--] = 0;
          position += slot->steps[i];
        }
    }
  slot->written += n;
}

/* Finishing */

/* How far a file is from a network: layers that are missing before its last one, and layers that the network does not have. */
typedef struct
{
  NstVgg   vgg;
  int      length;                          /* layers up to the file's last one */
  gboolean there[NST_VGG_MAX_LAYERS];
  int      missing, extra;
} Match;

static Match
match (const NstModelBuilder *builder,
       NstVgg                 vgg)
{
  Match result = { vgg };

  for (guint i = 0; i < builder->slots->len; i++)
    {
      const NstModelSlot *slot = g_ptr_array_index (builder->slots, i);
      int index = slot->place.kind == NST_PLACE_CONV ? nst_vgg_find (vgg, &slot->place) : -1;

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
set_mismatch (const NstModelBuilder *builder,
              const Match           *found,
              GError               **error)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (int i = 0; i < found->length; i++)
    {
      NstVggPlace place = nst_vgg_place (found->vgg, i);

      if (!found->there[i])
        g_string_append_printf (list, "%sconv%d_%d is missing", list->len > 0 ? "; " : "", place.block, place.layer);
    }
  for (guint i = 0; i < builder->slots->len; i++)
    {
      const NstModelSlot *slot = g_ptr_array_index (builder->slots, i);

      if (slot->place.kind == NST_PLACE_CONV && nst_vgg_find (found->vgg, &slot->place) < 0)
        g_string_append_printf (list, "%s%s is not in it", list->len > 0 ? "; " : "", slot->name);
    }
  if (found->length == 0 && found->extra == 0)
    g_string_append (list, "it has no layer that is called as in any of them");
  g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, "no %s: %s", found->length > 0 ? nst_vgg_title (found->vgg) : "VGG-16 or VGG-19",
               list->str);
}

/* The slot of a layer's weight or bias, whatever the source calls it. */
static NstModelSlot *
find_by_index (const NstModelBuilder *builder,
               NstVgg                 vgg,
               int                    index,
               NstTensorKind          kind)
{
  for (guint i = 0; i < builder->slots->len; i++)
    {
      NstModelSlot *slot = g_ptr_array_index (builder->slots, i);

      if (slot->place.kind == NST_PLACE_CONV && slot->kind == kind && nst_vgg_find (vgg, &slot->place) == index)
        return slot;
    }

  return NULL;
}

/* Checks a pair that belongs together: both there, full, of channels that fit. in: what the layer before gives. */
static gboolean
check_pair (const NstModelSlot *weight,
            const NstModelSlot *bias,
            int                 in,
            const char         *what,
            GError            **error)
{
  if (weight == NULL || bias == NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, "%s: its %s is missing", what, weight == NULL ? "weight" : "bias");
  else if (weight->shape[1] != in)
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, "%s: expected %dx%dx%dx%d after a layer of %d channels, found %dx%dx%dx%d",
                 weight->name, weight->shape[0], in, weight->shape[2], weight->shape[3], in, weight->shape[0], weight->shape[1],
                 weight->shape[2], weight->shape[3]);
  else if (bias->shape[0] != weight->shape[0])
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, "%s: expected %d numbers for %s of %d channels, found %d", bias->name,
                 weight->shape[0], weight->name, weight->shape[0], bias->shape[0]);
  else if (weight->written < weight->length || bias->written < bias->length)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, "%s: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " weights and %" G_GSIZE_FORMAT
                 " of %" G_GSIZE_FORMAT " biases were in the file", what, weight->written, weight->length, bias->written, bias->length);
  else
    return TRUE;

  return FALSE;
}

static gboolean
set_conv (NstModelBuilder *builder,
          NstVgg           vgg,
          int              index,
          int              in,
          NstLayer        *layer,
          GError         **error)
{
  NstVggPlace   place = nst_vgg_place (vgg, index), head = { NST_PLACE_HEAD, place.block, place.layer };
  NstModelSlot *weight = find_by_index (builder, vgg, index, NST_TENSOR_WEIGHT);
  NstModelSlot *bias = find_by_index (builder, vgg, index, NST_TENSOR_BIAS);
  NstModelSlot *head_weight = find_slot (builder, &head, NST_TENSOR_WEIGHT), *head_bias = find_slot (builder, &head, NST_TENSOR_BIAS);

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
  if (!check_pair (head_weight, head_bias, layer->out_channels, layer->name, error))
    {
      g_prefix_error (error, "the head of ");
      return FALSE;
    }
  layer->head_channels = head_weight->shape[0];
  layer->head_weight = g_steal_pointer (&head_weight->data);
  layer->head_bias = g_steal_pointer (&head_bias->data);

  return TRUE;
}

static NstModel *
make_layers (NstModelBuilder *builder,
             const Match     *found,
             GError         **error)
{
  NstVggPlace last = nst_vgg_place (found->vgg, found->length - 1);
  g_autoptr (NstModel) model = nst_model_new (found->length + last.block - 1);
  NstLayer *layer = model->layers;
  int       block = 1, channels = 3;

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

/* Heads that no layer has taken. */
static gboolean
check_heads (const NstModelBuilder *builder,
             GError               **error)
{
  for (guint i = 0; i < builder->slots->len; i++)
    {
      const NstModelSlot *slot = g_ptr_array_index (builder->slots, i);

      if (slot->place.kind == NST_PLACE_HEAD && slot->data != NULL)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, "%s: the head of a layer that is not there", slot->name);
          return FALSE;
        }
    }

  return TRUE;
}

/* Whether it is as wide as Oxford's: then the licence of the weights is known. */
static gboolean
is_full_width (const NstModel *model)
{
  static const int widths[] = { 64, 128, 256, 512, 512 };

  for (int i = 0; i < model->n_layers; i++)
    if (model->layers[i].kind == NST_LAYER_CONV && model->layers[i].out_channels != widths[model->layers[i].name[4] - '1'])
      return FALSE;

  return TRUE;
}

static void
describe (const NstModelBuilder *builder,
          const Match           *found,
          gboolean               folded,
          NstModel              *model)
{
  g_autofree char *base = g_path_get_basename (builder->file->path);
  g_autofree char *name = g_filename_display_name (base);
  const char *last = model->layers[model->n_layers - 1].name;
  char *dot;

  model->source = g_strdup_printf ("%s to %s%s%s, from %s%s", nst_vgg_title (found->vgg), last, folded ? "" : ", as in ",
                                   folded ? "" : builder->source->title, name,
                                   folded ? " (padded by reflection there, by repeating the edge here)" : "");
  if (is_full_width (model) && !folded)
    model->licence = g_strdup (builder->source->licence);
  dot = strrchr (name, '.');
  if (dot != NULL && dot > name)
    *dot = '\0';
  model->name = g_steal_pointer (&name);
}

/* A 1x1 layer in front says itself how the picture is prepared, from RGB in 0..1. */
static void
set_preprocessing (const NstModelBuilder *builder,
                   gboolean               folded,
                   NstModel              *model)
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
nst_model_builder_finish (NstModelBuilder *builder,
                          GError         **error)
{
  static const NstVggPlace first = { NST_PLACE_FIRST };
  Match found = match (builder, NST_VGG_19), other = match (builder, NST_VGG_16);
  const NstModelSlot *weight = find_slot (builder, &first, NST_TENSOR_WEIGHT), *bias = find_slot (builder, &first, NST_TENSOR_BIAS);
  gboolean folded = weight != NULL || bias != NULL;
  g_autoptr (NstModel) model = NULL;

  if (other.missing + other.extra < found.missing + found.extra)
    found = other;
  if (found.missing + found.extra > 0 || found.length == 0)
    {
      set_mismatch (builder, &found, error);
      return NULL;
    }

  model = make_layers (builder, &found, error);
  if (model == NULL || !check_heads (builder, error) || (folded && !check_pair (weight, bias, 3, "conv0", error)))
    return NULL;
  set_preprocessing (builder, folded, model);
  describe (builder, &found, folded, model);
  nst_import_options_apply (builder->options, model);
  if (!nst_model_validate (model, error) || (folded && !nst_model_fold_first (model, weight->shape[0], weight->data, bias->data, error)) ||
      !nst_model_validate (model, error))
    return NULL;

  return g_steal_pointer (&model);
}
