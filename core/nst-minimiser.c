/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-minimiser.h"

#include <math.h>
#include <string.h>

#include "nst-blas.h"
#include "nst-tensor.h"

#define ARMIJO 1e-4
#define BACKTRACKS 12

struct _NstMinimiser
{
  NstOptimizer optimizer;
  gsize        n;
  int          history;
  double       learning_rate;
  double       beta1, beta2, epsilon;   /* Adam */

  float       *memory;          /* owned; everything below points into it */
  float       *gradient;        /* at x */
  float       *trial, *trial_gradient;
  float       *direction;
  float       *s, *y;           /* L-BFGS: history x n differences of x and of the gradient, in a ring; Adam: the two moments */
  double      *rho;             /* owned; 1 / s'y of each pair */
  double      *step;            /* owned; alpha of the first loop */

  gboolean     known;           /* value and gradient are those of x */
  double       value;
  int          pairs, newest;   /* of the ring */
  int          iterations;      /* since the last reset */
  int          evaluations;
};

static int
vectors (NstOptimizer optimizer,
         int          history)
{
  switch (optimizer)
    {
    case NST_OPTIMIZER_LBFGS:
      return 4 + 2 * history;
    case NST_OPTIMIZER_ADAM:
      return 3;
    default:
      return 1;
    }
}

gsize
nst_minimiser_floats (NstOptimizer optimizer,
                      gsize        n,
                      int          history)
{
  return n * vectors (optimizer, history);
}

NstMinimiser *
nst_minimiser_try_new (NstOptimizer optimizer,
                       gsize        n,
                       int          history,
                       double       learning_rate)
{
  NstMinimiser *m = g_new0 (NstMinimiser, 1);

  m->optimizer = optimizer;
  m->n = n;
  m->history = history;
  m->learning_rate = learning_rate;
  nst_minimiser_set_adam (m, 0.9, 0.999, 1e-8);
  m->memory = nst_floats_try_new (nst_minimiser_floats (optimizer, n, history));
  if (m->memory == NULL)
    {
      g_free (m);
      return NULL;
    }

  m->gradient = m->memory;
  if (optimizer == NST_OPTIMIZER_LBFGS)
    {
      m->trial = m->memory + n;
      m->trial_gradient = m->memory + 2 * n;
      m->direction = m->memory + 3 * n;
      m->s = m->memory + 4 * n;
      m->y = m->s + n * history;
      m->rho = g_new0 (double, history);
      m->step = g_new0 (double, history);
    }
  else if (optimizer == NST_OPTIMIZER_ADAM)
    {
      m->s = m->memory + n;
      m->y = m->memory + 2 * n;
    }
  nst_minimiser_reset (m);

  return m;
}

void
nst_minimiser_set_adam (NstMinimiser *minimiser,
                        double        beta1,
                        double        beta2,
                        double        epsilon)
{
  minimiser->beta1 = beta1;
  minimiser->beta2 = beta2;
  minimiser->epsilon = epsilon;
}

void
nst_minimiser_free (NstMinimiser *minimiser)
{
  if (minimiser == NULL)
    return;

  nst_floats_free (minimiser->memory);
  g_free (minimiser->rho);
  g_free (minimiser->step);
  g_free (minimiser);
}

void
nst_minimiser_reset (NstMinimiser *m)
{
  m->known = FALSE;
  m->pairs = 0;
  m->iterations = 0;
  if (m->optimizer == NST_OPTIMIZER_ADAM)
    memset (m->s, 0, 2 * m->n * sizeof (float));
}

double
nst_minimiser_value (const NstMinimiser *minimiser)
{
  return minimiser->value;
}

int
nst_minimiser_evaluations (const NstMinimiser *minimiser)
{
  return minimiser->evaluations;
}

/* Scalar products in double over blocks that BLAS adds up in float: exact enough for any n. A block that is too large for float, though
 * its values are not, is added up once more. */
static double
dot (const float *a,
     const float *b,
     gsize        n)
{
  const gsize block = 4096;
  double      sum = 0;

  for (gsize i = 0; i < n; i += block)
    {
      gsize  length = MIN (block, n - i);
      double part = cblas_sdot (length, a + i, 1, b + i, 1);

      if (!isfinite (part))
        {
          part = 0;
          for (gsize k = i; k < i + length; k++)
            part += (double) a[k] * b[k];
        }
      sum += part;
    }

  return sum;
}

/* y += a x */
static void
axpy (double       a,
      const float *x,
      float       *y,
      gsize        n)
{
  for (gsize i = 0; i < n; i++)
    y[i] += (float) a * x[i];
}

static void
scale (double a,
       float *x,
       gsize  n)
{
  for (gsize i = 0; i < n; i++)
    x[i] *= (float) a;
}

static NstStep
evaluate (NstMinimiser *m,
          const float  *x,
          float        *gradient,
          double       *value,
          NstObjective  objective,
          gpointer      data)
{
  m->evaluations++;
  if (!objective (x, gradient, value, data))
    return NST_STEP_STOPPED;

  return isfinite (*value) && isfinite (dot (gradient, gradient, m->n)) ? NST_STEP_GOOD : NST_STEP_NONFINITE;
}

