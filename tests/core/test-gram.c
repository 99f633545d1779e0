/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments, Gram distances, content and variation: values against double-precision loops, gradients against
 * central differences. */
#include <math.h>
#include <string.h>

#include "core/base/process.h"
#include "core/loss/content.h"
#include "core/loss/gram.h"
#include "core/loss/moments.h"
#include "core/loss/style.h"
#include "core/loss/term.h"
#include "core/loss/variation.h"
#include "tests/support/fence.h"
#include "tests/support/support.h"

typedef struct
{
  int height, width, channels, head;
} Case;

static const Case cases[] = {
  { 1, 1, 3, 0 },     { 5, 7, 6, 0 },   { 5, 7, 6, 4 },   { 5, 7, 6, 7 },   { 5, 7, 6, 30 },
  { 17, 31, 16, 64 }, { 33, 9, 40, 0 }, { 9, 15, 48, 0 }, { 3, 5, 64, 70 },
};

static NstLayer
random_layer (const Case *c)
{
  NstLayer layer = { .in_channels = 1, .out_channels = c->channels, .head_channels = c->head };

  if (c->head > 0)
    {
      layer.head_weight = test_floats ((gsize) c->head * c->channels);
      layer.head_bias = test_floats (c->head);
    }

  return layer;
}

/* The projected features, explicitly. */
static double *
project (const Case *c, const NstLayer *layer, const float *features)
{
  int     positions = c->height * c->width, N = c->head > 0 ? c->head : c->channels;
  double *projected = g_new (double, (gsize) positions *N);

  for (int p = 0; p < positions; p++)
    for (int i = 0; i < N; i++)
      {
        double sum = c->head > 0 ? layer->head_bias[i] : features[p * c->channels + i];

        for (int k = 0; c->head > 0 && k < c->channels; k++)
          sum += (double) layer->head_weight[i * c->channels + k] * features[p * c->channels + k];
        projected[p * N + i] = sum;
      }

  return projected;
}

/* sum (G - A)^2 of two projected Gram matrices, each divided by its number of positions; and sum of squared
 * differences. */
static void
brute_force (
    const Case *c, const NstLayer *layer, const float *f, const float *g, double *style, double *content)
{
  int                positions = c->height * c->width, N = c->head > 0 ? c->head : c->channels;
  g_autofree double *a = project (c, layer, f), *b = project (c, layer, g);

  *style = *content = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      {
        double d = 0;

        for (int p = 0; p < positions; p++)
          d += a[p * N + i] * a[p * N + j] - b[p * N + i] * b[p * N + j];
        *style += d * d / positions / positions;
      }
  for (int i = 0; i < positions * N; i++)
    *content += (a[i] - b[i]) * (a[i] - b[i]);
}

static void
free_layer (NstLayer *layer)
{
  nst_floats_free (layer->head_weight);
  nst_floats_free (layer->head_bias);
}

