/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours of pictures: a painting's palette for the photograph before it is painted, and the photograph's
 * colours for the pastiche afterwards. */
#include <math.h>
#include <string.h>

#include "core/base/lapack.h"
#include "core/base/parallel.h"
#include "core/image/palette.h"
#include "core/image/srgb.h"

/* OKLab (Ottosson 2020, "A perceptual color space for image processing") from R'G'B' and back. */

static void
multiply (const float matrix[3][3], const float *v, float *to)
{
  for (int i = 0; i < 3; i++)
    to[i] = matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2];
}

static void
rgb_to_lab (const float *rgb, float *lab)
{
  static const float cones[3][3] = { { 0.4122214708f, 0.5363325363f, 0.0514459929f },
                                     { 0.2119034982f, 0.6806995451f, 0.1073969566f },
                                     { 0.0883024619f, 0.2817188376f, 0.6299787005f } };
  static const float opponents[3][3] = { { 0.2104542553f, 0.7936177850f, -0.0040720468f },
                                         { 1.9779984951f, -2.4285922050f, 0.4505937099f },
                                         { 0.0259040371f, 0.7827717662f, -0.8086757660f } };
  float              linear[3], lms[3];

  for (int c = 0; c < 3; c++)
    linear[c] = nst_srgb_to_linear (CLAMP (rgb[c], 0, 1));
  multiply (cones, linear, lms);
  for (int c = 0; c < 3; c++)
    lms[c] = cbrtf (lms[c]);
  multiply (opponents, lms, lab);
}

/* Linear RGB, which may lie outside of 0..1. */
static void
lab_to_linear (const float *lab, float *linear)
{
  static const float cones[3][3] = { { 1, 0.3963377774f, 0.2158037573f },
                                     { 1, -0.1055613458f, -0.0638541728f },
                                     { 1, -0.0894841775f, -1.2914855480f } };
  static const float colours[3][3] = { { 4.0767416621f, -3.3077115913f, 0.2309699292f },
                                       { -1.2684380046f, 2.6097574011f, -0.3413193965f },
                                       { -0.0041960863f, -0.7034186147f, 1.7076147010f } };
  float              lms[3];

  multiply (cones, lab, lms);
  for (int c = 0; c < 3; c++)
    lms[c] = lms[c] * lms[c] * lms[c];
  multiply (colours, lms, linear);
}

static gboolean
in_gamut (const float *linear)
{
  for (int c = 0; c < 3; c++)
    if (linear[c] < -1e-4f || linear[c] > 1 + 1e-4f)
      return FALSE;

  return TRUE;
}

/* Colours that the screen cannot show lose chroma, so that lightness and hue stay. */
static void
lab_to_rgb (const float *lab, float *rgb)
{
  float linear[3], low = 0, high = 1;

  lab_to_linear (lab, linear);
  if (!in_gamut (linear))
    {
      for (int i = 0; i < 8; i++)
        {
          const float middle = (low + high) / 2, less[3] = { lab[0], middle * lab[1], middle * lab[2] };

          lab_to_linear (less, linear);
          *(in_gamut (linear) ? &low : &high) = middle;
        }
      lab_to_linear ((const float[3]){ lab[0], low * lab[1], low * lab[2] }, linear);
    }
  for (int c = 0; c < 3; c++)
    rgb[c] = nst_srgb_from_linear (CLAMP (linear[c], 0, 1));
}

/* The photograph's colours. Its chroma is smoothed along the pastiche's lightness, in passes of a 3 x 3
 * bilateral filter, so that colours end where painted edges are (Kolkin et al. 2022, arXiv 2203.13215,
 * section 4). */

#define PASSES 5
#define LIGHTNESS_SIGMA 0.04f /* of the filter */
#define BAND 32               /* rows in one task */

typedef struct
{
  NstImage       *pastiche;
  const NstImage *content;
  float          *lightness; /* of the pastiche; height x width */
  float          *chroma;    /* threads x 2 x (BAND + 2 PASSES) x width x 2 */
  float           share;     /* of the pastiche's colours */
} Colours;

