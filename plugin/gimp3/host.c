/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GIMP 3 as host: lists and reads layers and files, and reports progress. */
#include "plugin/gimp3/host-private.h"

#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "plugin/buffer.h"

NstHost *
nst_host_gimp3_new (GimpImage *image, GimpDrawable **drawables, gboolean show)
{
  NstHost *host = g_new0 (NstHost, 1);
  int      i;

  while (drawables[host->n_works] != NULL)
    host->n_works++;
  host->image = gimp_image_get_id (image);
  host->show = show;
  host->works = g_new0 (NstWork, host->n_works);
  for (i = 0; i < host->n_works; i++)
    {
      host->works[i].drawable = host->works[i].painted = gimp_item_get_id (GIMP_ITEM (drawables[i]));
      nst_host_gimp3_note_format (host, &host->works[i]);
    }

  return host;
}

void
nst_host_gimp3_free (NstHost *host)
{
  int i;

  for (i = 0; i < host->n_works; i++)
    {
      nst_image_unref (host->works[i].picture);
      g_free (host->works[i].text);
    }
  g_free (host->works);
  g_free (host);
}

gboolean
nst_host_gimp3_next (NstHost *host)
{
  if (host->current + 1 >= host->n_works)
    return FALSE;

  host->current++;
  return TRUE;
}

GimpLayer **
nst_host_gimp3_painted (NstHost *host)
{
  GimpLayer **layers = g_new0 (GimpLayer *, host->n_works + 1);
  int         n = 0;

  for (int i = 0; i < host->n_works; i++)
    {
      GimpItem *layer = nst_host_gimp3_get_item (host->works[i].painted);

      if (GIMP_IS_LAYER (layer))
        layers[n++] = GIMP_LAYER (layer);
    }

  return layers;
}

GimpImage *
nst_host_gimp3_get_image (NstHost *host)
{
  return gimp_image_id_is_valid (host->image) ? gimp_image_get_by_id (host->image) : NULL;
}

GimpItem *
nst_host_gimp3_get_item (int id)
{
  return gimp_item_id_is_valid (id) ? gimp_item_get_by_id (id) : NULL;
}

GimpDrawable *
nst_host_gimp3_get_drawable (const NstWork *work)
{
  GimpItem *item = nst_host_gimp3_get_item (work->drawable);

  return GIMP_IS_DRAWABLE (item) ? GIMP_DRAWABLE (item) : NULL;
}

void
nst_host_gimp3_note_format (NstHost *host, NstWork *work)
{
  GimpImage    *image = nst_host_gimp3_get_image (host);
  GimpDrawable *drawable = nst_host_gimp3_get_drawable (work);

  if (image == NULL || drawable == NULL || gimp_image_get_base_type (image) == GIMP_INDEXED)
    return;

  work->type = gimp_drawable_type (drawable);
  host->precision = gimp_image_get_precision (image);
}

GBytes *
nst_host_get_window (NstHost *host G_GNUC_UNUSED)
{
  GimpDisplay *display = gimp_default_display ();

  return display != NULL && gimp_display_is_valid (display) ? gimp_display_get_window_handle (display) : NULL;
}

static void
list_image (GPtrArray *list, GimpImage *image, int left_out, int size)
{
  g_autofree char       *image_name = gimp_image_get_name (image);
  g_autofree GimpLayer **layers = gimp_image_get_layers (image);
  int                    i, width, height, channels;

  for (i = 0; layers != NULL && layers[i] != NULL; i++)
    {
      const int          id = gimp_item_get_id (GIMP_ITEM (layers[i]));
      g_autofree char   *name = gimp_item_get_name (GIMP_ITEM (layers[i]));
      g_autoptr (GBytes) bytes = NULL;
      NstHostLayer      *layer;

      if (id == left_out || name == NULL)
        continue;
      bytes = gimp_drawable_get_thumbnail_data (GIMP_DRAWABLE (layers[i]), size, size, &width, &height,
                                                &channels);
      layer = nst_host_layer_new (id, name, image_name, bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL,
                                  width, height, channels);
      if (layer != NULL)
        g_ptr_array_add (list, layer);
    }
}

