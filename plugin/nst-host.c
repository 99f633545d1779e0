/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-host.h"

NstHostLayer *
nst_host_layer_new (int           drawable,
                    const char   *name,
                    const char   *image_name,
                    const guint8 *bytes,
                    int           width,
                    int           height,
                    int           channels)
{
  NstImage     *thumbnail = bytes ? nst_image_new (width, height, NULL) : NULL;
  NstHostLayer *layer;
  gsize         i;
  int           c;

  if (!thumbnail)
    return NULL;

  for (i = 0; i < (gsize) width * height; i++)
    for (c = 0; c < 3; c++)
      thumbnail->data[3 * i + c] = bytes[channels * i + (channels < 3 ? 0 : c)] / 255.0f;

  layer = g_new0 (NstHostLayer, 1);
  layer->drawable = drawable;
  layer->name = g_strdup_printf ("%s (%s)", name, image_name);
  layer->thumbnail = thumbnail;

  return layer;
}

void
nst_host_layer_free (NstHostLayer *layer)
{
  g_free (layer->name);
  nst_image_free (layer->thumbnail);
  g_free (layer);
}