static void
lightness_of_row (int y, int thread G_GNUC_UNUSED, gpointer data)
{
  const Colours *colours = data;
  const gsize    width = colours->pastiche->width;

  for (gsize x = 0; x < width; x++)
    {
      float lab[3];

      rgb_to_lab (colours->pastiche->data + (y * width + x) * 3, lab);
      colours->lightness[y * width + x] = lab[0];
    }
}

/* One pass over rows first .. last - 1 of from and to, which begin at row origin. */
static void
smooth (const Colours *colours, int first, int last, int origin, const float *from, float *to)
{
  const int width = colours->pastiche->width, height = colours->pastiche->height;

  for (int y = first; y < last; y++)
    for (int x = 0; x < width; x++)
      {
        const float middle = colours->lightness[(gsize) y * width + x];
        float       sum = 0, a = 0, b = 0;

        for (int j = MAX (y - 1, 0); j <= MIN (y + 1, height - 1); j++)
          for (int i = MAX (x - 1, 0); i <= MIN (x + 1, width - 1); i++)
            {
              const float  d = (colours->lightness[(gsize) j * width + i] - middle) / LIGHTNESS_SIGMA;
              const float  w = 1 / (1 + d * d * d * d); /* like a Gaussian, without expf () */
              const float *c = from + ((gsize) (j - origin) * width + i) * 2;

              sum += w;
              a += w * c[0];
              b += w * c[1];
            }
        to[((gsize) (y - origin) * width + x) * 2] = a / sum;
        to[((gsize) (y - origin) * width + x) * 2 + 1] = b / sum;
      }
}

static void
colours_of_band (int band, int thread, gpointer data)
{
  const Colours *colours = data;
  const int      width = colours->pastiche->width, height = colours->pastiche->height;
  const int      first = band * BAND, last = MIN (first + BAND, height);
  const int      origin = MAX (first - PASSES, 0), end = MIN (last + PASSES, height);
  const gsize    floats = (gsize) (BAND + 2 * PASSES) * width * 2;
  float         *from = colours->chroma + thread * 2 * floats, *to = from + floats;

  for (int y = origin; y < end; y++)
    for (int x = 0; x < width; x++)
      {
        float lab[3];

        rgb_to_lab (colours->content->data + ((gsize) y * width + x) * 3, lab);
        memcpy (from + ((gsize) (y - origin) * width + x) * 2, lab + 1, 2 * sizeof (float));
      }
  for (int pass = 1; pass <= PASSES; pass++)
    {
      float *swap = from;

      smooth (colours, origin == 0 ? 0 : origin + pass, end == height ? height : end - pass, origin, from,
              to);
      from = to;
      to = swap;
    }
  for (int y = first; y < last; y++)
    for (int x = 0; x < width; x++)
      {
        float       *rgb = colours->pastiche->data + ((gsize) y * width + x) * 3, lab[3];
        const float *kept = from + ((gsize) (y - origin) * width + x) * 2;

        rgb_to_lab (rgb, lab);
        for (int i = 0; i < 2; i++)
          lab[1 + i] = colours->share * lab[1 + i] + (1 - colours->share) * kept[i];
        lab_to_rgb (lab, rgb);
      }
}

/* Floats of both planes of chroma, for all threads. */
static gsize
chroma_floats (int width)
{
  return (gsize) nst_threads () * 2 * (BAND + 2 * PASSES) * width * 2;
}

gsize
nst_palette_finish_bytes (int width, int height, double palette)
{
  return palette >= 1 ? 0 : ((gsize) width * height + chroma_floats (width)) * sizeof (float);
}

gboolean
nst_palette_finish (NstImage *pastiche, const NstImage *content, double palette)
{
  const int width = pastiche->width, height = pastiche->height;
  float    *lightness, *chroma;
  gboolean  good;

  g_return_val_if_fail (width == content->width && height == content->height, FALSE);

  if (palette >= 1)
    return TRUE;

  lightness = g_try_new (float, (gsize) width *height);
  chroma = g_try_new (float, chroma_floats (width));
  good = lightness != NULL && chroma != NULL;
  if (good)
    {
      Colours colours = { pastiche, content, lightness, chroma, palette };

      nst_parallel (height, lightness_of_row, &colours);
      nst_parallel ((height + BAND - 1) / BAND, colours_of_band, &colours);
    }
  g_free (lightness);
  g_free (chroma);

  return good;
}

