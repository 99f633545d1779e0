/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Compares the kernels of every instruction set of this processor with their definitions in simd.h.
 * test-conv.c tests the input and kernel transforms. The numbers are small integers, so almost all sums are
 * exact in any order. The tests are fast even on an emulated processor. */

#include "core/base/process.h"
#include "core/simd/simd.h"
#include "tests/support/fence.h"

#define NST_VEC double
#include "core/simd/winograd-transforms.h"

#define POSITION 48 /* floats between positions: more than any panel */
#define BYTES (POSITION / 8)

static const NstSimd *
kernels_of (gconstpointer set)
{
  const NstSimd *simd;

  g_assert_true (nst_simd_limit (set));
  simd = nst_simd_for (32);
  g_assert_cmpstr (simd->name, ==, set);

  return simd;
}

static float *
whole_numbers (gsize n, int most)
{
  float *floats = nst_floats_try_new (n);

  for (gsize i = 0; i < n; i++)
    floats[i] = g_test_rand_int_range (-most, most + 1);

  return floats;
}

static guint8 *
random_bytes (gsize n)
{
  guint8 *bytes = g_malloc (n);

  for (gsize i = 0; i < n; i++)
    bytes[i] = g_test_rand_int_range (0, 256);

  return bytes;
}

static void
set_bit (guint8 *mask, int k, gboolean bit)
{
  mask[k / 8] = (mask[k / 8] & ~(1 << k % 8)) | bit << k % 8;
}

/* NaN marks memory that must not be written. */
static void
check (const Fence *found, const float *wanted)
{
  fence_check (found);
  for (gsize i = 0; i < found->n; i++)
    if (isnan (wanted[i]))
      g_assert_true (isnan (found->data[i]));
    else
      g_assert_cmpfloat_with_epsilon (found->data[i], wanted[i], 1e-6 * fabs (wanted[i]) + 1e-9);
}

static Fence
fence_copy (const Fence *from)
{
  Fence copy = fence_new (from->n);

  memcpy (copy.data, from->data, from->n * sizeof (float));

  return copy;
}

static void
test_multiply (gconstpointer set)
{
  const NstSimd *simd = kernels_of (set);
  const int      groups = 2, panels = 3, channels = 48, rows = simd->rows, panel = simd->panel;
  const gsize    m_panel = groups * rows * panel + 16;
  float *v = whole_numbers (groups * rows * channels, 9), *u = whole_numbers (panels * channels * panel, 9);
  Fence  m = fence_new (panels * m_panel), wanted = fence_new (panels * m_panel);

  for (int add = 0; add < 2; add++)
    {
      for (int p = 0; p < panels; p++)
        for (int t = 0; t < groups * rows; t++)
          for (int k = 0; k < panel; k++)
            {
              float *to = wanted.data + p * m_panel + t * panel + k, sum = 0;

              for (int c = 0; c < channels; c++)
                sum += v[t / rows * rows * channels + c / 16 * rows * 16 + t % rows * 16 + c % 16]
                       * u[(p * channels + c) * panel + k];
              *to = add ? *to + sum : sum;
            }
      simd->multiply (groups, panels, channels, v, u, m.data, m_panel, add);
      check (&m, wanted.data);
    }
  nst_floats_free (v);
  nst_floats_free (u);
  fence_clear (&m);
  fence_clear (&wanted);
}

