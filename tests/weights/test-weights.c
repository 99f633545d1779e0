/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Model files: reading, writing, damaged files, the store and the embedded model. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/process.h"
#include "tests/support/support.h"
#include "weights/format/half.h"
#include "weights/format/safetensors.h"
#include "weights/format/stream.h"
#include "weights/import/import.h"
#include "weights/model-file.h"
#include "weights/store.h"

/* Halves */

static guint32
bits_of (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);

  return bits;
}

/* The value of 16 bits by definition. */
static double
half_value (guint half)
{
  double sign = half & 0x8000 ? -1 : 1;
  int    exponent = half >> 10 & 31, mantissa = half & 0x3ff;

  if (exponent == 31)
    return mantissa != 0 ? NAN : sign * INFINITY;

  return sign * (exponent == 0 ? ldexp (mantissa, -24) : ldexp (1024 + mantissa, exponent - 25));
}

static void
test_half_all (void)
{
  for (guint half = 0; half < 65536; half++)
    {
      float  value = nst_half_to_float (half);
      double expected = half_value (half);

      if (isnan (expected))
        g_assert_true (isnan (value));
      else
        g_assert_cmphex (bits_of (value), ==, bits_of (expected));
      g_assert_cmphex (nst_half_from_float (value), ==, half);
    }
}