static void
test_projected (gconstpointer data)
{
  const Case *c = data;
  NstLayer    layer = random_layer (c);
  gsize       n = (gsize) c->height * c->width * c->channels, side = c->channels + 1;
  NstTensor   f = { c->height, c->width, c->channels, test_floats (n) }, g = f, gradient = f;
  float *q = test_floats (side * side), *t = test_floats (side * side), *slope = test_floats (side * side);
  float *scratch = test_floats (MAX (MAX (nst_gram_scratch (c->channels), nst_moments_scratch (c->channels)),
                                     nst_content_scratch (c->channels)));
  NstMetric *metric = nst_metric_try_new (&layer);
  double     style, content, energy, nothing;
  float     *packed = test_floats (side * side), *room = test_floats (n);

  g.data = test_floats (n);
  gradient.data = test_floats (n);
  brute_force (c, &layer, f.data, g.data, &style, &content);

  nst_moments (&f, NULL, q, scratch);
  nst_moments (&g, NULL, t, scratch);
  g_assert_cmpfloat_with_epsilon (nst_gram_distance (metric, q, t, slope, scratch), style, 2e-5 * style);
  g_assert_cmpfloat_with_epsilon (nst_content_distance (metric, &f, NULL, g.data, scratch), content,
                                  2e-5 * content);

  /* The energy is the sum of squares of the projected features. */
  {
    g_autofree double *projected = project (c, &layer, f.data);
    int                N = c->head > 0 ? c->head : c->channels;

    energy = 0;
    for (int i = 0; i < c->height * c->width * N; i++)
      energy += projected[i] * projected[i];
  }
  g_assert_cmpfloat_with_epsilon (nst_metric_energy (metric, q, (gsize) c->height * c->width), energy,
                                  2e-5 * energy);

  /* Gradients by central differences of the double-precision brute force. */
  nst_moments_pack (c->channels, slope, 2 * 0.7 / (c->height * c->width), packed);
  nst_moments_backward (c->channels, (gsize) c->height * c->width, f.data, NULL, packed, FALSE, gradient.data,
                        NULL);
  for (int k = 0; k < 20; k++)
    {
      gsize  i = g_test_rand_int_range (0, n);
      float  keep = f.data[i];
      double up, down, h = 1e-3;

      f.data[i] = keep + h;
      brute_force (c, &layer, f.data, g.data, &up, &nothing);
      f.data[i] = keep - h;
      brute_force (c, &layer, f.data, g.data, &down, &nothing);
      f.data[i] = keep;
      g_assert_cmpfloat_with_epsilon (gradient.data[i], 0.7 * (up - down) / (2 * h),
                                      2e-3 * sqrt (style / n) + 2e-3 * fabs (gradient.data[i]));
    }
  nst_content_backward (metric, (gsize) c->height * c->width, f.data, NULL, g.data, 0.3, FALSE, gradient.data,
                        room);
  for (int k = 0; k < 20; k++)
    {
      gsize  i = g_test_rand_int_range (0, n);
      float  keep = f.data[i];
      double up, down, h = 1e-2;

      f.data[i] = keep + h;
      brute_force (c, &layer, f.data, g.data, &nothing, &up);
      f.data[i] = keep - h;
      brute_force (c, &layer, f.data, g.data, &nothing, &down);
      f.data[i] = keep;
      g_assert_cmpfloat_with_epsilon (gradient.data[i], 0.3 * (up - down) / (2 * h),
                                      1e-3 * sqrt (content / n) + 1e-3 * fabs (gradient.data[i]));
    }

  /* With add the result is the sum. */
  {
    Fence sum = fence_new (n);

    memcpy (sum.data, gradient.data, n * sizeof (float));
    nst_moments_backward (c->channels, (gsize) c->height * c->width, f.data, NULL, packed, TRUE, sum.data,
                          NULL);
    fence_check (&sum);
    nst_moments_backward (c->channels, (gsize) c->height * c->width, f.data, NULL, packed, FALSE, room, NULL);
    for (gsize i = 0; i < n; i++)
      g_assert_cmpfloat_with_epsilon (sum.data[i], gradient.data[i] + room[i],
                                      1e-5 * (fabs (gradient.data[i]) + fabs (room[i])) + 1e-30);
    fence_clear (&sum);
  }

  nst_floats_free (packed);
  nst_floats_free (room);
  nst_floats_free (f.data);
  nst_floats_free (g.data);
  nst_floats_free (gradient.data);
  nst_floats_free (q);
  nst_floats_free (t);
  nst_floats_free (slope);
  nst_floats_free (scratch);
  nst_metric_free (metric);
  free_layer (&layer);
}

