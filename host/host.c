/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers to choose a style from, the same for all hosts. */
#include "host/host.h"

NstHostLayer *
nst_host_layer_new (int           drawable,
                    const char   *name,
                    const char   *image_name,
                    const guint8 *bytes,
                    int           width,
                    int           height,
                    int           channels)
{
  const gboolean has_alpha = channels == 2 || channels == 4;
  NstImage      *thumbnail = bytes != NULL ? nst_image_new (width, height, NULL) : NULL;
  NstHostLayer  *layer;
  gsize          i;
  int            c;

  if (thumbnail == NULL)
    return NULL;

  /* Blend with grey by alpha: the hidden colours of transparent pixels must not show. */
  for (i = 0; i < (gsize) width * height; i++)
    {
      const guint8 *pixel = bytes + channels * i;
      const float   alpha = has_alpha ? pixel[channels - 1] / 255.0f : 1.0f;

      for (c = 0; c < 3; c++)
        thumbnail->data[3 * i + c] = alpha * pixel[channels < 3 ? 0 : c] / 255.0f + (1.0f - alpha) * 0.5f;
    }

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
  nst_image_unref (layer->thumbnail);
  g_free (layer);
}
