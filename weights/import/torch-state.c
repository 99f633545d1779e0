/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state dict in a PyTorch pickle: names, shapes and storages of its tensors. */
#include "weights/import/torch-state.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"

#define MAX_DEPTH 4 /* {'state': {'model': {state dict}}} */
#define MAX_VISITS 10000
#define MAX_WHOLE ((gint64) 1 << 53)

static const struct
{
  const char *class;
  NstNumbersType type;
  gsize          size;
} storage_types[] = {
  { "torch FloatStorage", NST_NUMBERS_F32, 4 },     { "torch HalfStorage", NST_NUMBERS_F16, 2 },
  { "torch BFloat16Storage", NST_NUMBERS_BF16, 2 }, { "torch DoubleStorage", NST_NUMBERS_F64, 8 },
  { "torch LongStorage", NST_NUMBERS_OTHER, 8 },    { "torch IntStorage", NST_NUMBERS_OTHER, 4 },
  { "torch ShortStorage", NST_NUMBERS_OTHER, 2 },   { "torch CharStorage", NST_NUMBERS_OTHER, 1 },
  { "torch ByteStorage", NST_NUMBERS_OTHER, 1 },    { "torch BoolStorage", NST_NUMBERS_OTHER, 1 },
};

#define ORDERED_DICT "collections OrderedDict"
#define TENSOR_2 "torch._utils _rebuild_tensor_v2"
#define TENSOR_1 "torch._utils _rebuild_tensor"
#define PARAMETER "torch._utils _rebuild_parameter"

const char *const nst_torch_classes[] = { ORDERED_DICT,
                                          TENSOR_2,
                                          TENSOR_1,
                                          PARAMETER,
                                          "torch Size",
                                          "torch FloatStorage",
                                          "torch HalfStorage",
                                          "torch BFloat16Storage",
                                          "torch DoubleStorage",
                                          "torch LongStorage",
                                          "torch IntStorage",
                                          "torch ShortStorage",
                                          "torch CharStorage",
                                          "torch ByteStorage",
                                          "torch BoolStorage",
                                          NULL };

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

static gboolean
is_object (const NstPickleValue *value, const char *class)
{
  return value != NULL && value->kind == NST_PICKLE_OBJECT && strcmp (value->text, class) == 0;
}

static gboolean
is_tensor (const NstPickleValue *value)
{
  return is_object (value, TENSOR_2) || is_object (value, TENSOR_1);
}

static gboolean
is_dict (const NstPickleValue *value)
{
  return value->kind == NST_PICKLE_DICT || is_object (value, ORDERED_DICT);
}

/* The tensor of a value in a state dict: the value itself, or the data of a parameter. NULL if it is neither.
 */
static const NstPickleValue *
get_tensor (const NstPickleValue *value)
{
  if (is_object (value, PARAMETER))
    value = nst_pickle_nth (value->argument, 0);

  return is_tensor (value) ? value : NULL;
}

/* Whether an item is a tensor with a name like "features.0.weight". */
static gboolean
is_wanted (const NstPickleValue *key, const NstPickleValue *value)
{
  NstTensorKind    kind;
  g_autofree char *layer = key->kind == NST_PICKLE_TEXT ? nst_tensor_name_split (key->text, &kind) : NULL;

  return layer != NULL && get_tensor (value) != NULL && nst_model_builder_wants (layer);
}

/* Find the outermost dict with layers of a VGG, breadth first. */
static const NstPickleValue *
find_state_dict (const NstPickleValue *root)
{
  g_autoptr (GPtrArray) level = g_ptr_array_new ();
  guint                 visits = 0;

  g_ptr_array_add (level, (gpointer) root);
  for (int depth = 0; depth < MAX_DEPTH && level->len > 0; depth++)
    {
      g_autoptr (GPtrArray) next = g_ptr_array_new ();

      for (guint i = 0; i < level->len; i++)
        {
          const NstPickleValue *dict = g_ptr_array_index (level, i), *value;

          if (!is_dict (dict))
            continue;
          for (guint k = 0; visits < MAX_VISITS && (value = nst_pickle_nth (dict, k + 1)) != NULL;
               k += 2, visits++)
            {
              if (is_wanted (nst_pickle_nth (dict, k), value))
                return dict;
              if (is_dict (value))
                g_ptr_array_add (next, (gpointer) value);
            }
        }
      g_clear_pointer (&level, g_ptr_array_unref);
      level = g_steal_pointer (&next);
    }

  return NULL;
}

