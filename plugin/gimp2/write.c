/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the result into GIMP 2.10: a new layer, the layer itself, or a new image, as one undo step. */
#include "plugin/gimp2/host-private.h"

#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>
#include <string.h>

#include "core/base/error.h"
#include "plugin/buffer.h"

static void
attach_settings (gint32 layer, const char *text)
{
  GimpParasite *parasite = gimp_parasite_new (NST_PARASITE, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                                              strlen (text) + 1, text);

  gimp_item_attach_parasite (layer, parasite);
  gimp_parasite_free (parasite);
}

/* Adds a transparent layer right above the source, with its size, offset and precision. It has an alpha
 * channel if the source has one or if there is a selection. Returns its id; -1: GIMP refused it. */
static gint32
add_layer (NstHost *host, const char *text)
{
  g_autofree char *source_name = gimp_item_get_name (host->drawable);
  g_autofree char *name = g_strdup_printf (_ ("Pastiche of %s"), source_name);
  gint32           parent = gimp_item_get_parent (host->drawable);
  GimpImageType    type = gimp_drawable_type (host->drawable);
  gint32           layer;
  int              x, y;

  if (!gimp_selection_is_empty (host->image))
    type = gimp_drawable_type_with_alpha (host->drawable);

  layer = gimp_layer_new (host->image, name, gimp_drawable_width (host->drawable),
                          gimp_drawable_height (host->drawable), type, 100.0, GIMP_LAYER_MODE_NORMAL);
  if (layer == -1)
    return -1;

  gimp_drawable_offsets (host->drawable, &x, &y);
  gimp_layer_set_offsets (layer, x, y);
  gimp_drawable_fill (layer, GIMP_FILL_TRANSPARENT);
  if (!gimp_image_insert_layer (host->image, layer, parent,
                                gimp_image_get_item_position (host->image, host->drawable)))
    {
      gimp_item_delete (layer);
      return -1;
    }

  attach_settings (layer, text);

  return layer;
}

/* Copies resolution and colour profile of the source's image. */
static void
copy_properties (NstHost *host, gint32 image)
{
  GimpColorProfile *profile = gimp_image_get_color_profile (host->image);
  double            x, y;

  if (profile != NULL)
    {
      gimp_image_set_color_profile (image, profile);
      g_object_unref (profile);
    }
  if (gimp_image_get_resolution (host->image, &x, &y))
    gimp_image_set_resolution (image, x, y);
}

/* Makes a new image with one layer of the picture's size. Returns the layer's id; -1: GIMP refused it. */
static gint32
add_image (NstHost *host, const NstImage *picture, const char *text)
{
  const gboolean   there = nst_host_gimp2_is_there (host);
  g_autofree char *name = there ? gimp_item_get_name (host->drawable) : g_strdup (_ ("Pastiche"));
  gboolean         grey;
  gint32           image, layer;

  nst_host_gimp2_note_format (host);
  grey = host->type == GIMP_GRAY_IMAGE || host->type == GIMP_GRAYA_IMAGE;
  image = gimp_image_new_with_precision (picture->width, picture->height, grey ? GIMP_GRAY : GIMP_RGB,
                                         host->precision);
  if (image == -1)
    return -1;

  gimp_image_undo_disable (image);
  if (there)
    copy_properties (host, image);
  layer = gimp_layer_new (image, name, picture->width, picture->height, host->type, 100.0,
                          GIMP_LAYER_MODE_NORMAL);
  if (layer == -1 || !gimp_image_insert_layer (image, layer, 0, 0))
    {
      gimp_image_delete (image);
      return -1;
    }
  gimp_drawable_fill (layer, GIMP_FILL_TRANSPARENT);
  attach_settings (layer, text);

  return layer;
}

/* Writes picture to the layer through its shadow buffer: merging that makes GIMP apply the selection and
 * record the undo step. The alpha is that of the layer source; -1: opaque. */
