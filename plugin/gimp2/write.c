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

/* Makes a new image with one layer like the source. Returns the layer's id; -1: GIMP refused it. */
static gint32
add_image (NstHost *host, const char *text)
{
  const int width = gimp_drawable_width (host->drawable), height = gimp_drawable_height (host->drawable);
  gint32    image = gimp_image_new_with_precision (width, height, gimp_image_base_type (host->image),
                                                   gimp_image_get_precision (host->image));
  g_autofree char  *name = gimp_item_get_name (host->drawable);
  GimpColorProfile *profile = gimp_image_get_color_profile (host->image);
  double            x, y;
  gint32            layer;

  if (image == -1)
    return -1;

  gimp_image_undo_disable (image);
  if (profile != NULL)
    {
      gimp_image_set_color_profile (image, profile);
      g_object_unref (profile);
    }
  if (gimp_image_get_resolution (host->image, &x, &y))
    gimp_image_set_resolution (image, x, y);
  layer = gimp_layer_new (image, name, width, height, gimp_drawable_type (host->drawable), 100.0,
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
 * record the undo step. */
static gboolean
paint_layer (NstHost *host, gint32 layer, const NstImage *picture)
{
  GeglBuffer *source = gimp_drawable_get_buffer (host->drawable);
  GeglBuffer *shadow = gimp_drawable_get_shadow_buffer (layer);

  nst_buffer_paint (source, picture, shadow);
  g_object_unref (shadow); /* sends the tiles to GIMP */
  g_object_unref (source);

  return gimp_drawable_merge_shadow (layer, TRUE)
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

/* The user may have changed the image since it was read. */
static gboolean
check_layer (NstHost *host, const NstImage *picture, GError **error)
{
  int width, height;

  if (!gimp_item_is_valid (host->drawable))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer was deleted while it was being painted"));
      return FALSE;
    }

  width = gimp_drawable_width (host->drawable);
  height = gimp_drawable_height (host->drawable);
  if (width != picture->width || height != picture->height)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer was resized from %d × %d to %d × %d pixels while it was being painted"),
                   picture->width, picture->height, width, height);
      return FALSE;
    }

  return TRUE;
}

gboolean
nst_host_write (NstHost *host, NstImage *picture, NstOutput output, const char *text, GError **error)
{
  gint32   layer;
  gboolean done;

  if (!check_layer (host, picture, error) || !nst_host_gimp2_check_output (host, output, error))
    return FALSE;

  if (output == NST_OUTPUT_NEW_IMAGE)
    {
      layer = add_image (host, text);
      done = layer != -1 && paint_layer (host, layer, picture);
      if (layer != -1)
        show_or_drop (host, gimp_item_get_image (layer), done);
    }
  else
    {
      gimp_image_undo_group_start (host->image);
      layer = output == NST_OUTPUT_NEW_LAYER ? add_layer (host, text) : host->drawable;
      done = layer != -1 && paint_layer (host, layer, picture);
      if (!done && layer != -1 && output == NST_OUTPUT_NEW_LAYER)
        gimp_image_remove_layer (host->image, layer);
      gimp_image_undo_group_end (host->image);
    }
  gimp_displays_flush ();

  if (done)
    {
      host->painted = layer;
      g_debug ("Wrote %d x %d pixels to layer %d", picture->width, picture->height, layer);
    }
  else
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("GIMP refused the result: %s"),
                 gimp_get_pdb_error ());

  return done;
}
