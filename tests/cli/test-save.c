/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures are written with little memory; without memory there is an error. */
#include <glib/gstdio.h>
#include <string.h>

#include "cli/palette.h"
#include "core/base/error.h"
#include "core/base/process.h"
#include "picture/picture.h"
#include "tests/support/support.h"

#define SIDE 1200

/* Runs the test in a process of its own. TRUE: this is that process. */
static gboolean
is_subprocess (void)
{
  if (g_test_subprocess ())
    return TRUE;

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();

  return FALSE;
}

/* A PNG of 8 MB that is never in memory as a whole. */
static void
test_save (void)
{
  g_autoptr (NstImage) image = NULL;
  g_autoptr (GError)   error = NULL;
  g_autofree char     *folder = NULL, *path = NULL;
  GStatBuf             status;

  if (!is_subprocess ())
    return;

  folder = g_dir_make_tmp (NULL, NULL);
  path = g_build_filename (folder, "a.png", NULL);
  image = nst_image_new (SIDE, SIDE, &error);
  g_assert_no_error (error);
  for (int i = 0; i < SIDE * SIDE * 3; i++)
    image->data[i] = g_test_rand_double ();
  test_limit_memory (2 << 20);
  g_assert_true (nst_picture_save (image, path, &(NstPictureFormat){ .depth = 16 }, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_size, >, 8 << 20);
  g_unlink (path);
  g_rmdir (folder);
}

/* Without memory for a row there is an error, and no file. */
static void
test_save_no_memory (void)
{
  g_autoptr (NstImage) image = NULL;
  g_autoptr (GError)   error = NULL;
  g_autofree char     *folder = NULL, *path = NULL;

  if (!is_subprocess ())
    return;

  folder = g_dir_make_tmp (NULL, NULL);
  path = g_build_filename (folder, "a.png", NULL);
  image = nst_image_new (1 << 20, 1, &error);
  g_assert_no_error (error);
  memset (image->data, 0, nst_image_bytes (image));
  test_limit_memory (1 << 20);
  g_assert_false (nst_picture_save (image, path, &(NstPictureFormat){ .depth = 16 }, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "a.png"));
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_palette_no_memory (void)
{
  static guint8 rgb[8 * 8 * 3], indices[8 * 8];
  guint8        palette[NST_PALETTE_SIZE][3];

  if (!is_subprocess ())
    return;

  g_assert_true (nst_palette_quantise (rgb, 8, 8, palette, indices));
  test_limit_memory (1 << 16);
  g_assert_false (nst_palette_quantise (rgb, 8, 8, palette, indices));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/cli/save", test_save);
  g_test_add_func ("/cli/save/no-memory", test_save_no_memory);
  g_test_add_func ("/cli/palette/no-memory", test_palette_no_memory);

  return g_test_run ();
}
