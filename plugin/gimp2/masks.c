/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Masks of GIMP 2.10: selection, channels, layer masks, alpha, files. */
#include "plugin/gimp2/host-private.h"

#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>
#include <string.h>

#include "core/base/error.h"
#include "host/settings.h"
#include "plugin/buffer.h"

/* The rectangle at x, y of a drawable. */
static NstMask *
read_part (gint32 drawable, int x, int y, int width, int height, gboolean alpha, GError **error)
{
  g_autoptr (GeglBuffer) buffer = NULL;

  gegl_init (NULL, NULL);
  buffer = gimp_drawable_get_buffer (drawable);

  return nst_buffer_read_mask (buffer, x, y, width, height, alpha, error);
}

static NstMask *
read_all (gint32 drawable, gboolean alpha, GError **error)
{
  return read_part (drawable, 0, 0, gimp_drawable_width (drawable), gimp_drawable_height (drawable), alpha,
                    error);
}

static NstMask *
read_file (const char *file, GError **error)
{
  const gint32 layer = nst_host_gimp2_open (file, error);
  NstMask     *mask;

  if (layer == -1)
    return NULL;

  mask = read_all (layer, FALSE, error);
  gimp_image_delete (gimp_item_get_image (layer));

  return mask;
}

/* Selection or channel of the layer's image, where the layer is. */
static NstMask *
read_channel (gint32 layer, gint32 channel, GError **error)
{
  int x, y;

  gimp_drawable_offsets (layer, &x, &y);

  return read_part (channel, x, y, gimp_drawable_width (layer), gimp_drawable_height (layer), FALSE, error);
}

static void
no_mask (const char *layer, const char *problem, GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "%s: %s", layer, problem);
}

NstMask *
nst_host_read_mask (NstHost *host, int drawable, const char *name, GError **error)
{
  const gint32     layer = drawable == -1 ? host->drawable : drawable;
  g_autofree char *layer_name = NULL;
  gint32           image, mask = -1;

  if (nst_mask_is_file (name))
    return read_file (name, error);

  if (!gimp_item_is_valid (layer) || !gimp_item_is_layer (layer))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("The layer of the mask \"%s\" was deleted"),
                   name);
      return NULL;
    }
  layer_name = gimp_item_get_name (layer);
  image = gimp_item_get_image (layer);
  if (strcmp (name, NST_MASK_SELECTION) == 0)
    {
      if (gimp_selection_is_empty (image))
        {
          no_mask (layer_name, _ ("nothing is selected in its image; select a part, or choose another mask"),
                   error);
          return NULL;
        }
      host->everywhere |= drawable == -1;
      return read_channel (layer, gimp_image_get_selection (image), error);
    }
  if (strcmp (name, NST_MASK_LAYER_MASK) == 0)
    {
      mask = gimp_layer_get_mask (layer);
      if (mask == -1)
        no_mask (layer_name, _ ("it has no layer mask"), error);
      return mask != -1 ? read_all (mask, FALSE, error) : NULL;
    }
  if (strcmp (name, NST_MASK_ALPHA) == 0)
    {
      if (!gimp_drawable_has_alpha (layer))
        no_mask (layer_name, _ ("it has no alpha channel"), error);
      return gimp_drawable_has_alpha (layer) ? read_all (layer, TRUE, error) : NULL;
    }

  mask = gimp_image_get_channel_by_name (image, name + strlen (NST_MASK_CHANNEL));
  if (mask == -1)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("The image has no channel \"%s\""),
                 name + strlen (NST_MASK_CHANNEL));

  return mask != -1 ? read_channel (layer, mask, error) : NULL;
}