GPtrArray *
nst_host_list_layers (NstHost *host, int size)
{
  GPtrArray             *list = g_ptr_array_new_with_free_func ((GDestroyNotify) nst_host_layer_free);
  g_autofree GimpImage **images = gimp_get_images ();
  int                    i;

  for (i = 0; images[i] != NULL; i++)
    if (gimp_image_is_valid (images[i]))
      list_image (list, images[i], host->works[host->current].drawable, size);

  return list;
}

NstColour *
nst_host_gimp3_get_colour (GimpDrawable *drawable, GeglBuffer *buffer)
{
  GimpColorProfile *profile = gimp_image_get_color_profile (gimp_item_get_image (GIMP_ITEM (drawable)));
  NstColour        *colour = nst_profile_new_colour (profile, buffer);

  g_clear_object (&profile);

  return colour;
}

static NstImage *
read_drawable (GimpDrawable *drawable, int longest, GError **error)
{
  g_autoptr (GeglBuffer) buffer = NULL;
  g_autoptr (NstColour)  colour = NULL;
  g_autofree char       *name = gimp_item_get_name (GIMP_ITEM (drawable));

  /* Only here, because it is slow and many errors are found without GEGL. */
  gegl_init (NULL, NULL);
  buffer = gimp_drawable_get_buffer (drawable);

  colour = nst_host_gimp3_get_colour (drawable, buffer);

  return nst_buffer_read (buffer, colour, name, longest, error);
}

gboolean
nst_host_gimp3_check_output (NstHost *host, GimpDrawable *drawable, NstOutput output, GError **error)
{
  const char *problem = NULL;

  if (output == NST_OUTPUT_NEW_IMAGE)
    return TRUE;
  if (output == NST_OUTPUT_NEW_LAYER)
    {
      if (gimp_image_get_floating_sel (nst_host_gimp3_get_image (host)) != NULL)
        problem = _ ("The image has a floating selection: anchor it first");
    }
  else if (gimp_item_is_group (GIMP_ITEM (drawable)))
    problem = _ ("A layer group cannot be painted in place: choose a new layer or a new image as output");
  else if (gimp_item_get_lock_content (GIMP_ITEM (drawable)))
    problem = _ ("The layer's pixels are locked: unlock them, or choose a new layer as output");

  if (problem != NULL)
    g_set_error_literal (error, NST_ERROR, NST_ERROR_ARGUMENT, problem);

  return problem == NULL;
}

char *
nst_host_get_name (NstHost *host)
{
  GimpImage       *owner = nst_host_gimp3_get_image (host);
  GimpDrawable    *drawable = nst_host_gimp3_get_drawable (&host->works[host->current]);
  g_autofree char *image = owner != NULL ? gimp_image_get_name (owner) : NULL;
  g_autofree char *layer = drawable != NULL ? gimp_item_get_name (GIMP_ITEM (drawable)) : NULL;

  return image != NULL && layer != NULL ? g_strdup_printf ("%s, %s", image, layer) : NULL;
}

void
nst_host_get_size (NstHost *host, int *width, int *height)
{
  GimpDrawable *drawable = nst_host_gimp3_get_drawable (&host->works[host->current]);

  *width = drawable != NULL ? gimp_drawable_get_width (drawable) : 0;
  *height = drawable != NULL ? gimp_drawable_get_height (drawable) : 0;
}

guint8 *
nst_host_read_alpha (NstHost *host, int width, int height)
{
  GimpDrawable          *drawable = nst_host_gimp3_get_drawable (&host->works[host->current]);
  g_autoptr (GeglBuffer) buffer = drawable != NULL ? gimp_drawable_get_buffer (drawable) : NULL;

  return buffer != NULL ? nst_buffer_read_alpha (buffer, width, height) : NULL;
}

