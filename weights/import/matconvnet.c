/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The importer of MatConvNet's .mat files. */
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/tensor.h"
#include "weights/format/mat-file.h"
#include "weights/format/stream.h"
#include "weights/import/model-builder.h"

/* MatConvNet's models (https://www.vlfeat.org/matconvnet/pretrained): a MATLAB 5 file with the variable
 * `layers`, a 1 x N cell of structs with the fields name and weights (a cell of kernel, H x W x I x O, and
 * bias), in any order, and the picture to subtract, `averageImage`, in meta.normalization or, in older files,
 * in normalization.
 *
 * The file is read once, from front to back. A layer's name may come after its weights, so the kernel of one
 * layer is kept until then if it is 3x3. Kernels of fully connected layers are skipped. */

#define MAX_LAYERS 1000
#define MAX_KERNEL ((gsize) 1 << 26) /* numbers; VGG's largest has 2.4 million */
#define MAX_IMAGE 4096               /* pixels of each side */

/* A numeric array of a layer, column-major. */
typedef struct
{
  gint64 shape[4]; /* reversed: slowest first */
  int    n_dimensions;
  gsize  length;
  float *values; /* borrowed from the reader; NULL: skipped */
} Array;

typedef struct
{
  char  name[NST_MAT_MAX_NAME + 1];
  Array weight, bias;
} Layer;

typedef struct
{
  NstMatFile      *mat; /* the current variable; borrowed */
  NstModelBuilder *builder;
  Layer           *layer;      /* borrowed */
  float           *buffers[2]; /* owned; kernel and bias, reused for the next layer */
  gsize            sizes[2];
  gboolean         has_layers;
} Reader;

static void
reader_clear (Reader *reader)
{
  nst_floats_free (reader->buffers[0]);
  nst_floats_free (reader->buffers[1]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

typedef gboolean (*TakeField) (Reader *reader, const char *field, const NstMatArray *value, GError **error);

/* Call take for each field of a struct; what it does not read is skipped. */
static gboolean
read_struct (Reader *reader, const NstMatArray *array, TakeField take, GError **error)
{
  g_autofree char *names = NULL;
  gsize            n_fields, size;

  if (array->class != NST_MAT_STRUCT || array->length != 1)
    return TRUE;
  names = nst_mat_read_field_names (reader->mat, array, &n_fields, &size, error);
  if (names == NULL)
    return FALSE;
  for (gsize i = 0; i < n_fields; i++)
    {
      const char *name = names + i * size;
      NstMatArray value;

      if (!nst_mat_read_array (reader->mat, array->end, &value, error) || !take (reader, name, &value, error)
          || !nst_mat_go_to (reader->mat, value.end, error))
        {
          g_prefix_error (error, "%s: ", name);
          return FALSE;
        }
    }

  return TRUE;
}

/* A buffer of n floats, reused if it is large enough; NULL: not enough memory. */
static float *
get_buffer (Reader *reader, int which, gsize n)
{
  if (n > reader->sizes[which])
    {
      nst_floats_free (reader->buffers[which]);
      reader->buffers[which] = nst_floats_try_new (n);
      reader->sizes[which] = reader->buffers[which] != NULL ? n : 0;
    }

  return reader->buffers[which];
}

static gboolean
keep_array (Reader *reader, const NstMatArray *from, gboolean kernel, Array *to, GError **error)
{
  if (to->length > 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("a layer has two fields of this name"));
      return FALSE;
    }
  if (from->complex)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("expected real numbers, found complex ones"));
      return FALSE;
    }
  if (!nst_mat_is_real (from))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("expected an array of class single or double, found MATLAB's class number %d"),
                   from->class);
      return FALSE;
    }

  /* MATLAB drops trailing dimensions of 1. */
  to->n_dimensions = kernel ? 4 : from->n_dimensions;
  if (from->n_dimensions > 4)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                   _ ("expected an array of at most 4 dimensions, found %d"), from->n_dimensions);
      return FALSE;
    }
  for (int i = 0; i < to->n_dimensions; i++)
    to->shape[to->n_dimensions - 1 - i] = i < from->n_dimensions ? from->dimensions[i] : 1;
  to->length = from->length;
  if (to->length > MAX_KERNEL || (kernel && (from->dimensions[0] != 3 || from->dimensions[1] != 3)))
    return TRUE;
  to->values = get_buffer (reader, kernel ? 0 : 1, to->length);
  if (to->values == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, _ ("there is not enough memory for %zu numbers"),
                   to->length);
      return FALSE;
    }

  return nst_mat_read_values (reader->mat, from, to->values, error);
}

