/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terms of the objective: a picture in several parts gives the loss and the gradient of the whole, with and
 * without weights. */
#include <math.h>
#include <string.h>

#include "core/base/process.h"
#include "core/loss/term.h"
#include "tests/support/support.h"

/* What a term says of a picture. */
typedef struct
{
  double loss;
  float *gradient; /* owned; positions x channels */
} Verdict;

typedef struct
{
  const NstTermClass *class;
  NstTerm     *term;
  NstWorkspace workspace;
  float       *block; /* scratch of gradient () */
  int          height, width, channels;
} Bench;

static Bench
bench_new (const NstTermClass *class,
           const NstRecipe    *recipe,
           const NstLayer     *layer,
           const TestFeatures *size)
{
  const int   C = layer != NULL ? size->channels : 3;
  const gsize side = MAX (C, size->head) + 1;

  return (Bench){
    .class = class,
    .term = class->try_new (recipe, layer),
    .workspace = { test_floats (class->scratch (recipe, C) + 1), test_floats (side * side),
                   test_floats (side * side) },
    .block = test_floats (NST_TERM_BLOCK_FLOATS),
    .height = size->height,
    .width = size->width,
    .channels = C,
  };
}

static void
bench_clear (Bench *bench)
{
  nst_target_unref (bench->term->target);
  bench->class->free (bench->term);
  nst_floats_free (bench->workspace.scratch);
  nst_floats_free (bench->workspace.moments);
  nst_floats_free (bench->workspace.derivative);
  nst_floats_free (bench->block);
}

/* The rectangle at x, y of the whole with one position of context on each side that the whole has. The
 * features of a layer's context are not numbers: nobody may look at them. Context of the picture has weight 0
 * instead. weights: of the whole, or NULL: 1. */
static NstPart
cut_part (const Bench *bench, const float *whole, const float *weights, int x, int y, int width, int height)
{
  const int      left = MAX (x - 1, 0), right = MIN (x + width + 1, bench->width);
  const int      top = MAX (y - 1, 0), bottom = MIN (y + height + 1, bench->height);
  const int      C = bench->channels, w = right - left, h = bottom - top;
  const gboolean picture = bench->class->source == NST_TARGET_NONE;
  const double   total = (double) bench->width * bench->height;
  NstTensor     *features = g_new (NstTensor, 1);
  float         *own = test_floats ((gsize) w * h);
  NstPart        part = { features, own, w, 0, left, top, bench->width, bench->height, { 0, 0, w, h } };
  double         all = 0;

  *features = (NstTensor){ h, w, C, test_floats ((gsize) w * h * C) };
  for (int j = 0; j < h; j++)
    for (int i = 0; i < w; i++)
      {
        const gsize    from = (gsize) (top + j) * bench->width + left + i, to = (gsize) j * w + i;
        const gboolean inside = left + i >= x && left + i < x + width && top + j >= y && top + j < y + height;

        for (int c = 0; c < C; c++)
          features->data[to * C + c] = inside || picture ? whole[from * C + c] : NAN;
        own[to] = !inside && picture ? 0 : weights != NULL ? weights[from] : 1;
      }
  for (int i = 0; weights != NULL && i < bench->width * bench->height; i++)
    all += weights[i];
  if (!picture)
    part.core = (NstRectangle){ x - left, y - top, width, height };
  part.share = nst_part_total (&part) / (weights != NULL ? all : total);
  if (!picture && weights == NULL)
    {
      nst_floats_free (own);
      part.weights = NULL;
    }

  return part;
}

/* The whole in four rectangles of different sizes. */
static void
cut_in_four (const Bench *bench, const float *whole, const float *weights, NstPart *parts)
{
  const int x = bench->width / 3 + 1, y = bench->height / 3 + 1;

  for (int i = 0; i < 4; i++)
    parts[i] = cut_part (bench, whole, weights, i % 2 * x, i / 2 * y, i % 2 ? bench->width - x : x,
                         i / 2 ? bench->height - y : y);
}