static void
test_direct (gconstpointer set)
{
  const NstSimd *simd = kernels_of (set);
  const int      step = 3, taps = 9, panel = simd->panel, length = (simd->rows - 1) * step + taps;
  float         *lines = whole_numbers (3 * length, 9), *u = whole_numbers (3 * taps * panel, 9),
        *bias = whole_numbers (panel, 99);
  const float *line[3] = { lines, lines + length, lines + 2 * length };

  for (int columns = 1; columns <= simd->rows; columns++)
    for (int variant = 0; variant < 4; variant++)
      {
        Fence        to = fence_new (simd->rows * POSITION), wanted = fence_new (to.n);
        gsize        bytes = to.n / 8;
        guint8      *mask = random_bytes (bytes), *right = g_memdup2 (mask, bytes);
        NstSimdStore store = { .to = to.data,
                               .bias = bias,
                               .mask = variant & 1 ? mask : NULL,
                               .position = POSITION,
                               .mask_position = BYTES,
                               .columns = columns,
                               .stream = variant & 2 };

        for (int r = 0; r < columns; r++)
          for (int k = 0; k < panel; k++)
            {
              float sum = bias[k];

              for (int q = 0; q < 3 * taps; q++)
                sum += u[q * panel + k] * line[q / taps][r * step + q % taps];
              wanted.data[r * POSITION + k] = MAX (sum, 0);
              if (store.mask != NULL)
                set_bit (right + r * BYTES, k, sum > 0);
            }
        simd->direct (line, step, taps, u, &store);
        check (&to, wanted.data);
        g_assert_cmpmem (mask, bytes, right, bytes);
        fence_clear (&to);
        fence_clear (&wanted);
        g_free (mask);
        g_free (right);
      }
  nst_floats_free (lines);
  nst_floats_free (u);
  nst_floats_free (bias);
}

static void
test_positive (gconstpointer set)
{
  const NstSimd *simd = kernels_of (set);
  const gsize    n = 16 * 9;
  float         *from = whole_numbers (n, 1);
  guint8        *mask = random_bytes (n / 8 + 2), *right = g_memdup2 (mask, n / 8 + 2);

  from[3] = -0.0f;
  for (gsize i = 0; i < n; i++)
    set_bit (right, i, from[i] > 0);
  simd->positive (from, n, mask);
  g_assert_cmpmem (mask, n / 8 + 2, right, n / 8 + 2);
  nst_floats_free (from);
  g_free (mask);
  g_free (right);
}

static void
test_unpool (gconstpointer set)
{
  const NstSimd *simd = kernels_of (set);
  float         *from = whole_numbers (5 * POSITION, 9);
  guint8        *mask = random_bytes (10 * BYTES);

  for (int x = 0; x < 2; x++)
    for (int count = 1; count <= 8; count++)
      {
        Fence to = fence_new (16 * count), wanted = fence_new (to.n);

        for (int i = 0; i < count; i++)
          for (int k = 0; k < 16; k++)
            wanted.data[i * 16 + k] = mask[(x + i) * BYTES + k / 8] >> k % 8 & 1
                                          ? 0.25f * from[(x + i) / 2 * POSITION + k]
                                          : 0;
        simd->unpool (from, POSITION, mask, BYTES, 0.25f, x, count, to.data);
        check (&to, wanted.data);
        fence_clear (&to);
        fence_clear (&wanted);
      }
  nst_floats_free (from);
  g_free (mask);
}

static void
test_project (gconstpointer set)
{
  const NstSimd *simd = kernels_of (set);
  const int      channels = 21, step = 23, panel = simd->panel;
  float         *from = whole_numbers (simd->rows * step, 9), *u = whole_numbers ((1 + channels) * panel, 9);

  for (int count = 1; count <= simd->rows; count++)
    {
      Fence to = fence_new (simd->rows * POSITION), wanted = fence_new (to.n);

      for (int add = 0; add < 2; add++)
        {
          for (int r = 0; r < count; r++)
            for (int k = 0; k < panel; k++)
              {
                float *out = wanted.data + r * POSITION + k, sum = u[k];

                for (int c = 0; c < channels; c++)
                  sum += u[(1 + c) * panel + k] * from[r * step + c];
                *out = add ? *out + sum : sum;
              }
          simd->project (channels, from, step, u, add, to.data, POSITION, count);
          check (&to, wanted.data);
        }
      fence_clear (&to);
      fence_clear (&wanted);
    }
  nst_floats_free (from);
  nst_floats_free (u);
}

