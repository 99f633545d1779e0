/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions: masks and their sizes, how styles share a picture, what positions weigh, and the objective of a
 * scene with regions. Losses are compared with PyTorch in test-reference.c. */
#include <math.h>
#include <string.h>

#include "core/base/process.h"
#include "core/loss/guidance.h"
#include "core/run/engine.h"
#include "core/scene/regions.h"
#include "tests/support/support.h"

/* Masks */

static NstMask *
random_mask (int width, int height)
{
  NstMask *mask = nst_mask_new (width, height, NULL);

  for (int i = 0; i < width * height; i++)
    mask->data[i] = g_test_rand_double ();

  return mask;
}

/* Another size keeps ones as they are, stays between the values, and keeps the sum of masks. */
static void
test_size (void)
{
  static const int sizes[][4] = { { 7, 5, 3, 2 },   { 7, 5, 19, 11 },   { 1, 1, 9, 4 },   { 9, 4, 1, 1 },
                                  { 33, 2, 8, 16 }, { 64, 48, 64, 48 }, { 100, 3, 7, 90 } };

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      const int           n = sizes[s][2] * sizes[s][3];
      g_autoptr (NstMask) one = random_mask (sizes[s][0], sizes[s][1]);
      g_autoptr (NstMask) rest = nst_mask_crop (one, 0, 0, one->width, one->height, NULL);
      g_autoptr (NstMask) all = nst_mask_crop (one, 0, 0, one->width, one->height, NULL);
      g_autoptr (NstMask) of_one = nst_mask_at_size (one, sizes[s][2], sizes[s][3], NULL);
      g_autoptr (NstMask) of_rest = NULL;
      g_autoptr (NstMask) of_all = NULL;
      float               least, most, least_after, most_after;

      for (int i = 0; i < one->width * one->height; i++)
        {
          rest->data[i] = 1 - one->data[i];
          all->data[i] = 1;
        }
      of_rest = nst_mask_at_size (rest, sizes[s][2], sizes[s][3], NULL);
      of_all = nst_mask_at_size (all, sizes[s][2], sizes[s][3], NULL);
      nst_mask_range (one, &least, &most);
      nst_mask_range (of_one, &least_after, &most_after);
      g_assert_cmpfloat (least_after, >=, least - 1e-6);
      g_assert_cmpfloat (most_after, <=, most + 1e-6);
      for (int i = 0; i < n; i++)
        {
          g_assert_cmpfloat (of_all->data[i], ==, 1);
          g_assert_cmpfloat_with_epsilon (of_one->data[i] + of_rest->data[i], 1, 1e-6);
        }
    }
}

/* Where a mask is 0 or 1 the blended pixel is exactly one of both. */
static void
test_blend (void)
{
  g_autoptr (NstImage) image = test_image (5, 1);
  g_autoptr (NstImage) before = nst_image_copy (image, NULL);
  g_autoptr (NstImage) other = test_image (5, 1);
  g_autoptr (NstMask)  mask = nst_mask_new (5, 1, NULL);

  memcpy (mask->data, (const float[]){ 0, 1, 0.25, 0, 1 }, nst_mask_bytes (mask));
  for (int i = 0; i < 15; i++)
    other->data[i] = 1 - image->data[i] / 3;
  nst_image_blend_masked (image, other, mask);
  for (int i = 0; i < 15; i++)
    {
      const float m = mask->data[i / 3];

      if (m == 0 || m == 1)
        g_assert_cmpfloat (image->data[i], ==, m == 0 ? other->data[i] : before->data[i]);
      else
        g_assert_cmpfloat_with_epsilon (image->data[i], m * before->data[i] + (1 - m) * other->data[i], 1e-6);
    }
}

/* Sharing */

static NstMask *
row_mask (const float *values, int n)
{
  NstMask *mask = nst_mask_new (n, 1, NULL);

  memcpy (mask->data, values, n * sizeof (float));

  return mask;
}

static void
assert_row (const NstMask *mask, const float *expected)
{
  for (int i = 0; i < mask->width; i++)
    g_assert_cmpfloat_with_epsilon (mask->data[i], expected[i], 1e-6);
}

static void
add_style (NstScene *scene, NstImage *image, NstMask *mask, NstMask *part, double weight)
{
  g_assert_true (nst_scene_append_style (scene, &(NstSceneStyle){ image, weight, 1, mask, part }, NULL));
}

/* Overlapping masks are divided by their sum; the rest goes to the style without a mask, or stays the
 * photograph; styles with the same mask are one region. */
