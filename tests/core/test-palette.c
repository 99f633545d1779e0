/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Palettes: a photograph in a painting's colours, and a pastiche in the photograph's. */
#include <math.h>

#include "core/base/process.h"
#include "core/image/palette.h"
#include "tests/support/support.h"

/* A picture with this mean and range of values in each channel. */
static NstImage *
picture_of (int width, int height, const double *mean, const double *range)
{
  NstImage *image = test_image (width, height);

  for (int i = 0; i < width * height * 3; i++)
    image->data[i] = mean[i % 3] + range[i % 3] * g_test_rand_double_range (-1, 1);

  return image;
}

/* The photograph gets mean and covariance of the mixture of paintings; half of it half way. */
static void
test_match (void)
{
  const double         means[3][3] = { { 0.5, 0.4, 0.6 }, { 0.3, 0.5, 0.55 }, { 0.6, 0.5, 0.4 } };
  const double         ranges[3][3] = { { 0.2, 0.1, 0.2 }, { 0.1, 0.2, 0.1 }, { 0.15, 0.1, 0.1 } };
  g_autoptr (NstImage) content = picture_of (60, 50, means[0], ranges[0]);
  g_autoptr (NstImage) half = nst_image_copy (content, NULL), before = nst_image_copy (content, NULL);
  NstPalette           wanted = { { 0 } }, found = { { 0 } };

  for (int k = 1; k < 3; k++)
    {
      g_autoptr (NstImage) style = picture_of (40, 30, means[k], ranges[k]);

      nst_palette_add (&wanted, style, NULL, 0.5);
    }
  nst_palette_apply (&wanted, content, content, NULL, 1);
  nst_palette_add (&found, content, NULL, 1);
  for (int i = 0; i < 3; i++)
    {
      g_assert_cmpfloat_with_epsilon (found.mean[i], wanted.mean[i], 1e-5);
      for (int j = 0; j < 3; j++)
        g_assert_cmpfloat_with_epsilon (found.square[i][j], wanted.square[i][j], 4e-4);
    }

  nst_palette_apply (&wanted, half, half, NULL, 0.5);
  for (int i = 0; i < 60 * 50 * 3; i++)
    g_assert_cmpfloat_with_epsilon (half->data[i], (before->data[i] + content->data[i]) / 2, 1e-6);
}

/* A flat photograph's noise is not stretched to the painting's contrast; a grey painting gives greys. */
static void
test_extremes (void)
{
  const double         middle[3] = { 0.5, 0.5, 0.5 }, noise[3] = { 0.01, 0.01, 0.01 };
  const double         wide[3] = { 0.4, 0.4, 0.4 }, none[3] = { 0, 0, 0 };
  g_autoptr (NstImage) flat = picture_of (40, 30, middle, noise),
                       colourful = picture_of (40, 30, middle, wide);
  g_autoptr (NstImage) grey = nst_image_copy (colourful, NULL);
  g_autoptr (NstImage) even = picture_of (40, 30, middle, none);
  NstPalette           palette = { { 0 } }, of_grey = { { 0 } };

  nst_palette_add (&palette, colourful, NULL, 1);
  nst_palette_apply (&palette, flat, flat, NULL, 1);
  for (int i = 0; i < 40 * 30 * 3; i++)
    g_assert_cmpfloat (fabs (flat->data[i] - palette.mean[i % 3]), <, 0.035);
  nst_palette_apply (&palette, even, even, NULL, 1);
  for (int i = 0; i < 40 * 30 * 3; i++)
    g_assert_cmpfloat_with_epsilon (even->data[i], palette.mean[i % 3], 1e-5);

  for (int i = 0; i < 40 * 30 * 3; i++)
    grey->data[i] = grey->data[i / 3 * 3];
  nst_palette_add (&of_grey, grey, NULL, 1);
  nst_palette_apply (&of_grey, colourful, colourful, NULL, 1);
  for (int i = 0; i < 40 * 30 * 3; i += 3)
    for (int c = 1; c < 3; c++)
      g_assert_cmpfloat (fabs (colourful->data[i + c] - colourful->data[i]), <, 0.05);
}

/* All of the pastiche's colours: no change. None: a grey photograph makes it grey and keeps its lightness. */
static void
test_finish (void)
{
  g_autoptr (NstImage) pastiche = test_image (31, 70), before = NULL, grey = nst_image_new (31, 70, NULL);

  nst_image_clamp (pastiche);
  before = nst_image_copy (pastiche, NULL);
  for (int i = 0; i < 31 * 70 * 3; i++)
    grey->data[i] = 0.5;
  g_assert_true (nst_palette_finish (pastiche, grey, 1));
  g_assert_cmpuint (nst_palette_finish_bytes (31, 70, 1), ==, 0);
  g_assert_cmpuint (nst_palette_finish_bytes (31, 70, 0.5), >=, 31 * 70 * sizeof (float));
  for (int i = 0; i < 31 * 70 * 3; i++)
    g_assert_cmpfloat (pastiche->data[i], ==, before->data[i]);
  g_assert_true (nst_palette_finish (pastiche, grey, 0));
  for (int i = 0; i < 31 * 70 * 3; i += 3)
    {
      const float *rgb = before->data + i;

      g_assert_cmpfloat_with_epsilon (pastiche->data[i], pastiche->data[i + 1], 2e-3);
      g_assert_cmpfloat_with_epsilon (pastiche->data[i], pastiche->data[i + 2], 2e-3);
      g_assert_cmpfloat (pastiche->data[i], >, MIN (MIN (rgb[0], rgb[1]), rgb[2]) - 0.02);
      g_assert_cmpfloat (pastiche->data[i], <, MAX (MAX (rgb[0], rgb[1]), rgb[2]) + 0.02);
    }
}

#define EDGE 10 /* of 20 columns */

/* A pastiche that is dark before EDGE and bright from it on, with the colours of a photograph that is red in
 * its first columns and blue in the others. */
static NstImage *
finish_edge (int red)
{
  NstImage            *pastiche = nst_image_new (20, 9, NULL);
  g_autoptr (NstImage) photograph = nst_image_new (20, 9, NULL);

  for (int i = 0; i < 20 * 9 * 3; i++)
    {
      const int x = i / 3 % 20;

      pastiche->data[i] = x < EDGE ? 0.25 : 0.75;
      photograph->data[i] = i % 3 == (x < red ? 0 : 2) ? 0.6 : 0.4;
    }
  g_assert_true (nst_palette_finish (pastiche, photograph, 0));

  return pastiche;
}

/* Red minus blue in a column. */
static double
redness (const NstImage *image, int x)
{
  const float *rgb = image->data + (4 * 20 + x) * 3;

  return rgb[0] - rgb[2];
}

/* The photograph's colours change two columns before the pastiche's edge: they spread up to the edge, and not
 * across. */
static void
test_edge (void)
{
  g_autoptr (NstImage) found = finish_edge (EDGE - 2), blue = finish_edge (0), both = finish_edge (EDGE);

  g_assert_cmpfloat (redness (both, EDGE - 1), >, 0.1);
  g_assert_cmpfloat (redness (both, EDGE), <, -0.1);
  g_assert_cmpfloat (redness (found, EDGE - 1), >, redness (blue, EDGE - 1) + 0.03);
  g_assert_cmpfloat_with_epsilon (redness (found, EDGE), redness (blue, EDGE), 1e-3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/palette/match", test_match);
  g_test_add_func ("/core/palette/extremes", test_extremes);
  g_test_add_func ("/core/palette/finish", test_finish);
  g_test_add_func ("/core/palette/edge", test_edge);

  return g_test_run ();
}
