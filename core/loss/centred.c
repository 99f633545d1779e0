/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The centred Gram distance: squared differences of means and of covariances, each divided by the target's. A
 * Gram matrix is covariance plus m m', so a difference of Gram matrices mostly compares means; this one gives
 * the covariance, which holds strokes and texture, a weight of its own. */
#include "core/loss/gram.h"
#include "core/loss/style-distance.h"

#define LEAST 1e-20 /* by which is divided at least */

/* What the distances are divided by. */
typedef struct
{
  double means, covariances;
} Sizes;

/* Shared scratch memory. */
typedef struct
{
  double *covariance; /* n x n, each */
  double *means;      /* n */
  float  *difference, *slope;
  float  *gram; /* of nst_gram_distance () */
} Scratch;

static gpointer
centred_try_new (const NstMetric *metric G_GNUC_UNUSED)
{
  return g_new0 (Sizes, 1);
}

static gsize
centred_bytes (int channels G_GNUC_UNUSED)
{
  return sizeof (Sizes);
}

static gsize
square_floats (int channels)
{
  const gsize n = channels + 1;

  return (n * n + 15) / 16 * 16;
}

static gsize
centred_scratch (int channels)
{
  return 5 * square_floats (channels) + nst_gram_scratch (channels);
}

static Scratch
scratch_of (int channels, float *floats)
{
  const gsize square = square_floats (channels);

  return (Scratch){
    .covariance = (double *) (void *) floats,
    .means = (double *) (void *) (floats + 2 * square),
    .difference = floats + 3 * square,
    .slope = floats + 4 * square,
    .gram = floats + 5 * square,
  };
}

/* sum (H (S - T) H')^2 of covariances (target NULL: T = 0); its derivative with respect to S goes to slope.
 */
static double
compare_covariances (const NstMetric *metric, const float *moments, const float *target, const Scratch *s)
{
  const gsize n = metric->channels + 1;

  nst_covariance (metric->channels, moments, s->covariance);
  for (gsize i = 0; i < n * n; i++)
    s->difference[i] = s->covariance[i];
  if (target != NULL)
    {
      nst_covariance (metric->channels, target, s->covariance);
      for (gsize i = 0; i < n * n; i++)
        s->difference[i] -= s->covariance[i];
    }

  return nst_gram_distance (metric, s->difference, NULL, s->slope, s->gram);
}

static double
centred_aim (gpointer state, const NstMetric *metric, const float *target, float *scratch)
{
  Sizes        *sizes = state;
  const Scratch s = scratch_of (metric->channels, scratch);

  sizes->means = MAX (nst_means_distance (metric, target, NULL, NULL), LEAST);
  sizes->covariances = MAX (compare_covariances (metric, target, NULL, &s), LEAST);

  return 1;
}

static double
centred_distance (gpointer         state,
                  const NstMetric *metric,
                  const float     *moments,
                  const float     *target,
                  float           *derivative,
                  float           *scratch)
{
  const Sizes  *sizes = state;
  const Scratch s = scratch_of (metric->channels, scratch);
  const gsize   n = metric->channels + 1;
  const double  covariances = compare_covariances (metric, moments, target, &s);
  const double  means = nst_means_distance (metric, moments, target, s.means);

  for (gsize i = 0; i < n * n; i++)
    s.covariance[i] = s.slope[i] / sizes->covariances;
  for (gsize i = 0; i < n; i++)
    s.means[i] /= sizes->means;
  nst_covariance_backward (metric->channels, moments, s.covariance, s.means, derivative);

  return means / sizes->means + covariances / sizes->covariances;
}

const NstStyleDistance nst_style_distance_centred = {
  .try_new = centred_try_new,
  .free = g_free,
  .bytes = centred_bytes,
  .scratch = centred_scratch,
  .aim = centred_aim,
  .distance = centred_distance,
};
