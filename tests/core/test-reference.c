/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares losses and gradients with values from PyTorch in double precision, which
 * tests/data/make_reference.py writes. */
#include <cjson/cJSON.h>
#include <math.h>

#include "cli/picture.h"
#include "core/base/process.h"
#include "core/run/engine.h"
#include "weights/model-file.h"

#define TOLERANCE 1e-4

static char *
file (const char *name)
{
  return g_build_filename (g_getenv ("SRCDIR") != NULL ? g_getenv ("SRCDIR") : ".", "tests", "data", name,
                           NULL);
}

static double
number (const cJSON *object, const char *name)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive (object, name);

  g_assert_true (cJSON_IsNumber (item));

  return item->valuedouble;
}

static const char *
string (const cJSON *object, const char *name)
{
  const char *value = cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (object, name));

  g_assert_nonnull (value);

  return value;
}

static NstImage *
load_picture (const char *name)
{
  g_autofree char   *path = file (name);
  g_autoptr (GError) error = NULL;
  NstImage          *image = nst_picture_load (path, &error);

  g_assert_no_error (error);

  return image;
}

/* Computes losses, terms and gradient of a case with our own code. */
static void
evaluate (const cJSON *reference, NstLosses *losses, GArray **terms, NstImage **gradient)
{
  g_autoptr (NstImage) content = load_picture ("content.png");
  g_autoptr (NstImage) style = load_picture ("style.png");
  g_autoptr (NstImage) image = load_picture ("image.png");
  g_autoptr (NstScene) scene = nst_scene_new (content);
  g_autofree char     *path = file (string (reference, "model"));
  g_autoptr (GError)   error = NULL;
  g_autoptr (NstModel) model = nst_model_load (path, &error);
  NstRecipe            recipe;
  char                *text = cJSON_PrintUnformatted (cJSON_GetObjectItemCaseSensitive (reference, "recipe"));

  g_assert_no_error (error);
  nst_recipe_init (&recipe);
  nst_recipe_merge_json (&recipe, text, &error);
  g_assert_no_error (error);
  cJSON_free (text);
  nst_scene_add_style (scene, style, 1, NULL);
  nst_evaluate (model, &recipe, scene, image, losses, terms, gradient, &error);
  g_assert_no_error (error);
}

/* Estimate of |gradient - reference| / |reference| from products with vectors of random signs. */
static double
gradient_error (const cJSON *reference, const NstImage *gradient)
{
  const cJSON *products = cJSON_GetObjectItemCaseSensitive (reference, "gradient_signs"), *expected;
  const gsize  n = (gsize) gradient->width * gradient->height;
  guint32      v = 1;
  double       sum = 0;

  cJSON_ArrayForEach (expected, products)
    {
      double product = 0;

      for (int c = 0; c < 3; c++)
        for (gsize i = 0; i < n; i++)
          {
            v = 1664525 * v + 1013904223;
            product += v >> 31 ? gradient->data[3 * i + c] : -gradient->data[3 * i + c];
          }
      sum += (product - expected->valuedouble) * (product - expected->valuedouble);
    }

  return sqrt (sum / cJSON_GetArraySize (products)) / number (reference, "gradient_norm");
}

static void
assert_close (const char *what, double found, double expected)
{
  g_test_message ("%s: %.9g, expected %.9g", what, found, expected);
  g_assert_cmpfloat_with_epsilon (found, expected, TOLERANCE * fabs (expected) + 1e-30);
}

static void
check_terms (const cJSON *expected, const GArray *terms)
{
  const cJSON *item;

  g_assert_cmpint (terms->len, ==, cJSON_GetArraySize (expected));
  cJSON_ArrayForEach (item, expected)
    {
      gboolean found = FALSE;

      for (guint i = 0; i < terms->len; i++)
        {
          const NstTermLoss *term = &g_array_index (terms, NstTermLoss, i);

          if (term->kind != string (item, "kind")[0] || g_strcmp0 (term->layer, string (item, "layer")) != 0)
            continue;
          g_assert_false (found);
          found = TRUE;
          g_assert_cmpfloat (term->weight, ==, number (item, "weight"));
          assert_close (term->layer, term->loss, number (item, "loss"));
        }
      g_assert_true (found);
    }
}

static void
test_case (gconstpointer data)
{
  const cJSON         *reference = data, *expected = cJSON_GetObjectItemCaseSensitive (reference, "losses");
  g_autoptr (NstImage) gradient = NULL;
  g_autoptr (GArray)   terms = NULL;
  NstLosses            losses;
  double               error;

  evaluate (reference, &losses, &terms, &gradient);
  assert_close ("total", losses.total, number (expected, "total"));
  assert_close ("content", losses.content, number (expected, "content"));
  assert_close ("style", losses.style, number (expected, "style"));
  assert_close ("variation", losses.variation, number (expected, "variation"));
  check_terms (cJSON_GetObjectItemCaseSensitive (expected, "terms"), terms);

  error = gradient_error (reference, gradient);
  g_test_message ("gradient: relative error %.1e", error);
  g_assert_cmpfloat (error, <=, TOLERANCE);
}

/* The comparison of gradients detects a single wrong value among thousands. */
static void
test_checker (gconstpointer data)
{
  const cJSON         *reference = data;
  g_autoptr (NstImage) gradient = NULL;
  NstLosses            losses;
  double               norm = number (reference, "gradient_norm");

  evaluate (reference, &losses, NULL, &gradient);
  gradient->data[1234] += 1e-3 * norm;
  g_assert_cmpfloat_with_epsilon (gradient_error (reference, gradient), 1e-3, 1e-4);
}

int
main (int argc, char **argv)
{
  g_autofree char   *path = file ("reference.json"), *text = NULL;
  g_autoptr (GError) error = NULL;
  const cJSON       *item;
  cJSON             *references;
  int                status;

  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  references = cJSON_Parse (text);
  g_assert_true (cJSON_IsArray (references) && cJSON_GetArraySize (references) > 0);

  cJSON_ArrayForEach (item, references)
    {
      g_autofree char *name = g_strconcat ("/reference/", string (item, "name"), NULL);

      g_test_add_data_func (name, item, test_case);
    }
  g_test_add_data_func ("/reference/checker", cJSON_GetArrayItem (references, 0), test_checker);
  status = g_test_run ();
  cJSON_Delete (references);

  return status;
}
