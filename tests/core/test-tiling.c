/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tiles: they cover a picture once, and an objective that is evaluated in tiles has the losses and the
 * gradient of the whole picture. */
#include <math.h>
#include <string.h>

#include "core/base/parallel.h"
#include "core/base/process.h"
#include "core/network/network.h"
#include "core/network/tiling.h"
#include "core/run/targets.h"
#include "tests/support/support.h"

static const int sixteens[] = { 16, 32, 16, 32 }; /* channels for Winograd's convolutions */
static const int odd[] = { 6, 8, 10, 12 };

/* Cores cover each pixel once; frames contain their core and its surroundings, begin on the grid and fit into
 * the largest. */
static void
check_tiles (const NstModel *model, int width, int height, gsize most)
{
  NstTiling          tiling;
  g_autofree guint8 *covered = g_malloc0 ((gsize) width * height);
  gsize              work = 0;
  int                widest, tallest;

  nst_tiling_init (&tiling, model, model->n_layers, width, height, most);
  nst_tiling_largest (&tiling, &widest, &tallest);
  for (int i = 0; i < nst_tiling_count (&tiling); i++)
    {
      const NstTile       tile = nst_tiling_get (&tiling, i);
      const NstRectangle *core = &tile.core, *frame = &tile.frame;

      g_assert_cmpint (core->width, >, 0);
      g_assert_cmpint (core->height, >, 0);
      g_assert_cmpint (frame->x, ==, MAX (core->x - tiling.halo, 0));
      g_assert_cmpint (frame->y, ==, MAX (core->y - tiling.halo, 0));
      g_assert_cmpint (frame->x + frame->width, ==, MIN (core->x + core->width + tiling.halo, width));
      g_assert_cmpint (frame->y + frame->height, ==, MIN (core->y + core->height + tiling.halo, height));
      g_assert_cmpint (frame->x % tiling.grid, ==, 0);
      g_assert_cmpint (frame->y % tiling.grid, ==, 0);
      g_assert_cmpint (frame->width, <=, widest);
      g_assert_cmpint (frame->height, <=, tallest);
      for (int y = core->y; y < core->y + core->height; y++)
        for (int x = core->x; x < core->x + core->width; x++)
          covered[(gsize) y * width + x]++;
      work += (gsize) frame->width * frame->height;
    }
  for (gsize p = 0; p < (gsize) width * height; p++)
    g_assert_cmpint (covered[p], ==, 1);
  g_assert_cmpuint (nst_tiling_work (&tiling), ==, work);
  if (most >= (gsize) width * height)
    g_assert_cmpint (nst_tiling_count (&tiling), ==, 1);
}

static void
test_cover (void)
{
  g_autoptr (NstModel) model = test_model (sixteens, 3, 0, NST_PADDING_ZERO);

  for (int i = 0; i < 200; i++)
    {
      const int width = g_test_rand_int_range (4, 700), height = g_test_rand_int_range (4, 700);

      check_tiles (model, width, height, g_test_rand_int_range (1, 2 * width * height));
    }
}

/* A long picture, and one with more pixels than 32 bits count, are cut in no time. */
static void
test_extremes (void)
{
  g_autoptr (NstModel) model = test_model (sixteens, 4, 0, NST_PADDING_ZERO);
  NstTiling            tiling;
  int                  width, height;

  nst_tiling_init (&tiling, model, model->n_layers, NST_MOST_SIDE, NST_MOST_SIDE, 1 << 20);
  nst_tiling_largest (&tiling, &width, &height);
  g_assert_cmpint (width, <, 2048);
  nst_tiling_init (&tiling, model, model->n_layers, NST_MOST_SIDE, 16, 1 << 20);
  nst_tiling_largest (&tiling, &width, &height);
  g_assert_cmpint (width * height, <=, 1 << 20);
  g_assert_cmpint (tiling.rows, ==, 1);
}

/* The features of the layers that a pass stops at, copied: owned by the array. */
static NstTensor *
features_of (NstNetwork *network, const float *rgb, const NstRectangle *frame, int row)
{
  NstTensor    *all = g_new0 (NstTensor, 16);
  NstNetworkTap tap;

  g_assert_true (nst_network_resize (network, frame->width, frame->height, NULL));
  nst_network_begin (network, rgb + ((gsize) frame->y * row + frame->x) * 3, row);
  while (nst_network_forward (network, &tap, NULL, NULL) && tap.features != NULL)
    {
      all[tap.layer] = *tap.features;
      all[tap.layer].data = g_memdup2 (tap.features->data, nst_tensor_length (tap.features) * sizeof (float));
    }

  return all;
}