static void
test_moments (gconstpointer set)
{
  const NstSimd *simd = kernels_of (set);

  for (int n = 1; n <= 11; n++)
    {
      float *a = whole_numbers (n * 16, 9), *b = whole_numbers (n * 16, 9);
      Fence  sum = fence_new (15 * POSITION + 16), column = fence_new (16), wanted = fence_new (sum.n),
            right = fence_new (16);

      for (int i = 0; i < 16; i++)
        for (int k = 0; k < 16; k++)
          sum.data[i * POSITION + k] = wanted.data[i * POSITION + k] = right.data[k] = column.data[k] = 7;
      for (int p = 0; p < n; p++)
        for (int k = 0; k < 16; k++)
          {
            for (int i = 0; i < 16; i++)
              wanted.data[i * POSITION + k] += a[p * 16 + i] * b[p * 16 + k];
            right.data[k] += b[p * 16 + k];
          }
      if (n % 2)
        {
          simd->moments (n, a, b, sum.data, POSITION, column.data);
          check (&column, right.data);
        }
      else
        simd->moments (n, a, b, sum.data, POSITION, NULL);
      check (&sum, wanted.data);
      nst_floats_free (a);
      nst_floats_free (b);
      fence_clear (&sum);
      fence_clear (&column);
      fence_clear (&wanted);
      fence_clear (&right);
    }
}

/* The output transform of one channel's tile; y is size x size. */
static void
output_transform (int size, const float *m, gsize plane, double y[6][6])
{
  void (*line) (const double *from, double *to) = size == 4 ? nst_winograd_output4 : nst_winograd_output6;
  double half[6][8];

  for (int j = 0; j < size + 2; j++)
    {
      double d[8], o[6];

      for (int i = 0; i < size + 2; i++)
        d[i] = m[(i * (size + 2) + j) * plane];
      line (d, o);
      for (int i = 0; i < size; i++)
        half[i][j] = o[i];
    }
  for (int i = 0; i < size; i++)
    line (half[i], y[i]);
}

/* The output stage of channel k. Changes to and mask. */
static void
finish (const NstSimdStore *store, int k, double y[6][6], float *to, guint8 *mask)
{
  const gboolean masked = store->mask != NULL,
                 pooled = store->end == NST_SIMD_AVERAGE || store->end == NST_SIMD_MAXIMUM;

  for (int i = 0; i < store->rows && !pooled; i++)
    for (int j = 0; j < store->columns; j++)
      {
        guint8 *bits = mask + i * store->mask_row + j * store->mask_position;
        gsize   at = i * store->row + j * store->position + k;

        if (store->end == NST_SIMD_FORWARD)
          {
            to[at] = MAX (y[i][j] + store->bias[k], 0);
            if (masked)
              set_bit (bits, k, to[at] > 0);
          }
        else
          to[at] = masked && !(bits[k / 8] >> k % 8 & 1)
                       ? 0
                       : y[i][j] + (store->add != NULL ? store->add[at] : 0);
      }
  for (int i = 0; i + 1 < store->rows && pooled; i += 2)
    for (int j = 0; j + 1 < store->columns; j += 2)
      {
        float sum = 0, v[4];
        int   greatest = 0;

        for (int p = 0; p < 4; p++)
          {
            v[p] = MAX (y[i + p / 2][j + p % 2] + store->bias[k], 0);
            sum += v[p];
            if (v[p] > v[greatest])
              greatest = p;
          }
        to[i / 2 * store->row + j / 2 * store->position + k] = store->end == NST_SIMD_AVERAGE ? sum / 4
                                                                                              : v[greatest];
        for (int p = 0; p < 4 && masked; p++)
          set_bit (mask + (i + p / 2) * store->mask_row + (j + p % 2) * store->mask_position, k,
                   v[p] > 0 && (store->end == NST_SIMD_AVERAGE || p == greatest));
      }
}

