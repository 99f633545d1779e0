/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variation term: total variation of the picture itself, against noise that no layer sees. */
#include "core/loss/variation.h"

#include <math.h>
#include <string.h>

#include "core/base/parallel.h"
#include "core/loss/term.h"

#define ROWS 1024 /* whose sums are kept at a time */

typedef struct
{
  NstTvFormula formula;
  const float *rgb, *weights; /* of a part; weights: or NULL */
  int          row;           /* of weights */
  int          width, height;
  int          first; /* row of sums[0] */
  double      *sums;  /* one for each of ROWS rows */
} Variation;

/* Any four floats. */
typedef float Vec __attribute__ ((vector_size (16), aligned (4), may_alias));
typedef int   Bits __attribute__ ((vector_size (16)));

static inline Vec
loss_of (NstTvFormula formula, Vec d)
{
  if (formula == NST_TV_SQUARED)
    return d * d;

  return (Vec) ((Bits) d & G_MAXINT32);
}

static inline Vec
slope_of (NstTvFormula formula, Vec d)
{
  const Vec one = { 1, 1, 1, 1 };

  if (formula == NST_TV_SQUARED)
    return 2 * d;

  return (Vec) ((d > 0) & (Bits) one) - (Vec) ((d < 0) & (Bits) one);
}

static inline Vec
load (const float *at)
{
  return *(const Vec *) at;
}

/* Index of the neighbour of number i in a row of n to the right or left; i itself at the edge, so that the
 * difference is 0. */
static inline gsize
right_of (gsize i, gsize n)
{
  return i + 3 < n ? i + 3 : i;
}

static inline gsize
left_of (gsize i)
{
  return i >= 3 ? i - 3 : i;
}

/* Loss of a row: differences to the right and down. */
static void
separable_loss_row (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Variation *v = data;
  const int        y = v->first + task;
  const gsize      n = (gsize) v->width * 3, down = y + 1 < v->height ? n : 0;
  const float     *row = v->rgb + y * n;
  Vec              sum = { 0 };
  double           edges = 0;
  gsize            i;

#define EDGE(i)                                                                                              \
  {                                                                                                          \
    Vec d = { row[right_of (i, n)] - row[i] }, e = { row[(i) + down] - row[i] };                             \
    edges += (float) (loss_of (v->formula, d)[0] + loss_of (v->formula, e)[0]);                              \
  }
  for (i = 0; i < MIN (3, n); i++)
    EDGE (i);
  for (; i + 4 + 3 <= n; i += 4)
    {
      const Vec c = load (row + i);

      sum += loss_of (v->formula, load (row + i + 3) - c) + loss_of (v->formula, load (row + i + down) - c);
    }
  for (; i < n; i++)
    EDGE (i);
#undef EDGE

  v->sums[task] = edges + sum[0] + sum[1] + sum[2] + sum[3];
}

/* Derivative of one row: differences in all four directions, so that rows are independent. */
static void
separable_gradient_row (const Variation *v, int y, float factor, gboolean add, float *to)
{
  const gsize  n = (gsize) v->width * 3, up = y > 0 ? n : 0, down = y + 1 < v->height ? n : 0;
  const float *row = v->rgb + y * n;
  gsize        i;

#define EDGE(i)                                                                                              \
  {                                                                                                          \
    const float c = row[i];                                                                                  \
    Vec         l = { c - row[left_of (i)] }, u = { c - row[(i) -up] };                                      \
    Vec         r = { row[right_of (i, n)] - c }, d = { row[(i) + down] - c };                               \
    const Vec   slope = slope_of (v->formula, l) + slope_of (v->formula, u) - slope_of (v->formula, r)       \
                      - slope_of (v->formula, d);                                                            \
    to[i] = (add ? to[i] : 0) + factor * slope[0];                                                           \
  }
  for (i = 0; i < MIN (3, n); i++)
    EDGE (i);
  for (; i + 4 + 3 <= n; i += 4)
    {
      const Vec c = load (row + i);
      Vec       slope = slope_of (v->formula, c - load (row + i - 3))
                  + slope_of (v->formula, c - load (row + i - up))
                  - slope_of (v->formula, load (row + i + 3) - c)
                  - slope_of (v->formula, load (row + i + down) - c);

      *(Vec *) (to + i) = (add ? load (to + i) : (Vec){ 0 }) + factor * slope;
    }
  for (; i < n; i++)
    EDGE (i);
#undef EDGE
}