/* Parse ('storage', class, key, location, numbers); old files add which part of another storage it is, or
 * None. */
static NstTorchStorage *
add_storage (NstTorchState *state, const NstPickleValue *id, GError **error)
{
  const NstPickleValue *class = nst_pickle_nth (id, 1), *key = nst_pickle_nth (id, 2),
                       *length = nst_pickle_nth (id, 4);
  const NstPickleValue *view = nst_pickle_nth (id, 5);
  NstTorchStorage      *storage, *old;

  if (id->kind != NST_PICKLE_TUPLE || length == NULL || class->kind != NST_PICKLE_CLASS
      || key->kind != NST_PICKLE_TEXT || length->kind != NST_PICKLE_INTEGER || length->integer < 0
      || length->integer > MAX_WHOLE || (view != NULL && view->kind != NST_PICKLE_OTHER))
    {
      wrong (error, _ ("the numbers of a tensor are not in a storage of 0 to 2^53 numbers"));
      return NULL;
    }

  storage = g_new0 (NstTorchStorage, 1);
  storage->key = key->text;
  storage->length = length->integer;
  for (gsize i = 0; i < G_N_ELEMENTS (storage_types); i++)
    if (strcmp (class->text, storage_types[i].class) == 0)
      {
        storage->type = storage_types[i].type;
        storage->size = storage_types[i].size;
      }

  old = g_hash_table_lookup (state->storages, key->text);
  if (storage->size == 0)
    {
      g_autofree char *name = nst_text_quote (key->text), *type = nst_text_quote (class->text);

      wrong (error, _ ("storage %s: \"%s\" is not a type of numbers"), name, type);
      g_free (storage);
      return NULL;
    }
  if (old != NULL
      && (old->size != storage->size || old->type != storage->type || old->length != storage->length))
    {
      g_autofree char *name = nst_text_quote (key->text);

      wrong (error, _ ("storage %s: it is described twice, but not in the same way"), name);
      g_free (storage);
      return NULL;
    }
  if (old == NULL)
    g_hash_table_insert (state->storages, key->text, storage);
  else
    g_free (storage);

  return old != NULL ? old : storage;
}

static gboolean
parse_sizes (const NstPickleValue *value, gint64 *to, int *n)
{
  /* torch.Size ((2, 3)) */
  if (is_object (value, "torch Size"))
    value = nst_pickle_nth (value->argument, 0);
  if (value == NULL || value->kind != NST_PICKLE_TUPLE
      || nst_pickle_length (value) > NST_TORCH_MAX_DIMENSIONS)
    return FALSE;

  *n = nst_pickle_length (value);
  for (int i = 0; i < *n; i++)
    {
      const NstPickleValue *item = nst_pickle_nth (value, i);

      if (item->kind != NST_PICKLE_INTEGER || item->integer < 0 || item->integer > MAX_WHOLE)
        return FALSE;
      to[i] = item->integer;
    }

  return TRUE;
}

/* Set length and span. FALSE if they overflow. */
static gboolean
measure (NstTorchTensor *tensor)
{
  tensor->length = 1;
  tensor->span = 1;
  for (int i = 0; i < tensor->n_dimensions; i++)
    {
      guint64 step;

      if (!g_uint64_checked_mul (&tensor->length, tensor->length, tensor->shape[i])
          || !g_uint64_checked_mul (&step, MAX (tensor->shape[i] - 1, 0), tensor->strides[i])
          || !g_uint64_checked_add (&tensor->span, tensor->span, step))
        return FALSE;
    }
  if (tensor->length == 0)
    tensor->span = 0;

  return TRUE;
}

