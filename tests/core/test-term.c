/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terms of the objective: a picture in several parts. */
#include <math.h>

#include "core/base/process.h"
#include "core/loss/term.h"
#include "tests/support/support.h"

/* The style term sees a picture in two parts as it sees the whole: the same loss and gradient. */
static void
test_parts (gconstpointer data)
{
  const TestFeatures *c = data;
  const NstTermClass *style = &nst_term_class_style;
  NstLayer            layer = test_random_layer (c);
  const int           C = c->channels, cut = c->height / 3;
  const gsize         positions = (gsize) c->height * c->width, before = (gsize) cut * c->width;
  const gsize         side = MAX (C, c->head) + 1;
  float              *features = test_floats (positions * C), *aim = test_floats (positions * C);
  float              *scratch = test_floats (style->scratch (C) + NST_TERM_BLOCK_FLOATS);
  float              *moments = test_floats (side * side), *derivative = test_floats (side * side);
  float              *expected = test_floats (positions * C), *got = test_floats (positions * C);
  const NstWorkspace  workspace = { scratch, moments, derivative };
  const NstTensor     whole = { c->height, c->width, C, features }, target = { c->height, c->width, C, aim };
  const NstTensor     upper = { cut, c->width, C, features };
  const NstTensor     lower = { c->height - cut, c->width, C, features + before * C };
  const NstPart       one = { &whole, NULL, 1 }, style_part = { &target, NULL, 1 };
  const NstPart       two[] = { { &upper, NULL, (double) before / positions },
                                { &lower, NULL, 1 - (double) before / positions } };
  g_autofree NstRecipe *recipe = g_new (NstRecipe, 1);
  NstTerm              *term;
  double                loss, largest = 0;

  nst_recipe_init (recipe);
  term = style->try_new (recipe, &layer);
  g_assert_true (style->aim (term, &style_part, 1, &workspace));
  style->seal (term, &workspace);

  style->begin (term);
  style->observe (term, &one, &workspace);
  loss = style->conclude (term, 1, positions, positions, &workspace);
  g_assert_cmpfloat (loss, >, 0);
  for (gsize i = 0; i < positions; i++)
    g_assert_true (style->gradient (term, &one, i, 1, FALSE, expected + i * C, scratch));

  style->begin (term);
  style->observe (term, &two[0], &workspace);
  style->observe (term, &two[1], &workspace);
  g_assert_cmpfloat_with_epsilon (style->conclude (term, 1, positions, positions, &workspace), loss,
                                  1e-4 * loss);
  for (gsize i = 0; i < positions; i++)
    g_assert_true (style->gradient (term, &two[i >= before], i < before ? i : i - before, 1, FALSE,
                                    got + i * C, scratch));

  for (gsize i = 0; i < positions * C; i++)
    largest = MAX (largest, fabs (expected[i]));
  g_assert_cmpfloat (largest, >, 0);
  for (gsize i = 0; i < positions * C; i++)
    g_assert_cmpfloat_with_epsilon (got[i], expected[i], 1e-4 * largest);
  style->free (term);
  nst_floats_free (features);
  nst_floats_free (aim);
  nst_floats_free (scratch);
  nst_floats_free (moments);
  nst_floats_free (derivative);
  nst_floats_free (expected);
  nst_floats_free (got);
  test_layer_clear (&layer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  test_add_features ("/core/term/style-parts", 3, test_parts);

  return g_test_run ();
}
