/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A PNG that is made smaller while it is read, compared with means of the whole picture. */
#include <glib/gstdio.h>

#include "core/base/error.h"
#include "core/image/png-rows.h"
#include "picture/picture.h"
#include "tests/support/support.h"

/* The mean of what one pixel of the small picture covers. */
static double
mean_of (const NstImage *whole, int width, int height, int x, int y, int c)
{
  double sum = 0;
  int    n = 0;

  for (int v = 0; v < whole->height; v++)
    for (int u = 0; u < whole->width; u++)
      if (u * width / whole->width == x && v * height / whole->height == y)
        {
          sum += whole->data[(v * whole->width + u) * 3 + c];
          n++;
        }

  return sum / n;
}

static void
check_sizes (const char *path)
{
  static const int     sizes[][2] = { { 1, 1 }, { 7, 5 }, { 20, 17 }, { 37, 1 }, { 1, 29 }, { 37, 29 } };
  g_autoptr (GError)   error = NULL;
  g_autoptr (NstImage) whole = nst_picture_load (path, &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const int            width = sizes[i][0], height = sizes[i][1];
      gboolean             transparent;
      g_autoptr (NstImage) small = nst_png_read_reduced (path, width, height, &transparent, &error);

      g_assert_no_error (error);
      g_assert_false (transparent);
      g_assert_cmpint (small->width, ==, width);
      g_assert_cmpint (small->height, ==, height);
      for (int k = 0; k < width * height * 3; k++)
        g_assert_cmpfloat_with_epsilon (small->data[k],
                                        mean_of (whole, width, height, k / 3 % width, k / 3 / width, k % 3),
                                        1e-5);
    }
}

static void
test_means (void)
{
  g_autofree char     *folder = g_dir_make_tmp (NULL, NULL);
  g_autofree char     *path = g_build_filename (folder, "a.png", NULL);
  g_autoptr (NstImage) image = test_image (37, 29);
  g_autoptr (GError)   error = NULL;

  nst_picture_save (image, path, NULL, &error);
  g_assert_no_error (error);
  check_sizes (path);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_damaged (void)
{
  g_autofree char     *folder = g_dir_make_tmp (NULL, NULL);
  g_autofree char     *path = g_build_filename (folder, "a.png", NULL);
  g_autoptr (NstImage) image = test_image (37, 29);
  g_autoptr (GError)   error = NULL;
  g_autofree char     *bytes = NULL;
  gboolean             transparent;
  gsize                n;

  nst_picture_save (image, path, NULL, &error);
  g_file_get_contents (path, &bytes, &n, &error);
  g_assert_no_error (error);

  /* Larger than the file: not its business. */
  g_assert_null (nst_png_read_reduced (path, 38, 29, &transparent, &error));
  g_assert_no_error (error);

  g_file_set_contents (path, bytes, n / 2, &error);
  g_assert_no_error (error);
  g_assert_null (nst_png_read_reduced (path, 5, 5, &transparent, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_FORMAT);
  g_clear_error (&error);

  g_file_set_contents (path, "no PNG", -1, &error);
  g_assert_no_error (error);
  g_assert_null (nst_png_read_reduced (path, 5, 5, &transparent, &error));
  g_assert_no_error (error);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/png-rows/means", test_means);
  g_test_add_func ("/core/png-rows/damaged", test_damaged);

  return g_test_run ();
}
