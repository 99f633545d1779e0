/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the results into GIMP 3: new layers, the layers themselves, or new images, as one undo step. */
#include "plugin/gimp3/host-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "plugin/buffer.h"

static void
attach_settings (GimpLayer *layer, const char *text)
{
  GimpParasite *parasite = gimp_parasite_new (NST_PARASITE, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                                              strlen (text) + 1, text);

  gimp_item_attach_parasite (GIMP_ITEM (layer), parasite);
  gimp_parasite_free (parasite);
}

/* Adds a transparent layer right above the source, with its size, offset and precision. It has an alpha
 * channel if the source has one or if there is a selection. NULL: GIMP refused it. */
static GimpLayer *
add_layer (GimpImage *image, GimpDrawable *drawable, const char *text)
{
  GimpItem        *source = GIMP_ITEM (drawable);
  g_autofree char *source_name = gimp_item_get_name (source);
  g_autofree char *name = g_strdup_printf (_ ("Pastiche of %s"), source_name);
  GimpImageType    type = gimp_drawable_type (drawable);
  GimpItem        *parent = gimp_item_get_parent (source);
  GimpLayer       *layer;
  int              x, y;

  if (!gimp_selection_is_empty (image))
    type = gimp_drawable_type_with_alpha (drawable);

  layer = gimp_layer_new (image, name, gimp_drawable_get_width (drawable),
                          gimp_drawable_get_height (drawable), type, 100.0, GIMP_LAYER_MODE_NORMAL);
  if (layer == NULL)
    return NULL;

  gimp_drawable_get_offsets (drawable, &x, &y);
  gimp_layer_set_offsets (layer, x, y);
  gimp_drawable_fill (GIMP_DRAWABLE (layer), GIMP_FILL_TRANSPARENT);
  if (!gimp_image_insert_layer (image, layer, parent != NULL ? GIMP_LAYER (parent) : NULL,
                                gimp_image_get_item_position (image, source)))
    {
      gimp_item_delete (GIMP_ITEM (layer));
      return NULL;
    }

  attach_settings (layer, text);

  return layer;
}

/* Copies resolution and colour profile. */
static void
copy_properties (GimpImage *from, GimpImage *to)
{
  g_autoptr (GimpColorProfile) profile = gimp_image_get_color_profile (from);
  double                       x, y;

  if (profile != NULL)
    gimp_image_set_color_profile (to, profile);
  if (gimp_image_get_resolution (from, &x, &y))
    gimp_image_set_resolution (to, x, y);
}

/* Makes a new image with one layer of the picture's size. NULL: GIMP refused it. */
static GimpLayer *
add_image (NstHost *host, NstWork *work, const NstImage *picture)
{
  GimpImage       *image = nst_host_gimp3_get_image (host), *other;
  GimpDrawable    *drawable = nst_host_gimp3_get_drawable (work);
  g_autofree char *name = drawable != NULL ? gimp_item_get_name (GIMP_ITEM (drawable))
                                           : g_strdup (_ ("Pastiche"));
  GimpLayer       *layer;
  gboolean         grey;

  nst_host_gimp3_note_format (host, work);
  grey = work->type == GIMP_GRAY_IMAGE || work->type == GIMP_GRAYA_IMAGE;
  other = gimp_image_new_with_precision (picture->width, picture->height, grey ? GIMP_GRAY : GIMP_RGB,
                                         host->precision);
  if (other == NULL)
    return NULL;

  gimp_image_undo_disable (other);
  if (image != NULL)
    copy_properties (image, other);
  layer = gimp_layer_new (other, name, picture->width, picture->height, work->type, 100.0,
                          GIMP_LAYER_MODE_NORMAL);
  if (layer == NULL || !gimp_image_insert_layer (other, layer, NULL, 0))
    {
      gimp_image_delete (other);
      return NULL;
    }
  gimp_drawable_fill (GIMP_DRAWABLE (layer), GIMP_FILL_TRANSPARENT);
  attach_settings (layer, work->text);

  return layer;
}

/* Writes picture to the layer through its shadow buffer: merging that makes GIMP apply the selection and
 * record the undo step. The alpha is that of source; NULL: opaque. */
static gboolean
paint_layer (GimpDrawable *source, GimpDrawable *target, const NstImage *picture)
{
  GeglBuffer *from = source != NULL ? gimp_drawable_get_buffer (source) : NULL;
  GeglBuffer *shadow = gimp_drawable_get_shadow_buffer (target);
  NstColour  *colour = nst_host_gimp3_get_colour (target, shadow);
  gboolean    painted;

  painted = nst_buffer_paint (from, picture, shadow, colour);
  nst_colour_free (colour);
  g_object_unref (shadow); /* sends the tiles to GIMP */
  g_clear_object (&from);

  return painted && gimp_drawable_merge_shadow (target, TRUE)
         && gimp_drawable_update (target, 0, 0, picture->width, picture->height);
}

/* Whether the layer is there, has the picture's size and can be written to: the user may have changed the
 * image since it was read. */