static void
test_share (void)
{
  g_autoptr (NstImage)   image = test_image (20, 20);
  g_autoptr (NstScene)   scene = nst_scene_new (image);
  g_autoptr (NstMask)    a = row_mask ((const float[]){ 1, 1, 0.5, 0, 0.25 }, 5);
  g_autoptr (NstMask)    b = row_mask ((const float[]){ 0, 1, 0.5, 0, 0.25 }, 5);
  g_autoptr (NstRegions) two = NULL;
  g_autoptr (NstRegions) three = NULL;
  g_autoptr (NstRegions) none = NULL;
  g_autoptr (NstMask)    share = NULL;

  none = nst_regions_new (scene, 5, 1, NULL);
  g_assert_cmpint (none->n, ==, 0);
  add_style (scene, image, a, NULL, 1);
  add_style (scene, image, b, NULL, 2);
  add_style (scene, image, a, NULL, 3);
  two = nst_regions_new (scene, 5, 1, NULL);
  g_assert_cmpint (two->n, ==, 2);
  g_assert_true (two->of_style[0] == 0 && two->of_style[1] == 1 && two->of_style[2] == 0);
  g_assert_cmpfloat (two->weights[0], ==, 4);
  assert_row (two->masks[0], (const float[]){ 1, 0.5, 0.5, 0, 0.25 });
  assert_row (two->masks[1], (const float[]){ 0, 0.5, 0.5, 0, 0.25 });
  assert_row (two->painted, (const float[]){ 1, 1, 1, 0, 0.5 });

  nst_scene_set_strength (scene, b);
  g_assert_true (nst_regions_strength (scene, 5, 1, &share, NULL));
  assert_row (share, (const float[]){ 0, 1, 0.5, 0, 0.125 });

  add_style (scene, image, NULL, NULL, 1);
  three = nst_regions_new (scene, 5, 1, NULL);
  g_assert_cmpint (three->n, ==, 3);
  g_assert_null (three->painted);
  assert_row (three->masks[2], (const float[]){ 0, 0, 0, 1, 0.5 });
}

/* Weights */

static NstModel *
small_model (void)
{
  return test_model ((const int[]){ 8, 12 }, 2, 10, NST_PADDING_REPLICATE);
}

/* A mask of ones gives no weights; the weights of masks that sum to 1 sum to at most 1; outside of a mask
 * they are 0, deep inside 1, and at its border less. */
static void
test_guidance (void)
{
  g_autoptr (NstModel) model = small_model ();
  NstGuidance         *left = g_new0 (NstGuidance, model->n_layers);
  NstMask             *mask = nst_mask_new (65, 43, NULL);
  const int            layer = nst_model_find_layer (model, "conv2_1");
  const guint64        layers = G_GUINT64_CONSTANT (1) << layer | 1;

  for (int i = 0; i < 65 * 43; i++)
    mask->data[i] = 1;
  g_assert_true (nst_guidance_make (left, model, layers, mask, NST_GUIDANCE_INSIDE));
  g_assert_null (left[0].weights);
  g_assert_true (nst_guidance_make (left, model, layers, NULL, NST_GUIDANCE_INSIDE));
  g_assert_null (left[0].weights);

  for (int i = 0; i < 65 * 43; i++)
    mask->data[i] = i % 65 < 32;
  g_assert_true (nst_guidance_make (left, model, layers, mask, NST_GUIDANCE_INSIDE));
  for (int y = 0; y < 21; y++) /* the odd row and column are dropped */
    for (int x = 0; x < 32; x++)
      {
        const float w = left[layer].weights[y * 32 + x];

        if (x >= 16)
          g_assert_cmpfloat (w, ==, 0);
        else if (x < 14)
          g_assert_cmpfloat (w, ==, 1);
        else
          g_assert_true (w >= 0.5f && w < 1);
      }
  g_assert_true (left[1].weights == NULL || layer == 1);
  nst_guidance_clear (left, model->n_layers);

  g_assert_true (nst_guidance_make (left, model, layers, mask, NST_GUIDANCE_POOLED));
  for (int i = 0; i < 21 * 32; i++)
    g_assert_cmpfloat (left[layer].weights[i], ==, i % 32 < 16);
  nst_guidance_clear (left, model->n_layers);
  g_free (left);
  nst_mask_unref (mask);
}

/* The objective */

static double
evaluate (
    NstModel *model, const NstScene *scene, const char *loss, const NstImage *picture, NstImage **gradient)
{
  g_autofree char   *json = g_strdup_printf ("{\"size\": 0, \"alpha\": 1, \"beta\": 20, \"tv\": 0,"
                                               "\"content_layers\": {\"conv2_1\": 1}, \"style_loss\": \"%s\","
                                               "\"style_layers\": {\"conv1_1\": 1, \"conv2_1\": 2}}",
                                             loss);
  g_autoptr (GError) error = NULL;
  NstRecipe          recipe;
  NstLosses          losses;

  nst_recipe_init (&recipe);
  g_assert_true (nst_recipe_merge_json (&recipe, json, &error));
  nst_evaluate (model, &recipe, scene, picture, &losses, NULL, gradient, &error);
  g_assert_no_error (error);

  return losses.total;
}

