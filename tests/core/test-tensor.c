/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tensors: their lengths, and the memory that they are made of. */
#include "core/base/tensor.h"

static void
test_length (void)
{
  const NstTensor small = { 3, 5, 7, NULL };
  const NstTensor large = { 1 << 20, 1 << 20, 3, NULL }; /* more than an int holds */

  g_assert_cmpuint (nst_tensor_positions (&small), ==, 15);
  g_assert_cmpuint (nst_tensor_length (&small), ==, 105);
  if (sizeof (gsize) == 8)
    {
      g_assert_cmpuint (nst_tensor_positions (&large), ==, G_GUINT64_CONSTANT (1) << 40);
      g_assert_cmpuint (nst_tensor_length (&large), ==, G_GUINT64_CONSTANT (3) << 40);
    }
}

static void
test_floats (void)
{
  static const gsize sizes[] = { 0, 1, 15, 17, 1000, (gsize) 3 << 20 }; /* the last one has large pages */

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      float *floats = nst_floats_try_new (sizes[i]);

      g_assert_nonnull (floats);
      g_assert_cmpuint ((guintptr) floats % 64, ==, 0);
      for (gsize k = 0; k < sizes[i]; k++)
        floats[k] = k;
      nst_floats_free (floats);
    }
  nst_floats_free (NULL);

  /* Numbers whose bytes do not fit a gsize, or only just do. */
  g_assert_null (nst_floats_try_new (G_MAXSIZE));
  g_assert_null (nst_floats_try_new (G_MAXSIZE / sizeof (float)));
  g_assert_null (nst_floats_try_new (G_MAXSIZE / sizeof (float) + 2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/tensor/length", test_length);
  g_test_add_func ("/core/tensor/floats", test_floats);

  return g_test_run ();
}