gboolean
nst_host_is_grey (NstHost *host)
{
  GimpDrawable *drawable = nst_host_gimp3_get_drawable (&host->works[host->current]);

  return drawable != NULL && gimp_drawable_is_gray (drawable);
}

char *
nst_host_read_settings (NstHost *host, int drawable)
{
  const int     id = drawable == -1 ? host->works[host->current].drawable : drawable;
  GimpItem     *item = nst_host_gimp3_get_item (id);
  GimpParasite *parasite = item != NULL ? gimp_item_get_parasite (item, NST_PARASITE) : NULL;
  const char   *data;
  guint32       length;
  char         *text;

  if (parasite == NULL)
    return NULL;

  data = gimp_parasite_get_data (parasite, &length);
  text = nst_host_settings_new (data, length);
  gimp_parasite_free (parasite);

  return text;
}

NstImage *
nst_host_read_content (NstHost *host, NstOutput output, int longest, GError **error)
{
  GimpDrawable *drawable = nst_host_gimp3_get_drawable (&host->works[host->current]);
  int           x, y, width, height;

  /* The user may have changed the image while the dialog was open. */
  if (drawable == NULL || nst_host_gimp3_get_image (host) == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer to paint was deleted, or its image was closed"));
      return NULL;
    }
  if (!GIMP_IS_LAYER (drawable))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("Masks and channels cannot be painted: choose the layer itself"));
      return NULL;
    }
  if (!gimp_drawable_mask_intersect (drawable, &x, &y, &width, &height))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The selection does not overlap the layer, so nothing would change: move or remove the "
                      "selection"));
      return NULL;
    }

  if (!nst_host_gimp3_check_output (host, drawable, output, error))
    return NULL;

  return read_drawable (drawable, longest, error);
}

GimpLayer *
nst_host_gimp3_open (const char *name, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (name);
  const char       *path = g_file_peek_path (file);
  GimpImage        *image;
  GimpLayer        *layer;

  /* GIMP would wait for a named pipe. */
  if (path != NULL && !nst_input_check (path, error))
    return NULL;
  image = gimp_file_load (GIMP_RUN_NONINTERACTIVE, file);
  if (image == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("The picture %s cannot be read: %s"), name,
                   gimp_pdb_get_last_error (gimp_get_pdb ()));
      return NULL;
    }

  layer = gimp_image_merge_visible_layers (image, GIMP_CLIP_TO_IMAGE);
  if (layer == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("The picture %s has no visible layer"), name);
      gimp_image_delete (image);
    }

  return layer;
}

/* Opens the file as an image, reads what is visible, and closes it. */
static NstImage *
read_file (const char *name, GError **error)
{
  GimpLayer *layer = nst_host_gimp3_open (name, error);
  NstImage  *picture;

  if (layer == NULL)
    return NULL;

  picture = read_drawable (GIMP_DRAWABLE (layer), 0, error);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));

  return picture;
}

NstImage *
nst_host_read_style (NstHost *host G_GNUC_UNUSED, int drawable, const char *file, GError **error)
{
  GimpItem *style;

  if (drawable == -1 && *file != '\0')
    return read_file (file, error);

  if (drawable == -1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("No style: choose a layer or a picture file as the style"));
      return NULL;
    }
  style = nst_host_gimp3_get_item (drawable);
  if (!GIMP_IS_DRAWABLE (style))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer %d, chosen as the style, does not exist or was deleted"), drawable);
      return NULL;
    }

  return read_drawable (GIMP_DRAWABLE (style), 0, error);
}

/* If the user cancels, GIMP ends this process: at the next call to GIMP, or by a signal soon after. So no
 * clean-up can be relied on. */
void
nst_host_progress (NstHost *host, double fraction, const char *text)
{
  if (text != NULL)
    gimp_progress_set_text (text);
  gimp_progress_update ((host->current + fraction) / host->n_works);
}