/* Q, q and their gradients with a weight for each position, against double-precision loops. */
static void
test_weighted (gconstpointer data)
{
  const Case *c = data;
  const int   C = c->channels, side = C + 1, M = c->height * c->width;
  NstLayer    layer = random_layer (c);
  NstTensor   f = { c->height, c->width, C, test_floats ((gsize) M * C) };
  NstMetric  *metric = nst_metric_try_new (&layer);
  float      *w = test_floats (M), *q = test_floats (side * side), *d = test_floats (side * side);
  float      *target = test_floats ((gsize) M * C), *packed = test_floats (side * side);
  float      *gradient = test_floats ((gsize) M * C), *plain = test_floats ((gsize) M * C);
  float      *room = test_floats ((gsize) M * C), *start = test_floats ((gsize) M * C);
  float      *scratch = test_floats (MAX (nst_moments_scratch (C), nst_content_scratch (C)));
  double      total = 0, content = 0;

  for (int p = 0; p < M; p++)
    {
      w[p] = p % 3 == 1 ? 0 : fabsf (w[p]);
      total += w[p];
    }
  nst_moments (&f, w, q, scratch);
  for (int i = 0; i < side; i++)
    for (int j = 0; j < side; j++)
      {
        double sum = 0;

        for (int p = 0; p < M; p++)
          sum += (double) w[p] * (i < C ? f.data[p * C + i] : 1) * (j < C ? f.data[p * C + j] : 1);
        g_assert_cmpfloat_with_epsilon (q[i * side + j], sum / total, 2e-6);
      }

  /* The weighted gradient is the plain one times the weight; with add it is added. */
  for (int i = 0; i < side; i++)
    for (int j = 0; j < i; j++)
      d[i * side + j] = d[j * side + i];
  nst_moments_pack (C, d, 0.3, packed);
  nst_moments_backward (C, M, f.data, NULL, packed, FALSE, plain, NULL);
  memcpy (gradient, start, (gsize) M * C * sizeof (float));
  nst_moments_backward (C, M, f.data, w, packed, TRUE, gradient, room);
  for (int i = 0; i < M * C; i++)
    g_assert_cmpfloat_with_epsilon (gradient[i], start[i] + w[i / C] * plain[i], 1e-5);

  nst_content_backward (metric, M, f.data, NULL, target, 0.3, FALSE, plain, room);
  memcpy (gradient, start, (gsize) M * C * sizeof (float));
  nst_content_backward (metric, M, f.data, w, target, 0.3, TRUE, gradient, room);
  for (int i = 0; i < M * C; i++)
    {
      g_assert_cmpfloat_with_epsilon (gradient[i], start[i] + w[i / C] * plain[i],
                                      1e-5 + 1e-5 * fabs (plain[i]));
      /* dq/df = 2 w S (f - p), and so q = 1/2 sum (f - p) dq/df. */
      content += 0.5 * w[i / C] * plain[i] / 0.3 * (f.data[i] - target[i]);
    }
  g_assert_cmpfloat_with_epsilon (nst_content_distance (metric, &f, w, target, scratch), content,
                                  2e-5 * content + 1e-9);

  /* All weights 0: the result is 0, not a division by 0. */
  memset (w, 0, M * sizeof (float));
  nst_moments (&f, w, q, scratch);
  for (int i = 0; i < side * side; i++)
    g_assert_cmpfloat (q[i], ==, 0);

  nst_floats_free (f.data);
  nst_floats_free (w);
  nst_floats_free (q);
  nst_floats_free (d);
  nst_floats_free (target);
  nst_floats_free (packed);
  nst_floats_free (gradient);
  nst_floats_free (plain);
  nst_floats_free (room);
  nst_floats_free (start);
  nst_floats_free (scratch);
  nst_metric_free (metric);
  free_layer (&layer);
}

static void
test_tv (gconstpointer data)
{
  NstTvFormula formula = GPOINTER_TO_INT (data);
  const int    sizes[][2] = { { 1, 1 }, { 1, 6 }, { 6, 1 }, { 2, 2 }, { 7, 5 } };

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      int    width = sizes[s][0], height = sizes[s][1], n = width * height * 3;
      float *x = test_floats (n), *gradient = test_floats (n), *unused = test_floats (n),
            *before = test_floats (n);

      /* Values on a grid, so that differences are either 0, where both sides cancel, or far from the absolute
       * value's kink. */
      for (int i = 0; i < n; i++)
        x[i] = round (x[i] * 20) / 20;
      memcpy (before, gradient, n * sizeof (float));
      for (int y = 0; y < height; y += 2) /* in parts of two rows */
        nst_variation_backward (formula, x, width, height, y, MIN (2, height - y), 1.5, TRUE,
                                gradient + y * width * 3);
      nst_variation_backward (formula, x, width, height, 0, height, 1.5, FALSE, unused);
      for (int i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon (before[i] + unused[i], gradient[i], 1e-5);
      for (int i = 0; i < n; i++)
        {
          float  keep = x[i];
          double h = 1e-3, up, down;

          x[i] = keep + h;
          up = nst_variation_loss (formula, x, width, height);
          x[i] = keep - h;
          down = nst_variation_loss (formula, x, width, height);
          x[i] = keep;
          g_assert_cmpfloat_with_epsilon (gradient[i] - before[i], 1.5 * (up - down) / (2 * h), 5e-3);
        }
      nst_floats_free (x);
      nst_floats_free (gradient);
      nst_floats_free (unused);
      nst_floats_free (before);
    }
}

/* Each formula's value, and its slope: the derivative with respect to q. */
static void
test_formulas (void)
{
  const double q = 0.37, energy = 2.5, N = 12, M = 30, S = 480;
  const double content[] = { q / energy, q / 2, q, q / (N * M), sqrt (q / (N * M)) };
  const double style[] = { q / energy, q / (4 * N * N), q * M * M / (4 * 9 * S * S), q * M * M / (N * N),
                           sqrt (q) / N };

  for (int f = 0; f < 5; f++)
    {
      double slope, unused, h = 1e-6;

      g_assert_cmpfloat_with_epsilon (nst_content_loss (f, q, energy, N, M, &slope), content[f], 1e-12);
      g_assert_cmpfloat_with_epsilon ((nst_content_loss (f, q + h, energy, N, M, &unused)
                                       - nst_content_loss (f, q - h, energy, N, M, &unused))
                                          / (2 * h),
                                      slope, 1e-6);
      g_assert_cmpfloat_with_epsilon (nst_style_loss (f, q, energy, N, M, S, &slope), style[f], 1e-12);
      g_assert_cmpfloat_with_epsilon ((nst_style_loss (f, q + h, energy, N, M, S, &unused)
                                       - nst_style_loss (f, q - h, energy, N, M, S, &unused))
                                          / (2 * h),
                                      slope, 1e-6);
    }
}

