/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares losses and gradients with values from PyTorch in double precision, which
 * tests/data/make_reference.py and make_regions.py write. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "core/base/process.h"
#include "core/run/engine.h"
#include "picture/picture.h"
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

/* The mask that make_regions.py calls by this name; "": NULL. */
static NstMask *
make_mask (const char *name, int width, int height)
{
  NstMask *mask;

  if (*name == '\0')
    return NULL;

  mask = nst_mask_new (width, height, NULL);
  for (int j = 0; j < height; j++)
    for (int i = 0; i < width; i++)
      {
        const double x = (double) i / (width - 1), y = (double) j / (height - 1);
        float       *value = &mask->data[(gsize) j * width + i];

        if (strcmp (name, "left") == 0)
          *value = x < 0.49;
        else if (strcmp (name, "right") == 0)
          *value = x >= 0.49;
        else if (strcmp (name, "half") == 0)
          *value = 0.5;
        else if (strcmp (name, "ramp") == 0)
          *value = x;
        else if (strcmp (name, "top") == 0)
          *value = y < 0.41;
        else if (strcmp (name, "ones") == 0)
          *value = 1;
        else
          g_assert_not_reached ();
      }

  return mask;
}

/* Adds the styles of a case with regions, and what it protects. */
static void
add_regions (NstScene *scene, const cJSON *reference, const cJSON *styles)
{
  const int           width = scene->content->width, height = scene->content->height;
  g_autoptr (NstMask) protect = make_mask (string (reference, "protect"), width, height);
  const cJSON        *item;

  nst_scene_set_protect (scene, protect);
  cJSON_ArrayForEach (item, styles)
    {
      g_autoptr (NstImage) image = load_picture (string (item, "picture"));
      g_autoptr (NstMask)  mask = make_mask (string (item, "mask"), width, height);
      g_autoptr (NstMask)  part = make_mask (string (item, "part"), image->width, image->height);

      g_assert_true (nst_scene_append_style (scene, &(NstSceneStyle){ image, 1, 1, mask, part }, NULL));
    }
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
  if (cJSON_HasObjectItem (reference, "styles"))
    add_regions (scene, reference, cJSON_GetObjectItemCaseSensitive (reference, "styles"));
  else
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
  if (cJSON_HasObjectItem (expected, "terms"))
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

/* Adds a test for each case of a file. Returns the cases, owned. */
static cJSON *
add_cases (const char *name, const char *prefix)
{
  g_autofree char   *path = file (name), *text = NULL;
  g_autoptr (GError) error = NULL;
  const cJSON       *item;
  cJSON             *references;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  references = cJSON_Parse (text);
  g_assert_true (cJSON_IsArray (references) && cJSON_GetArraySize (references) > 0);

  cJSON_ArrayForEach (item, references)
    {
      g_autofree char *test = g_strconcat (prefix, string (item, "name"), NULL);

      g_test_add_data_func (test, item, test_case);
    }

  return references;
}

int
main (int argc, char **argv)
{
  cJSON *references, *regions;
  int    status;

  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  references = add_cases ("reference.json", "/reference/");
  regions = add_cases ("regions.json", "/reference/regions/");
  g_test_add_data_func ("/reference/checker", cJSON_GetArrayItem (references, 0), test_checker);
  status = g_test_run ();
  cJSON_Delete (references);
  cJSON_Delete (regions);

  return status;
}
