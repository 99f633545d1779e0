/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers, pictures, layers and models for the tests. */
#include "tests/support/support.h"

#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

float *
test_floats (gsize n)
{
  float *floats = nst_floats_try_new (n);

  for (gsize i = 0; i < n; i++)
    floats[i] = g_test_rand_double_range (-1, 1);

  return floats;
}

double
test_distance (const float *a, const float *b, gsize n)
{
  double difference = 0, length = 0;

  for (gsize i = 0; i < n; i++)
    {
      if (!isfinite (a[i]) || !isfinite (b[i]))
        return INFINITY;
      difference += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
      length += (double) b[i] * b[i];
    }

  return length > 0 ? sqrt (difference / length) : sqrt (difference);
}

static void
fill (float *floats, gsize n, double range)
{
  for (gsize i = 0; i < n; i++)
    floats[i] = g_test_rand_double_range (-range, range);
}

NstModel *
test_model (const int *channels, int blocks, int head, NstPadding first)
{
  NstModel *model = nst_model_new (3 * blocks - 2);
  int       before = 3;

  model->name = g_strdup ("test");
  for (int i = 0; i < model->n_layers; i++)
    {
      NstLayer *layer = &model->layers[i];
      int       block = i / 3;

      layer->in_channels = layer->out_channels = before;
      layer->kind = i % 3 == 2 ? NST_LAYER_POOL : NST_LAYER_CONV;
      if (layer->kind == NST_LAYER_POOL)
        {
          layer->name = g_strdup_printf ("pool%d", block + 1);
          continue;
        }
      layer->name = g_strdup_printf ("conv%d_%d", block + 1, i % 3 + 1);
      layer->out_channels = channels[block];
      layer->padding = i == 0 ? first : NST_PADDING_ZERO;
      layer->head_channels = i % 3 == 0 ? head : 0;
      g_assert_true (nst_layer_try_alloc (layer));
      fill (layer->weight, (gsize) layer->out_channels * before * 9, sqrt (2.0 / before));
      fill (layer->bias, layer->out_channels, 0.2);
      if (layer->head_channels > 0)
        {
          fill (layer->head_weight, (gsize) head * layer->out_channels, 1);
          fill (layer->head_bias, head, 0.5);
        }
      before = layer->out_channels;
    }

  return model;
}

NstImage *
test_image (int width, int height)
{
  NstImage *image = nst_image_new (width, height, NULL);
  double    a = g_test_rand_double_range (2, 9), b = g_test_rand_double_range (2, 9),
         c = g_test_rand_double_range (0, 6);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int i = 0; i < 3; i++)
        image->data[((gsize) y * width + x) * 3 + i] = 0.5
                                                       + 0.3 * sin (a * x / width + i + c)
                                                             * cos (b * y / height - i)
                                                       + g_test_rand_double_range (-0.15, 0.15);

  return image;
}

NstScene *
test_scene (NstImage *content, NstImage *style)
{
  NstScene *scene = nst_scene_new (content);

  nst_scene_add_style (scene, style, 1, NULL);

  return scene;
}

NstEngine *
test_engine (NstModel *model, const NstRecipe *recipe, NstImage *content, NstImage *style, GError **error)
{
  g_autoptr (NstScene) scene = test_scene (content, style);

  return nst_engine_new (model, recipe, scene, NULL, error);
}

void
test_add_features (const char *path, int min_height, GTestDataFunc function)
{
  static const TestFeatures sizes[] = {
    { 1, 1, 3, 0 },     { 5, 7, 6, 0 },   { 5, 7, 6, 4 },   { 5, 7, 6, 7 },   { 5, 7, 6, 30 },
    { 17, 31, 16, 64 }, { 33, 9, 40, 0 }, { 9, 15, 48, 0 }, { 3, 5, 64, 70 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *full = g_strdup_printf ("%s/%dx%dx%d-head%d", path, sizes[i].height, sizes[i].width,
                                               sizes[i].channels, sizes[i].head);

      if (sizes[i].height >= min_height)
        g_test_add_data_func (full, &sizes[i], function);
    }
}

NstLayer
test_random_layer (const TestFeatures *size)
{
  NstLayer layer = { .in_channels = 1, .out_channels = size->channels, .head_channels = size->head };

  if (size->head > 0)
    {
      layer.head_weight = test_floats ((gsize) size->head * size->channels);
      layer.head_bias = test_floats (size->head);
    }

  return layer;
}

void
test_layer_clear (NstLayer *layer)
{
  nst_floats_free (layer->head_weight);
  nst_floats_free (layer->head_bias);
}

double *
test_project (const TestFeatures *size, const NstLayer *layer, const float *features)
{
  int     positions = size->height * size->width, N = size->head > 0 ? size->head : size->channels;
  double *projected = g_new (double, (gsize) positions *N);

  for (int p = 0; p < positions; p++)
    for (int i = 0; i < N; i++)
      {
        double sum = size->head > 0 ? layer->head_bias[i] : features[p * size->channels + i];

        for (int k = 0; size->head > 0 && k < size->channels; k++)
          sum += (double) layer->head_weight[i * size->channels + k] * features[p * size->channels + k];
        projected[p * N + i] = sum;
      }

  return projected;
}

void
test_limit_memory (gsize bytes)
{
  g_autofree char *text = NULL;
  struct rlimit    limit;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  limit.rlim_cur = limit.rlim_max = g_ascii_strtoull (text, NULL, 10) * sysconf (_SC_PAGESIZE) + bytes;
  g_assert_cmpint (setrlimit (RLIMIT_AS, &limit), ==, 0);
}
