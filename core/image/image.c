/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures: references, Lanczos resampling, cropping, blending, the colours of another picture. */
#include "core/image/image.h"

#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/tensor.h"

#define LARGEST_SIDE (1 << 20)
#define LOBES 3.0 /* of the Lanczos kernel */

NstImage *
nst_image_new (int width, int height, GError **error)
{
  NstImage *image;
  float    *data;

  if (width < 1 || height < 1 || width > LARGEST_SIDE || height > LARGEST_SIDE)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                   "A picture of %d x %d pixels is not possible; sides must be 1 to %d", width, height,
                   LARGEST_SIDE);
      return NULL;
    }

  data = nst_floats_try_new ((gsize) width * height * 3);
  if (data == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   "There is no memory for a picture of %d x %d pixels (%.1f GB)", width, height,
                   width * 12e-9 * height);
      return NULL;
    }

  image = g_new (NstImage, 1);
  image->width = width;
  image->height = height;
  image->data = data;
  image->references = 1;

  return image;
}

NstImage *
nst_image_ref (NstImage *image)
{
  g_atomic_int_inc (&image->references);

  return image;
}

void
nst_image_unref (NstImage *image)
{
  if (image == NULL || !g_atomic_int_dec_and_test (&image->references))
    return;

  nst_floats_free (image->data);
  g_free (image);
}

gsize
nst_image_bytes (const NstImage *image)
{
  return (gsize) image->width * image->height * 3 * sizeof (float);
}

NstImage *
nst_image_copy (const NstImage *image, GError **error)
{
  NstImage *copy = nst_image_new (image->width, image->height, error);

  if (copy != NULL)
    memcpy (copy->data, image->data, nst_image_bytes (image));

  return copy;
}

NstImage *
nst_image_crop_to_proportions (const NstImage *image, int width, int height, GError **error)
{
  double scale = MIN ((double) image->width / width, (double) image->height / height);
  int    w = CLAMP ((int) lround (width * scale), 1, image->width),
      h = CLAMP ((int) lround (height * scale), 1, image->height);
  gsize     left = (image->width - w) / 2, top = (image->height - h) / 2;
  NstImage *middle = nst_image_new (w, h, error);

  if (middle != NULL)
    for (int y = 0; y < h; y++)
      memcpy (middle->data + (gsize) y * w * 3, image->data + ((top + y) * image->width + left) * 3,
              w * 3 * sizeof (float));

  return middle;
}

/* One dimension of a resize: output i is the sum over t < taps of weight[i * taps + t] * input[first[i] + t],
 * first clamped to the edge. */
typedef struct
{
  int    taps;
  int   *first;
  float *weight;
} Filter;

static double
lanczos (double x)
{
  if (fabs (x) < 1e-9)
    return 1;
  if (fabs (x) >= LOBES)
    return 0;

  return LOBES * sin (G_PI * x) * sin (G_PI * x / LOBES) / (G_PI * G_PI * x * x);
}

static Filter
filter_new (int from, int to)
{
  double pitch = (double) from / to, spread = MAX (pitch, 1);
  Filter filter = { .taps = 2 * (int) ceil (LOBES * spread) + 1 };

  filter.first = g_new (int, to);
  filter.weight = g_new (float, (gsize) to *filter.taps);
  for (int i = 0; i < to; i++)
    {
      double centre = (i + 0.5) * pitch - 0.5, sum = 0;
      float *weight = filter.weight + (gsize) i * filter.taps;

      filter.first[i] = (int) floor (centre) - filter.taps / 2;
      for (int t = 0; t < filter.taps; t++)
        {
          weight[t] = lanczos ((filter.first[i] + t - centre) / spread);
          sum += weight[t];
        }
      for (int t = 0; t < filter.taps; t++)
        weight[t] /= sum;
    }

  return filter;
}

static void
filter_clear (Filter *filter)
{
  g_free (filter->first);
  g_free (filter->weight);
}