/* The painting's colours for the photograph */

#define REGULAR 1e-4 /* variance that is added in each direction: a hundredth of the range, squared */
#define LARGEST_GAIN 3

void
nst_palette_add (NstPalette *palette, const NstImage *image, const NstMask *mask, double share)
{
  const gsize pixels = (gsize) image->width * image->height;
  NstPalette  sums = { { 0 } };
  double      n = 0;

  for (gsize p = 0; p < pixels; p++)
    {
      const float *rgb = image->data + p * 3;
      const double weight = mask != NULL ? mask->data[p] : 1;

      n += weight;
      for (int i = 0; i < 3; i++)
        {
          palette->low = weight > 0 ? MIN (palette->low, rgb[i]) : palette->low;
          palette->high = weight > 0 ? MAX (palette->high, rgb[i]) : palette->high;
          sums.mean[i] += weight * rgb[i];
          for (int j = 0; j < 3; j++)
            sums.square[i][j] += weight * rgb[i] * rgb[j];
        }
    }
  if (n == 0)
    return;
  for (int i = 0; i < 3; i++)
    {
      palette->mean[i] += share / n * sums.mean[i];
      for (int j = 0; j < 3; j++)
        palette->square[i][j] += share / n * sums.square[i][j];
    }
}

static void
product (double a[3][3], double b[3][3], double to[3][3])
{
  double c[3][3];

  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      c[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
  memcpy (to, c, sizeof c);
}

/* to = sum of f (value) v v' over the eigenvalues of a symmetric matrix. */
static void
function_of (double a[3][3], double (*f) (double), double to[3][3])
{
  double v[3][3], values[3], scratch[64];

  g_assert (nst_eigen_scratch (3) <= G_N_ELEMENTS (scratch));
  memcpy (v, a, sizeof v);
  memset (to, 0, sizeof v);
  if (!nst_eigen (3, v[0], values, scratch))
    return;

  for (int k = 0; k < 3; k++)
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++)
        to[i][j] += f (values[k]) * v[k][i] * v[k][j];
}

static double
square_root (double v)
{
  return sqrt (MAX (v, REGULAR * REGULAR));
}

static double
inverse_root (double v)
{
  return 1 / sqrt (MAX (v, REGULAR * REGULAR));
}

static double
limited (double v)
{
  return MIN (v, LARGEST_GAIN);
}

static void
covariance_of (const NstPalette *palette, double to[3][3])
{
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      to[i][j] = palette->square[i][j] - palette->mean[i] * palette->mean[j] + (i == j ? REGULAR : 0);
}

void
nst_palette_apply (
    const NstPalette *palette, const NstImage *before, NstImage *image, const NstMask *mask, double share)
{
  const gsize n = (gsize) image->width * image->height;
  NstPalette  own = { { 0 } };
  double      from[3][3], to[3][3], root[3][3], inverse[3][3], map[3][3];
  const float low = MIN (palette->low, 0), high = MAX (palette->high, 1);

  nst_palette_add (&own, before, mask, 1);
  covariance_of (&own, from);
  covariance_of (palette, to);
  function_of (from, square_root, root);
  function_of (from, inverse_root, inverse);
  product (root, to, map);
  product (map, root, map);
  function_of (map, square_root, map);
  product (inverse, map, map);
  product (map, inverse, map);
  function_of (map, limited, map);

  for (gsize p = 0; p < n; p++)
    {
      const float *was = before->data + p * 3,
                  d[3] = { was[0] - own.mean[0], was[1] - own.mean[1], was[2] - own.mean[2] };
      float *rgb = image->data + p * 3;

      for (int c = 0; c < 3; c++)
        {
          const float moved = palette->mean[c] + map[c][0] * d[0] + map[c][1] * d[1] + map[c][2] * d[2];

          if (mask == NULL)
            rgb[c] = (1 - share) * was[c] + share * CLAMP (moved, low, high);
          else
            rgb[c] += share * mask->data[p] * (CLAMP (moved, low, high) - was[c]);
        }
    }
}
