/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metric of a head: the energy against a double-precision loop. */
#include <math.h>

#include "core/base/process.h"
#include "core/loss/metric.h"
#include "core/loss/moments.h"
#include "tests/support/support.h"

/* The energy is the sum of squares of the projected features. */
static void
test_energy (gconstpointer data)
{
  const TestFeatures *c = data;
  NstLayer            layer = test_random_layer (c);
  const int           side = c->channels + 1, positions = c->height * c->width;
  const int           N = c->head > 0 ? c->head : c->channels;
  NstTensor           f = { c->height, c->width, c->channels, test_floats ((gsize) positions * c->channels) };
  NstPart             part = nst_part_whole (&f);
  float              *q = test_floats ((gsize) side * side);
  float              *scratch = test_floats (nst_moments_scratch (c->channels));
  NstMetric          *metric = nst_metric_try_new (&layer);
  g_autofree double  *projected = test_project (c, &layer, f.data);
  double              energy = 0;

  for (int i = 0; i < positions * N; i++)
    energy += projected[i] * projected[i];
  nst_moments (&part, q, scratch);
  g_assert_cmpfloat_with_epsilon (nst_metric_energy (metric, q, positions), energy, 2e-5 * energy);

  nst_floats_free (f.data);
  nst_floats_free (q);
  nst_floats_free (scratch);
  nst_metric_free (metric);
  test_layer_clear (&layer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  test_add_features ("/core/metric/energy", 1, test_energy);

  return g_test_run ();
}