/* _rebuild_tensor_v2 (storage, first, shape, strides, ...) */
static gboolean
parse_tensor (NstTorchState *state, const NstPickleValue *value, NstTorchTensor *tensor, GError **error)
{
  const NstPickleValue *id = nst_pickle_nth (value->argument, 0),
                       *first = nst_pickle_nth (value->argument, 1);
  int n_strides = 0;

  if (id == NULL || id->kind != NST_PICKLE_PERSISTENT || first == NULL || first->kind != NST_PICKLE_INTEGER
      || first->integer < 0
      || !parse_sizes (nst_pickle_nth (value->argument, 2), tensor->shape, &tensor->n_dimensions)
      || !parse_sizes (nst_pickle_nth (value->argument, 3), tensor->strides, &n_strides)
      || n_strides != tensor->n_dimensions || !measure (tensor))
    return wrong (error,
                  _ ("expected a storage, a first index, and as many sizes as strides, at most %d of each, "
                     "from 0 "
                     "to 2^53"),
                  NST_TORCH_MAX_DIMENSIONS);

  tensor->storage = add_storage (state, id->argument, error);
  if (tensor->storage == NULL)
    return FALSE;
  tensor->first = first->integer;
  if (tensor->first > tensor->storage->length || tensor->span > tensor->storage->length - tensor->first)
    return wrong (error,
                  _ ("it needs %" PRIu64 " numbers from number %" PRIu64
                     " on, but its storage has only %" PRIu64),
                  tensor->span, tensor->first, tensor->storage->length);
  if (tensor->storage->type == NST_NUMBERS_OTHER)
    return wrong (error, _ ("its numbers are integers; save it as float32"));

  return TRUE;
}

static gboolean
parse_tensors (NstTorchState *state, GError **error)
{
  const NstPickleValue *dict = find_state_dict (state->pickle->root), *value;

  if (dict == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                   _ ("the file has no state dict with layers of VGG-16 or VGG-19; save the model with "
                      "torch.save (model.state_dict (), ...)"));
      return FALSE;
    }
  for (guint k = 0; (value = nst_pickle_nth (dict, k + 1)) != NULL; k += 2)
    {
      const NstPickleValue *key = nst_pickle_nth (dict, k);
      NstTorchTensor       *tensor;

      if (!is_wanted (key, value))
        continue;
      tensor = g_new0 (NstTorchTensor, 1);
      g_ptr_array_add (state->tensors, tensor);
      tensor->name = key->text;
      if (!parse_tensor (state, get_tensor (value), tensor, error))
        {
          g_prefix_error (error, "%s: ", key->text);
          return FALSE;
        }
    }

  return TRUE;
}

/* Collect all storages, needed or not: in old files each length tells where the next one begins. */
static gboolean
parse_storages (NstTorchState *state, GError **error)
{
  for (guint i = 0; i < state->pickle->values->len; i++)
    {
      const NstPickleValue *value = g_ptr_array_index (state->pickle->values, i);

      if (value->kind == NST_PICKLE_PERSISTENT && add_storage (state, value->argument, error) == NULL)
        return FALSE;
    }

  return TRUE;
}

NstTorchState *
nst_torch_state_new (NstPickle *pickle, GError **error)
{
  g_autoptr (NstTorchState) state = g_new0 (NstTorchState, 1);

  state->pickle = pickle;
  state->storages = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  state->tensors = g_ptr_array_new_with_free_func (g_free);

  return parse_storages (state, error) && parse_tensors (state, error) ? g_steal_pointer (&state) : NULL;
}

void
nst_torch_state_free (NstTorchState *state)
{
  if (state == NULL)
    return;

  g_ptr_array_unref (state->tensors);
  g_hash_table_unref (state->storages);
  nst_pickle_free (state->pickle);
  g_free (state);
}

gboolean
nst_torch_tensor_is_contiguous (const NstTorchTensor *tensor)
{
  guint64 expected = 1;

  for (int i = tensor->n_dimensions - 1; i >= 0; i--)
    {
      if (tensor->shape[i] > 1 && (guint64) tensor->strides[i] != expected)
        return FALSE;
      expected *= tensor->shape[i];
    }

  return TRUE;
}