/* One tile with the outputs of m. variant, flags: 1 with a mask, 2 streaming stores, 4 added to another
 * tensor, 8 to its own old values. */
static void
check_output (const NstSimd *simd,
              int            size,
              const float   *m,
              gsize          plane,
              NstSimdEnd     end,
              int            variant,
              int            rows,
              int            columns)
{
  Fence        to = fence_new (size * size * POSITION), add, wanted;
  gsize        bytes = to.n / 8;
  float       *bias = whole_numbers (simd->panel, 9), *there = whole_numbers (to.n, 9);
  guint8      *mask = random_bytes (bytes), *right = g_memdup2 (mask, bytes);
  NstSimdStore store = { .end = end,
                         .to = to.data,
                         .bias = bias,
                         .mask = variant & 1 ? mask : NULL,
                         .row = size * POSITION,
                         .position = POSITION,
                         .mask_row = size * BYTES,
                         .mask_position = BYTES,
                         .rows = rows,
                         .columns = columns,
                         .stream = variant & 2 };

  if (variant & 8)
    memcpy (to.data, there, to.n * sizeof (float));
  wanted = fence_copy (&to);
  add = fence_copy (&to);
  if (variant & 4)
    memcpy (add.data, there, to.n * sizeof (float));
  if (variant & (4 | 8))
    store.add = add.data;
  for (int k = 0; k < simd->panel; k++)
    {
      double y[6][6];

      output_transform (size, m + k, plane, y);
      finish (&store, k, y, wanted.data, right);
    }
  if (variant & 8)
    store.add = to.data;
  (size == 4 ? &simd->transforms4 : &simd->transforms6)->output (m, plane, &store);
  check (&to, wanted.data);
  g_assert_cmpmem (mask, bytes, right, bytes);
  fence_clear (&to);
  fence_clear (&add);
  fence_clear (&wanted);
  nst_floats_free (bias);
  nst_floats_free (there);
  g_free (mask);
  g_free (right);
}

static void
test_output (gconstpointer set)
{
  static const struct
  {
    NstSimdEnd end;
    int        ways;
  } ends[] = {
    { NST_SIMD_FORWARD, 4 },
    { NST_SIMD_AVERAGE, 2 },
    { NST_SIMD_MAXIMUM, 2 },
    { NST_SIMD_BACKWARD, 12 },
  };
  const NstSimd *simd = kernels_of (set);
  const gsize    plane = 2 * simd->panel;

  for (int size = 4; size <= 6; size += 2)
    {
      gsize  floats = (size + 2) * (size + 2) * plane;
      float *m = whole_numbers (floats, 1);

      for (gsize e = 0; e < G_N_ELEMENTS (ends); e++)
        for (int variant = 0; variant < ends[e].ways; variant++)
          for (int rows = 1; rows <= size; rows += size / 2)
            for (int columns = 1; columns <= size; columns++)
              {
                check_output (simd, size, m, plane, ends[e].end, variant, rows, columns);
                check_output (simd, size, m, plane, ends[e].end, variant, size, columns);
              }

      /* All pooled values are equal. */
      memset (m, 0, floats * sizeof (float));
      check_output (simd, size, m, plane, NST_SIMD_MAXIMUM, 1, size, size);
      nst_floats_free (m);
    }
}

static const struct
{
  const char   *name;
  GTestDataFunc test;
} tests[] = {
  { "multiply", test_multiply }, { "output", test_output }, { "direct", test_direct },
  { "positive", test_positive }, { "unpool", test_unpool }, { "project", test_project },
  { "moments", test_moments },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  for (const char *const *set = nst_simd_names (); *set != NULL; set++)
    for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
      {
        g_autofree char *path = g_strdup_printf ("/core/simd/%s/%s", *set, tests[i].name);

        g_test_add_data_func (path, *set, tests[i].test);
      }

  return g_test_run ();
}