/* (dx^2 + dy^2)^1.25 at one number; its derivatives with respect to dx and dy. */
static inline double
power (const float *at, gsize n, float *gx, float *gy)
{
  double dx = at[3] - at[0], dy = at[n] - at[0], q = dx * dx + dy * dy, slope = 2.5 * sqrt (sqrt (q));

  *gx = slope * dx;
  *gy = slope * dy;

  return q * sqrt (sqrt (q));
}

static void
power_loss_row (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Variation *v = data;
  const gsize      n = (gsize) v->width * 3;
  const int        y = v->first + task;
  float            gx, gy;

  v->sums[task] = 0;
  if (y + 1 == v->height)
    return;
  for (gsize i = 0; i + 3 < n; i++)
    v->sums[task] += power (v->rgb + y * n + i, n, &gx, &gy);
}

static void
power_gradient_row (const Variation *v, int y, float factor, gboolean add, float *to)
{
  const gsize  n = (gsize) v->width * 3;
  const float *row = v->rgb + y * n;
  float        gx, gy;

  for (gsize i = 0; i < n; i++)
    {
      float slope = 0;

      if (i + 3 < n && y + 1 < v->height)
        {
          power (row + i, n, &gx, &gy);
          slope -= gx + gy;
        }
      if (i >= 3 && y + 1 < v->height)
        {
          power (row + i - 3, n, &gx, &gy);
          slope += gx;
        }
      if (i + 3 < n && y > 0)
        {
          power (row + i - n, n, &gx, &gy);
          slope += gy;
        }
      to[i] = (add ? to[i] : 0) + factor * slope;
    }
}

/* With weights */

/* Loss of number i in row y: its differences to the right and down; *gx, *gy: derivatives with respect to
 * these. At the edges the missing difference is 0; NST_TV_POWER needs both. */
static double
one_loss (const Variation *v, int y, gsize i, float *gx, float *gy)
{
  const gsize  n = (gsize) v->width * 3;
  const float *at = v->rgb + y * n + i;
  const Vec    d = { i + 3 < n ? at[3] - at[0] : 0, y + 1 < v->height ? at[n] - at[0] : 0 };
  Vec          loss, slope;

  *gx = *gy = 0;
  if (v->formula == NST_TV_POWER)
    return i + 3 < n && y + 1 < v->height ? power (at, n, gx, gy) : 0;

  loss = loss_of (v->formula, d);
  slope = slope_of (v->formula, d);
  *gx = slope[0];
  *gy = slope[1];

  return (double) loss[0] + loss[1];
}

static void
weighted_loss_row (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Variation *v = data;
  const gsize      n = (gsize) v->width * 3;
  const int        y = v->first + task;
  float            gx, gy;

  v->sums[task] = 0;
  for (gsize i = 0; i < n; i++)
    v->sums[task] += v->weights[(gsize) y * v->row + i / 3] * one_loss (v, y, i, &gx, &gy);
}

/* Each number is in its own two differences, and in one of its left and of its upper neighbour. */
static void
weighted_gradient_row (const Variation *v, int y, float factor, gboolean add, float *to)
{
  const gsize  n = (gsize) v->width * 3;
  const float *w = v->weights + (gsize) y * v->row;
  float        gx, gy;

  for (gsize i = 0; i < n; i++)
    {
      float slope;

      one_loss (v, y, i, &gx, &gy);
      slope = -w[i / 3] * (gx + gy);
      if (i >= 3)
        {
          one_loss (v, y, i - 3, &gx, &gy);
          slope += w[i / 3 - 1] * gx;
        }
      if (y > 0)
        {
          one_loss (v, y - 1, i, &gx, &gy);
          slope += (w - v->row)[i / 3] * gy;
        }
      to[i] = (add ? to[i] : 0) + factor * slope;
    }
}