static void
free_features (NstTensor *all)
{
  for (int l = 0; l < 16; l++)
    g_free (all[l].data);
  g_free (all);
}

/* The features of a tile's core are those of the whole picture, apart from rounding near its edges. */
static void
test_features (gconstpointer data)
{
  for (int i = 0; i < (g_test_slow () ? 100 : 10); i++)
    {
      const int          width = g_test_rand_int_range (100, 500), height = g_test_rand_int_range (100, 500);
      const NstRectangle all = { 0, 0, width, height };
      g_autoptr (NstImage)   picture = test_image (width, height);
      g_autoptr (NstModel)   model = test_model (data, 3, 0, NST_PADDING_REPLICATE);
      g_autoptr (NstNetwork) network = nst_network_new (model, i % 2 ? NST_POOLING_MAX : NST_POOLING_AVERAGE,
                                                        model->n_layers, 0x6d, NST_CONV_AUTO, NULL);
      NstTensor             *whole = features_of (network, picture->data, &all, width);
      NstTiling              tiling;

      nst_tiling_init (&tiling, model, model->n_layers, width, height, (gsize) width * height / 4);
      for (int t = 0; t < nst_tiling_count (&tiling); t++)
        {
          const NstTile tile = nst_tiling_get (&tiling, t);
          NstTensor    *part = features_of (network, picture->data, &tile.frame, width);

          for (int l = 0; l < model->n_layers; l++)
            if (whole[l].data != NULL)
              {
                const int          reduction = nst_layer_reduction (model, l), C = whole[l].channels;
                const NstRectangle core = nst_rectangle_reduce (&tile.core, reduction);
                const NstRectangle frame = nst_rectangle_reduce (&tile.frame, reduction);

                for (int y = core.y; y < core.y + core.height; y++)
                  {
                    const float *a = whole[l].data + ((gsize) y * whole[l].width + core.x) * C;
                    const float *b = part[l].data
                                     + ((gsize) (y - frame.y) * part[l].width + core.x - frame.x) * C;

                    for (int x = 0; x < core.width * C; x++)
                      g_assert_cmpfloat_with_epsilon (a[x], b[x], 2e-4);
                  }
              }
          free_features (part);
        }
      free_features (whole);
    }
}

typedef struct
{
  NstLosses losses;
  float    *gradient; /* owned */
  int       tiles;
} Verdict;

static Verdict
judge (NstModel *model, const NstRecipe *recipe, const NstScene *scene, const NstImage *picture, gsize most)
{
  g_autoptr (GError)       error = NULL;
  g_autoptr (NstObjective) objective = nst_objective_new (model, recipe, 1, &error);
  NstTermSpec              specs[NST_MAX_TERMS];
  const int                depth = nst_terms_depth (specs, nst_terms_find (model, recipe, specs, NULL));
  Verdict   verdict = { .gradient = test_floats ((gsize) picture->width * picture->height * 3) };
  NstTiling tiling;

  g_assert_no_error (error);
  nst_objective_set_tiles (objective, most);
  nst_targets_set (objective, model, recipe, scene, scene->content, NULL, &error);
  g_assert_no_error (error);
  nst_objective_evaluate (objective, picture->data, verdict.gradient, &verdict.losses, NULL, &error);
  g_assert_no_error (error);
  nst_tiling_init (&tiling, model, depth, picture->width, picture->height, most);
  verdict.tiles = nst_tiling_count (&tiling);

  return verdict;
}

typedef struct
{
  const char *json;
  const int  *channels;
  int         head;
} Case;

/* Random sizes, also odd ones, and numbers of tiles; both paddings. Where a ReLU or a maximum decides between
 * numbers that rounding alone makes different, gradients differ by more: in a few cases only. */