static void
part_clear (NstPart *part)
{
  nst_floats_free (part->features->data);
  g_free ((NstTensor *) part->features);
  nst_floats_free ((float *) part->weights);
}

/* Loss and gradient from parts; the gradients of overlapping pictures are added. */
static Verdict
judge (Bench *bench, const NstPart *parts, int n, double positions)
{
  const int C = bench->channels;
  Verdict   verdict = { 0, test_floats ((gsize) bench->width * bench->height * C) };

  memset (verdict.gradient, 0, (gsize) bench->width * bench->height * C * sizeof (float));
  bench->class->begin (bench->term);
  for (int i = 0; i < n; i++)
    bench->class->observe (bench->term, &parts[i], &bench->workspace);
  verdict.loss = bench->class->conclude (bench->term, 0.7, positions, (gsize) bench->width * bench->height,
                                         &bench->workspace);
  for (int i = 0; i < n; i++)
    for (int y = parts[i].core.y; y < parts[i].core.y + parts[i].core.height; y++)
      {
        const int   x = parts[i].core.x, w = parts[i].core.width;
        const gsize first = (gsize) y * parts[i].features->width + x;
        const gsize to = ((gsize) (parts[i].y + y) * bench->width + parts[i].x + x) * C;
        float      *row = test_floats ((gsize) w * C);

        if (bench->class->gradient (bench->term, &parts[i], first, w, FALSE, row, bench->block))
          for (int k = 0; k < w * C; k++)
            verdict.gradient[to + k] += row[k];
        nst_floats_free (row);
      }

  return verdict;
}

static void
assert_same (const Bench *bench, const Verdict *got, const Verdict *expected)
{
  const gsize n = (gsize) bench->width * bench->height * bench->channels;
  double      largest = 0;

  g_assert_cmpfloat (expected->loss, >, 0);
  g_assert_cmpfloat_with_epsilon (got->loss, expected->loss, 1e-4 * expected->loss);
  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, fabs (expected->gradient[i]));
  g_assert_cmpfloat (largest, >, 0);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (got->gradient[i], expected->gradient[i], 1e-4 * largest);
}

/* Four rectangles of different sizes with context around them, against the whole. aim: the target's features,
 * or NULL. A content's target is made of parts, too. */
static void
compare_parts (Bench *bench, const float *features, const float *aim, gboolean weighted)
{
  const gsize positions = (gsize) bench->width * bench->height;
  float      *weights = weighted ? test_floats (positions) : NULL;
  NstTensor   whole = { bench->height, bench->width, bench->channels, (float *) features };
  NstTensor   target = { bench->height, bench->width, bench->channels, (float *) aim };
  NstPart     one = nst_part_whole (&whole), aim_part = nst_part_whole (&target), parts[4];
  Verdict     expected, got;
  double      total;

  /* From 0 on, and 0 in places. */
  for (gsize i = 0; weighted && i < positions; i++)
    weights[i] = MAX (weights[i], 0);
  one.weights = weights;
  total = nst_part_total (&one);
  aim_part.weights = bench->class->source == NST_TARGET_CONTENT ? weights : NULL;

  if (aim != NULL)
    g_assert_true (bench->class->aim (bench->term, &aim_part, 1, &bench->workspace));
  expected = judge (bench, &one, 1, total);

  if (aim != NULL)
    {
      g_clear_pointer (&bench->term->target, nst_target_unref);
      cut_in_four (bench, aim, aim_part.weights, parts);
      for (int i = 0; i < 4; i++)
        {
          g_assert_true (bench->class->aim (bench->term, &parts[i], 1, &bench->workspace));
          part_clear (&parts[i]);
        }
    }
  cut_in_four (bench, features, weights, parts);
  got = judge (bench, parts, 4, total);
  assert_same (bench, &got, &expected);

  for (int i = 0; i < 4; i++)
    part_clear (&parts[i]);
  nst_floats_free (expected.gradient);
  nst_floats_free (got.gradient);
  nst_floats_free (weights);
}

