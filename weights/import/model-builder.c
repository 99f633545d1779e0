/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Collects the tensors that an importer finds, in the layers and axis order of VGG. */
#include "weights/import/model-builder-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/tensor.h"
#include "weights/format/numbers.h"

#define MAX_NAME 1000                /* bytes; a pickle can refer to a name of 4 MB a million times */
#define MAX_SLOTS 128                /* 16 layers with heads are 64 */
#define MAX_FLOATS ((gsize) 1 << 26) /* VGG-19's convolutions have 20 million */

#define OXFORD                                                                                               \
  "Creative Commons Attribution 4.0 International (CC BY 4.0): Karen Simonyan and Andrew Zisserman, "        \
  "Visual Geometry Group, University of Oxford, \"Very Deep Convolutional Networks for Large-Scale Image "   \
  "Recognition\", arXiv 1409.1556"

const NstModelSource nst_model_source_torchvision = { "torchvision",
                                                      OXFORD "; these weights: torchvision, BSD 3-Clause",
                                                      { 0, 1, 2 },
                                                      1,
                                                      { 0.485, 0.456, 0.406 },
                                                      { 0.229, 0.224, 0.225 } };
const NstModelSource nst_model_source_caffe = {
  "Caffe", OXFORD, { 2, 1, 0 }, 255, { 103.939, 116.779, 123.68 }, { 1, 1, 1 }
};
const NstModelSource nst_model_source_rgb = { "Caffe's weights with inputs in the order RGB",
                                              OXFORD,
                                              { 0, 1, 2 },
                                              255,
                                              { 123.68, 116.779, 103.939 },
                                              { 1, 1, 1 } };

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
nst_model_builder_set_mean (NstModelBuilder *builder, const float *mean)
{
  memcpy (builder->mean, mean, sizeof builder->mean);
}

char *
nst_tensor_name_split (const char *name, NstTensorKind *kind)
{
  static const char *const suffixes[][2] = {
    [NST_TENSOR_WEIGHT] = { ".weight", "_W" }, [NST_TENSOR_BIAS] = { ".bias", "_b" }
  };

  if (strnlen (name, MAX_NAME + 1) > MAX_NAME)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    for (int j = 0; j < 2; j++)
      if (g_str_has_suffix (name, suffixes[i][j]))
        {
          *kind = i;
          return g_strndup (name, strlen (name) - strlen (suffixes[i][j]));
        }

  return NULL;
}

/* Set shape, dimensions, strides and length. FALSE unless the shape fits the place. */
static gboolean
set_shape (NstModelSlot *slot, int n_dimensions, const gint64 *shape, const char *axes)
{
  static const char order[] = "OIHW";
  int               side = slot->place.kind == NST_PLACE_CONV ? 3 : 1;
  gsize             steps[4];
  gint64            length = 1;

  for (int i = 0; i < 4; i++)
    slot->shape[i] = 1;
  for (int i = 0; i < n_dimensions; i++)
    if (shape[i] < 1 || shape[i] > NST_MOST_CHANNELS)
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
      length *= slot->shape[i]; /* at most 4096^4 = 2^48 */
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

static void
set_wrong_shape (
    const NstModelSlot *slot, int n_dimensions, const gint64 *shape, const char *axes, GError **error)
{
  g_autofree char *found = nst_shape_to_string (n_dimensions, shape);

  if (slot->kind == NST_TENSOR_BIAS)
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, _ ("%s: expected a list of 1 to %d numbers, found %s"),
                 slot->name, NST_MOST_CHANNELS, found);
  else if (slot->place.kind == NST_PLACE_CONV)
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                 _ ("%s: expected 3x3 kernels (H, W) for 1 to %d channels (O, I), found %s (%s)"), slot->name,
                 NST_MOST_CHANNELS, found, axes);
  else
    g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                 _ ("%s: expected 1x1 kernels (H, W) for 1 to %d channels (O, I), found %s (%s)"), slot->name,
                 NST_MOST_CHANNELS, found, axes);
}

static gboolean
same_place (const NstVggPlace *a, const NstVggPlace *b)
{
  return a->kind == b->kind && a->block == b->block && a->layer == b->layer && a->number == b->number;
}

NstModelSlot *
nst_model_builder_find (const NstModelBuilder *builder, const NstVggPlace *place, NstTensorKind kind)
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
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                   _ ("%s: the file has more than %d tensors of layers, more than any VGG"), layer,
                   MAX_SLOTS);
      return FALSE;
    }

  other = nst_model_builder_find (builder, &place, kind);
  slot = g_new0 (NstModelSlot, 1);
  g_ptr_array_add (builder->slots, slot);
  slot->name = g_strdup_printf ("%s.%s", layer, kind == NST_TENSOR_WEIGHT ? "weight" : "bias");
  slot->place = place;
  slot->kind = kind;
  if (other != NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                   _ ("%s: the file has this tensor twice, the first time as %s"), slot->name, other->name);
      return FALSE;
    }
  if (!set_shape (slot, n_dimensions, shape, axes))
    {
      set_wrong_shape (slot, n_dimensions, shape, axes, error);
      return FALSE;
    }
  if (slot->length > MAX_FLOATS - builder->floats)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("%s: %zu numbers after %zu others are too many for a VGG; at most %zu are read"),
                   slot->name, slot->length, builder->floats, MAX_FLOATS);
      return FALSE;
    }
  slot->data = nst_floats_try_new (slot->length);
  if (slot->data == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, _ ("%s: there is not enough memory for %zu numbers"),
                   slot->name, slot->length);
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
nst_model_slot_write (NstModelSlot *slot, const float *values, gsize n)
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
