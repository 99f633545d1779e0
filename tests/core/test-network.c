/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gradient of the whole objective against central differences; memory plans; errors of networks and
 * engines. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/base/parallel.h"
#include "core/base/process.h"
#include "core/network/network.h"
#include "core/run/engine.h"
#include "tests/support/support.h"

static const int channels[] = { 6, 8, 10, 12, 12 };

static NstRecipe
small_recipe (const char *json)
{
  g_autoptr (GError) error = NULL;
  NstRecipe          recipe;

  nst_recipe_init (&recipe);
  nst_recipe_merge_json (&recipe,
                         "{\"content_layers\": {\"conv2_2\": 1, \"conv1_1\": 0.3}, \"style_layers\": "
                         "{\"conv1_1\": 1, \"conv2_1\": 0.5, \"conv3_1\": 2},"
                         " \"tv\": 0.1, \"iterations\": 4, \"first_size\": 24}",
                         &error);
  g_assert_no_error (error);
  if (json != NULL)
    nst_recipe_merge_json (&recipe, json, &error);
  g_assert_no_error (error);

  return recipe;
}

#define DIRECTIONS 8

static int
compare (const void *a, const void *b)
{
  double d = *(const double *) a - *(const double *) b;

  return (d > 0) - (d < 0);
}

/* Compares the gradient of the total loss with central differences, along random directions at a random
 * picture. Some differences cross kinks of ReLU and max pooling. So only a quarter of the errors has to be
 * small, relative to the typical slope. */
static gboolean
gradient_fits (const char *json, int width, int height, gboolean bias, NstPadding padding)
{
  g_autoptr (NstModel) model = test_model (channels, 3, bias ? 20 : 0, padding);
  g_autoptr (NstImage) content = test_image (width, height);
  g_autoptr (NstImage) style = test_image (30, 27);
  g_autoptr (NstImage) picture = test_image (width, height);
  g_autoptr (NstScene) scene = test_scene (content, style);
  g_autoptr (NstImage) gradient = NULL;
  g_autoptr (GError)   error = NULL;
  NstRecipe            recipe = small_recipe (json);
  NstLosses            losses, up, down;
  gsize                n = (gsize) width * height * 3;
  double               errors[DIRECTIONS], typical = 0;
  const double         h = 1e-4;

  nst_evaluate (model, &recipe, scene, picture, &losses, NULL, &gradient, &error);
  g_assert_no_error (error);
  for (int k = 0; k < DIRECTIONS; k++)
    {
      float *direction = test_floats (n);
      double slope = 0;

      for (gsize i = 0; i < n; i++)
        slope += (double) direction[i] * gradient->data[i];
      for (gsize i = 0; i < n; i++)
        picture->data[i] += h * direction[i];
      nst_evaluate (model, &recipe, scene, picture, &up, NULL, NULL, NULL);
      for (gsize i = 0; i < n; i++)
        picture->data[i] -= 2 * h * direction[i];
      nst_evaluate (model, &recipe, scene, picture, &down, NULL, NULL, NULL);
      for (gsize i = 0; i < n; i++)
        picture->data[i] += h * direction[i];
      errors[k] = fabs (slope - (up.total - down.total) / (2 * h));
      typical += slope * slope / DIRECTIONS;
      nst_floats_free (direction);
    }
  qsort (errors, DIRECTIONS, sizeof (double), compare);
  g_test_message ("%d x %d: lower quartile of errors %g, typical slope %g", width, height,
                  errors[DIRECTIONS / 4], sqrt (typical));

  return errors[DIRECTIONS / 4] < 0.05 * sqrt (typical);
}

/* A wrong gradient fails for every picture. So a picture with too many kinks may be replaced by another one.
 */
static void
test_gradient (gconstpointer json)
{
  static const int sizes[][2] = { { 16, 16 }, { 21, 18 }, { 35, 19 } };

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      gboolean fits = FALSE;

      for (int place = 0; place < 4 && !fits; place++)
        fits = gradient_fits (json, sizes[s][0], sizes[s][1], s > 0,
                              s == 1 ? NST_PADDING_REPLICATE : NST_PADDING_ZERO);
      g_assert_true (fits);
    }
}

static void
test_too_small (void)
{
  g_autoptr (NstModel) model = test_model (channels, 5, 0, NST_PADDING_ZERO);
  static const int     sizes[][2] = { { 1, 1 }, { 15, 3 }, { 30000, 2 }, { 15, 400 } };
  NstRecipe            recipe = small_recipe ("{\"style_layers\": {\"conv5_1\": 1}}");

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (GError) error = NULL;
      NstPlan            plan;

      g_assert_false (nst_plan (&plan, model, &recipe, sizes[s][0], sizes[s][1], NULL, &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_SIZE);
      g_assert_nonnull (strstr (error->message, "at least 16"));
    }
}

