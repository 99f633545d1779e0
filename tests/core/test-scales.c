/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sizes of a run's scales, the sizes of its styles, and its work. */
#include "core/run/scales.h"

#include "core/base/tensor.h"

static void
test_sizes (void)
{
  static const struct
  {
    int    width, height, smallest; /* of the content; of the network */
    int    size, first_size;
    double ratio;
    int    n, sizes[4][2]; /* expected */
  } cases[] = {
    { 70, 45, 1, 64, 24, 1.41421356, 4, { { 23, 15 }, { 32, 21 }, { 45, 29 }, { 64, 41 } } },
    { 45, 70, 1, 64, 32, 2, 2, { { 21, 32 }, { 41, 64 } } },  /* upright; the first size is reached */
    { 70, 45, 1, 0, 40, 2, 2, { { 35, 23 }, { 70, 45 } } },   /* size 0: the content's */
    { 70, 45, 1, 500, 40, 2, 2, { { 35, 23 }, { 70, 45 } } }, /* never larger than the content */
    { 70, 45, 1, 0, 16, 1, 1, { { 70, 45 } } },               /* ratio 1: the last scale alone */
    { 70, 45, 1, 0, 70, 2, 1, { { 70, 45 } } },               /* no scale is left below the first size */
    { 64, 64, 16, 0, 16, 2, 2, { { 32, 32 }, { 64, 64 } } },  /* 16 is below twice the smallest side */
    { 64, 64, 17, 0, 16, 2, 1, { { 64, 64 } } },
    { 64, 62, 16, 0, 16, 2, 1, { { 64, 62 } } }, /* the shorter side counts */
    { 40, 5, 16, 0, 16, 2, 1, { { 40, 5 } } },   /* too small at all: the network refuses it, not this */
    { 1, 1, 1, 0, 16, 2, 1, { { 1, 1 } } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NstRecipe recipe;
      NstScales scales;

      nst_recipe_init (&recipe);
      recipe.size = cases[i].size;
      recipe.first_size = cases[i].first_size;
      recipe.scale_ratio = cases[i].ratio;
      g_test_message ("case %d", (int) i);
      nst_scales_init (&scales, &recipe, cases[i].width, cases[i].height, cases[i].smallest);
      g_assert_cmpint (scales.n, ==, cases[i].n);
      for (int k = 0; k < scales.n; k++)
        {
          g_assert_cmpint (scales.widths[k], ==, cases[i].sizes[k][0]);
          g_assert_cmpint (scales.heights[k], ==, cases[i].sizes[k][1]);
        }
    }
}

/* A content that is smaller than the recipe's size is enlarged if the recipe says so. */
static void
test_enlarge (void)
{
  NstRecipe recipe;
  NstScales scales;

  nst_recipe_init (&recipe);
  recipe.enlarge = TRUE;
  recipe.size = 300;
  recipe.first_size = 100;
  recipe.scale_ratio = 2;
  nst_scales_init (&scales, &recipe, 60, 40, 1);
  g_assert_cmpint (scales.n, ==, 3);
  g_assert_cmpint (scales.widths[0], ==, 75);
  g_assert_cmpint (scales.widths[2], ==, 300);
  g_assert_cmpint (scales.heights[2], ==, 200);

  nst_scales_init (&scales, &recipe, 3000, 1000, 1);
  g_assert_cmpint (scales.widths[scales.n - 1], ==, 300);

  recipe.size = 0;
  nst_scales_init (&scales, &recipe, 60, 40, 1);
  g_assert_cmpint (scales.widths[scales.n - 1], ==, 60);
}

/* Sizes beyond any picture stay above the longest side; they do not wrap. */
static void
test_huge_style (void)
{
  NstImage            image = { .width = 8192, .height = 1 };
  const NstSceneStyle style = { .image = &image, .scale = 1 };
  NstRecipe           recipe;
  int                 width, height;

  nst_recipe_init (&recipe);
  recipe.style_scale = 1;
  nst_scales_style_size (&recipe, NST_MOST_SIDE, &style, 8192, 1, &width, &height);
  g_assert_cmpint (width, >, NST_MOST_SIDE);
  g_assert_cmpint (height, ==, NST_MOST_SIDE);
}

/* The largest picture and the smallest ratio that a recipe may have: no more than NST_MAX_SCALES. */
static void
test_most_scales (void)
{
  NstRecipe recipe;
  NstScales scales;

  nst_recipe_init (&recipe);
  recipe.size = 32768;
  recipe.first_size = 16;
  recipe.scale_ratio = 1.1;
  nst_scales_init (&scales, &recipe, 1 << 20, 1 << 20, 1);
  g_assert_cmpint (scales.n, ==, NST_MAX_SCALES);
  g_assert_cmpint (scales.widths[NST_MAX_SCALES - 1], ==, 32768);
  for (int i = 1; i < scales.n; i++)
    g_assert_cmpint (scales.widths[i], >, scales.widths[i - 1]);
}

static void
test_work (void)
{
  const NstScales scales = {
    .n = 3, .widths = { 2, 4, 8 }, .heights = { 1, 2, 4 }, .iterations = { 10, 10, 10 }
  };
  NstRecipe recipe;

  nst_recipe_init (&recipe);
  recipe.iterations = 10;
  recipe.evaluations = 0;
  g_assert_cmpfloat (nst_scales_work (&scales, &recipe, 0, 0), ==, 0);
  g_assert_cmpfloat (nst_scales_work (&scales, &recipe, 0, 3), ==, 2 * 3);
  g_assert_cmpfloat (nst_scales_work (&scales, &recipe, 1, 0), ==, 2 * 10);
  g_assert_cmpfloat (nst_scales_work (&scales, &recipe, 2, 7), ==, 2 * 10 + 8 * 10 + 32 * 7);
  g_assert_cmpfloat (nst_scales_work (&scales, &recipe, 3, 0), ==, 2 * 10 + 8 * 10 + 32 * 10);
  recipe.evaluations = 20; /* of the losses, in a round */
  g_assert_cmpfloat (nst_scales_work (&scales, &recipe, 3, 0), ==, 20 * (2 * 10 + 8 * 10 + 32 * 10));
}

/* Freedom makes the first scale smaller and the content weigh less there; coarse scales may have more
 * iterations. */
static void
test_freedom_and_iterations (void)
{
  NstRecipe recipe;
  NstScales scales;

  nst_recipe_init (&recipe);
  recipe.first_size = 256;
  recipe.scale_ratio = 2;
  recipe.iterations = 10;
  recipe.coarse_iterations = 1;
  recipe.freedom = 0;
  nst_scales_init (&scales, &recipe, 512, 384, 1);
  g_assert_cmpint (scales.n, ==, 2);
  g_assert_cmpint (scales.iterations[0], ==, 20);
  g_assert_cmpint (scales.iterations[1], ==, 10);
  g_assert_cmpint (nst_scales_total (&scales), ==, 30);
  g_assert_cmpfloat (nst_scales_content_share (&scales, &recipe, 0), ==, 1);

  recipe.freedom = 1;
  nst_scales_init (&scales, &recipe, 512, 384, 1);
  g_assert_cmpint (scales.n, ==, 3);
  g_assert_cmpint (scales.widths[0], ==, 128);
  g_assert_cmpint (scales.iterations[0], ==, 40);
  g_assert_cmpfloat_with_epsilon (nst_scales_content_share (&scales, &recipe, 0), 0.25, 1e-9);
  g_assert_cmpfloat_with_epsilon (nst_scales_content_share (&scales, &recipe, 1), 0.625, 1e-9);
  g_assert_cmpfloat (nst_scales_content_share (&scales, &recipe, 2), ==, 1);
  recipe.coarse_iterations = 0;
  nst_scales_set_iterations (&scales, &recipe);
  g_assert_cmpint (nst_scales_total (&scales), ==, 30);
  recipe.coarse_iterations = -1;
  nst_scales_set_iterations (&scales, &recipe);
  g_assert_cmpint (scales.iterations[0], ==, 3);
  g_assert_cmpint (scales.iterations[1], ==, 5);
  recipe.iterations = 1;
  nst_scales_set_iterations (&scales, &recipe);
  g_assert_cmpint (nst_scales_total (&scales), ==, 3);

  recipe.scale_ratio = 1;
  nst_scales_init (&scales, &recipe, 512, 384, 1);
  g_assert_cmpint (scales.n, ==, 1);
  g_assert_cmpfloat (nst_scales_content_share (&scales, &recipe, 0), ==, 1);
}

static void
test_style_size (void)
{
  static const struct
  {
    NstStyleFit fit;
    double      scale;
    int         smallest, style[2], picture[2], expected[2];
  } cases[] = {
    { NST_STYLE_FIT_OWN, 1, 1, { 300, 200 }, { 60, 90 }, { 90, 60 } },
    { NST_STYLE_FIT_STRETCH, 1, 1, { 300, 200 }, { 60, 90 }, { 60, 90 } },
    { NST_STYLE_FIT_CROP, 1, 1, { 300, 200 }, { 60, 90 }, { 60, 90 } },
    { NST_STYLE_FIT_OWN, 0.5, 1, { 300, 200 }, { 60, 90 }, { 45, 30 } },
    { NST_STYLE_FIT_STRETCH, 2, 1, { 300, 200 }, { 60, 90 }, { 120, 180 } },
    { NST_STYLE_FIT_OWN, 10, 1, { 3, 2 }, { 60, 90 }, { 900, 600 } },     /* larger than the painting */
    { NST_STYLE_FIT_OWN, 0.1, 16, { 300, 200 }, { 60, 90 }, { 24, 16 } }, /* the smallest side */
    { NST_STYLE_FIT_CROP, 0.1, 16, { 300, 200 }, { 60, 90 }, { 16, 24 } },
    { NST_STYLE_FIT_OWN, 1, 16, { 300, 1 }, { 90, 60 }, { 1440, 16 } },
    { NST_STYLE_FIT_OWN, 0.1, 1, { 3, 2 }, { 1, 1 }, { 1, 1 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NstImage      image = { .width = cases[i].style[0], .height = cases[i].style[1] };
      NstSceneStyle style = { .image = &image, .scale = i % 2 == 0 ? 1 : 2 };
      NstRecipe     recipe;
      int           width, height;

      nst_recipe_init (&recipe);
      recipe.style_fit = cases[i].fit;
      recipe.style_scale = cases[i].scale / style.scale;
      g_test_message ("case %d", (int) i);
      nst_scales_style_size (&recipe, cases[i].smallest, &style, cases[i].picture[0], cases[i].picture[1],
                             &width, &height);
      g_assert_cmpint (width, ==, cases[i].expected[0]);
      g_assert_cmpint (height, ==, cases[i].expected[1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/scales/enlarge", test_enlarge);
  g_test_add_func ("/core/scales/huge-style", test_huge_style);
  g_test_add_func ("/core/scales/sizes", test_sizes);
  g_test_add_func ("/core/scales/most", test_most_scales);
  g_test_add_func ("/core/scales/work", test_work);
  g_test_add_func ("/core/scales/freedom", test_freedom_and_iterations);
  g_test_add_func ("/core/scales/style-size", test_style_size);

  return g_test_run ();
}
