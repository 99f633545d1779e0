/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenes: references to their pictures, several styles, the range of weights, memory. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/scene/scene.h"
#include "tests/support/support.h"

static NstImage *content, *start, *style, *other;

/* How many references each picture has, beside the test's own. */
static void
assert_references (int of_content, int of_start, int of_style, int of_other)
{
  g_assert_cmpint (content->references - 1, ==, of_content);
  g_assert_cmpint (start->references - 1, ==, of_start);
  g_assert_cmpint (style->references - 1, ==, of_style);
  g_assert_cmpint (other->references - 1, ==, of_other);
}

static void
test_empty (void)
{
  NstScene *scene = nst_scene_new (NULL);
  NstScene *copy = nst_scene_copy (scene);

  g_assert_null (copy->content);
  g_assert_null (copy->start);
  g_assert_cmpint (copy->n_styles, ==, 0);
  g_assert_cmpuint (nst_scene_bytes (copy), ==, 0);
  nst_scene_remove_styles (copy);
  nst_scene_free (copy);
  nst_scene_free (scene);
  nst_scene_free (NULL);
}

static void
test_references (void)
{
  NstScene *scene = nst_scene_new (content);

  assert_references (1, 0, 0, 0);
  nst_scene_set_content (scene, content); /* the picture that it has already */
  assert_references (1, 0, 0, 0);
  nst_scene_set_start (scene, start);
  g_assert_true (nst_scene_add_style (scene, style, 1, NULL));
  g_assert_true (nst_scene_add_style (scene, other, 2, NULL));
  g_assert_true (nst_scene_add_style (scene, style, 3, NULL));
  assert_references (1, 1, 2, 1);

  nst_scene_set_start (scene, other);
  nst_scene_set_content (scene, NULL);
  assert_references (0, 0, 2, 2);
  g_assert_null (scene->content);
  nst_scene_set_start (scene, NULL);
  g_assert_null (scene->start);
  nst_scene_remove_styles (scene);
  g_assert_cmpint (scene->n_styles, ==, 0);
  assert_references (0, 0, 0, 0);

  /* A scene whose styles were removed takes new ones; free drops every reference. */
  nst_scene_set_content (scene, content);
  nst_scene_set_start (scene, content);
  g_assert_true (nst_scene_add_style (scene, content, 1, NULL));
  assert_references (3, 0, 0, 0);
  nst_scene_free (scene);
  assert_references (0, 0, 0, 0);
}

/* A copy has the same pictures, weights and masks in the same order, and outlives the original. */
static void
test_copy (void)
{
  NstScene           *scene = nst_scene_new (content), *copy;
  g_autoptr (NstMask) mask = nst_mask_from_image (content, NULL);
  g_autoptr (NstMask) part = nst_mask_from_image (start, NULL);

  nst_scene_set_start (scene, start);
  g_assert_true (nst_scene_add_style (scene, style, 0.25, NULL));
  g_assert_true (nst_scene_append_style (scene, &(NstSceneStyle){ other, 3, 0.5, mask, part }, NULL));
  g_assert_null (scene->styles[0].mask);
  g_assert_cmpfloat (scene->styles[0].scale, ==, 1);
  nst_scene_set_protect (scene, part);
  nst_scene_set_strength (scene, mask);

  copy = nst_scene_copy (scene);
  assert_references (2, 2, 2, 2);
  g_assert_cmpint (mask->references, ==, 5);
  g_assert_cmpint (part->references, ==, 5);
  nst_scene_remove_styles (scene);
  nst_scene_free (scene);
  assert_references (1, 1, 1, 1);

  g_assert_true (copy->content == content && copy->start == start);
  g_assert_cmpint (copy->n_styles, ==, 2);
  g_assert_true (copy->styles[0].image == style && copy->styles[0].mask == NULL);
  g_assert_true (copy->styles[1].image == other && copy->styles[1].mask == mask);
  g_assert_cmpfloat (copy->styles[0].weight, ==, 0.25);
  g_assert_cmpfloat (copy->styles[1].weight, ==, 3);
  g_assert_true (copy->styles[1].part == part && copy->styles[1].scale == 0.5);
  g_assert_true (copy->protect == part && copy->strength == mask);
  nst_scene_free (copy);
  assert_references (0, 0, 0, 0);
  g_assert_cmpint (mask->references, ==, 1);
  g_assert_cmpint (part->references, ==, 1);
}

