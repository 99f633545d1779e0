/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers, pictures and models for the tests. */
#include "tests/support/support.h"

#include <math.h>

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