static void
test_half_rounding (void)
{
  const struct
  {
    double value;
    guint  half;
  } cases[] = {
    { 65504, 0x7bff },
    { 65519.99, 0x7bff },
    { 65520, 0x7c00 },
    { -65520, 0xfc00 },
    { 1e30, 0x7c00 },
    { INFINITY, 0x7c00 },
    { 1 + 0x1p-11, 0x3c00 },
    { 1 + 0x1.8p-11, 0x3c01 },
    { 1 + 0x3p-11, 0x3c02 },
    { 1 - 0x1p-12, 0x3c00 },
    { 2 - 0x1p-11, 0x4000 },
    { 0x1p-24, 0x0001 },
    { 0x1p-25, 0x0000 },
    { 0x1.8p-25, 0x0001 },
    { 0x3p-25, 0x0002 },
    { 0x5p-25, 0x0002 },
    { 1e-30, 0 },
    { -0x1p-25, 0x8000 },
    { 0x1p-14 - 0x1p-25, 0x0400 },
    { 0x1p-14 - 0x1.8p-25, 0x03ff },
    { 0x1p-14, 0x0400 },
    { -0.0, 0x8000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmphex (nst_half_from_float (cases[i].value), ==, cases[i].half);

  /* No neighbour is nearer; of two equally near ones the even one is chosen. */
  for (int i = 0; i < 100000; i++)
    {
      float  value = ldexp (g_test_rand_double_range (1, 2), g_test_rand_int_range (-26, 15));
      guint  half = nst_half_from_float (value);
      double distance = fabs (half_value (half) - value);

      for (guint other = half == 0 ? half : half - 1; other <= MIN (half + 1, 0x7bff); other++)
        {
          double its = fabs (half_value (other) - value);

          g_assert_true (distance < its || other == half || (distance == its && half % 2 == 0));
        }
    }
}

/* Invalid safetensors files */

/* A file with this header and n_data zero bytes. length: the length of the header that the file states; -1:
 * the real one. */
static GBytes *
make_bytes (const char *header, gint64 length, gsize n_data)
{
  g_autoptr (GByteArray) array = g_byte_array_new ();
  guint64                n = GUINT64_TO_LE (length < 0 ? (guint64) strlen (header) : (guint64) length);

  g_byte_array_append (array, (const guint8 *) &n, 8);
  g_byte_array_append (array, (const guint8 *) header, strlen (header));
  for (gsize i = 0; i < n_data; i++)
    g_byte_array_append (array, (const guint8[]){ 0 }, 1);

  /* Memory of exactly this size, so that a sanitizer detects every read beyond it. */
  return g_bytes_new (array->data, array->len);
}

typedef struct
{
  const char *name, *header;
  gint64      length;
  gsize       n_data;
  const char *message; /* a part of it; NULL: the file is good */
} BadFile;

#define TENSOR(name, dtype, shape, offsets)                                                                  \
  "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":[" shape "],\"data_offsets\":[" offsets "]}"
#define A8 TENSOR ("a", "F32", "2", "0,8")

static const BadFile bad_files[] = {
  { "good", "{" A8 "," TENSOR ("b", "F16", "3", "8,14") "}", -1, 14 },
  { "good-empty", "{}", -1, 0 },
  { "good-scalar", "{" TENSOR ("a", "F32", "", "0,4") "}", -1, 4 },
  { "good-empty-tensors",
    "{" A8 "," TENSOR ("b", "F32", "0", "0,0") "," TENSOR ("c", "F32", "5,0", "8,8") "}", -1, 8 },
  { "good-unordered", "{" TENSOR ("b", "F32", "1", "8,12") "," A8 "}", -1, 12 },
  { "good-metadata", "{\"__metadata__\":{\"a\":\"{[\\\"\"}," A8 "}  ", -1, 8 },

  { "header-past-end", "{" A8 "}", 80, 8, "header of 80 bytes in a file of" },
  { "header-huge", "{" A8 "}", G_MAXINT64, 8, "header of 9223372036854775807 bytes" },
  { "header-zero", "{" A8 "}", 0, 8, "header of 0 bytes" },
  { "not-json", "hello, this is not JSON", -1, 0, "not a JSON object; reading stops at byte 0" },
  { "cut-json", "{" A8, -1, 8, "not a JSON object" },
  { "array", "[1]", -1, 0, "not a JSON object" },
  { "string", "\"abc\"", -1, 0, "not a JSON object" },
  { "after-json", "{" A8 "} x", -1, 8, "not a JSON object" },
  { "not-utf8", "{\"\xff\":1}", -1, 0, "not UTF-8" },
  { "escaped-nul", "{\"a\\u0000b\":1}", -1, 0, "NUL" },
  { "tensor-deep", "{\"a\":{\"dtype\":[[[[1]]]]}}", -1, 0, "nested deeper than 3" },
  { "metadata-number", "{\"__metadata__\":{\"a\":\"b\",\"c\":3}}", -1, 0,
    "__metadata__: \"c\" is not a string" },
  { "metadata-array", "{\"__metadata__\":[]}", -1, 0, "__metadata__: expected an object" },
  { "metadata-null", "{\"__metadata__\":null}", -1, 0, "__metadata__: expected an object" },
  { "twice", "{" A8 "," TENSOR ("a", "F32", "1", "8,12") "}", -1, 12, "the key \"a\" occurs twice" },
  { "dtype-twice", "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,8]}}", -1,
    8, "the key \"dtype\" occurs twice" },
  { "tensor-number", "{\"a\":3}", -1, 0, "a: expected {" },
  { "no-shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", -1, 8, "a: expected {" },
  { "other-key", "{\"a\":{\"dtype\":\"F32\",\"Shape\":[2],\"data_offsets\":[0,8]}}", -1, 8,
    "a: its shape is not a list" },
  { "dtype-number", "{\"a\":{\"dtype\":32,\"shape\":[2],\"data_offsets\":[0,8]}}", -1, 8, "a: expected {" },
  { "bf16", "{" TENSOR ("conv1_1.weight", "BF16", "4", "0,8") "}", -1, 8,
    "conv1_1.weight: its numbers are BF16, but only F32 and F16 are read" },
  { "f64", "{" TENSOR ("a", "F64", "1", "0,8") "}", -1, 8, "a: its numbers are F64" },
  { "dtype-case", "{" TENSOR ("a", "f32", "2", "0,8") "}", -1, 8, "a: its numbers are f32" },
  { "shape-text", "{" TENSOR ("a", "F32", "\"2\"", "0,8") "}", -1, 8, "a: number 1 of its shape" },
  { "shape-negative", "{" TENSOR ("a", "F32", "-2", "0,8") "}", -1, 8, "a: number 1 of its shape" },
  { "shape-two-negative", "{" TENSOR ("a", "F32", "-2,-1", "0,8") "}", -1, 8, "a: number 1 of its shape" },
  { "shape-fraction", "{" TENSOR ("a", "F32", "1,2.5", "0,8") "}", -1, 8, "a: number 2 of its shape" },
  { "shape-2^53", "{" TENSOR ("a", "F32", "9007199254740992", "0,8") "}", -1, 8, "a: number 1 of its shape" },
  { "shape-2^53+1", "{" TENSOR ("a", "F32", "9007199254740993", "0,8") "}", -1, 8,
    "a: number 1 of its shape" },
  { "shape-1e999", "{" TENSOR ("a", "F32", "1e999", "0,8") "}", -1, 8, "a: number 1 of its shape" },
  { "shape-overflow", "{" TENSOR ("a", "F32", "4294967296,4294967296,2", "0,8") "}", -1, 8,
    "a: number 2 of its shape" },
  { "shape-bytes-overflow", "{" TENSOR ("a", "F32", "2147483648,2147483648,2", "0,8") "}", -1, 8,
    "in F32 does not have 8 bytes" },
  { "shape-bytes", "{" TENSOR ("a", "F32", "3", "0,8") "}", -1, 8,
    "a: its shape, 3, in F32 does not have 8 bytes" },
  { "shape-bytes-half", "{" TENSOR ("a", "F16", "2,2", "0,4") "}", -1, 4,
    "a: its shape, 2x2, in F16 does not have 4 bytes" },
  { "shape-long", "{" TENSOR ("a", "F32", "1,1,1,1,1,1,1,1,1", "0,4") "}", -1, 4,
    "a: its shape is not a list of at most 8" },
  { "shape-object", "{\"a\":{\"dtype\":\"F32\",\"shape\":{\"x\":2},\"data_offsets\":[0,8]}}", -1, 8,
    "a: its shape is not a list" },
  { "offsets-one", "{" TENSOR ("a", "F32", "2", "8") "}", -1, 8, "a: its data_offsets" },
  { "offsets-three", "{" TENSOR ("a", "F32", "2", "0,8,8") "}", -1, 8, "a: its data_offsets" },
  { "offsets-negative", "{" TENSOR ("a", "F32", "2", "-8,0") "}", -1, 8, "a: its data_offsets" },
  { "offsets-fraction", "{" TENSOR ("a", "F32", "2", "0,8.5") "}", -1, 8, "a: its data_offsets" },
  { "offsets-2^53", "{" TENSOR ("a", "F32", "2", "0,9007199254740992") "}", -1, 8, "a: its data_offsets" },
  { "offsets-large", "{" TENSOR ("a", "F32", "2", "9007199254740983,9007199254740991") "}", -1, 8,
    "a: its data are bytes 9007199254740983" },
  { "offsets-backwards", "{" TENSOR ("a", "F32", "2", "8,0") "}", -1, 8,
    "a: its data are bytes 8 to 0 of 8" },
  { "offsets-past-end", "{" A8 "," TENSOR ("b", "F32", "1", "8,12") "}", -1, 11,
    "b: its data are bytes 8 to 12 of 11" },
  { "overlap", "{" A8 "," TENSOR ("b", "F32", "1", "4,8") "}", -1, 8,
    "b: its data begin at byte 4 instead of 8" },
  { "same", "{" A8 "," TENSOR ("b", "F32", "2", "0,8") "}", -1, 8, "its data begin at byte 0 instead of 8" },
  { "hole", "{" A8 "," TENSOR ("b", "F32", "1", "12,16") "}", -1, 16,
    "b: its data begin at byte 12 instead of 8" },
  { "hole-first", "{" TENSOR ("b", "F32", "1", "4,8") "}", -1, 8,
    "b: its data begin at byte 4 instead of 0" },
  { "empty-inside", "{" A8 "," TENSOR ("b", "F32", "0", "4,4") "}", -1, 8, "b: its data begin at byte 4" },
  { "rest", "{" A8 "}", -1, 9, "the tensors end at byte 8 of the data, but there are 9 bytes" },
};

static void
test_bad_file (gconstpointer data)
{
  const BadFile             *bad = data;
  g_autoptr (GBytes)         bytes = make_bytes (bad->header, bad->length, bad->n_data);
  g_autoptr (GError)         error = NULL;
  g_autoptr (NstSafetensors) file = nst_safetensors_parse (bytes, "the file", &error);

  if (bad->message == NULL)
    {
      g_assert_no_error (error);
      g_assert_nonnull (file);
      return;
    }
  g_assert_null (file);
  g_assert_error (error, NST_ERROR, NST_ERROR_FORMAT);
  g_assert_true (g_str_has_prefix (error->message, "the file: "));
  if (strstr (error->message, bad->message) == NULL)
    g_error ("\"%s\" is not in \"%s\"", bad->message, error->message);
}

/* Files that cannot be written as strings above. */
static void
test_bad_bytes (void)
{
  const char *const   html = "<!DOCTYPE html><html><body>404</body></html>";
  g_autoptr (GString) deep = g_string_new (NULL);
  const struct
  {
    const char *bytes;
    gsize       length;
    const char *message;
  } cases[] = {
    { "", 0, "has only 0 bytes" },
    { "\2\0\0\0\0\0\0", 7, "has only 7 bytes" },
    { "\2\0\0\0\0\0\0\0{", 9, "header of 2 bytes" },
    { "\1\0\0\0\0\0\0\0{}", 10, "header of 1 bytes" },
    { "\377\377\377\377\377\377\377\377{}", 10, "header of 18446744073709551615 bytes" },
    { "\4\0\0\0\0\0\0\0{}\0\0", 12, "zero byte" },
    { html, strlen (html), "web page" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (cases[i].bytes, cases[i].length);
      g_autoptr (GError) error = NULL;

      g_assert_null (nst_safetensors_parse (bytes, "x", &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }

  for (int kind = 0; kind < 2; kind++)
    {
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      g_string_truncate (deep, 0);
      for (int i = 0; i < 200000; i++)
        g_string_append (deep, kind == 0 ? "[" : "{\"a\":");
      bytes = make_bytes (deep->str, -1, 0);
      g_assert_null (nst_safetensors_parse (bytes, "x", &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_FORMAT);
    }
}

/* Models */

static void
empty_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

/* The user's folder of models, emptied. main () has placed it in a temporary folder. */
static char *
folder_new (void)
{
  char *folder = g_build_filename (g_get_user_data_dir (), "pastiche", "models", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  empty_folder (folder);

  return folder;
}

static int
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int              n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

/* Compare bits; if half is set, after rounding both to a half. */
static void
assert_floats (const float *a, const float *b, gsize n, gboolean half)
{
  for (gsize i = 0; i < n; i++)
    g_assert_cmphex (bits_of (a[i]), ==,
                     bits_of (half ? nst_half_to_float (nst_half_from_float (b[i])) : b[i]));
}

static void
assert_models (const NstModel *a, const NstModel *b, gboolean half)
{
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpstr (a->source, ==, b->source);
  g_assert_cmpstr (a->licence, ==, b->licence);
  g_assert_cmpint (a->pooling, ==, b->pooling);
  g_assert_cmpmem (a->order, sizeof a->order, b->order, sizeof b->order);
  g_assert_cmphex (bits_of (a->scale), ==, bits_of (b->scale));
  assert_floats (a->mean, b->mean, 3, FALSE);
  assert_floats (a->std, b->std, 3, FALSE);
  g_assert_cmpint (a->n_layers, ==, b->n_layers);
  for (int i = 0; i < a->n_layers; i++)
    {
      const NstLayer *one = &a->layers[i], *other = &b->layers[i];

      g_assert_cmpstr (one->name, ==, other->name);
      g_assert_cmpint (one->kind, ==, other->kind);
      g_assert_cmpint (one->in_channels, ==, other->in_channels);
      g_assert_cmpint (one->out_channels, ==, other->out_channels);
      g_assert_cmpint (one->head_channels, ==, other->head_channels);
      if (one->kind == NST_LAYER_POOL)
        continue;
      g_assert_cmpint (one->padding, ==, other->padding);
      assert_floats (one->weight, other->weight, (gsize) one->out_channels * one->in_channels * 9, half);
      assert_floats (one->bias, other->bias, one->out_channels, half);
      assert_floats (one->head_weight, other->head_weight, (gsize) one->head_channels * one->out_channels,
                     half);
      assert_floats (one->head_bias, other->head_bias, one->head_channels, half);
    }
}

static NstModel *
random_model (void)
{
  NstModel *model = test_model ((const int[]){ 5, 3 }, 2, 7, NST_PADDING_REPLICATE);

  g_free (model->name);
  g_free (model->source);
  g_free (model->licence);
  model->name = g_strdup ("a \"random\" one");
  model->source = g_strdup ("\xc3\xa4 test");
  model->licence = NULL;
  model->pooling = NST_POOLING_AVERAGE;
  model->scale = 255;
  for (int i = 0; i < 3; i++)
    {
      model->order[i] = 2 - i;
      model->mean[i] = g_test_rand_double_range (-200, 200);
      model->std[i] = g_test_rand_double_range (0.1, 1);
    }

  return model;
}

static void
test_round_trip (gconstpointer data)
{
  gboolean             half = GPOINTER_TO_INT (data);
  g_autofree char     *folder = folder_new (), *path = g_build_filename (folder, "round.safetensors", NULL);
  g_autofree char     *first = NULL, *second = NULL;
  gsize                length, again;
  g_autoptr (NstModel) model = random_model (), loaded = NULL, named = NULL;
  g_autoptr (GError)   error = NULL;

  g_assert_true (nst_model_save (model, path, half, &error));
  g_assert_no_error (error);
  loaded = nst_model_load (path, &error);
  g_assert_no_error (error);
  assert_models (loaded, model, half);
  named = nst_model_get ("round", &error);
  g_assert_no_error (error);
  assert_models (named, loaded, FALSE);

  /* Overwriting gives the same bytes; the data begins at a multiple of 8. */
  g_assert_true (g_file_get_contents (path, &first, &length, NULL));
  g_assert_true (nst_model_save (loaded, path, half, &error));
  g_assert_true (g_file_get_contents (path, &second, &again, NULL));
  g_assert_cmpmem (first, length, second, again);
  g_assert_cmpint (first[0] & 7, ==, 0);
  g_assert_cmpint (count_files (folder), ==, 1);
}

/* Every half, through a file. */
static void
test_half_file (void)
{
  g_autofree char  *folder = folder_new (), *path = g_build_filename (folder, "half.safetensors", NULL);
  g_autofree char  *contents = NULL;
  g_autofree float *values = g_new (float, 65536), *back = g_new (float, 65536);
  gsize             length;
  g_autoptr (NstSafetensorsWriter) writer = nst_safetensors_writer_new ();
  g_autoptr (NstSafetensors)       file = NULL;
  g_autoptr (GError)               error = NULL;

  for (guint i = 0; i < 65536; i++)
    values[i] = nst_half_to_float (i);
  nst_safetensors_writer_set_metadata (writer, "key", "old");
  nst_safetensors_writer_set_metadata (writer, "key", "new");
  nst_safetensors_writer_add (writer, "all", 2, (const gint64[]){ 256, 256 }, values, TRUE);
  g_assert_true (nst_safetensors_writer_write (writer, path, &error));

  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  for (guint i = 0; i < 65536; i++)
    {
      const guint8 *at = (const guint8 *) contents + length - 2 * (65536 - i);

      g_assert_cmphex (at[0] | at[1] << 8, ==, i);
    }
  file = nst_safetensors_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nst_safetensors_metadata (file, "key"), ==, "new");
  g_assert_null (nst_safetensors_metadata (file, "all"));
  g_assert_cmpuint (nst_safetensors_find (file, "all")->length, ==, 65536);
  g_assert_null (nst_safetensors_find (file, "__metadata__"));
  g_assert_true (nst_safetensors_read (file, "all", 2, (const gint64[]){ 256, 256 }, back, &error));
  g_assert_cmpmem (back, 65536 * 4, values, 65536 * 4);
  g_assert_false (nst_safetensors_read (file, "all", 1, (const gint64[]){ 65536 }, back, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==, "all: expected 65536, found 256x256");
}

static void
test_name_twice (void)
{
  g_autofree char  *folder = folder_new (), *path = g_build_filename (folder, "twice.safetensors", NULL);
  const char *const names[] = { "a", "__metadata__", "\xff" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (NstSafetensorsWriter) writer = nst_safetensors_writer_new ();
      g_autoptr (GError)               error = NULL;

      nst_safetensors_writer_set_metadata (writer, "key", "value");
      nst_safetensors_writer_add (writer, "a", 0, NULL, (const float[]){ 1 }, FALSE);
      nst_safetensors_writer_add (writer, names[i], 0, NULL, (const float[]){ 1 }, FALSE);
      g_assert_false (nst_safetensors_writer_write (writer, path, &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_FORMAT);
      g_assert_true (g_str_has_prefix (error->message, path));
      g_assert_cmpint (count_files (folder), ==, 0);
    }
}

/* A small good file, cut off after every byte, and with every byte changed. */
static void
test_cut_off (void)
{
  g_autofree char *folder = folder_new (), *path = g_build_filename (folder, "cut.safetensors", NULL),
                  *contents = NULL;
  gsize                length;
  g_autoptr (NstModel) model = test_model ((const int[]){ 2, 1 }, 2, 2, NST_PADDING_ZERO);

  g_assert_true (nst_model_save (model, path, TRUE, NULL));
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  for (gsize n = 0; n < length; n++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (contents, n);
      g_autoptr (GError) error = NULL;

      g_assert_null (nst_model_load_bytes (bytes, "cut", &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_FORMAT);
    }
  for (gsize i = 0; i < 4 * length; i++)
    {
      char                 old = contents[i / 4];
      g_autoptr (GBytes)   bytes = NULL;
      g_autoptr (GError)   error = NULL;
      g_autoptr (NstModel) loaded = NULL;

      contents[i / 4] = i % 4 == 0 ? 0 : g_test_rand_int_range (-128, 128);
      bytes = g_bytes_new (contents, length);
      loaded = nst_model_load_bytes (bytes, "changed", &error);
      g_assert_true ((loaded == NULL) == (error != NULL));
      contents[i / 4] = old;
    }
}

typedef struct
{
  const char *name, *network;
  NstError    code;
  const char *message; /* NULL: the file is good */
  const char *tensor;  /* the tensor that is wrong */
  int         n;       /* its dimensions; 0: it is missing */
  gint64      shape[5];
  float       value;
} BadModel;

#define NETWORK(top, input, layers) "{" top ",\"input\":{" input "},\"layers\":[" layers "],\"new\":[{}]}"
#define TOP "\"format\":1,\"name\":\"n\",\"pooling\":\"max\""
#define MEANS "\"mean\":[0,0,0],\"std\":[1,1,1]"
#define INPUT "\"order\":\"RGB\",\"scale\":1," MEANS
#define LAYERS                                                                                               \
  "{\"name\":\"conv1_1\",\"channels\":2,\"head\":3},{\"name\":\"pool1\"},{\"name\":\"conv2_1\","             \
  "\"channels\":4}"
#define GOOD NETWORK (TOP, INPUT, LAYERS)
#define DEEP "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"

#define FORMAT(name, network, message)                                                                       \
  {                                                                                                          \
    name, network, NST_ERROR_FORMAT, message                                                                 \
  }

static const BadModel bad_models[] = {
  FORMAT ("good", GOOD, NULL),
  FORMAT ("no-network", NULL, "no \"pastiche\" among its metadata"),
  FORMAT ("not-json", "slim", "the network: not a JSON object"),
  FORMAT ("deep", "{\"x\":" DEEP "}", "the network: nested deeper"),
  FORMAT ("no-format", NETWORK ("\"name\":\"n\",\"pooling\":\"max\"", INPUT, LAYERS), "format: expected 1"),
  FORMAT ("format-2",
          NETWORK ("\"format\":2,\"name\":\"n\",\"pooling\":\"max\"", INPUT, LAYERS),
          "format: expected 1"),
  FORMAT ("no-name", NETWORK ("\"format\":1,\"pooling\":\"max\"", INPUT, LAYERS), "name: expected a text"),
  FORMAT ("source-number", NETWORK (TOP ",\"source\":1", INPUT, LAYERS), "source: expected a text"),
  FORMAT ("no-pooling",
          NETWORK ("\"format\":1,\"name\":\"n\"", INPUT, LAYERS),
          "pooling: expected \"max\" or \"average\", found nothing"),
  FORMAT ("pooling",
          NETWORK ("\"format\":1,\"name\":\"n\",\"pooling\":\"min\"", INPUT, LAYERS),
          "pooling: expected \"max\" or \"average\", found min"),
  FORMAT ("no-input", "{" TOP ",\"layers\":[" LAYERS "]}", "input: expected a JSON object"),
  FORMAT ("order",
          NETWORK (TOP, "\"order\":\"GBR\",\"scale\":1," MEANS, LAYERS),
          "input: order: expected \"RGB\" or \"BGR\", found GBR"),
  FORMAT ("no-scale", NETWORK (TOP, "\"order\":\"RGB\"," MEANS, LAYERS), "input: scale: expected a number"),
  FORMAT ("scale-zero", NETWORK (TOP, "\"order\":\"RGB\",\"scale\":0," MEANS, LAYERS), "scale 0"),
  FORMAT ("scale-huge", NETWORK (TOP, "\"order\":\"RGB\",\"scale\":1e99," MEANS, LAYERS), "scale inf"),
  FORMAT ("mean",
          NETWORK (TOP, "\"order\":\"RGB\",\"scale\":1,\"mean\":[0,0],\"std\":[1,1,1]", LAYERS),
          "input: mean: expected a list of three"),
  FORMAT ("std-text",
          NETWORK (TOP, "\"order\":\"RGB\",\"scale\":1,\"mean\":[0,0,0],\"std\":[1,\"1\",1]", LAYERS),
          "input: std: expected"),
  FORMAT ("std-zero",
          NETWORK (TOP, "\"order\":\"RGB\",\"scale\":1,\"mean\":[0,0,0],\"std\":[1,0,1]", LAYERS),
          "std 0"),
  FORMAT ("input-key", NETWORK (TOP, INPUT ",\"gamma\":2", LAYERS), "input: \"gamma\" is not known"),
  FORMAT ("no-layers", NETWORK (TOP, INPUT, ""), "layers: expected a list of 1 to 64, found 0"),
  FORMAT ("layers-object", "{" TOP ",\"layers\":{}}", "layers: expected a list"),
  FORMAT ("layer-text", NETWORK (TOP, INPUT, "\"conv1_1\""), "layer 1: a layer has no name"),
  FORMAT ("layer-no-name", NETWORK (TOP, INPUT, LAYERS ",{\"channels\":3}"), "layer 4: a layer has no name"),
  FORMAT ("layer-key",
          NETWORK (TOP, INPUT, "{\"name\":\"conv1_1\",\"channels\":2,\"stride\":2}"),
          "layer 1: conv1_1: \"stride\" is not known"),
  FORMAT ("pool-key",
          NETWORK (TOP, INPUT, LAYERS ",{\"name\":\"pool2\",\"channels\":4}"),
          "layer 4: pool2: \"channels\" is not known"),
  FORMAT ("no-channels",
          NETWORK (TOP, INPUT, "{\"name\":\"conv1_1\"}"),
          "conv1_1: channels: expected a whole number from 1 to 4096"),
  FORMAT ("channels-0",
          NETWORK (TOP, INPUT, "{\"name\":\"conv1_1\",\"channels\":0}"),
          "conv1_1: channels: expected"),
  FORMAT ("channels-many",
          NETWORK (TOP, INPUT, "{\"name\":\"conv1_1\",\"channels\":4097}"),
          "conv1_1: channels: expected"),
  FORMAT ("channels-part",
          NETWORK (TOP, INPUT, "{\"name\":\"conv1_1\",\"channels\":2.5}"),
          "conv1_1: channels: expected"),
  FORMAT ("channels-text",
          NETWORK (TOP, INPUT, "{\"name\":\"conv1_1\",\"channels\":\"2\"}"),
          "conv1_1: channels: expected"),
  FORMAT ("head",
          NETWORK (TOP, INPUT, "{\"name\":\"conv1_1\",\"channels\":2,\"head\":-1}"),
          "conv1_1: head: expected"),
  FORMAT ("padding",
          NETWORK (TOP, INPUT, "{\"name\":\"conv1_1\",\"channels\":2,\"padding\":\"reflect\"}"),
          "conv1_1: expected \"zero\" or \"replicate\", found reflect"),
  FORMAT ("padding-number",
          NETWORK (TOP, INPUT, "{\"name\":\"conv1_1\",\"channels\":2,\"padding\":1}"),
          "found no text"),
  FORMAT ("layer-twice", NETWORK (TOP, INPUT, LAYERS ",{\"name\":\"pool1\"}"), "name"),
  { "pool-first", NETWORK (TOP, INPUT, "{\"name\":\"pool1\"}"), NST_ERROR_SHAPE, "the first a convolution" },
  { "layer-missing", NETWORK (TOP, INPUT, LAYERS ",{\"name\":\"conv2_2\",\"channels\":2}"), NST_ERROR_SHAPE,
    "conv2_2.weight: the file has no such tensor; expected 2x4x3x3" },
  { "tensor-missing", GOOD, NST_ERROR_SHAPE, "conv2_1.bias: the file has no such tensor; expected 4",
    "conv2_1.bias" },
  { "head-missing", GOOD, NST_ERROR_SHAPE, "conv1_1.head.bias: the file has no such tensor; expected 3",
    "conv1_1.head.bias" },
  { "extra-channels",
    GOOD,
    NST_ERROR_SHAPE,
    "conv2_1.weight: expected 4x2x3x3, found 4x3x3x3",
    "conv2_1.weight",
    4,
    { 4, 3, 3, 3 } },
  { "kernel",
    GOOD,
    NST_ERROR_SHAPE,
    "conv2_1.weight: expected 4x2x3x3, found 4x2x5x5",
    "conv2_1.weight",
    4,
    { 4, 2, 5, 5 } },
  { "same-length",
    GOOD,
    NST_ERROR_SHAPE,
    "conv1_1.weight: expected 2x3x3x3, found 3x2x3x3",
    "conv1_1.weight",
    4,
    { 3, 2, 3, 3 } },
  { "head-four",
    GOOD,
    NST_ERROR_SHAPE,
    "conv1_1.head.weight: expected 3x2, found 3x2x1x1",
    "conv1_1.head.weight",
    4,
    { 3, 2, 1, 1 } },
  { "nan", GOOD, NST_ERROR_FORMAT, "conv2_1.weight: value", "conv2_1.weight", 4, { 4, 2, 3, 3 }, NAN },
  { "infinite",
    GOOD,
    NST_ERROR_FORMAT,
    "conv1_1.head.bias: value",
    "conv1_1.head.bias",
    1,
    { 3 },
    -INFINITY },
};

static void
test_bad_model (gconstpointer data)
{
  static const struct
  {
    const char *name;
    int         n;
    gint64      shape[4];
  } tensors[] = {
    { "conv1_1.weight", 4, { 2, 3, 3, 3 } },
    { "conv1_1.bias", 1, { 2 } },
    { "conv1_1.head.weight", 2, { 3, 2 } },
    { "conv1_1.head.bias", 1, { 3 } },
    { "conv2_1.weight", 4, { 4, 2, 3, 3 } },
    { "conv2_1.bias", 1, { 4 } },
    { "other", 1, { 1 } },
  };
  const BadModel  *bad = data;
  float            values[1024] = { 0 };
  g_autofree char *folder = folder_new (), *path = g_build_filename (folder, "bad.safetensors", NULL);
  g_autoptr (NstSafetensorsWriter) writer = nst_safetensors_writer_new ();
  g_autoptr (NstModel)             model = NULL;
  g_autoptr (GError)               error = NULL;

  values[1] = bad->value;
  if (bad->network != NULL)
    nst_safetensors_writer_set_metadata (writer, "pastiche", bad->network);
  for (gsize i = 0; i < G_N_ELEMENTS (tensors); i++)
    if (g_strcmp0 (tensors[i].name, bad->tensor) != 0)
      nst_safetensors_writer_add (writer, tensors[i].name, tensors[i].n, tensors[i].shape, values + 2, i % 2);
  if (bad->n > 0)
    nst_safetensors_writer_add (writer, bad->tensor, bad->n, bad->shape, values, TRUE);
  g_assert_true (nst_safetensors_writer_write (writer, path, &error));

  model = nst_model_load (path, &error);
  if (bad->message == NULL)
    {
      g_assert_no_error (error);
      g_assert_nonnull (model);
      return;
    }
  g_assert_null (model);
  g_assert_error (error, NST_ERROR, (int) bad->code);
  g_assert_true (g_str_has_prefix (error->message, path));
  if (strstr (error->message, bad->message) == NULL)
    g_error ("\"%s\" is not in \"%s\"", bad->message, error->message);
}

/* Saving that fails leaves the old file and nothing else. */
static void
assert_save_fails (
    const NstModel *model, const char *path, gboolean half, GQuark domain, int code, const char *message)
{
  g_autofree char   *folder = g_path_get_dirname (path), *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize              length = 0, again = 0;
  int                files = g_file_test (folder, G_FILE_TEST_IS_DIR) ? count_files (folder) : -1;

  g_file_get_contents (path, &before, &length, NULL);
  g_assert_false (nst_model_save (model, path, half, &error));
  g_assert_error (error, domain, code);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_nonnull (strstr (error->message, message));
  g_file_get_contents (path, &after, &again, NULL);
  g_assert_cmpmem (before, length, after, again);
  g_assert_cmpint (files, ==, files < 0 ? -1 : count_files (folder));
}

static void
test_save_fails (void)
{
  g_autofree char     *folder = folder_new (), *path = g_build_filename (folder, "old.safetensors", NULL);
  g_autofree char     *nowhere = g_build_filename (folder, "none", "x.safetensors", NULL);
  g_autofree char     *directory = g_build_filename (folder, "d", NULL);
  g_autoptr (NstModel) model = random_model ();
  struct rlimit        unlimited, limited;
  float                weight = model->layers[1].weight[20];

  g_assert_true (nst_model_save (model, path, FALSE, NULL));
  g_assert_cmpint (g_mkdir (directory, 0700), ==, 0);
  assert_save_fails (model, nowhere, FALSE, G_FILE_ERROR, G_FILE_ERROR_NOENT, "there is no folder");
  assert_save_fails (model, directory, FALSE, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "this is a folder");

  model->layers[1].weight[20] = 65520;
  assert_save_fails (model, path, TRUE, NST_ERROR, NST_ERROR_ARGUMENT, "conv1_2.weight: value 20 is 65520");
  model->layers[1].weight[20] = NAN;
  assert_save_fails (model, path, FALSE, NST_ERROR, NST_ERROR_FORMAT, "conv1_2.weight: value 20");
  model->layers[1].weight[20] = weight;
  model->order[0] = 1;
  assert_save_fails (model, path, FALSE, NST_ERROR, NST_ERROR_ARGUMENT, "neither RGB nor BGR");
  model->order[0] = 2;

  /* The disk is full after 2000 bytes. */
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
  limited = unlimited;
  limited.rlim_cur = 2000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limited), ==, 0);
  assert_save_fails (model, path, FALSE, G_FILE_ERROR, G_FILE_ERROR_FAILED, "File too large");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
}

/* The store */

/* rename () of this program and of GLib: it ends the process before or after the n-th call, as a crash would.
 * 0, 1: before and after the first; 2, 3: the second; negative: never. */
static int crash = -1;

int
rename (const char *from, const char *to)
{
  int result;

  if (crash == 0)
    _exit (77);
  result = renameat (AT_FDCWD, from, AT_FDCWD, to);
  if (crash == 1)
    _exit (77);
  crash = MAX (crash - 2, -1);

  return result;
}

static void
flip_byte (const char *path)
{
  g_autofree char *contents = NULL;
  gsize            length;

  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  contents[length - 1] ^= 1;
  g_assert_true (g_file_set_contents (path, contents, length, NULL));
}

/* The file is the model a or the model b, verify finds it good, and finds it damaged after a change. */
static void
assert_stored (const char *path, const NstModel *a, const NstModel *b)
{
  g_autoptr (NstModel) found = nst_model_load (path, NULL);
  g_autoptr (GError)   error = NULL;

  g_assert_nonnull (found);
  assert_models (found, found->scale == a->scale ? a : b, FALSE);
  nst_store_verify (path, NULL, &error);
  g_assert_no_error (error);
  flip_byte (path);
  g_assert_false (nst_store_verify (path, NULL, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_FORMAT);
  flip_byte (path);
}

/* Kill the program at each moment of a replacement. foreign: the old model was copied by hand, so it has no
 * checksum. save: through nst_store_save (). */
static void
test_store_crash (gconstpointer data)
{
  gboolean             foreign = GPOINTER_TO_INT (data) == 1, save = GPOINTER_TO_INT (data) == 2;
  g_autofree char     *folder = folder_new (), *path = g_build_filename (folder, "m.safetensors", NULL);
  g_autoptr (NstModel) old = random_model (), fresh = random_model ();
  g_autoptr (GError)   error = NULL;
  int                  status = -1, n_old = 0, n_fresh = 0;

  fresh->scale = 7;
  for (int i = 0; status != 0; i++)
    {
      g_autoptr (NstModel) found = NULL;
      pid_t                child;

      g_assert_cmpint (i, <, 100);
      empty_folder (folder);
      if (foreign)
        g_assert_true (nst_model_save (old, path, FALSE, NULL));
      else
        g_assert_true (nst_store_add (old, "m", FALSE, NULL, NULL));
      child = fork ();
      if (child == 0)
        {
          crash = i;
          _exit (save ? !nst_store_save (fresh, path, FALSE, NULL)
                      : !nst_store_add (fresh, "m", FALSE, NULL, NULL));
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFEXITED (status) && (status == 0 || WEXITSTATUS (status) == 77));
      found = nst_model_load (path, NULL);
      n_old += found->scale == old->scale;
      n_fresh += found->scale == fresh->scale;
      nst_store_verify (path, NULL, &error);
      g_assert_no_error (error);
      if (!foreign || found->scale == fresh->scale)
        assert_stored (path, old, fresh);

      /* The next program tidies up. */
      g_assert_true (nst_store_add (old, "m", FALSE, NULL, &error));
      assert_stored (path, old, old);
      g_assert_cmpint (count_files (folder), ==, 2);
    }
  g_assert_cmpint (n_old, >=, 3);
  g_assert_cmpint (n_fresh, >=, 3);
}

/* A failure leaves the old model and its checksum. */
static void
test_store_fails (void)
{
  g_autofree char     *folder = folder_new (), *path = g_build_filename (folder, "m.safetensors", NULL);
  g_autofree char     *pipe_path = g_build_filename (folder, "pipe.safetensors", NULL);
  g_autoptr (NstModel) old = random_model (), fresh = random_model ();
  struct rlimit        unlimited, limited;

  g_assert_true (nst_store_add (old, "m", FALSE, NULL, NULL));
  fresh->layers[1].weight[20] = 1e6;
  for (int i = 0; i < 4; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (i % 2 == 0 ? nst_store_add (fresh, "m", TRUE, NULL, &error)
                                 : nst_store_save (fresh, path, TRUE, &error));
      if (i < 2)
        g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
      else
        g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED);
      if (i == 1)
        {
          /* The disk is full after 2000 bytes. */
          fresh->layers[1].weight[20] = 1;
          signal (SIGXFSZ, SIG_IGN);
          g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
          limited = unlimited;
          limited.rlim_cur = 200;
          g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limited), ==, 0);
        }
    }
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
  g_assert_cmpint (count_files (folder), ==, 2);
  assert_stored (path, old, old);

  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  g_assert_false (nst_store_add (old, "pipe", FALSE, NULL, NULL));
  g_assert_null (nst_store_sum (pipe_path, G_CHECKSUM_SHA256, NULL));
  g_assert_cmpint (count_files (folder), ==, 3);
}

/* A checksum does not need a large block of memory. */
static void
test_store_sum_memory (void)
{
#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("AddressSanitizer needs the address space");
#else
  g_autofree char *folder = folder_new (), *path = g_build_filename (folder, "a", NULL), *sum = NULL;
  struct rlimit    none = { 0, 0 };
  int              status;
  pid_t            child;

  g_assert_true (g_file_set_contents (path, "abc", 3, NULL));
  child = fork ();
  if (child == 0)
    {
      mallopt (M_MMAP_THRESHOLD, 128 << 10);
      mallopt (M_TOP_PAD, 0);
      malloc_trim (0);
      setrlimit (RLIMIT_AS, &none);
      sum = nst_store_sum (path, G_CHECKSUM_MD5, NULL);
      _exit (g_strcmp0 (sum, "900150983cd24fb0d6963f7d28e17f72") != 0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
#endif
}

static void
test_embedded (void)
{
  const struct
  {
    const char *name;
    int         in, out, head;
  } layers[] = {
    { "conv1_1", 3, 16, 64 },     { "conv1_2", 16, 16 },        { "pool1", 16, 16 },
    { "conv2_1", 16, 32, 128 },   { "conv2_2", 32, 32 },        { "pool2", 32, 32 },
    { "conv3_1", 32, 64, 256 },   { "conv3_2", 64, 64 },        { "conv3_3", 64, 64 },
    { "conv3_4", 64, 64 },        { "pool3", 64, 64 },          { "conv4_1", 64, 128, 512 },
    { "conv4_2", 128, 128, 128 }, { "conv4_3", 128, 128 },      { "conv4_4", 128, 128 },
    { "pool4", 128, 128 },        { "conv5_1", 128, 128, 512 },
  };
  g_autoptr (GError)   error = NULL;
  g_autoptr (NstModel) model = nst_model_get (NULL, &error), named = nst_model_get ("slim", &error);

  g_assert_no_error (error);
  assert_models (named, model, TRUE);
  g_assert_cmpstr (model->name, ==, "slim");
  g_assert_nonnull (strstr (model->licence, "GPL-3.0-or-later"));
  g_assert_nonnull (strstr (model->licence, "Huan Wang"));
  g_assert_cmpint (model->pooling, ==, NST_POOLING_MAX);
  g_assert_cmpint (model->order[0], ==, 0);
  g_assert_cmpfloat (model->mean[2], ==, 0.45f);
  g_assert_cmpfloat (model->std[2], ==, 0.225f);
  g_assert_cmpint (model->n_layers, ==, G_N_ELEMENTS (layers));
  for (int i = 0; i < model->n_layers; i++)
    {
      const NstLayer *layer = &model->layers[i];

      g_assert_cmpstr (layer->name, ==, layers[i].name);
      g_assert_cmpint (layer->in_channels, ==, layers[i].in);
      g_assert_cmpint (layer->out_channels, ==, layers[i].out);
      g_assert_cmpint (layer->head_channels, ==, layers[i].head);
      g_assert_cmpint (layer->padding, ==,
                       layer->kind == NST_LAYER_POOL ? NST_PADDING_ZERO : NST_PADDING_REPLICATE);
    }
}

/* The embedded model has the checksum that weights/train/export.py wrote for it. */
static void
test_embedded_sum (void)
{
  const char        *folder = g_getenv ("SRCDIR");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_resources_lookup_data ("/pastiche/slim.safetensors", 0, &error);
  g_autofree char   *path = g_build_filename (folder != NULL ? folder : ".", "weights",
                                            "slim.safetensors.sha256", NULL);
  g_autofree char   *text = NULL, *sum = NULL;

  g_assert_no_error (error);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  g_strchomp (text);
  g_assert_true (g_str_has_prefix (text, sum));
  g_assert_cmpstr (text + strlen (sum), ==, "  slim.safetensors");
}

static void
test_get (void)
{
  g_autofree char *folder = folder_new (), *pipe_path = g_build_filename (folder, "dev.safetensors", NULL);
  const struct
  {
    const char *name;
    GQuark      domain;
    int         code;
    const char *message;
  } cases[] = {
    { "nobody", NST_ERROR, NST_ERROR_ARGUMENT, folder },
    { "", NST_ERROR, NST_ERROR_ARGUMENT, "There is no model \"\"" },
    { "nobody.safetensors", G_FILE_ERROR, G_FILE_ERROR_NOENT, "nobody.safetensors" },
    { "./nobody", G_FILE_ERROR, G_FILE_ERROR_NOENT, "./nobody" },
    { "/", NST_ERROR, NST_ERROR_FORMAT, "/: this is a folder, not a file" },
    { "/dev/null", NST_ERROR, NST_ERROR_FORMAT, "/dev/null: this is a pipe or a device" },
    { "empty", NST_ERROR, NST_ERROR_FORMAT, "empty.safetensors: the file is empty" },
    { pipe_path, NST_ERROR, NST_ERROR_FORMAT, "this is a pipe or a device" },
  };
  g_autofree char *empty = g_build_filename (folder, "empty.safetensors", NULL);

  g_assert_true (g_file_set_contents (empty, "", 0, NULL));
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (nst_model_get (cases[i].name, &error));
      g_assert_error (error, cases[i].domain, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }
}

/* A file by another program, tests/data/tiny.py, with that script's formula. */
static void
assert_tiny (const float *values, int n)
{
  for (int i = 0; i < n; i++)
    g_assert_cmpfloat (values[i], ==, ((i * 5 + n) % 17 - 8) / 16.0f);
}

static void
test_reference (void)
{
  const char          *source = g_getenv ("SRCDIR");
  g_autofree char     *path = g_build_filename (source != NULL ? source : ".", "tests", "data",
                                            "tiny.safetensors", NULL);
  g_autoptr (GError)   error = NULL;
  g_autoptr (NstModel) model = nst_model_load (path, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (model->name, ==, "tiny \xc3\xbc");
  g_assert_cmpstr (model->licence, ==, "CC0-1.0");
  g_assert_null (model->source);
  g_assert_cmpint (model->pooling, ==, NST_POOLING_AVERAGE);
  g_assert_cmpint (model->order[0], ==, 2);
  g_assert_cmpint (model->order[2], ==, 0);
  g_assert_cmpfloat (model->scale, ==, 255);
  g_assert_cmpfloat (model->mean[0], ==, 103.939f);
  g_assert_cmpfloat (model->std[2], ==, 2);
  g_assert_cmpint (model->n_layers, ==, 3);
  g_assert_cmpint (model->layers[0].padding, ==, NST_PADDING_REPLICATE);
  g_assert_cmpint (model->layers[2].padding, ==, NST_PADDING_ZERO);
  g_assert_cmpint (model->layers[1].kind, ==, NST_LAYER_POOL);
  g_assert_cmpint (model->layers[2].head_channels, ==, 0);
  assert_tiny (model->layers[0].weight, 81);
  assert_tiny (model->layers[0].bias, 3);
  assert_tiny (model->layers[0].head_weight, 21);
  assert_tiny (model->layers[0].head_bias, 7);
  assert_tiny (model->layers[2].weight, 135);
  assert_tiny (model->layers[2].bias, 5);
}

/* The sum of a model depends on everything that it computes with, and on nothing else. */
static void
test_sum (void)
{
  g_autoptr (NstModel) model = random_model ();
  g_autofree char     *sum = nst_model_sum (model), *renamed = NULL;
  NstLayer            *layer = &model->layers[1];
  float *const         numbers[] = { &model->scale,    &model->mean[2],
                                     &model->std[0],   layer->weight,
                                     &layer->bias[0],  layer->head_weight,
                                     layer->head_bias, &model->layers[0].weight[17] };

  g_free (model->name);
  model->name = g_strdup ("another name");
  renamed = nst_model_sum (model);
  g_assert_cmpstr (renamed, ==, sum);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers) + 2; i++)
    {
      g_autofree char *changed = NULL, *again = NULL;
      float            old = i < G_N_ELEMENTS (numbers) && numbers[i] != NULL ? *numbers[i] : 0;

      if (i < G_N_ELEMENTS (numbers) && numbers[i] == NULL) /* a layer without a head */
        continue;
      if (i < G_N_ELEMENTS (numbers))
        *numbers[i] += 1;
      else if (i == G_N_ELEMENTS (numbers))
        model->pooling = !model->pooling;
      else
        layer->padding = !layer->padding;
      changed = nst_model_sum (model);
      g_assert_cmpstr (changed, !=, sum);
      if (i < G_N_ELEMENTS (numbers))
        *numbers[i] = old;
      else if (i == G_N_ELEMENTS (numbers))
        model->pooling = !model->pooling;
      else
        layer->padding = !layer->padding;
      again = nst_model_sum (model);
      g_assert_cmpstr (again, ==, sum);
    }
}

/* Budget and cancelling of imports */

/* A good file of each importer. */
static const char *const samples[][2] = {
  { "caffe", "v1-packed.caffemodel" },
  { "keras", "packed.h5" },
  { "matconvnet", "scipy-new-packed.mat" },
  { "npz", "good-onef4" },
  { "safetensors", "good-one" },
  { "torch", "good-one-zip" },
  { "torch", "good-one-legacy" },
};

static char *
sample_path (const char *const *sample)
{
  const char *source = g_getenv ("SRCDIR");

  return g_build_filename (source != NULL ? source : ".", "tests", "fuzz", "corpus", sample[0], sample[1],
                           NULL);
}

static const NstImporter *
find_importer (const char *name)
{
  for (const NstImporter *const *importer = nst_importers (); *importer != NULL; importer++)
    if (strcmp ((*importer)->name, name) == 0)
      return *importer;

  return NULL;
}

/* Load a file with a budget of so many bytes, of which *left remain. */
static NstModel *
load_with_budget (const char *path, const NstImporter *importer, guint64 *left, GError **error)
{
  static const NstImportOptions none;
  NstImportBudget               budget = { G_MAXUINT64, NULL };
  NstImportFile                 file = { .path = path, .fd = g_open (path, O_RDONLY, 0), .budget = &budget };
  struct stat                   status;
  NstModel                     *model;

  g_assert_cmpint (fstat (file.fd, &status), ==, 0);
  file.size = status.st_size;
  file.n_head = MIN (file.size, sizeof file.head);
  g_assert_cmpint (pread (file.fd, file.head, file.n_head, 0), ==, file.n_head);
  g_assert_true (importer->probe (&file));
  budget.left = *left;
  model = importer->load (&file, &none, error);
  close (file.fd);
  *left = budget.left;

  return model;
}

/* Each importer needs a few times the file's size, fails with less, and sees a cancellation. */
static void
test_budget (gconstpointer data)
{
  const char *const       *sample = data;
  g_autofree char         *path = sample_path (sample);
  const NstImporter       *importer = find_importer (sample[0]);
  guint64                  left = 1 << 30, needed;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError)       error = NULL;
  g_autoptr (NstModel)     model = NULL;

  if (importer->load == NULL
      || (strcmp (sample[1], "good-one-zip") == 0 && find_importer ("npz")->load == NULL))
    {
      g_test_skip ("built without libzip");
      return;
    }
  model = load_with_budget (path, importer, &left, &error);
  g_assert_no_error (error);
  g_assert_nonnull (model);
  needed = (1 << 30) - left;
  g_assert_cmpuint (needed, >, 100);
  for (guint64 less = 0; less < needed; less += MAX (needed / 7, 1))
    {
      g_autoptr (GError) reason = NULL;

      left = less;
      g_assert_null (load_with_budget (path, importer, &left, &reason));
      g_assert_error (reason, NST_ERROR, NST_ERROR_FORMAT);
      g_assert_nonnull (strstr (reason->message, "read and decompressed"));
    }

  g_cancellable_cancel (cancelled);
  g_assert_null (nst_model_import (path, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (nst_model_get_cancellable (path, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Inflated bytes are paid for, also when they are skipped. */
static void
test_budget_inflated (void)
{
  g_autofree char       *folder = folder_new (), *path = g_build_filename (folder, "zeros", NULL);
  g_autofree guint8     *zeros = g_malloc0 (10 << 20), *packed = g_malloc (1 << 20);
  g_autoptr (GConverter) packer = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9));
  gsize                  n_read, n;

  g_assert_cmpint (g_converter_convert (packer, zeros, 10 << 20, packed, 1 << 20, G_CONVERTER_INPUT_AT_END,
                                        &n_read, &n, NULL),
                   ==, G_CONVERTER_FINISHED);
  g_assert_cmpuint (n, <, 20000);
  g_assert_true (g_file_set_contents (path, (const char *) packed, n, NULL));
  for (int skip = 0; skip < 2; skip++)
    {
      NstImportBudget             budget = { 8 << 20, NULL };
      NstImportFile               file = { path, g_open (path, O_RDONLY, 0), n, .budget = &budget };
      g_autoptr (NstImportStream) stream = nst_import_stream_new (&file, 0, n, TRUE);
      g_autoptr (GError)          error = NULL;

      g_assert_true (skip ? nst_import_stream_seek (stream, 7 << 20, &error)
                          : nst_import_stream_read (stream, zeros, 7 << 20, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (budget.left, <=, 1 << 20);
      g_assert_false (skip ? nst_import_stream_seek (stream, 9 << 20, &error)
                           : nst_import_stream_read (stream, zeros, 2 << 20, &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_FORMAT);
      close (file.fd);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("pastiche-XXXXXX", NULL),
                  *parent = g_build_filename (home, "pastiche", NULL);
  g_autofree char *folder = NULL;
  int              result;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/weights/half/all", test_half_all);
  g_test_add_func ("/weights/half/rounding", test_half_rounding);
  g_test_add_func ("/weights/half/file", test_half_file);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_files); i++)
    {
      g_autofree char *path = g_strconcat ("/weights/safetensors/", bad_files[i].name, NULL);

      g_test_add_data_func (path, &bad_files[i], test_bad_file);
    }
  g_test_add_func ("/weights/safetensors/bytes", test_bad_bytes);
  g_test_add_func ("/weights/safetensors/name-twice", test_name_twice);
  g_test_add_func ("/weights/model/cut-off", test_cut_off);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_models); i++)
    {
      g_autofree char *path = g_strconcat ("/weights/model/", bad_models[i].name, NULL);

      g_test_add_data_func (path, &bad_models[i], test_bad_model);
    }
  g_test_add_data_func ("/weights/model/round-trip-f32", GINT_TO_POINTER (FALSE), test_round_trip);
  g_test_add_data_func ("/weights/model/round-trip-f16", GINT_TO_POINTER (TRUE), test_round_trip);
  g_test_add_func ("/weights/model/save-fails", test_save_fails);
  g_test_add_func ("/weights/model/sum", test_sum);
  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *path = g_strconcat ("/weights/budget/", samples[i][1], NULL);

      g_test_add_data_func (path, samples[i], test_budget);
    }
  g_test_add_func ("/weights/budget/inflated", test_budget_inflated);
  g_test_add_data_func ("/weights/store/crash", GINT_TO_POINTER (0), test_store_crash);
  g_test_add_data_func ("/weights/store/crash-foreign", GINT_TO_POINTER (1), test_store_crash);
  g_test_add_data_func ("/weights/store/crash-save", GINT_TO_POINTER (2), test_store_crash);
  g_test_add_func ("/weights/store/fails", test_store_fails);
  g_test_add_func ("/weights/store/sum-memory", test_store_sum_memory);
  g_test_add_func ("/weights/model/embedded", test_embedded);
  g_test_add_func ("/weights/model/embedded-sum", test_embedded_sum);
  g_test_add_func ("/weights/model/get", test_get);
  g_test_add_func ("/weights/model/reference", test_reference);

  result = g_test_run ();
  folder = folder_new ();
  g_rmdir (folder);
  g_rmdir (parent);
  g_rmdir (home);

  return result;
}
