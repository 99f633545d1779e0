/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thumbnails of picture files that hold very many pixels, and of what is no picture file. No screen is
 * needed. */
#include <glib/gstdio.h>
#include <png.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/process.h"
#include "tests/support/support.h"
#include "ui/widgets/thumbnail.h"

#define LARGE 8192      /* pixels of a side; 256 MB as RGBA */
#define FREE (64 << 20) /* bytes of memory that are left to read such a picture */

/* Write a PNG of one bit a pixel, all white. Returns its path, owned. */
static char *
write_png (int width, int height, int interlace)
{
  char              *path = NULL;
  FILE              *file = fdopen (g_file_open_tmp ("thumbnail-XXXXXX.png", &path, NULL), "wb");
  png_structp        png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop          info = png_create_info_struct (png);
  g_autofree guint8 *row = g_malloc (width / 8 + 1);
  int                passes;

  memset (row, 0xff, width / 8 + 1);
  png_init_io (png, file);
  png_set_IHDR (png, info, width, height, 1, PNG_COLOR_TYPE_GRAY, interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  png_write_info (png, info);
  passes = png_set_interlace_handling (png);
  for (int pass = 0; pass < passes; pass++)
    for (int y = 0; y < height; y++)
      png_write_row (png, row);
  png_write_end (png, NULL);
  png_destroy_write_struct (&png, &info);
  fclose (file);

  return path;
}

/* The thumbnail of such a file, or the error, with little memory. To be called in a subprocess. */
static GdkPixbuf *
read_large (int interlace, GError **error)
{
  g_autofree char *path = write_png (LARGE, LARGE / 2, interlace);
  GdkPixbuf       *pixbuf;

  test_limit_memory (FREE);
  pixbuf = nst_thumbnail_read (path, 90, 60, error);
  g_unlink (path);

  return pixbuf;
}

static void
test_large (void)
{
  g_autoptr (GError)    error = NULL;
  g_autoptr (GdkPixbuf) pixbuf = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  pixbuf = read_large (PNG_INTERLACE_NONE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gdk_pixbuf_get_width (pixbuf), ==, 90);
  g_assert_cmpint (gdk_pixbuf_get_height (pixbuf), ==, 45);
  g_assert_cmpint (gdk_pixbuf_read_pixels (pixbuf)[44 * gdk_pixbuf_get_rowstride (pixbuf) + 89 * 3], ==, 255);
}

/* An interlaced PNG cannot be read row by row. */
static void
test_no_memory (void)
{
  g_autoptr (GError) error = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  g_assert_null (read_large (PNG_INTERLACE_ADAM7, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_MEMORY);
}

static void
test_small (void)
{
  g_autoptr (GError)    error = NULL;
  g_autofree char      *path = write_png (20, 9, PNG_INTERLACE_NONE);
  g_autoptr (GdkPixbuf) pixbuf = nst_thumbnail_read (path, 40, 40, &error);

  g_assert_no_error (error);
  g_assert_cmpint (gdk_pixbuf_get_width (pixbuf), ==, 40);
  g_assert_cmpint (gdk_pixbuf_get_height (pixbuf), ==, 18);
  g_unlink (path);
}

/* A named pipe that nobody writes to must not block. */
static void
test_pipe (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *folder = g_dir_make_tmp (NULL, NULL);
  g_autofree char   *path = g_build_filename (folder, "pipe.png", NULL);

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_null (nst_thumbnail_read (path, 40, 40, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_FORMAT);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_no_picture (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *path = NULL;

  close (g_file_open_tmp ("thumbnail-XXXXXX.png", &path, NULL));
  g_assert_true (g_file_set_contents (path, "no picture", -1, NULL));
  g_assert_null (nst_thumbnail_read (path, 40, 40, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_FORMAT);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/ui/thumbnail/large", test_large);
  g_test_add_func ("/ui/thumbnail/no-memory", test_no_memory);
  g_test_add_func ("/ui/thumbnail/small", test_small);
  g_test_add_func ("/ui/thumbnail/pipe", test_pipe);
  g_test_add_func ("/ui/thumbnail/no-picture", test_no_picture);

  return g_test_run ();
}
