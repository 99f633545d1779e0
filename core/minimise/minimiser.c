/* SPDX-License-Identifier: GPL-3.0-or-later */
/* L-BFGS, Adam and gradient descent, one iteration a call (sources in minimiser.h). */
#include "core/minimise/minimiser-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "core/base/blas.h"
#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/spill.h"
#include "core/base/tensor.h"

#define ARMIJO 1e-4
#define BACKTRACKS 12
#define WINDOW 256 /* blocks whose vectors are in memory at a time, where they lie in files */
#define BLOCK 4096 /* of a vector, in one task */

/* Vectors that an iteration works with, and those that are kept from one to the next. */
static int
work_vectors (NstOptimizer optimizer)
{
  return optimizer == NST_OPTIMIZER_LBFGS ? 4 : 1;
}

static int
kept_vectors (NstOptimizer optimizer, int history)
{
  switch (optimizer)
    {
    case NST_OPTIMIZER_LBFGS:
      return 2 * history;
    case NST_OPTIMIZER_ADAM:
      return 2;
    default:
      return 0;
    }
}

gsize
nst_minimiser_floats (NstOptimizer optimizer, gsize n, int history, NstSpill spill, gsize *in_files)
{
  const int work = work_vectors (optimizer), kept = kept_vectors (optimizer, history);

  *in_files = n * (spill == NST_SPILL_NOTHING ? 0 : spill == NST_SPILL_PAIRS ? kept : work + kept);
  if (spill == NST_SPILL_NOTHING)
    return n * (work + kept);

  /* At least the gradient and the point where it is found, and a window of each operand of a pass. */
  return n * (spill == NST_SPILL_PAIRS ? work : MIN (work, 2)) + 4 * WINDOW * BLOCK;
}

static float *
allocate (gsize n, gboolean in_file, GError **error)
{
  float *floats;

  if (in_file)
    return nst_spill_try_new (n, error);
  floats = nst_floats_try_new (n);
  if (floats == NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                 _ ("There is not enough memory for the optimiser: %.2f GB are needed"),
                 n * 1e-9 * sizeof (float));

  return floats;
}

static void
release (float *floats, gsize n, gboolean in_file)
{
  if (in_file)
    nst_spill_free (floats, n);
  else
    nst_floats_free (floats);
}

/* Give the memory of a vector's floats back, where the vector lies in a file. */
static void
let_go (const NstMinimiser *m, const float *v, gsize first, gsize n)
{
  const float *const work = m->work, *const work_end = work + m->n * work_vectors (m->optimizer);
  const float *const kept = m->kept, *const kept_end = kept + m->n * kept_vectors (m->optimizer, m->history);

  if ((m->spill == NST_SPILL_ALL && v >= work && v < work_end)
      || (m->spill != NST_SPILL_NOTHING && v >= kept && v < kept_end))
    nst_spill_release (v, first, n);
}

NstMinimiser *
nst_minimiser_new (
    NstOptimizer optimizer, gsize n, int history, double learning_rate, NstSpill spill, GError **error)
{
  NstMinimiser *m = g_new0 (NstMinimiser, 1);
  const int     kept = kept_vectors (optimizer, history);

  m->optimizer = optimizer;
  m->n = n;
  m->history = history;
  m->learning_rate = learning_rate;
  m->spill = spill;
  nst_minimiser_set_adam (m, 0.9, 0.999, 1e-8);
  m->work = allocate (n * work_vectors (optimizer), spill == NST_SPILL_ALL, error);
  m->kept = m->work != NULL ? allocate (n * kept, spill != NST_SPILL_NOTHING, error) : NULL;
  if (m->kept == NULL)
    {
      nst_minimiser_free (m);
      return NULL;
    }

  m->sums = g_new (double, n / BLOCK + 1);
  m->gradient = m->work;
  m->s = m->kept;
  m->y = m->kept + n * (kept / 2);
  if (optimizer == NST_OPTIMIZER_LBFGS)
    {
      m->trial = m->work + n;
      m->trial_gradient = m->work + 2 * n;
      m->direction = m->work + 3 * n;
      m->rho = g_new0 (double, history);
      m->step = g_new0 (double, history);
    }
  nst_minimiser_reset (m);

  return m;
}

void
nst_minimiser_set_adam (NstMinimiser *minimiser, double beta1, double beta2, double epsilon)
{
  minimiser->beta1 = beta1;
  minimiser->beta2 = beta2;
  minimiser->epsilon = epsilon;
}

