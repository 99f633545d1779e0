/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the painted picture to the result: size, colours, strength. */
#include "core/base/process.h"
#include "core/image/finish.h"
#include "core/image/palette.h"
#include "tests/support/support.h"

/* painted is 20 x 14, content 31 x 23, the result 27 x 19, or the size of painted or content. */
static const int sizes[][2] = { { 27, 19 }, { 20, 14 }, { 31, 23 } };

static void
assert_equal (const NstImage *found, const NstImage *expected)
{
  g_assert_cmpint (found->width, ==, expected->width);
  g_assert_cmpint (found->height, ==, expected->height);
  for (int i = 0; i < found->width * found->height * 3; i++)
    g_assert_cmpfloat_with_epsilon (found->data[i], expected->data[i], 1e-6);
}

/* The result is what its definition says, step by step: resize, clamp, colours, strength. */
static void
test_steps (void)
{
  static const double  strengths[] = { 0, 0.3, 1 };
  g_autoptr (NstImage) painted = test_image (20, 14);
  g_autoptr (NstImage) content = test_image (31, 23);
  g_autoptr (NstImage) painted_before = NULL;
  g_autoptr (NstImage) content_before = NULL;
  NstRange             range = NST_RANGE_SRGB;

  nst_image_clamp (content);
  for (int i = 0; i < 20 * 14 * 3; i++) /* colours outside of sRGB */
    painted->data[i] = 2 * painted->data[i] - 0.5f;
  nst_image_extend_range (painted, &range);
  painted_before = nst_image_copy (painted, NULL);
  content_before = nst_image_copy (content, NULL);

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int keep = 0; keep < 2; keep++)
      for (gsize k = 0; k < G_N_ELEMENTS (strengths); k++)
        {
          const int            width = sizes[s][0], height = sizes[s][1];
          g_autoptr (GError)   error = NULL;
          g_autoptr (NstImage) expected = nst_image_resize (painted, width, height, NULL);
          g_autoptr (NstImage) photograph = nst_image_resize (content, width, height, NULL);
          g_autoptr (NstImage) found = nst_finish (painted, content, width, height, keep ? 0.3 : 1,
                                                   strengths[k], NULL, &error);

          g_assert_no_error (error);
          nst_image_clamp_to_range (expected, &range); /* resizing overshoots */
          if (keep)
            g_assert_true (nst_palette_finish (expected, photograph, 0.3));
          nst_image_blend (expected, photograph, strengths[k]);
          assert_equal (found, expected);
        }
  assert_equal (painted, painted_before);
  assert_equal (content, content_before);
}

/* Neither colours nor a strength below 1: no content is needed. The result may be written to. */
static void
test_without_content (void)
{
  g_autoptr (NstImage) painted = test_image (20, 14);

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (NstImage) found = nst_finish (painted, NULL, sizes[s][0], sizes[s][1], 1, 1, NULL, NULL);

      g_assert_cmpint (found->width, ==, sizes[s][0]);
      g_assert_cmpint (found->height, ==, sizes[s][1]);
      g_assert_true (found->data != painted->data);
      g_assert_cmpint (found->references, ==, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/finish/steps", test_steps);
  g_test_add_func ("/core/finish/without-content", test_without_content);

  return g_test_run ();
}
