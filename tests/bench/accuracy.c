/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes features and image gradient of every convolution method. accuracy.py compares them with double
 * precision.
 *
 *   accuracy full|slim WIDTH HEIGHT FOLDER
 *
 * Writes raw floats to these files in FOLDER:
 *
 *   weights           weights, then bias, of each convolution in order
 *   image             height x width x 3
 *   METHOD-features   features of conv5_1, height x width x channels; one file for each method
 *   METHOD-gradient   gradient with respect to the image. The loss is the sum of six mean squares: of the
 *                     features of the five style layers and of conv4_2. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/process.h"
#include "core/network/network.h"
#include "tests/bench/support.h"

static const int taps[] = { 0, 3, 6, 11, 12, 16 };

static void
write_floats (const char *folder, const char *method, const char *what, const float *floats, gsize n)
{
  g_autofree char   *name = g_strconcat (method, *method != '\0' ? "-" : "", what, NULL);
  g_autofree char   *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (path, (const char *) floats, n * sizeof (float), &error))
    g_error ("%s", error->message);
}

static void
write_weights (const NstModel *model, const char *folder)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (float));

  for (int i = 0; i < model->n_layers; i++)
    if (model->layers[i].kind == NST_LAYER_CONV)
      {
        const NstLayer *layer = &model->layers[i];

        g_array_append_vals (all, layer->weight, layer->in_channels * layer->out_channels * 9);
        g_array_append_vals (all, layer->bias, layer->out_channels);
      }
  write_floats (folder, "", "weights", (const float *) all->data, all->len);
}

/* Forward and backward pass. The loss is the sum, over all taps, of the mean square of the features. Writes
 * the features of the last layer. */
static void
run_network (NstNetwork  *network,
             int          last,
             const float *image,
             int          width,
             const char  *folder,
             const char  *name,
             float       *gradient)
{
  NstNetworkTap tap;

  nst_network_begin (network, image, width);
  while (nst_network_forward (network, &tap, NULL, NULL) && tap.features != NULL)
    if (tap.layer == last)
      write_floats (folder, name, "features", tap.features->data, nst_tensor_length (tap.features));
  while (nst_network_backward (network, &tap, gradient, NULL, NULL) && tap.features != NULL)
    {
      const gsize       n = nst_tensor_length (tap.features);
      g_autofree float *slope = g_new (float, n);

      for (gsize i = 0; i < n; i++)
        slope[i] = tap.features->data[i] * (2.0f / n);
      nst_network_put_gradient (network, &tap, 0, nst_tensor_positions (tap.features), slope);
    }
}

int
main (int argc, char **argv)
{
  static const NstConvMethod methods[] = { NST_CONV_AUTO, NST_CONV_IM2COL, NST_CONV_WINOGRAD4,
                                           NST_CONV_WINOGRAD6, NST_CONV_FAST };
  g_autoptr (NstModel)       model = NULL;
  g_autofree float          *image = NULL, *gradient = NULL;
  NstLayerSet                kept = 0;
  int                        width, height;
  gsize                      n;

  nst_process_init (0);
  if (argc != 5)
    {
      fprintf (stderr, "usage: %s full|slim WIDTH HEIGHT FOLDER\n", argv[0]);
      return 2;
    }
  model = bench_model (argv[1]);
  width = atoi (argv[2]);
  height = atoi (argv[3]);
  n = (gsize) width * height * 3;
  image = g_new (float, n);
  gradient = g_new (float, n);
  bench_fill (image, n);
  write_weights (model, argv[4]);
  write_floats (argv[4], "", "image", image, n);

  for (guint t = 0; t < G_N_ELEMENTS (taps); t++)
    kept |= NST_LAYER (taps[t]);
  for (guint m = 0; m < G_N_ELEMENTS (methods); m++)
    {
      const char            *name = nst_conv_method_name (methods[m]);
      g_autoptr (GError)     error = NULL;
      g_autoptr (NstNetwork) network = nst_network_new (model, model->pooling, model->n_layers, kept,
                                                        methods[m], &error);

      if (network == NULL || !nst_network_resize (network, width, height, &error))
        g_error ("%s", error->message);
      memset (gradient, 0, n * sizeof (float));
      run_network (network, model->n_layers - 1, image, width, argv[4], name, gradient);
      write_floats (argv[4], name, "gradient", gradient, n);
    }

  return 0;
}