void
nst_minimiser_set_preconditioner (NstMinimiser *minimiser, NstPreconditioner map, gpointer data)
{
  minimiser->map = map;
  minimiser->map_data = data;
}

void
nst_minimiser_free (NstMinimiser *minimiser)
{
  if (minimiser == NULL)
    return;

  release (minimiser->work, minimiser->n * work_vectors (minimiser->optimizer),
           minimiser->spill == NST_SPILL_ALL);
  release (minimiser->kept, minimiser->n * kept_vectors (minimiser->optimizer, minimiser->history),
           minimiser->spill != NST_SPILL_NOTHING);
  g_free (minimiser->rho);
  g_free (minimiser->step);
  g_free (minimiser->sums);
  g_free (minimiser);
}

void
nst_minimiser_reset (NstMinimiser *m)
{
  m->known = FALSE;
  m->pairs = 0;
  m->iterations = 0;
  if (m->optimizer == NST_OPTIMIZER_ADAM)
    for (gsize first = 0; first < 2 * m->n; first += WINDOW * BLOCK)
      {
        const gsize n = MIN (WINDOW * BLOCK, 2 * m->n - first);

        memset (m->s + first, 0, n * sizeof (float));
        let_go (m, m->s, first, n);
      }
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

/* Call task for every block of a vector. Where vectors lie in files, the operands of one window of blocks at
 * a time are in memory. */
static void
for_blocks (NstMinimiser *m, NstTask task, gpointer data, int *offset, const float *const *operands, int n)
{
  const int blocks = (m->n + BLOCK - 1) / BLOCK, window = m->spill != NST_SPILL_NOTHING ? WINDOW : blocks;

  for (*offset = 0; *offset < blocks; *offset += window)
    {
      const gsize first = (gsize) *offset * BLOCK, floats = MIN ((gsize) window * BLOCK, m->n - first);

      nst_parallel (MIN (window, blocks - *offset), task, data);
      for (int i = 0; i < n; i++)
        if (operands[i] != NULL)
          let_go (m, operands[i], first, floats);
    }
}

/* y += a x and the dot product p'q in one pass; NULL leaves either out. Each block is summed in float, the
 * blocks in double and in order, so the result does not depend on scheduling. A block whose sum overflows
 * float although its values are finite is summed again in double. */

typedef struct
{
  double       a;
  const float *x;
  float       *y;
  const float *p, *q;
  gsize        n;
  double      *sums;   /* one for each block */
  int          offset; /* block of task 0 */
} Pass;

static void
pass_block (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Pass  *pass = data;
  const int    block = pass->offset + task;
  const gsize  first = (gsize) block * BLOCK, n = MIN (BLOCK, pass->n - first);
  const float *p = pass->p + first, *q = pass->q + first;
  double       sum;

  if (pass->x != NULL)
    cblas_saxpy (n, pass->a, pass->x + first, 1, pass->y + first, 1);
  if (pass->p == NULL)
    return;

  sum = cblas_sdot (n, p, 1, q, 1);
  if (!isfinite (sum))
    {
      sum = 0;
      for (gsize i = 0; i < n; i++)
        sum += (double) p[i] * q[i];
    }
  pass->sums[block] = sum;
}

static double
axpy_dot (NstMinimiser *m, double a, const float *x, float *y, const float *p, const float *q)
{
  const int          blocks = (m->n + BLOCK - 1) / BLOCK;
  const float *const operands[] = { x, y, p, q };
  Pass               pass = { a, x, y, p, q, m->n, m->sums, 0 };
  double             sum = 0;

  for_blocks (m, pass_block, &pass, &pass.offset, operands, G_N_ELEMENTS (operands));
  for (int b = 0; p != NULL && b < blocks; b++)
    sum += m->sums[b];

  return sum;
}

static double
dot (NstMinimiser *m, const float *a, const float *b)
{
  return axpy_dot (m, 0, NULL, NULL, a, b);
}

static void
axpy (NstMinimiser *m, double a, const float *x, float *y)
{
  axpy_dot (m, a, x, y, NULL, NULL);
}

/* to = a x + b y, y may be NULL. */
typedef struct
{
  double       a, b;
  const float *x, *y;
  float       *to;
  gsize        n;
  int          offset;
} Sum;

static void
sum_block (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Sum  *s = data;
  const gsize first = ((gsize) s->offset + task) * BLOCK, end = MIN (first + BLOCK, s->n);
  const float a = s->a, b = s->b;

  for (gsize i = first; i < end; i++)
    s->to[i] = s->y != NULL ? a * s->x[i] + b * s->y[i] : a * s->x[i];
}

static void
add (NstMinimiser *m, double a, const float *x, double b, const float *y, float *to)
{
  const float *const operands[] = { x, y, to };
  Sum                sum = { a, b, x, y, to, m->n, 0 };

  for_blocks (m, sum_block, &sum, &sum.offset, operands, G_N_ELEMENTS (operands));
}

static NstStep
evaluate (NstMinimiser *m,
          const float  *x,
          float        *gradient,
          double       *value,
          NstFunction   function,
          gpointer      data,
          GError      **error)
{
  m->evaluations++;
  if (!function (x, gradient, value, data, error))
    return NST_STEP_STOPPED;

  return isfinite (*value) && isfinite (dot (m, gradient, gradient)) ? NST_STEP_GOOD : NST_STEP_NONFINITE;
}

/* What a map makes of the newest y. It overwrites trial, which nobody needs between two line searches. */
static const float *
mapped_newest (NstMinimiser *m)
{
  const float *y = m->y + m->newest * m->n;

  if (m->map == NULL)
    return y;
  memcpy (m->trial, y, m->n * sizeof (float));
  m->map (m->trial, m->map_data);

  return m->trial;
}

/* direction = -H gradient by the two-loop recursion (Nocedal, Wright, algorithm 7.4); returns
 * direction'gradient. Each pass over the direction also computes the next dot product. */
static double
find_direction (NstMinimiser *m)
{
  float *d = m->direction;
  double product = 0, length;

  add (m, 1, m->gradient, 0, NULL, d);
  if (m->pairs > 0)
    product = dot (m, m->s + m->newest * m->n, d);
  for (int k = 0; k < m->pairs; k++)
    {
      int i = (m->newest - k + m->history) % m->history, next = (i - 1 + m->history) % m->history;

      m->step[i] = m->rho[i] * product;
      product = axpy_dot (m, -m->step[i], m->y + i * m->n, d, k + 1 < m->pairs ? m->s + next * m->n : NULL,
                          d);
    }

  length = m->pairs > 0 ? 1 / (m->rho[m->newest] * dot (m, m->y + m->newest * m->n, mapped_newest (m))) : 1;
  if (m->map != NULL)
    m->map (d, m->map_data);
  add (m, -length, d, 0, NULL, d);
  if (m->pairs > 0)
    product = dot (m, m->y + (m->newest - m->pairs + 1 + m->history) % m->history * m->n, d);
  for (int k = m->pairs - 1; k >= 0; k--)
    {
      int i = (m->newest - k + m->history) % m->history, next = (i + 1) % m->history;

      product = axpy_dot (m, -(m->step[i] + m->rho[i] * product), m->s + i * m->n, d,
                          k > 0 ? m->y + next * m->n : m->gradient, d);
    }

  return m->pairs > 0 ? product : dot (m, d, m->gradient);
}

/* Add the pair s = trial - x, y = difference of gradients to the history, unless its curvature is not
 * positive (Nocedal, Wright, equation 6.7). The test uses the angle between s and y, so that scaling the
 * function changes nothing. */
static void
remember (NstMinimiser *m, const float *x)
{
  int    next = m->pairs == 0 ? 0 : (m->newest + 1) % m->history;
  float *s = m->s + next * m->n, *y = m->y + next * m->n;
  double sy;

  add (m, 1, m->trial, -1, x, s);
  add (m, 1, m->trial_gradient, -1, m->gradient, y);
  sy = dot (m, s, y);
  if (!(sy > 1e-10 * sqrt (dot (m, s, s) * dot (m, y, y))))
    {
      /* The slot held the oldest pair, which is overwritten. */
      if (m->pairs == m->history)
        m->pairs--;
      return;
    }
  m->rho[next] = 1 / sy;
  m->newest = next;
  m->pairs = MIN (m->pairs + 1, m->history);
}

/* Backtrack along the direction until the function has decreased enough (Armijo, equation 3.4). */
static NstStep
line_search (NstMinimiser *m,
             const float  *x,
             double        slope,
             double        t,
             double       *value,
             NstFunction   function,
             gpointer      data,
             GError      **error)
{
  for (int k = 0; k < BACKTRACKS; k++)
    {
      double  next = 0.1 * t;
      NstStep result;

      add (m, 1, x, t, m->direction, m->trial);
      result = evaluate (m, m->trial, m->trial_gradient, value, function, data, error);
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
lbfgs_step (NstMinimiser *m, float *x, NstFunction function, gpointer data, GError **error)
{
  NstStep result;

  if (!m->known)
    {
      result = evaluate (m, x, m->gradient, &m->value, function, data, error);
      if (result != NST_STEP_GOOD)
        return result;
      m->known = TRUE;
    }

  for (;;)
    {
      gboolean steepest = m->pairs == 0;
      double   slope = find_direction (m), value = 0, t = 1;

      /* Without curvature the length of the direction means nothing: the first step has length 1, or 1 % in
       * every variable. */
      if (steepest && slope < 0)
        t = MAX (1, 0.01 * sqrt (m->n))
            / (m->map != NULL ? sqrt (dot (m, m->direction, m->direction)) : sqrt (-slope));
      result = slope < 0 ? line_search (m, x, slope, t, &value, function, data, error) : NST_STEP_CONVERGED;
      if (result == NST_STEP_GOOD)
        {
          remember (m, x);
          add (m, 1, m->trial, 0, NULL, x);
          add (m, 1, m->trial_gradient, 0, NULL, m->gradient);
          m->value = value;
          return NST_STEP_GOOD;
        }
      if (result == NST_STEP_STOPPED || steepest)
        return result;
      m->pairs = 0; /* the history was misleading: try steepest descent */
    }
}

typedef struct
{
  NstMinimiser *m;
  float        *x;
  int           offset;
  float         rate, correct; /* learning rate / (1 - beta1^t), and 1 / (1 - beta2^t) */
} Adam;

static void
adam_block (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Adam   *adam = data;
  NstMinimiser *m = adam->m;
  const gsize   first = ((gsize) adam->offset + task) * BLOCK, n = MIN (BLOCK, m->n - first);
  const float   beta1 = m->beta1, beta2 = m->beta2, epsilon = m->epsilon, rate = adam->rate,
              correct = adam->correct;
  const float *gradient = m->gradient + first;
  float       *x = adam->x + first, *s = m->s + first, *y = m->y + first;

  for (gsize i = 0; i < n; i++)
    {
      float g = gradient[i];

      s[i] = beta1 * s[i] + (1 - beta1) * g;
      y[i] = beta2 * y[i] + (1 - beta2) * g * g;
      x[i] -= rate * s[i] / (sqrtf (y[i] * correct) + epsilon);
    }
}

static NstStep
simple_step (NstMinimiser *m, float *x, NstFunction function, gpointer data, GError **error)
{
  const float *const operands[] = { m->gradient, m->s, m->y };
  NstStep            result = evaluate (m, x, m->gradient, &m->value, function, data, error);
  Adam               adam;

  if (result != NST_STEP_GOOD)
    return result;
  if (m->map != NULL)
    m->map (m->gradient, m->map_data);
  if (m->optimizer == NST_OPTIMIZER_GD)
    {
      axpy (m, -m->learning_rate, m->gradient, x);
      return NST_STEP_GOOD;
    }

  adam = (Adam){ m, x, 0, m->learning_rate / (1 - pow (m->beta1, m->iterations + 1)),
                 1 / (1 - pow (m->beta2, m->iterations + 1)) };
  for_blocks (m, adam_block, &adam, &adam.offset, operands, G_N_ELEMENTS (operands));

  return NST_STEP_GOOD;
}

NstStep
nst_minimiser_step (NstMinimiser *minimiser, float *x, NstFunction function, gpointer data, GError **error)
{
  const gboolean known = minimiser->known;
  const int      pairs = minimiser->pairs, evaluations = minimiser->evaluations;
  const NstStep  result = minimiser->optimizer == NST_OPTIMIZER_LBFGS
                              ? lbfgs_step (minimiser, x, function, data, error)
                              : simple_step (minimiser, x, function, data, error);

  if (result == NST_STEP_GOOD)
    minimiser->iterations++;
  if (result == NST_STEP_STOPPED)
    {
      /* Only a good step writes to the pairs. */
      minimiser->known = known;
      minimiser->pairs = pairs;
      minimiser->evaluations = evaluations;
    }

  return result;
}