static void
test_equal (gconstpointer data)
{
  const Case *c = data;
  NstRecipe   recipe;
  const int   n = g_test_slow () ? 200 : 8;
  int         most_tiles = 0, rounded = 0;

  nst_recipe_init (&recipe);
  g_assert_true (nst_recipe_merge_json (&recipe, c->json, NULL));
  recipe.tv = 0.1;
  for (int i = 0; i < n; i++)
    {
      const int            width = g_test_rand_int_range (9, 420), height = g_test_rand_int_range (9, 420);
      const gsize          pixels = (gsize) width * height, most = pixels / g_test_rand_int_range (2, 12);
      g_autoptr (NstModel) model = test_model (c->channels, 3, c->head, i % 2 * NST_PADDING_REPLICATE);
      g_autoptr (NstImage) content = test_image (width, height);
      g_autoptr (NstImage) picture = test_image (width, height);
      g_autoptr (NstImage) style = test_image (g_test_rand_int_range (20, 300), 270);
      g_autoptr (NstScene) scene = test_scene (content, style);
      Verdict              whole, tiled, again;
      double               distance, noise;

      /* A style unlike the picture: a small distance would be mostly rounding. */
      for (gsize p = 0; p < (gsize) style->width * style->height * 3; p++)
        style->data[p] *= p % 3 * 0.5 * style->data[p];
      for (int l = 0; l < model->n_layers && i % 2 == 1; l++)
        model->layers[l].padding = NST_PADDING_REPLICATE;
      whole = judge (model, &recipe, scene, picture, G_MAXSIZE);
      tiled = judge (model, &recipe, scene, picture, most);
      nst_set_threads (3);
      again = judge (model, &recipe, scene, picture, G_MAXSIZE);
      nst_set_threads (0);
      distance = test_distance (tiled.gradient, whole.gradient, pixels * 3);
      noise = test_distance (again.gradient, whole.gradient, pixels * 3);
      g_test_message ("%d x %d, %d tiles: losses differ by %.1e, gradients by %.1e; with other threads by "
                      "%.1e",
                      width, height, tiled.tiles, tiled.losses.total / whole.losses.total - 1, distance,
                      noise);
      g_assert_cmpint (whole.tiles, ==, 1);
      g_assert_cmpfloat_with_epsilon (tiled.losses.total, whole.losses.total, 3e-5 * whole.losses.total);
      g_assert_cmpfloat (distance, <, 5e-3);
      rounded += distance < MAX (1e-5, 10 * noise);
      most_tiles = MAX (most_tiles, tiled.tiles);
      nst_floats_free (whole.gradient);
      nst_floats_free (tiled.gradient);
      nst_floats_free (again.gradient);
    }
  g_assert_cmpint (most_tiles, >, 2);
  g_assert_cmpint (rounded, >=, n * 3 / 4);
}

#define LAYERS                                                                                               \
  "\"content_layers\": {\"conv2_2\": 1, \"conv3_1\": 0.3}, "                                                 \
  "\"style_layers\": {\"conv1_1\": 1, \"conv2_1\": 0.5, \"conv3_1\": 2}"

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "{" LAYERS ", \"style_loss\": \"wasserstein\", \"pooling\": \"max\"}", sixteens, 20 },
    { "{" LAYERS ", \"style_loss\": \"gram\", \"pooling\": \"average\", \"style_formula\": \"gatys\", "
      "\"content_formula\": \"half-sum\"}",
      sixteens, 0 },
    { "{" LAYERS ", \"style_loss\": \"centred\", \"pooling\": \"max\", \"tv_formula\": \"power\", "
      "\"content_formula\": \"root-mean\"}",
      sixteens, 20 },
    { "{" LAYERS ", \"style_loss\": \"gram\", \"pooling\": \"max\", \"style_formula\": \"keras\"}", odd, 0 },
    { "{\"content_layers\": {\"pool2\": 1}, \"style_layers\": {\"conv1_2\": 1, \"pool1\": 1}, \"pooling\": "
      "\"average\", \"style_loss\": \"centred\", \"style_formula\": \"root-mean\"}",
      odd, 7 },
  };

  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/tiling/cover", test_cover);
  g_test_add_func ("/core/tiling/extremes", test_extremes);
  g_test_add_data_func ("/core/tiling/features/sixteens", sixteens, test_features);
  g_test_add_data_func ("/core/tiling/features/odd", odd, test_features);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/core/tiling/equal/%zu", i);

      g_test_add_data_func (path, &cases[i], test_equal);
    }

  return g_test_run ();
}
