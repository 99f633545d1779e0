/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GEGL buffers are read and written without enough memory: an error, not the end of GIMP's plug-in. */
#include "core/base/error.h"
#include "core/base/process.h"
#include "plugin/buffer.h"
#include "tests/support/support.h"

#define WIDTH (1 << 18) /* 64 rows, which are converted at a time, have 256 MB */

static void
test_no_memory (void)
{
  g_autoptr (GeglBuffer) buffer = NULL;
  g_autoptr (NstImage)   picture = NULL;
  g_autoptr (GError)     error = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  gegl_init (NULL, NULL);
  buffer = gegl_buffer_new (GEGL_RECTANGLE (0, 0, WIDTH, 1), babl_format ("R'G'B'A u8"));
  picture = test_image (WIDTH, 1);
  test_limit_memory (16 << 20);
  g_assert_null (nst_buffer_read (buffer, NULL, "layer", 0, &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_MEMORY);
  g_assert_null (nst_buffer_read_alpha (buffer, WIDTH, 1));
  g_assert_false (nst_buffer_paint (NULL, picture, buffer, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/plugin/buffer/no-memory", test_no_memory);

  return g_test_run ();
}
