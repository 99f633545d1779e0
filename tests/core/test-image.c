/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures: sizes, resizing, cropping, blending, colours. */
#include <math.h>

#include "core/base/error.h"
#include "core/base/process.h"
#include "core/image/image.h"
#include "tests/support/support.h"

static void
test_blend (void)
{
  static const double shares[] = { 0, 0.25, 1 };

  for (gsize s = 0; s < G_N_ELEMENTS (shares); s++)
    {
      g_autoptr (NstImage) image = test_image (7, 5);
      g_autoptr (NstImage) before = nst_image_copy (image, NULL);
      g_autoptr (NstImage) other = test_image (7, 5);

      nst_image_blend (image, other, shares[s]);
      for (int i = 0; i < 7 * 5 * 3; i++)
        g_assert_cmpfloat_with_epsilon (image->data[i],
                                        shares[s] * before->data[i] + (1 - shares[s]) * other->data[i], 1e-6);
    }
}

static void
test_sizes (void)
{
  static const int bad[][2] = { { 0, 5 }, { 5, 0 }, { -1, 5 }, { 1 << 21, 5 } };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (nst_image_new (bad[i][0], bad[i][1], &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_SIZE);
    }
}

/* The largest centred part with the given proportions. */
static void
test_crop (void)
{
  /* width, height, proportions; then left, top, width, height of the result */
  static const int cases[][8] = {
    { 40, 30, 4, 3, 0, 0, 40, 30 }, { 40, 30, 1, 1, 5, 0, 30, 30 }, { 30, 40, 300, 100, 0, 15, 30, 10 },
    { 7, 5, 1, 100, 3, 0, 1, 5 },   { 1, 1, 9, 2, 0, 0, 1, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const int           *c = cases[i];
      g_autoptr (NstImage) image = test_image (c[0], c[1]);
      g_autoptr (NstImage) middle = nst_image_crop_to_proportions (image, c[2], c[3], NULL);

      g_assert_cmpint (middle->width, ==, c[6]);
      g_assert_cmpint (middle->height, ==, c[7]);
      for (int y = 0; y < c[7]; y++)
        g_assert_cmpmem (middle->data + y * c[6] * 3, c[6] * 12, image->data + ((c[5] + y) * c[0] + c[4]) * 3,
                         c[6] * 12);
    }
}

/* A constant channel stays constant, a ramp stays a ramp except at its ends, and fine stripes become their
 * mean. */
static void
test_resize (void)
{
  static const int sizes[][4] = {
    { 1, 1, 7, 5 }, { 40, 30, 20, 15 }, { 40, 30, 13, 30 }, { 40, 30, 97, 61 }, { 200, 3, 20, 1 }
  };

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      int width = sizes[s][0], height = sizes[s][1], w = sizes[s][2], h = sizes[s][3],
          margin = 3 * MAX (1, w / width) + 3;
      g_autoptr (NstImage) image = nst_image_new (width, height, NULL);
      g_autoptr (NstImage) small = NULL;

      for (int i = 0; i < width * height; i++)
        {
          image->data[3 * i] = 0.3f;
          image->data[3 * i + 1] = (i % width + 0.5f) / width;
          image->data[3 * i + 2] = i % 2;
        }
      small = nst_image_resize (image, w, h, NULL);
      g_assert_cmpint (small->width, ==, w);
      for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
          {
            const float *p = small->data + ((gsize) y * w + x) * 3;

            g_assert_cmpfloat_with_epsilon (p[0], 0.3, 1e-5);
            if (x >= margin && x < w - margin)
              g_assert_cmpfloat_with_epsilon (p[1], (x + 0.5) / w, 0.01);
            if (w * 2 < width)
              g_assert_cmpfloat_with_epsilon (p[2], 0.5, 0.1);
          }
    }
}

static void
test_fit (void)
{
  int w, h;

  nst_image_fit (4000, 3000, 512, &w, &h);
  g_assert_cmpint (w, ==, 512);
  g_assert_cmpint (h, ==, 384);
  nst_image_fit (2, 30000, 100, &w, &h);
  g_assert_cmpint (w, ==, 1);
  g_assert_cmpint (h, ==, 100);
}

/* The same size: another reference. Any other size: a new picture. A copy is a new picture, too. */
static void
test_references (void)
{
  g_autoptr (NstImage) image = test_image (7, 5);
  g_autoptr (NstImage) same = nst_image_at_size (image, 7, 5, NULL);
  g_autoptr (NstImage) copy = nst_image_copy (image, NULL);
  g_autoptr (NstImage) other = nst_image_at_size (image, 5, 7, NULL);
  g_autoptr (NstImage) expected = nst_image_resize (image, 5, 7, NULL);

  g_assert_true (same == image);
  g_assert_cmpuint (nst_image_bytes (image), ==, 7 * 5 * 3 * sizeof (float));
  g_assert_true (copy->data != image->data);
  g_assert_cmpmem (copy->data, nst_image_bytes (copy), image->data, nst_image_bytes (image));
  g_assert_cmpint (other->width, ==, 5);
  g_assert_cmpint (other->height, ==, 7);
  g_assert_cmpmem (other->data, nst_image_bytes (other), expected->data, nst_image_bytes (expected));

  /* The picture lives as long as one reference. */
  g_clear_pointer (&image, nst_image_unref);
  g_assert_cmpmem (copy->data, nst_image_bytes (copy), same->data, nst_image_bytes (same));
  nst_image_unref (NULL);
}

static void
test_clamp (void)
{
  g_autoptr (NstImage) image = nst_image_new (2, 1, NULL);
  const float          in[6] = { NAN, -1, 0.5f, 2, INFINITY, -INFINITY }, out[6] = { 0, 0, 0.5f, 1, 1, 0 };

  for (int i = 0; i < 6; i++)
    image->data[i] = in[i];
  nst_image_clamp (image);
  g_assert_cmpmem (image->data, sizeof out, out, sizeof out);
}

/* Tables of the filter that do not fit are an error. */
static void
test_resize_no_memory (void)
{
  g_autoptr (NstImage) image = NULL;
  g_autoptr (GError)   error = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  image = test_image (2, 1);
  test_limit_memory (45 << 20); /* two pictures of 12 MB, and not a table of 28 MB */
  g_assert_null (nst_image_resize (image, 1 << 20, 1, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_MEMORY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/image/sizes", test_sizes);
  g_test_add_func ("/core/image/blend", test_blend);
  g_test_add_func ("/core/image/crop", test_crop);
  g_test_add_func ("/core/image/resize", test_resize);
  g_test_add_func ("/core/image/fit", test_fit);
  g_test_add_func ("/core/image/clamp", test_clamp);
  g_test_add_func ("/core/image/references", test_references);
  g_test_add_func ("/core/image/resize/no-memory", test_resize_no_memory);

  return g_test_run ();
}