static void
test_unknown_layer (void)
{
  g_autoptr (NstModel) model = test_model (channels, 2, 0, NST_PADDING_ZERO);
  g_autoptr (GError)   error = NULL;
  NstRecipe            recipe = small_recipe (NULL);
  NstPlan              plan;

  g_assert_false (nst_plan (&plan, model, &recipe, 64, 64, NULL, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "conv2_2"));
}

static void
test_style_too_small (void)
{
  g_autoptr (NstModel)  model = test_model (channels, 5, 0, NST_PADDING_ZERO);
  g_autoptr (NstImage)  content = test_image (40, 40);
  g_autoptr (NstImage)  style = test_image (300, 15);
  g_autoptr (NstImage)  thin = test_image (300, 16);
  g_autoptr (NstEngine) engine = NULL;
  g_autoptr (GError)    error = NULL;
  NstRecipe             recipe = small_recipe ("{\"style_layers\": {\"conv5_1\": 1}}");
  NstStatus             status;

  g_assert_null (test_engine (model, &recipe, content, style, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_SIZE);
  g_clear_error (&error);
  engine = test_engine (model, &recipe, content, thin, &error);
  g_assert_no_error (error);
  g_assert_true (nst_engine_step (engine, &status, &error));
}

static void
test_scales (void)
{
  g_autoptr (NstModel)  model = test_model (channels, 3, 12, NST_PADDING_REPLICATE);
  g_autoptr (NstImage)  content = test_image (70, 45);
  g_autoptr (NstImage)  style = test_image (50, 60);
  g_autoptr (NstImage)  image = NULL;
  NstRecipe             recipe = small_recipe ("{\"size\": 64, \"coarse_iterations\": 0}");
  g_autoptr (GError)    error = NULL;
  g_autoptr (NstEngine) engine = test_engine (model, &recipe, content, style, &error);
  NstStatus             status = { 0 };
  int                   steps = 0, scale = -1;
  double                first = 0, fraction = 0;

  g_assert_no_error (error);
  while (!status.finished)
    {
      nst_engine_step (engine, &status, &error);
      g_assert_no_error (error);
      if (status.scale != scale)
        {
          scale = status.scale;
          first = status.losses.total;
        }
      g_assert_cmpfloat (status.losses.total, <=, first);
      g_assert_cmpfloat (status.fraction, >, fraction);
      fraction = status.fraction;
      steps++;
    }
  g_assert_cmpint (status.n_scales, ==, 4); /* 64 45 32 23 */
  g_assert_cmpint (steps, ==, 4 * 4);
  g_assert_cmpint (status.width, ==, 64);
  g_assert_cmpint (status.height, ==, 41);
  g_assert_cmpfloat (status.fraction, ==, 1);
  image = nst_engine_get_image (engine, NULL);
  g_assert_cmpint (image->width, ==, 64);
}

/* The same seed and number of threads give the same bytes. Another number of threads gives nearly the same
 * picture. */
static void
test_determinism (void)
{
  g_autoptr (NstModel) model = test_model (channels, 3, 12, NST_PADDING_ZERO);
  g_autoptr (NstImage) content = test_image (40, 33);
  g_autoptr (NstImage) style = test_image (50, 40);
  NstRecipe recipe = small_recipe ("{\"init\": \"noise\", \"iterations\": 3, \"optimizer\": \"adam\"}");
  NstImage *results[3];
  gsize     n = 40 * 33 * 3;

  for (int run = 0; run < 3; run++)
    {
      g_autoptr (NstEngine) engine = NULL;
      NstStatus             status = { 0 };

      nst_set_threads (run == 2 ? 1 : 2);
      engine = test_engine (model, &recipe, content, style, NULL);
      while (!status.finished)
        g_assert_true (nst_engine_step (engine, &status, NULL));
      results[run] = nst_engine_get_image (engine, NULL);
    }
  nst_set_threads (0);
  g_assert_cmpmem (results[0]->data, n * sizeof (float), results[1]->data, n * sizeof (float));
  g_assert_cmpfloat (test_distance (results[2]->data, results[0]->data, n), <, 1e-3);
  for (int run = 0; run < 3; run++)
    nst_image_unref (results[run]);
}

/* If the losses become NaN, step () fails, and the last good picture can be taken. */
static void
test_nonfinite (gconstpointer json)
{
  g_autoptr (NstModel)  model = test_model (channels, 3, 0, NST_PADDING_ZERO);
  g_autoptr (NstImage)  content = test_image (40, 33);
  g_autoptr (NstImage)  style = test_image (50, 40);
  g_autoptr (NstImage)  image = NULL;
  g_autoptr (GError)    error = NULL;
  NstRecipe             recipe = small_recipe (json);
  g_autoptr (NstEngine) engine = test_engine (model, &recipe, content, style, NULL);
  NstStatus             status = { 0 };

  for (int i = 0; i < 400 && !status.finished; i++)
    if (!nst_engine_step (engine, &status, &error))
      break;
  g_assert_error (error, NST_ERROR, NST_ERROR_NONFINITE);
  image = nst_engine_get_image (engine, NULL);
  for (int i = 0; i < image->width * image->height * 3; i++)
    g_assert_true (image->data[i] >= 0 && image->data[i] <= 1);
}

/* Forward and backward pass, with the features themselves as the gradient at every tap. Returns the layers at
 * which the passes stopped. */
static NstLayerSet
pass_through (NstNetwork *network, const NstImage *picture, float *gradient)
{
  const gsize   n = (gsize) picture->width * picture->height * 3;
  NstLayerSet   seen = 0, seen_back = 0;
  NstNetworkTap tap;

  memset (gradient, 0, n * sizeof (float));
  g_assert_true (nst_network_resize (network, picture->width, picture->height, NULL));
  nst_network_begin (network, picture->data, picture->width);
  while (nst_network_forward (network, &tap, NULL, NULL) && tap.features != NULL)
    {
      g_assert_nonnull (tap.features->data);
      seen |= NST_LAYER (tap.layer);
    }
  while (nst_network_backward (network, &tap, gradient, NULL, NULL) && tap.features != NULL)
    {
      g_autofree float *copy = g_memdup2 (tap.features->data,
                                          nst_tensor_length (tap.features) * sizeof (float));

      nst_network_put_gradient (network, &tap, 0, nst_tensor_positions (tap.features), copy);
      seen_back |= NST_LAYER (tap.layer);
    }
  g_assert_cmphex (seen, ==, seen_back);

  return seen;
}

/* A large first layer can be computed again in the backward pass instead of being kept. The gradient is the
 * same to the bit, whether the next layer pools, is a tap, or neither. */
static void
test_recompute (void)
{
  static const int         same[] = { 16, 16, 16 };
  static const int         width = 547, height = 501;
  static const NstLayerSet sets[] = { NST_LAYER (0), NST_LAYER (0) | NST_LAYER (1) | NST_LAYER (4),
                                      NST_LAYER (0) | NST_LAYER (2) };
  g_autoptr (NstImage)     picture = test_image (width, height);

  for (gsize s = 0; s < G_N_ELEMENTS (sets); s++)
    {
      g_autoptr (NstModel) model = test_model (same, 3, 0, s == 1 ? NST_PADDING_REPLICATE : NST_PADDING_ZERO);
      g_autoptr (NstNetwork) network = nst_network_new (model, NST_POOLING_AVERAGE, 5, sets[s], NST_CONV_AUTO,
                                                        NULL);
      g_autoptr (NstImage)   kept = nst_image_new (width, height, NULL);
      g_autoptr (NstImage)   again = nst_image_new (width, height, NULL);

      nst_network_set_recompute (network, FALSE);
      g_assert_cmphex (pass_through (network, picture, kept->data), ==, sets[s] | NST_LAYER (4));
      nst_network_set_recompute (network, TRUE);
      g_assert_cmphex (pass_through (network, picture, again->data), ==, sets[s] | NST_LAYER (4));
      g_assert_cmpmem (kept->data, nst_image_bytes (kept), again->data, nst_image_bytes (again));
    }
}

static void
test_plan (void)
{
  g_autoptr (NstModel) model = test_model (channels, 5, 30, NST_PADDING_ZERO);
  NstRecipe            recipe = small_recipe (NULL);
  NstPlan              plan, twice;
  NstNetwork *network = nst_network_new (model, NST_POOLING_MAX, model->n_layers, 0, NST_CONV_AUTO, NULL);

  g_assert_true (nst_plan (&plan, model, &recipe, 320, 240, NULL, NULL));
  g_assert_true (nst_plan (&twice, model, &recipe, 640, 480, NULL, NULL));
  g_assert_cmpfloat_with_epsilon (((double) twice.bytes - (42 << 20)) / ((double) plan.bytes - (42 << 20)), 4,
                                  0.4);
  g_assert_true (nst_network_resize (network, 320, 240, NULL));
  nst_network_free (network);

  /* A run that does not fit is refused before memory is allocated. */
  {
    g_autoptr (NstImage)  content = test_image (30000, 20);
    g_autoptr (NstImage)  style = test_image (50, 50);
    g_autoptr (GError)    error = NULL;
    g_autoptr (NstEngine) engine = NULL;

    recipe = small_recipe ("{\"style_scale\": 10}");
    nst_memory_set_limit (20 << 20);
    engine = test_engine (model, &recipe, content, style, &error);
    nst_memory_set_limit (0);
    g_assert_null (engine);
    g_assert_error (error, NST_ERROR, NST_ERROR_MEMORY);
    g_assert_nonnull (strstr (error->message, "would fit"));
  }
}

/* So many poolings that no picture is large enough: the smallest side would have 40 bits. */
static void
test_poolings (void)
{
  const int            poolings = 39;
  g_autoptr (NstModel) model = nst_model_new (poolings + 1);
  g_autoptr (GError)   error = NULL;
  NstRecipe            recipe;
  NstPlan              plan;

  for (int i = 0; i <= poolings; i++)
    {
      NstLayer *layer = &model->layers[i];

      layer->name = i == 0 ? g_strdup ("conv1_1") : g_strdup_printf ("pool%d", i);
      layer->kind = i == 0 ? NST_LAYER_CONV : NST_LAYER_POOL;
      layer->in_channels = i == 0 ? 3 : 4;
      layer->out_channels = 4;
    }
  g_assert_true (nst_layer_try_alloc (&model->layers[0]));
  memset (model->layers[0].weight, 0, 4 * 3 * 9 * sizeof (float));
  memset (model->layers[0].bias, 0, 4 * sizeof (float));
  g_assert_true (nst_model_validate (model, &error));
  g_assert_no_error (error);
  g_assert_cmpint (nst_network_smallest_side (model, poolings + 1), ==, NST_MOST_SIDE);

  nst_recipe_init (&recipe);
  nst_recipe_merge_json (&recipe, "{\"content_layers\": {\"pool39\": 1}, \"style_layers\": {\"conv1_1\": 1}}",
                         &error);
  g_assert_no_error (error);
  g_assert_false (nst_plan (&plan, model, &recipe, 4000, 3000, NULL, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_SIZE);
}

/* Sides whose product has more than 64 bits with the channels are refused, not planned with a wrapped sum. */
static void
test_impossible_sizes (void)
{
  static const int sizes[][2] = {
    { G_MAXINT, G_MAXINT }, { NST_MOST_SIDE + 1, 100 }, { 100, G_MAXINT }, { 0, 100 }, { 100, -1 }
  };
  g_autoptr (NstModel) model = test_model (channels, 5, 30, NST_PADDING_ZERO);
  NstRecipe            recipe = small_recipe (NULL);
  NstPlan              plan;
  gsize                bytes;

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (nst_plan (&plan, model, &recipe, sizes[i][0], sizes[i][1], NULL, &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_SIZE);
      g_clear_error (&error);
      g_assert_false (nst_network_plan (model, model->n_layers, 0, sizes[i][0], sizes[i][1], &bytes, &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_SIZE);
    }

  /* The largest possible picture: the plan has at least the bytes of its first layer. */
  recipe.size = 0;
  g_assert_true (nst_plan (&plan, model, &recipe, NST_MOST_SIDE, NST_MOST_SIDE, NULL, NULL));
  g_assert_cmpfloat (plan.bytes, >, 1e12 * 4 * channels[0]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_data_func ("/core/network/gradient/normalised", NULL, test_gradient);
  g_test_add_data_func ("/core/network/gradient/gatys-average",
                        "{\"pooling\": \"average\", \"style_formula\": \"gatys\", \"content_formula\": "
                        "\"mean\"}",
                        test_gradient);
  g_test_add_data_func ("/core/network/gradient/root-mean",
                        "{\"style_formula\": \"root-mean\", \"content_formula\": \"root-mean\", "
                        "\"tv_formula\": \"power\"}",
                        test_gradient);
  g_test_add_data_func ("/core/network/gradient/centred", "{\"style_loss\": \"centred\"}", test_gradient);
  g_test_add_data_func ("/core/network/gradient/wasserstein", "{\"style_loss\": \"wasserstein\"}",
                        test_gradient);
  g_test_add_func ("/core/network/recompute", test_recompute);
  g_test_add_func ("/core/network/plan", test_plan);
  g_test_add_func ("/core/network/too-small", test_too_small);
  g_test_add_func ("/core/network/unknown-layer", test_unknown_layer);
  g_test_add_func ("/core/engine/style-too-small", test_style_too_small);
  g_test_add_func ("/core/engine/scales", test_scales);
  g_test_add_func ("/core/engine/determinism", test_determinism);
  g_test_add_data_func ("/core/engine/nonfinite/gd",
                        "{\"optimizer\": \"gd\", \"learning_rate\": 1000, \"iterations\": 100, "
                        "\"content_formula\": \"sum\", \"style_formula\": \"mean\"}",
                        test_nonfinite);
  g_test_add_func ("/core/network/poolings", test_poolings);
  g_test_add_func ("/core/network/impossible-sizes", test_impossible_sizes);

  return g_test_run ();
}