static gboolean
check_work (NstHost *host, const NstWork *work, const NstImage *picture, GError **error)
{
  GimpDrawable *drawable = nst_host_gimp3_get_drawable (work);
  int           width, height;

  if (!GIMP_IS_LAYER (drawable) || nst_host_gimp3_get_image (host) == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer was deleted, or its image was closed, while it was being painted: choose a "
                      "new image as output to keep the picture"));
      return FALSE;
    }

  width = gimp_drawable_get_width (drawable);
  height = gimp_drawable_get_height (drawable);
  if (width != picture->width || height != picture->height)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer was resized from %d × %d to %d × %d pixels while it was being painted: "
                      "choose a new image as output to keep the picture"),
                   picture->width, picture->height, width, height);
      return FALSE;
    }

  return nst_host_gimp3_check_output (host, drawable, work->output, error);
}

/* After paint_layer (): removes a layer or image that failed, shows a new image that succeeded. */
static void
show_or_drop (NstHost *host, GimpLayer *layer, NstOutput output, gboolean done)
{
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));

  if (output == NST_OUTPUT_NEW_LAYER && !done)
    gimp_image_remove_layer (image, layer);
  if (output != NST_OUTPUT_NEW_IMAGE)
    return;

  gimp_image_undo_enable (image);
  if (!done)
    gimp_image_delete (image);
  else if (host->show)
    gimp_display_new (image);
}

/* Writes one result. In a new image, a layer that is gone, or has another size, gives no alpha. */
static gboolean
write_work (NstHost *host, NstWork *work, const NstImage *picture)
{
  GimpDrawable *source = check_work (host, work, picture, NULL) ? nst_host_gimp3_get_drawable (work) : NULL;
  GimpLayer    *layer = NULL;
  int           id;
  gboolean      done;

  if (work->output == NST_OUTPUT_NEW_IMAGE)
    layer = add_image (host, work, picture);
  else if (source != NULL)
    layer = work->output == NST_OUTPUT_NEW_LAYER
                ? add_layer (nst_host_gimp3_get_image (host), source, work->text)
                : GIMP_LAYER (source);
  if (layer == NULL)
    return FALSE;

  id = gimp_item_get_id (GIMP_ITEM (layer));
  done = paint_layer (source, GIMP_DRAWABLE (layer), picture);
  show_or_drop (host, layer, work->output, done);
  if (done)
    {
      work->painted = id;
      g_debug ("Wrote %d x %d pixels to layer %d", picture->width, picture->height, id);
    }

  return done;
}

/* Where the selection is a mask of the run it must not cut the results: it is kept in a channel meanwhile.
 * Returns the channel, or NULL: nothing was changed. */
static GimpChannel *
drop_selection (NstHost *host, GimpImage *image)
{
  GimpChannel *channel;

  if (!host->everywhere || gimp_selection_is_empty (image))
    return NULL;

  channel = GIMP_CHANNEL (gimp_selection_save (image));
  gimp_selection_none (image);

  return channel;
}

static void
restore_selection (GimpImage *image, GimpChannel *channel)
{
  if (channel == NULL)
    return;

  gimp_image_select_item (image, GIMP_CHANNEL_OP_REPLACE, GIMP_ITEM (channel));
  gimp_image_remove_channel (image, channel);
}

/* Writes all results; picture is the last one's. New images need no undo step in the old one. */
static gboolean
write_works (NstHost *host, const NstImage *picture)
{
  const gboolean group = host->works->output != NST_OUTPUT_NEW_IMAGE;
  GimpImage     *image = nst_host_gimp3_get_image (host);
  GimpChannel   *selection = NULL;
  gboolean       done = TRUE;
  int            i;

  if (group)
    {
      gimp_image_undo_group_start (image);
      selection = drop_selection (host, image);
    }
  for (i = 0; done && i < host->n_works; i++)
    done = write_work (host, host->works + i, i == host->current ? picture : host->works[i].picture);
  if (group)
    {
      restore_selection (image, selection);
      gimp_image_undo_group_end (image);
    }
  gimp_displays_flush ();

  return done;
}

gboolean
nst_host_write (NstHost *host, NstImage *picture, NstOutput output, const char *text, GError **error)
{
  NstWork *last = &host->works[host->current];
  NstWork *work;

  last->output = output;
  g_free (last->text);
  last->text = g_strdup (text);
  if (output != NST_OUTPUT_NEW_IMAGE && !check_work (host, last, picture, error))
    return FALSE;
  if (host->current + 1 < host->n_works)
    {
      nst_image_unref (last->picture);
      last->picture = nst_image_ref (picture);
      return TRUE;
    }

  for (work = host->works; work < last; work++)
    if (work->output != NST_OUTPUT_NEW_IMAGE && !check_work (host, work, work->picture, error))
      return FALSE;
  if (write_works (host, picture))
    return TRUE;

  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("GIMP refused the result: %s"),
               gimp_pdb_get_last_error (gimp_get_pdb ()));
  return FALSE;
}