typedef struct
{
  const NstImage *from;
  NstImage       *to;
  Filter          filter;
} Pass;

static void
squeeze_row (int y, int thread G_GNUC_UNUSED, gpointer data)
{
  const Pass  *pass = data;
  const float *row = pass->from->data + (gsize) y * pass->from->width * 3;
  float       *out = pass->to->data + (gsize) y * pass->to->width * 3;

  for (int x = 0; x < pass->to->width; x++, out += 3)
    {
      const float *weight = pass->filter.weight + (gsize) x * pass->filter.taps;
      float        sum[3] = { 0 };

      for (int t = 0; t < pass->filter.taps; t++)
        {
          const float *pixel = row + (gsize) 3 * CLAMP (pass->filter.first[x] + t, 0, pass->from->width - 1);

          for (int c = 0; c < 3; c++)
            sum[c] += weight[t] * pixel[c];
        }
      memcpy (out, sum, sizeof sum);
    }
}

static void
squeeze_column (int y, int thread G_GNUC_UNUSED, gpointer data)
{
  const Pass *pass = data;
  const gsize n = (gsize) pass->to->width * 3;
  float      *out = pass->to->data + y * n;

  memset (out, 0, n * sizeof (float));
  for (int t = 0; t < pass->filter.taps; t++)
    {
      const float *row = pass->from->data + n * CLAMP (pass->filter.first[y] + t, 0, pass->from->height - 1);
      float        weight = pass->filter.weight[(gsize) y * pass->filter.taps + t];

      for (gsize i = 0; i < n; i++)
        out[i] += weight * row[i];
    }
}

NstImage *
nst_image_resize (const NstImage *image, int width, int height, GError **error)
{
  g_autoptr (NstImage) narrow = NULL;
  g_autoptr (NstImage) resized = NULL;
  Pass                 pass;

  if (width == image->width && height == image->height)
    return nst_image_copy (image, error);

  narrow = nst_image_new (width, image->height, error);
  if (narrow == NULL)
    return NULL;
  resized = nst_image_new (width, height, error);
  if (resized == NULL)
    return NULL;

  pass = (Pass){ image, narrow, filter_new (image->width, width) };
  nst_parallel (image->height, squeeze_row, &pass);
  filter_clear (&pass.filter);

  pass = (Pass){ narrow, resized, filter_new (image->height, height) };
  nst_parallel (height, squeeze_column, &pass);
  filter_clear (&pass.filter);

  return g_steal_pointer (&resized);
}

NstImage *
nst_image_at_size (NstImage *image, int width, int height, GError **error)
{
  if (image->width == width && image->height == height)
    return nst_image_ref (image);

  return nst_image_resize (image, width, height, error);
}

void
nst_image_fit (int width, int height, int longest, int *fitted_width, int *fitted_height)
{
  double scale = (double) longest / MAX (width, height);

  *fitted_width = MAX (1, (int) lround (width * scale));
  *fitted_height = MAX (1, (int) lround (height * scale));
}

/* CIE Lab, D65, from R'G'B' and back (IEC 61966-2-1; CIE 15:2004, section 8.2.1). */

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
keep_row (int y, int thread G_GNUC_UNUSED, gpointer data)
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

  nst_parallel (pastiche->height, keep_row, &colours);
}

void
nst_image_blend (NstImage *image, const NstImage *other, double share)
{
  const gsize n = (gsize) image->width * image->height * 3;
  const float mine = share, theirs = 1.0 - share;

  for (gsize i = 0; i < n; i++)
    image->data[i] = mine * image->data[i] + theirs * other->data[i];
}

void
nst_image_clamp (NstImage *image)
{
  gsize n = (gsize) image->width * image->height * 3;

  for (gsize i = 0; i < n; i++)
    image->data[i] = image->data[i] > 0 ? MIN (image->data[i], 1) : 0;
}