/* What a sum over the whole picture is multiplied by. */
static double
normaliser (NstTvFormula formula, const NstPart *part)
{
  return formula == NST_TV_POWER ? 1 : 1.0 / ((double) part->width * part->height);
}

static Variation
variation_of (NstTvFormula formula, const NstPart *part, double *sums)
{
  const NstTensor *picture = part->features;

  return (Variation){ formula, picture->data, part->weights, part->row, picture->width, picture->height,
                      0,       sums };
}

double
nst_variation_loss (NstTvFormula formula, const NstPart *part)
{
  const NstTask row = part->weights != NULL     ? weighted_loss_row
                      : formula == NST_TV_POWER ? power_loss_row
                                                : separable_loss_row;
  double        sums[ROWS], sum = 0;
  Variation     v = variation_of (formula, part, sums);

  for (; v.first < v.height; v.first += ROWS)
    {
      const int n = MIN (ROWS, v.height - v.first);

      nst_parallel (n, row, &v);
      for (int y = 0; y < n; y++)
        sum += sums[y];
    }

  return sum * normaliser (formula, part);
}

void
nst_variation_backward (NstTvFormula   formula,
                        const NstPart *part,
                        int            first_row,
                        int            n_rows,
                        double         factor,
                        gboolean       add,
                        float         *gradient)
{
  const Variation v = variation_of (formula, part, NULL);

  factor *= normaliser (formula, part);
  for (int y = 0; y < n_rows; y++)
    {
      float *to = gradient + (gsize) y * v.width * 3;

      if (part->weights != NULL)
        weighted_gradient_row (&v, first_row + y, factor, add, to);
      else if (formula == NST_TV_POWER)
        power_gradient_row (&v, first_row + y, factor, add, to);
      else
        separable_gradient_row (&v, first_row + y, factor, add, to);
    }
}

/* The term */

typedef struct
{
  NstTerm      base;
  NstTvFormula formula;
  double       factor;
} VariationTerm;

static void
variation_free (NstTerm *term)
{
  g_free (term);
}

static NstTerm *
variation_try_new (const NstRecipe *recipe, const NstLayer *layer G_GNUC_UNUSED)
{
  VariationTerm *self = g_new0 (VariationTerm, 1);

  self->formula = recipe->tv_formula;

  return &self->base;
}

static gsize
variation_scratch (const NstRecipe *recipe G_GNUC_UNUSED, int channels G_GNUC_UNUSED)
{
  return 0;
}

static void
variation_begin (NstTerm *term)
{
  term->loss = 0;
}

static void
variation_observe (NstTerm *term, const NstPart *part, const NstWorkspace *workspace G_GNUC_UNUSED)
{
  term->loss += nst_variation_loss (((VariationTerm *) term)->formula, part);
}

static double
variation_conclude (NstTerm            *term,
                    double              factor,
                    double              positions G_GNUC_UNUSED,
                    gsize               pixels G_GNUC_UNUSED,
                    const NstWorkspace *workspace G_GNUC_UNUSED)
{
  ((VariationTerm *) term)->factor = factor;

  return term->loss;
}

static gboolean
variation_gradient (const NstTerm *term,
                    const NstPart *part,
                    gsize          first,
                    gsize          n,
                    gboolean       add,
                    float         *gradient,
                    float         *scratch G_GNUC_UNUSED)
{
  const VariationTerm *self = (const VariationTerm *) term;
  const int            width = part->features->width;

  if (self->factor == 0)
    return FALSE;

  nst_variation_backward (self->formula, part, first / width, n / width, self->factor, add, gradient);

  return TRUE;
}

const NstTermClass nst_term_class_variation = {
  .name = "tv",
  .letter = 'v',
  .source = NST_TARGET_NONE,
  .try_new = variation_try_new,
  .free = variation_free,
  .scratch = variation_scratch,
  .begin = variation_begin,
  .observe = variation_observe,
  .conclude = variation_conclude,
  .gradient = variation_gradient,
};