/* A black mask and a scale out of range are refused; the scene is unchanged. */
static void
test_bad_styles (void)
{
  g_autoptr (NstScene) scene = nst_scene_new (content);
  g_autoptr (NstMask)  black = nst_mask_new (3, 1, NULL);
  const struct
  {
    NstSceneStyle style;
    const char   *said;
  } cases[] = {
    { { style, 1, 1, black, NULL }, "region is empty: all of its 3 x 1" },
    { { style, 1, 1, NULL, black }, "mask on a style is empty: all of its 3 x 1" },
    { { style, 1, 0.04, NULL, NULL }, "0.04" },
    { { style, 1, 21, NULL, NULL }, "21" },
    { { style, 1, NAN, NULL, NULL }, "nan" },
  };

  memset (black->data, 0, nst_mask_bytes (black));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (nst_scene_append_style (scene, &cases[i].style, &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
      g_assert_nonnull (strstr (error->message, cases[i].said));
      g_assert_cmpint (scene->n_styles, ==, 0);
    }
}

/* A weight is above 0 and at most 1e9. A refused style leaves the scene as it is. */
static void
test_weights (void)
{
  static const double  good[] = { DBL_MIN, 1, 1e9 };
  static const double  bad[] = { 0, -0.0, -1, 1.0001e9, INFINITY, -INFINITY, NAN };
  g_autoptr (NstScene) scene = nst_scene_new (content);

  for (int i = 0; i < (int) G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (nst_scene_add_style (scene, style, good[i], &error));
      g_assert_no_error (error);
      g_assert_cmpint (scene->n_styles, ==, i + 1);
      g_assert_cmpfloat (scene->styles[i].weight, ==, good[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (nst_scene_add_style (scene, other, bad[i], &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
      g_assert_nonnull (strstr (error->message, "1e+09"));
      g_assert_cmpint (scene->n_styles, ==, G_N_ELEMENTS (good));
      assert_references (1, 0, G_N_ELEMENTS (good), 0);
    }
}

/* Each picture counts once, wherever it is there twice. */
static void
test_bytes (void)
{
  const gsize          bytes[] = { 4 * 3 * 12, 5 * 2 * 12, 7 * 6 * 12, 9 * 8 * 12 };
  g_autoptr (NstScene) scene = nst_scene_new (content);

  g_assert_cmpuint (nst_scene_bytes (scene), ==, bytes[0]);
  nst_scene_set_start (scene, content);
  g_assert_cmpuint (nst_scene_bytes (scene), ==, bytes[0]);
  nst_scene_set_start (scene, start);
  g_assert_cmpuint (nst_scene_bytes (scene), ==, bytes[0] + bytes[1]);
  nst_scene_add_style (scene, content, 1, NULL);
  nst_scene_add_style (scene, start, 1, NULL);
  g_assert_cmpuint (nst_scene_bytes (scene), ==, bytes[0] + bytes[1]);
  nst_scene_add_style (scene, style, 1, NULL);
  nst_scene_add_style (scene, other, 1, NULL);
  nst_scene_add_style (scene, style, 1, NULL);
  g_assert_cmpuint (nst_scene_bytes (scene), ==, bytes[0] + bytes[1] + bytes[2] + bytes[3]);
  nst_scene_set_content (scene, NULL);
  g_assert_cmpuint (nst_scene_bytes (scene), ==,
                    bytes[0] + bytes[1] + bytes[2] + bytes[3]); /* a style still */
}

int
main (int argc, char **argv)
{
  int failed;

  g_test_init (&argc, &argv, NULL);
  content = test_image (4, 3);
  start = test_image (5, 2);
  style = test_image (7, 6);
  other = test_image (9, 8);
  g_test_add_func ("/core/scene/empty", test_empty);
  g_test_add_func ("/core/scene/references", test_references);
  g_test_add_func ("/core/scene/copy", test_copy);
  g_test_add_func ("/core/scene/bad-styles", test_bad_styles);
  g_test_add_func ("/core/scene/weights", test_weights);
  g_test_add_func ("/core/scene/bytes", test_bytes);
  failed = g_test_run ();

  assert_references (0, 0, 0, 0);
  nst_image_unref (content);
  nst_image_unref (start);
  nst_image_unref (style);
  nst_image_unref (other);

  return failed;
}