/* Soft overlapping regions, a part and a protection: the gradient against central differences. */
static void
test_gradient (gconstpointer data)
{
  g_autoptr (NstModel) model = small_model ();
  g_autoptr (NstImage) content = test_image (29, 23);
  g_autoptr (NstImage) style = test_image (31, 26);
  g_autoptr (NstImage) picture = test_image (29, 23);
  g_autoptr (NstImage) gradient = NULL;
  g_autoptr (NstMask)  a = random_mask (6, 5);
  g_autoptr (NstMask)  b = random_mask (29, 23);
  g_autoptr (NstScene) scene = nst_scene_new (content);
  double               size = 0;

  for (int i = 0; i < 29 * 23; i++)
    b->data[i] = i % 29 < 11 ? b->data[i] : 0;
  add_style (scene, style, a, NULL, 1);
  add_style (scene, content, b, a, 1);
  add_style (scene, picture, NULL, NULL, 2);
  nst_scene_set_protect (scene, b);
  for (int i = 0; i < 29 * 23 * 3; i++)
    picture->data[i] = 0.5f * picture->data[i] + 0.25f * g_test_rand_double ();
  evaluate (model, scene, data, picture, &gradient);
  for (int i = 0; i < 29 * 23 * 3; i++)
    size += gradient->data[i] * gradient->data[i] / (29 * 23 * 3);

  for (int trial = 0; trial < 4; trial++)
    {
      g_autoptr (NstImage) up = nst_image_copy (picture, NULL);
      g_autoptr (NstImage) down = nst_image_copy (picture, NULL);
      const double         step = 5e-4;
      double               slope = 0, found;

      /* Half along the gradient, half anywhere: single values would meet the kinks of ReLU and pooling. */
      for (int i = 0; i < 29 * 23 * 3; i++)
        {
          const double d = gradient->data[i] / sqrt (size) + g_test_rand_double_range (-2, 2);

          up->data[i] += step * d;
          down->data[i] -= step * d;
          slope += gradient->data[i] * d;
        }
      found = (evaluate (model, scene, data, up, NULL) - evaluate (model, scene, data, down, NULL))
              / (2 * step);
      g_test_message ("%g, differences %g", slope, found);
      g_assert_cmpfloat_with_epsilon (slope, found, 0.03 * fabs (slope));
    }
}

/* Where nothing of a picture belongs to a region its style has no influence: the gradient of mirrored masks
 * and styles is mirrored. */
static void
test_swap (void)
{
  g_autoptr (NstModel) model = small_model ();
  g_autoptr (NstImage) content = test_image (32, 24);
  g_autoptr (NstImage) style = test_image (40, 30);
  g_autoptr (NstImage) other = nst_image_copy (style, NULL);
  g_autoptr (NstMask)  left = nst_mask_new (32, 24, NULL);
  g_autoptr (NstMask)  right = nst_mask_new (32, 24, NULL);
  g_autoptr (NstScene) one = nst_scene_new (content);
  g_autoptr (NstScene) two = nst_scene_new (content);
  g_autoptr (NstImage) of_one = NULL;
  g_autoptr (NstImage) of_two = NULL;
  double               first, second;

  for (int i = 0; i < 40 * 30 * 3; i++)
    other->data[i] = 1 - style->data[i] * style->data[i];
  for (int i = 0; i < 32 * 24; i++)
    {
      left->data[i] = i % 32 < 13;
      right->data[i] = 1 - left->data[i];
    }
  add_style (one, style, left, NULL, 1);
  add_style (one, other, right, NULL, 1);
  add_style (two, other, right, NULL, 1);
  add_style (two, style, NULL, NULL, 1); /* the rest */
  first = evaluate (model, one, "gram", content, &of_one);
  second = evaluate (model, two, "gram", content, &of_two);
  g_assert_cmpfloat_with_epsilon (first, second, 1e-6 * first);
  for (int i = 0; i < 32 * 24 * 3; i++)
    g_assert_cmpfloat_with_epsilon (of_one->data[i], of_two->data[i], 1e-5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/regions/size", test_size);
  g_test_add_func ("/core/regions/blend", test_blend);
  g_test_add_func ("/core/regions/share", test_share);
  g_test_add_func ("/core/regions/guidance", test_guidance);
  g_test_add_data_func ("/core/regions/gradient-gram", "gram", test_gradient);
  g_test_add_data_func ("/core/regions/gradient-centred", "centred", test_gradient);
  g_test_add_data_func ("/core/regions/gradient-wasserstein", "wasserstein", test_gradient);
  g_test_add_func ("/core/regions/swap", test_swap);

  return g_test_run ();
}