static gboolean
paint_layer (gint32 source, gint32 layer, const NstImage *picture)
{
  GeglBuffer *from = source != -1 ? gimp_drawable_get_buffer (source) : NULL;
  GeglBuffer *shadow = gimp_drawable_get_shadow_buffer (layer);
  NstColour  *colour = nst_host_gimp2_get_colour (layer, shadow);
  gboolean    painted;

  painted = nst_buffer_paint (from, picture, shadow, colour);
  nst_colour_free (colour);
  g_object_unref (shadow); /* sends the tiles to GIMP */
  g_clear_object (&from);

  return painted && gimp_drawable_merge_shadow (layer, TRUE)
         && gimp_drawable_update (layer, 0, 0, picture->width, picture->height);
}

/* Shows a new image that holds the result, or deletes it. */
static void
show_or_drop (NstHost *host, gint32 image, gboolean done)
{
  gimp_image_undo_enable (image);
  if (!done)
    gimp_image_delete (image);
  else if (host->show)
    gimp_display_new (image);
}

/* Whether the layer is there and has the picture's size: the user may have changed the image since it was
 * read. */
static gboolean
check_layer (NstHost *host, const NstImage *picture, GError **error)
{
  int width, height;

  if (!nst_host_gimp2_is_there (host))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer was deleted, or its image was closed, while it was being painted: choose a "
                      "new image as output to keep the picture"));
      return FALSE;
    }

  nst_host_get_size (host, &width, &height);
  if (width != picture->width || height != picture->height)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer was resized from %d × %d to %d × %d pixels while it was being painted: "
                      "choose a new image as output to keep the picture"),
                   picture->width, picture->height, width, height);
      return FALSE;
    }

  return TRUE;
}

/* Returns the id of the layer with the result; -1: GIMP refused it. A layer that is gone, or has another
 * size, gives no alpha. */
static gint32
write_image (NstHost *host, const NstImage *picture, const char *text)
{
  const gint32   source = check_layer (host, picture, NULL) ? host->drawable : -1;
  const gint32   layer = add_image (host, picture, text);
  const gboolean done = layer != -1 && paint_layer (source, layer, picture);

  if (layer != -1)
    show_or_drop (host, gimp_item_get_image (layer), done);

  return done ? layer : -1;
}

/* Where the selection is a mask of the run it must not cut the result: it is kept in a channel meanwhile.
 * Returns the channel, or -1: nothing was changed. */
static gint32
drop_selection (NstHost *host)
{
  gint32 channel;

  if (!host->everywhere || gimp_selection_is_empty (host->image))
    return -1;

  channel = gimp_selection_save (host->image);
  gimp_selection_none (host->image);

  return channel;
}

static void
restore_selection (NstHost *host, gint32 channel)
{
  if (channel == -1)
    return;

  gimp_image_select_item (host->image, GIMP_CHANNEL_OP_REPLACE, channel);
  gimp_image_remove_channel (host->image, channel);
}

/* The same for a result in the source's image. */
static gint32
write_layer (NstHost *host, const NstImage *picture, NstOutput output, const char *text)
{
  gint32   layer, selection;
  gboolean done;

  gimp_image_undo_group_start (host->image);
  selection = drop_selection (host);
  layer = output == NST_OUTPUT_NEW_LAYER ? add_layer (host, text) : host->drawable;
  done = layer != -1 && paint_layer (host->drawable, layer, picture);
  if (!done && layer != -1 && output == NST_OUTPUT_NEW_LAYER)
    gimp_image_remove_layer (host->image, layer);
  restore_selection (host, selection);
  gimp_image_undo_group_end (host->image);

  return done ? layer : -1;
}

gboolean
nst_host_write (NstHost *host, NstImage *picture, NstOutput output, const char *text, GError **error)
{
  gint32 layer;

  if (output != NST_OUTPUT_NEW_IMAGE
      && (!check_layer (host, picture, error) || !nst_host_gimp2_check_output (host, output, error)))
    return FALSE;

  layer = output == NST_OUTPUT_NEW_IMAGE ? write_image (host, picture, text)
                                         : write_layer (host, picture, output, text);
  gimp_displays_flush ();
  if (layer == -1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("GIMP refused the result: %s"),
                   gimp_get_pdb_error ());
      return FALSE;
    }

  host->painted = layer;
  g_debug ("Wrote %d x %d pixels to layer %d", picture->width, picture->height, layer);

  return TRUE;
}
