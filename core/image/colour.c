/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives a picture the colours of another one, in CIE Lab. */
#include <math.h>

#include "core/base/parallel.h"
#include "core/image/image.h"

/* Conversion between R'G'B' and CIE Lab with white D65 (IEC 61966-2-1; CIE 15:2004, section 8.2.1). */

static const double white[3] = { 0.95047, 1, 1.08883 };

static double
to_linear (double v)
{
  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

static double
from_linear (double v)
{
  return v <= 0.0031308 ? v * 12.92 : 1.055 * pow (v, 1 / 2.4) - 0.055;
}

static double
lab_curve (double t)
{
  return t > 216.0 / 24389 ? cbrt (t) : (24389.0 / 27 * t + 16) / 116;
}

static double
lab_curve_inverse (double f)
{
  return f > 6.0 / 29 ? f * f * f : (116 * f - 16) * 27 / 24389;
}

static void
rgb_to_lab (const float *rgb, double *lab)
{
  static const double matrix[3][3] = { { 0.4124564, 0.3575761, 0.1804375 },
                                       { 0.2126729, 0.7151522, 0.0721750 },
                                       { 0.0193339, 0.1191920, 0.9503041 } };
  double              f[3];

  for (int i = 0; i < 3; i++)
    {
      double sum = 0;

      for (int c = 0; c < 3; c++)
        sum += matrix[i][c] * to_linear (CLAMP (rgb[c], 0, 1));
      f[i] = lab_curve (sum / white[i]);
    }
  lab[0] = 116 * f[1] - 16;
  lab[1] = 500 * (f[0] - f[1]);
  lab[2] = 200 * (f[1] - f[2]);
}

static void
lab_to_rgb (const double *lab, float *rgb)
{
  static const double matrix[3][3] = { { 3.2404542, -1.5371385, -0.4985314 },
                                       { -0.9692660, 1.8760108, 0.0415560 },
                                       { 0.0556434, -0.2040259, 1.0572252 } };
  double              f = (lab[0] + 16) / 116;
  double              xyz[3] = { lab_curve_inverse (f + lab[1] / 500), lab_curve_inverse (f),
                                 lab_curve_inverse (f - lab[2] / 200) };

  for (int c = 0; c < 3; c++)
    {
      double sum = 0;

      for (int i = 0; i < 3; i++)
        sum += matrix[c][i] * xyz[i] * white[i];
      rgb[c] = from_linear (CLAMP (sum, 0, 1));
    }
}

typedef struct
{
  NstImage       *pastiche;
  const NstImage *content;
} Colours;

static void
keep_colours_of_row (int y, int thread G_GNUC_UNUSED, gpointer data)
{
  const Colours *colours = data;
  gsize          row = (gsize) y * colours->pastiche->width * 3;

  for (int x = 0; x < colours->pastiche->width; x++, row += 3)
    {
      double painted[3], kept[3];

      rgb_to_lab (colours->pastiche->data + row, painted);
      rgb_to_lab (colours->content->data + row, kept);
      kept[0] = painted[0];
      lab_to_rgb (kept, colours->pastiche->data + row);
    }
}

void
nst_image_keep_colours (NstImage *pastiche, const NstImage *content)
{
  Colours colours = { pastiche, content };

  g_return_if_fail (pastiche->width == content->width && pastiche->height == content->height);

  nst_parallel (pastiche->height, keep_colours_of_row, &colours);
}
