/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models with random parameters for the benchmarks. */
#include "tests/bench/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

NstModel *
bench_model (const char *kind)
{
  static const struct
  {
    int channels, layers;
  } blocks[] = { { 64, 2 }, { 128, 2 }, { 256, 4 }, { 512, 4 }, { 512, 1 } };
  const gboolean full = strcmp (kind, "full") == 0, embedded = strcmp (kind, "embedded") == 0;
  const int      divide = full ? 1 : 4;
  NstModel      *model = nst_model_new (17);
  int            n = 0, channels = 3;

  if (!full && !embedded && strcmp (kind, "slim") != 0)
    g_error ("%s: expected full, slim or embedded", kind);

  srand48 (1);
  model->pooling = NST_POOLING_AVERAGE;
  for (int b = 0; b < 5; b++)
    {
      for (int i = 0; i < blocks[b].layers; i++, n++)
        {
          NstLayer *layer = &model->layers[n];
          gsize     weights;

          layer->name = g_strdup_printf ("conv%d_%d", b + 1, i + 1);
          layer->in_channels = channels;
          layer->out_channels = channels = blocks[b].channels / divide;
          if (embedded)
            {
              layer->padding = NST_PADDING_REPLICATE;
              layer->head_channels = blocks[b].channels;
            }
          if (!nst_layer_try_alloc (layer))
            g_error ("no memory");
          weights = (gsize) channels * layer->in_channels * 9;
          for (gsize k = 0; k < weights; k++)
            layer->weight[k] = (drand48 () + drand48 () + drand48 () - 1.5) * 2
                               * sqrt (2 / (9.0 * layer->in_channels));
          for (int k = 0; k < channels; k++)
            layer->bias[k] = 0.1 * (drand48 () - 0.5);
          bench_fill (layer->head_weight, (gsize) layer->head_channels * channels);
          bench_fill (layer->head_bias, layer->head_channels);
        }
      if (b < 4)
        {
          model->layers[n].name = g_strdup_printf ("pool%d", b + 1);
          model->layers[n].kind = NST_LAYER_POOL;
          model->layers[n].in_channels = model->layers[n].out_channels = channels;
          n++;
        }
    }

  return model;
}

void
bench_fill (float *floats, gsize n)
{
  for (gsize i = 0; i < n; i++)
    floats[i] = drand48 ();
}