static void
test_features (const NstTermClass *class, const TestFeatures *size, gboolean weighted)
{
  const gsize           floats = (gsize) size->height * size->width * size->channels;
  NstLayer              layer = test_random_layer (size);
  float                *features = test_floats (floats), *aim = test_floats (floats);
  g_autofree NstRecipe *recipe = g_new (NstRecipe, 1);

  nst_recipe_init (recipe);
  for (int loss = NST_STYLE_GRAM; loss <= NST_STYLE_WASSERSTEIN; loss++)
    {
      Bench bench;

      recipe->style_loss = loss;
      bench = bench_new (class, recipe, &layer, size);
      compare_parts (&bench, features, aim, weighted);
      bench_clear (&bench);
    }
  nst_floats_free (features);
  nst_floats_free (aim);
  test_layer_clear (&layer);
}

static void
test_content (gconstpointer data)
{
  test_features (&nst_term_class_content, data, FALSE);
}

static void
test_content_weighted (gconstpointer data)
{
  test_features (&nst_term_class_content, data, TRUE);
}

static void
test_style (gconstpointer data)
{
  test_features (&nst_term_class_style, data, FALSE);
}

static void
test_style_weighted (gconstpointer data)
{
  test_features (&nst_term_class_style, data, TRUE);
}

static void
test_variation (gconstpointer data)
{
  const TestFeatures    size = { 8, 11, 3, 0 };
  g_autofree NstRecipe *recipe = g_new (NstRecipe, 1);

  nst_recipe_init (recipe);
  recipe->tv_formula = GPOINTER_TO_INT (data);
  for (int weighted = 0; weighted < 2; weighted++)
    {
      Bench  bench = bench_new (&nst_term_class_variation, recipe, NULL, &size);
      float *picture = test_floats ((gsize) size.height * size.width * 3);

      compare_parts (&bench, picture, NULL, weighted);
      bench_clear (&bench);
      nst_floats_free (picture);
    }
}

/* Detail moves the content's weight between layers on both sides of 2.5 poolings; style's stays. */
static void
test_detail (void)
{
  const int             channels[] = { 3, 3, 3, 3, 3 };
  g_autoptr (NstModel)  model = test_model (channels, 5, 0, NST_PADDING_ZERO);
  g_autofree NstRecipe *recipe = g_new (NstRecipe, 1);
  NstTermSpec           specs[NST_MAX_TERMS];

  nst_recipe_init (recipe);
  g_assert_true (nst_recipe_merge_json (recipe,
                                        "{\"content_layers\": {\"conv3_1\": 3, \"conv4_1\": 5}, "
                                        "\"style_layers\": {\"conv2_1\": 7}}",
                                        NULL));
  for (int i = 0; i <= 2; i++)
    {
      const double factor = pow (8, i - 1);

      recipe->detail = i / 2.0;
      g_assert_cmpint (nst_terms_find (model, recipe, specs, NULL), ==, 4);
      g_assert_cmpfloat_with_epsilon (specs[0].weight, 3 * factor, 1e-9);
      g_assert_cmpfloat_with_epsilon (specs[1].weight, 5 / factor, 1e-9);
      g_assert_cmpfloat (specs[2].weight, ==, 7);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/term/detail", test_detail);
  test_add_features ("/core/term/content-parts", 3, test_content);
  test_add_features ("/core/term/content-parts-weighted", 3, test_content_weighted);
  test_add_features ("/core/term/style-parts", 3, test_style);
  test_add_features ("/core/term/style-parts-weighted", 3, test_style_weighted);
  g_test_add_data_func ("/core/term/tv-parts-squared", GINT_TO_POINTER (NST_TV_SQUARED), test_variation);
  g_test_add_data_func ("/core/term/tv-parts-power", GINT_TO_POINTER (NST_TV_POWER), test_variation);
  g_test_add_data_func ("/core/term/tv-parts-absolute", GINT_TO_POINTER (NST_TV_ABSOLUTE), test_variation);

  return g_test_run ();
}