/* {kernel, bias} */
static gboolean
read_weights (Reader *reader, const NstMatArray *array, GError **error)
{
  if (array->class != NST_MAT_CELL || array->length < 2)
    return TRUE;
  for (int i = 0; i < 2; i++)
    {
      NstMatArray value;

      if (!nst_mat_read_array (reader->mat, array->end, &value, error))
        return FALSE;
      if (value.length > 0
          && !keep_array (reader, &value, i == 0, i == 0 ? &reader->layer->weight : &reader->layer->bias,
                          error))
        return FALSE;
      if (!nst_mat_go_to (reader->mat, value.end, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
take_layer_field (Reader *reader, const char *field, const NstMatArray *value, GError **error)
{
  if (strcmp (field, "name") == 0)
    return nst_mat_read_text (reader->mat, value, reader->layer->name, error);
  if (strcmp (field, "weights") == 0)
    return read_weights (reader, value, error);

  return TRUE;
}

static gboolean
offer (Reader *reader, const Array *array, NstTensorKind kind, GError **error)
{
  NstModelSlot *slot;

  if (array->length == 0)
    return TRUE;
  if (!nst_model_builder_offer (reader->builder, reader->layer->name, kind, array->n_dimensions, array->shape,
                                kind == NST_TENSOR_WEIGHT ? "OIWH" : NULL, &slot, error))
    return FALSE;
  if (slot != NULL && array->values != NULL)
    nst_model_slot_write (slot, array->values, array->length);

  return TRUE;
}

static gboolean
read_layers (Reader *reader, const NstMatArray *array, GError **error)
{
  if (reader->has_layers)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("the variable \"layers\" occurs twice"));
      return FALSE;
    }
  if (array->class != NST_MAT_CELL || array->length > MAX_LAYERS)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the variable \"layers\" must be a cell of at most %d layers, but is an array of "
                      "MATLAB's "
                      "class number %d with %zu elements"),
                   MAX_LAYERS, array->class, array->length);
      return FALSE;
    }

  reader->has_layers = TRUE;
  for (gsize i = 0; i < array->length; i++)
    {
      Layer       layer = { "" };
      NstMatArray value;

      reader->layer = &layer;
      if (!nst_mat_read_array (reader->mat, array->end, &value, error)
          || !read_struct (reader, &value, take_layer_field, error)
          || !nst_mat_go_to (reader->mat, value.end, error))
        {
          g_prefix_error (error, _ ("layer %zu of %zu: "), i + 1, array->length);
          return FALSE;
        }
      if (!offer (reader, &layer.weight, NST_TENSOR_WEIGHT, error)
          || !offer (reader, &layer.bias, NST_TENSOR_BIAS, error))
        return FALSE;
    }

  return TRUE;
}

/* averageImage: height x width x 3, or a colour, 1 x 1 x 3. A picture is reduced to its mean colour, because
 * pictures of any size have to be normalised with it. */
static gboolean
take_normalization_field (Reader *reader, const char *field, const NstMatArray *value, GError **error)
{
  g_autofree float *values = NULL;
  float             mean[3];
  gsize             pixels;

  if (strcmp (field, "averageImage") != 0 || value->length == 0)
    return TRUE;
  if (!nst_mat_is_real (value) || value->n_dimensions != 3 || value->dimensions[2] != 3
      || value->dimensions[0] > MAX_IMAGE || value->dimensions[1] > MAX_IMAGE)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                   _ ("expected height x width x 3 real numbers with sides of at most %d, found %zu numbers "
                      "in "
                      "%d dimensions, the first of %" PRId64),
                   MAX_IMAGE, value->length, value->n_dimensions, value->dimensions[0]);
      return FALSE;
    }
  values = g_try_new (float, value->length);
  if (values == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, _ ("there is not enough memory for %zu numbers"),
                   value->length);
      return FALSE;
    }
  if (!nst_mat_read_values (reader->mat, value, values, error))
    return FALSE;

  pixels = value->length / 3;
  for (int c = 0; c < 3; c++)
    {
      double sum = 0;

      for (gsize i = 0; i < pixels; i++)
        sum += values[c * pixels + i];
      mean[c] = sum / pixels;
    }
  nst_model_builder_set_mean (reader->builder, mean);

  return TRUE;
}

static gboolean
take_meta_field (Reader *reader, const char *field, const NstMatArray *value, GError **error)
{
  return strcmp (field, "normalization") != 0 || read_struct (reader, value, take_normalization_field, error);
}

static gboolean
take_variable (NstMatFile *mat, const NstMatArray *array, gpointer data, GError **error)
{
  Reader *reader = data;

  reader->mat = mat;
  if (strcmp (array->name, "layers") == 0)
    return read_layers (reader, array, error);
  if (strcmp (array->name, "normalization") == 0)
    return read_struct (reader, array, take_normalization_field, error);
  if (strcmp (array->name, "meta") == 0)
    return read_struct (reader, array, take_meta_field, error);

  return TRUE;
}

static gboolean
probe (const NstImportFile *file)
{
  return file->n_head >= 128 && memcmp (file->head, "MATLAB ", 7) == 0;
}

static NstModel *
load (const NstImportFile *file, const NstImportOptions *options, GError **error)
{
  static const char *const    wanted[] = { "layers", "meta", "normalization", NULL };
  g_autoptr (NstModelBuilder) builder = nst_model_builder_new (file, &nst_model_source_rgb, options);
  g_auto (Reader)             reader = { NULL, builder };

  if (!nst_mat_read_file (file, wanted, take_variable, &reader, error))
    return NULL;
  if (!reader.has_layers)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("a MATLAB file without the variable \"layers\", so not a model of MatConvNet; export "
                      "the "
                      "model with its layers"));
      return NULL;
    }

  return nst_model_builder_finish (builder, error);
}

const NstImporter nst_import_matconvnet = { "matconvnet", N_ ("MatConvNet model (.mat)"), NULL, probe, load };
