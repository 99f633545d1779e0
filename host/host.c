/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers to choose a style from, and settings of layers, the same for all hosts. */
#include "host/host.h"

#include <string.h>

#include "core/base/text.h"

/* Both names may come with a stranger's file. */
static char *
make_name (const char *name, const char *image_name)
{
  g_autofree char *cut = nst_text_cut (name, NST_TEXT_QUOTED / 2);
  g_autofree char *image_cut = nst_text_cut (image_name, NST_TEXT_QUOTED / 2);

  nst_text_flatten (cut);
  nst_text_flatten (image_cut);
  return g_strdup_printf ("%s (%s)", cut, image_cut);
}

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
  layer->name = make_name (name, image_name);
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

char *
nst_host_settings_new (gconstpointer data, gsize size)
{
  if (size > NST_HOST_SETTINGS_LONGEST || (size > 0 && memchr (data, '\0', size - 1) != NULL))
    return NULL;

  return g_strndup (data, size);
}