/* The style term sees a picture in two parts as it sees the whole: the same loss and gradient. */
static void
test_parts (gconstpointer data)
{
  const Case         *c = data;
  const NstTermClass *style = &nst_term_class_style;
  NstLayer            layer = random_layer (c);
  const int           C = c->channels, cut = c->height / 3;
  const gsize         positions = (gsize) c->height * c->width, before = (gsize) cut * c->width;
  const gsize         side = MAX (C, c->head) + 1;
  float              *features = test_floats (positions * C), *aim = test_floats (positions * C);
  float              *scratch = test_floats (style->scratch (C) + NST_TERM_BLOCK_FLOATS);
  float              *moments = test_floats (side * side), *derivative = test_floats (side * side);
  float              *expected = test_floats (positions * C), *got = test_floats (positions * C);
  const NstWorkspace  workspace = { scratch, moments, derivative };
  const NstTensor     whole = { c->height, c->width, C, features }, target = { c->height, c->width, C, aim };
  const NstTensor     upper = { cut, c->width, C, features };
  const NstTensor     lower = { c->height - cut, c->width, C, features + before * C };
  const NstPart       one = { &whole, NULL, 1 }, style_part = { &target, NULL, 1 };
  const NstPart       two[] = { { &upper, NULL, (double) before / positions },
                                { &lower, NULL, 1 - (double) before / positions } };
  g_autofree NstRecipe *recipe = g_new (NstRecipe, 1);
  NstTerm              *term;
  double                loss, largest = 0;

  nst_recipe_init (recipe);
  term = style->try_new (recipe, &layer);
  g_assert_true (style->aim (term, &style_part, 1, &workspace));
  style->seal (term, &workspace);

  style->begin (term);
  style->observe (term, &one, &workspace);
  loss = style->conclude (term, 1, positions, positions, &workspace);
  g_assert_cmpfloat (loss, >, 0);
  for (gsize i = 0; i < positions; i++)
    g_assert_true (style->gradient (term, &one, i, 1, FALSE, expected + i * C, scratch));

  style->begin (term);
  style->observe (term, &two[0], &workspace);
  style->observe (term, &two[1], &workspace);
  g_assert_cmpfloat_with_epsilon (style->conclude (term, 1, positions, positions, &workspace), loss,
                                  1e-4 * loss);
  for (gsize i = 0; i < positions; i++)
    g_assert_true (style->gradient (term, &two[i >= before], i < before ? i : i - before, 1, FALSE,
                                    got + i * C, scratch));

  for (gsize i = 0; i < positions * C; i++)
    largest = MAX (largest, fabs (expected[i]));
  g_assert_cmpfloat (largest, >, 0);
  for (gsize i = 0; i < positions * C; i++)
    g_assert_cmpfloat_with_epsilon (got[i], expected[i], 1e-4 * largest);
  style->free (term);
  nst_floats_free (features);
  nst_floats_free (aim);
  nst_floats_free (scratch);
  nst_floats_free (moments);
  nst_floats_free (derivative);
  nst_floats_free (expected);
  nst_floats_free (got);
  free_layer (&layer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/core/gram/%dx%dx%d-head%d", cases[i].height, cases[i].width,
                                               cases[i].channels, cases[i].head);

      g_autofree char *weighted = g_strconcat (path, "/weighted", NULL);
      g_autofree char *parts = g_strconcat (path, "/parts", NULL);

      g_test_add_data_func (path, &cases[i], test_projected);
      g_test_add_data_func (weighted, &cases[i], test_weighted);
      if (cases[i].height >= 3)
        g_test_add_data_func (parts, &cases[i], test_parts);
    }
  g_test_add_data_func ("/core/loss/tv-squared", GINT_TO_POINTER (NST_TV_SQUARED), test_tv);
  g_test_add_data_func ("/core/loss/tv-power", GINT_TO_POINTER (NST_TV_POWER), test_tv);
  g_test_add_data_func ("/core/loss/tv-absolute", GINT_TO_POINTER (NST_TV_ABSOLUTE), test_tv);
  g_test_add_func ("/core/loss/formulas", test_formulas);

  return g_test_run ();
}
