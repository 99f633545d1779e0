/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Masks of GIMP 3: selection, channels, layer masks, alpha, files. */
#include "plugin/gimp3/host-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "host/settings.h"
#include "plugin/buffer.h"

/* The rectangle at x, y of a drawable. */
static NstMask *
read_part (GimpDrawable *drawable, int x, int y, int width, int height, gboolean alpha, GError **error)
{
  g_autoptr (GeglBuffer) buffer = NULL;

  gegl_init (NULL, NULL);
  buffer = gimp_drawable_get_buffer (drawable);

  return nst_buffer_read_mask (buffer, x, y, width, height, alpha, error);
}

static NstMask *
read_all (GimpDrawable *drawable, gboolean alpha, GError **error)
{
  return read_part (drawable, 0, 0, gimp_drawable_get_width (drawable), gimp_drawable_get_height (drawable),
                    alpha, error);
}

static NstMask *
read_file (const char *file, GError **error)
{
  GimpLayer *layer = nst_host_gimp3_open (file, error);
  NstMask   *mask;

  if (layer == NULL)
    return NULL;

  mask = read_all (GIMP_DRAWABLE (layer), FALSE, error);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));

  return mask;
}

/* Selection or channel of the layer's image, where the layer is. */
static NstMask *
read_channel (GimpDrawable *layer, GimpDrawable *channel, GError **error)
{
  int x, y;

  gimp_drawable_get_offsets (layer, &x, &y);

  return read_part (channel, x, y, gimp_drawable_get_width (layer), gimp_drawable_get_height (layer), FALSE,
                    error);
}

static void
no_mask (const char *layer, const char *problem, GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "%s: %s", layer, problem);
}

/* What belongs to the layer; name is not a file. */
static NstMask *
read_named (NstHost *host, GimpLayer *layer, const char *name, gboolean painted, GError **error)
{
  GimpDrawable    *drawable = GIMP_DRAWABLE (layer);
  GimpImage       *image = gimp_item_get_image (GIMP_ITEM (layer));
  g_autofree char *layer_name = gimp_item_get_name (GIMP_ITEM (layer));
  GimpLayerMask   *mask;
  GimpChannel     *channel;

  if (strcmp (name, NST_MASK_SELECTION) == 0)
    {
      if (gimp_selection_is_empty (image))
        {
          no_mask (layer_name, _ ("nothing is selected in its image; select a part, or choose another mask"),
                   error);
          return NULL;
        }
      host->everywhere |= painted;
      return read_channel (drawable, GIMP_DRAWABLE (gimp_image_get_selection (image)), error);
    }
  if (strcmp (name, NST_MASK_LAYER_MASK) == 0)
    {
      mask = gimp_layer_get_mask (layer);
      if (mask == NULL)
        no_mask (layer_name, _ ("it has no layer mask"), error);
      return mask != NULL ? read_all (GIMP_DRAWABLE (mask), FALSE, error) : NULL;
    }
  if (strcmp (name, NST_MASK_ALPHA) == 0)
    {
      if (!gimp_drawable_has_alpha (drawable))
        no_mask (layer_name, _ ("it has no alpha channel"), error);
      return gimp_drawable_has_alpha (drawable) ? read_all (drawable, TRUE, error) : NULL;
    }

  channel = gimp_image_get_channel_by_name (image, name + strlen (NST_MASK_CHANNEL));
  if (channel == NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("The image has no channel \"%s\""),
                 name + strlen (NST_MASK_CHANNEL));

  return channel != NULL ? read_channel (drawable, GIMP_DRAWABLE (channel), error) : NULL;
}

NstMask *
nst_host_read_mask (NstHost *host, int drawable, const char *name, GError **error)
{
  GimpItem *item;

  if (nst_mask_is_file (name))
    return read_file (name, error);

  item = nst_host_gimp3_get_item (drawable == -1 ? host->works[host->current].drawable : drawable);
  if (!GIMP_IS_LAYER (item))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("The layer of the mask \"%s\" was deleted"),
                   name);
      return NULL;
    }

  return read_named (host, GIMP_LAYER (item), name, drawable == -1, error);
}
