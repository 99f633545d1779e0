/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resizes pictures by Lanczos resampling (Duchon 1979, "Lanczos filtering in one and two dimensions"), fits
 * sizes, crops. */
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/image/image.h"

#define LOBES 3.0 /* of the Lanczos kernel */

/* The filter of one dimension: output i is the sum over t < length of weight[i * length + t] * input[first[i]
 * + t]. Indices beyond the edge are clamped to it. */
typedef struct
{
  int    length;
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

static void
filter_clear (Filter *filter)
{
  g_free (filter->first);
  g_free (filter->weight);
}

static gboolean
filter_init (Filter *made, int from, int to, GError **error)
{
  double pitch = (double) from / to, spread = MAX (pitch, 1);
  Filter filter = { .length = 2 * (int) ceil (LOBES * spread) + 1 };

  filter.first = g_try_new (int, to);
  filter.weight = g_try_new (float, (gsize) to *filter.length);
  if (filter.first == NULL || filter.weight == NULL)
    {
      filter_clear (&filter);
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("There is not enough memory to scale a picture from %d to %d pixels"), from, to);
      return FALSE;
    }

  for (int i = 0; i < to; i++)
    {
      double centre = (i + 0.5) * pitch - 0.5, sum = 0;
      float *weight = filter.weight + (gsize) i * filter.length;

      filter.first[i] = (int) floor (centre) - filter.length / 2;
      for (int t = 0; t < filter.length; t++)
        {
          weight[t] = lanczos ((filter.first[i] + t - centre) / spread);
          sum += weight[t];
        }
      for (int t = 0; t < filter.length; t++)
        weight[t] /= sum;
    }

  *made = filter;

  return TRUE;
}

typedef struct
{
  const NstImage *from;
  NstImage       *to;
  Filter          filter;
} Pass;

/* Row y of a picture of another width. */
static void
resample_horizontally (int y, int thread G_GNUC_UNUSED, gpointer data)
{
  const Pass  *pass = data;
  const float *row = pass->from->data + (gsize) y * pass->from->width * 3;
  float       *out = pass->to->data + (gsize) y * pass->to->width * 3;

  for (int x = 0; x < pass->to->width; x++, out += 3)
    {
      const float *weight = pass->filter.weight + (gsize) x * pass->filter.length;
      float        sum[3] = { 0 };

      for (int t = 0; t < pass->filter.length; t++)
        {
          const float *pixel = row + (gsize) 3 * CLAMP (pass->filter.first[x] + t, 0, pass->from->width - 1);

          for (int c = 0; c < 3; c++)
            sum[c] += weight[t] * pixel[c];
        }
      memcpy (out, sum, sizeof sum);
    }
}

/* Row y of a picture of another height. */
static void
resample_vertically (int y, int thread G_GNUC_UNUSED, gpointer data)
{
  const Pass *pass = data;
  const gsize n = (gsize) pass->to->width * 3;
  float      *out = pass->to->data + y * n;

  memset (out, 0, n * sizeof (float));
  for (int t = 0; t < pass->filter.length; t++)
    {
      const float *row = pass->from->data + n * CLAMP (pass->filter.first[y] + t, 0, pass->from->height - 1);
      float        weight = pass->filter.weight[(gsize) y * pass->filter.length + t];

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

  pass = (Pass){ .from = image, .to = narrow };
  if (!filter_init (&pass.filter, image->width, width, error))
    return NULL;
  nst_parallel (image->height, resample_horizontally, &pass);
  filter_clear (&pass.filter);

  pass = (Pass){ .from = narrow, .to = resized };
  if (!filter_init (&pass.filter, image->height, height, error))
    return NULL;
  nst_parallel (height, resample_vertically, &pass);
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