/* direction = - H gradient; returns direction' gradient. */
static double
find_direction (NstMinimiser *m)
{
  float *d = m->direction;

  memcpy (d, m->gradient, m->n * sizeof (float));
  for (int k = 0; k < m->pairs; k++)
    {
      int i = (m->newest - k + m->history) % m->history;

      m->step[i] = m->rho[i] * dot (m->s + i * m->n, d, m->n);
      axpy (-m->step[i], m->y + i * m->n, d, m->n);
    }
  if (m->pairs > 0)
    {
      const float *y = m->y + m->newest * m->n;

      scale (1 / (m->rho[m->newest] * dot (y, y, m->n)), d, m->n);
    }
  for (int k = m->pairs - 1; k >= 0; k--)
    {
      int    i = (m->newest - k + m->history) % m->history;
      double back = m->rho[i] * dot (m->y + i * m->n, d, m->n);

      axpy (m->step[i] - back, m->s + i * m->n, d, m->n);
    }
  scale (-1, d, m->n);

  return dot (d, m->gradient, m->n);
}

/* Remember the way from x to trial, unless its curvature is not positive (Nocedal, Wright, equation 6.7). "Positive" is said by the angle
 * between s and y, so that the function may be multiplied with anything. */
static void
remember (NstMinimiser *m,
          const float  *x)
{
  int    next = m->pairs == 0 ? 0 : (m->newest + 1) % m->history;
  float *s = m->s + next * m->n, *y = m->y + next * m->n;
  double sy;

  for (gsize i = 0; i < m->n; i++)
    {
      s[i] = m->trial[i] - x[i];
      y[i] = m->trial_gradient[i] - m->gradient[i];
    }
  sy = dot (s, y, m->n);
  if (!(sy > 1e-10 * sqrt (dot (s, s, m->n) * dot (y, y, m->n))))
    {
      /* The slot may have held the oldest pair. */
      if (m->pairs == m->history)
        m->pairs--;
      return;
    }
  m->rho[next] = 1 / sy;
  m->newest = next;
  m->pairs = MIN (m->pairs + 1, m->history);
}

/* Look along the direction for a point where the function has fallen enough. */
static NstStep
line_search (NstMinimiser *m,
             const float  *x,
             double        slope,
             double        t,
             double       *value,
             NstObjective  objective,
             gpointer      data)
{
  for (int k = 0; k < BACKTRACKS; k++)
    {
      double  next = 0.1 * t;
      NstStep result;

      for (gsize i = 0; i < m->n; i++)
        m->trial[i] = x[i] + (float) t * m->direction[i];
      result = evaluate (m, m->trial, m->trial_gradient, value, objective, data);
      if (result == NST_STEP_STOPPED)
        return result;
      if (result == NST_STEP_GOOD)
        {
          double rise = *value - m->value - slope * t;

          if (*value <= m->value + ARMIJO * t * slope)
            return NST_STEP_GOOD;
          if (rise > 0)
            next = CLAMP (-slope * t * t / (2 * rise), 0.1 * t, 0.5 * t);
        }
      t = next;
    }

  return NST_STEP_CONVERGED;
}

static NstStep
lbfgs_step (NstMinimiser *m,
            float        *x,
            NstObjective  objective,
            gpointer      data)
{
  NstStep result;

  if (!m->known)
    {
      result = evaluate (m, x, m->gradient, &m->value, objective, data);
      if (result != NST_STEP_GOOD)
        return result;
      m->known = TRUE;
    }

  for (;;)
    {
      gboolean steepest = m->pairs == 0;
      double   slope = find_direction (m), value = 0, t = 1;

      /* Without curvature the gradient's length says nothing: go a way of length 1, or of 1 % in every variable. */
      if (steepest && slope < 0)
        t = MAX (1, 0.01 * sqrt (m->n)) / sqrt (-slope);
      result = slope < 0 ? line_search (m, x, slope, t, &value, objective, data) : NST_STEP_CONVERGED;
      if (result == NST_STEP_GOOD)
        {
          remember (m, x);
          memcpy (x, m->trial, m->n * sizeof (float));
          memcpy (m->gradient, m->trial_gradient, m->n * sizeof (float));
          m->value = value;
          return NST_STEP_GOOD;
        }
      if (result == NST_STEP_STOPPED || steepest)
        return result;
      m->pairs = 0;     /* the curvature misled: once more without it */
    }
}

static NstStep
simple_step (NstMinimiser *m,
             float        *x,
             NstObjective  objective,
             gpointer      data)
{
  NstStep result = evaluate (m, x, m->gradient, &m->value, objective, data);
  const float beta1 = m->beta1, beta2 = m->beta2;
  double  correct1, correct2;

  if (result != NST_STEP_GOOD)
    return result;
  if (m->optimizer == NST_OPTIMIZER_GD)
    {
      axpy (-m->learning_rate, m->gradient, x, m->n);
      return NST_STEP_GOOD;
    }

  correct1 = 1 - pow (m->beta1, m->iterations + 1);
  correct2 = 1 - pow (m->beta2, m->iterations + 1);
  for (gsize i = 0; i < m->n; i++)
    {
      float g = m->gradient[i];

      m->s[i] = beta1 * m->s[i] + (1 - beta1) * g;
      m->y[i] = beta2 * m->y[i] + (1 - beta2) * g * g;
      x[i] -= (float) (m->learning_rate / correct1) * m->s[i] / (sqrtf (m->y[i] / (float) correct2) + (float) m->epsilon);
    }

  return NST_STEP_GOOD;
}

NstStep
nst_minimiser_step (NstMinimiser *minimiser,
                    float        *x,
                    NstObjective  objective,
                    gpointer      data)
{
  NstStep result = minimiser->optimizer == NST_OPTIMIZER_LBFGS ? lbfgs_step (minimiser, x, objective, data)
                                                               : simple_step (minimiser, x, objective, data);

  if (result == NST_STEP_GOOD)
    minimiser->iterations++;

  return result;
}
