/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GIMP 2.10 as host: lists and reads layers and files, and reports progress. */
#include "plugin/gimp2/host-private.h"

#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "plugin/buffer.h"

NstHost *
nst_host_gimp2_new (gint32 drawable, gboolean show)
{
  NstHost *host = g_new0 (NstHost, 1);

  host->drawable = host->painted = drawable;
  host->image = gimp_item_is_valid (drawable) ? gimp_item_get_image (drawable) : -1;
  host->show = show;
  nst_host_gimp2_note_format (host);

  return host;
}

void
nst_host_gimp2_free (NstHost *host)
{
  g_free (host);
}

gint32
nst_host_gimp2_painted (NstHost *host)
{
  return host->painted;
}

gboolean
nst_host_gimp2_is_there (const NstHost *host)
{
  return gimp_image_is_valid (host->image) && gimp_item_is_valid (host->drawable);
}

void
nst_host_gimp2_note_format (NstHost *host)
{
  if (!nst_host_gimp2_is_there (host) || gimp_image_base_type (host->image) == GIMP_INDEXED)
    return;

  host->type = gimp_drawable_type (host->drawable);
  host->precision = gimp_image_get_precision (host->image);
}

GBytes *
nst_host_get_window (NstHost *host G_GNUC_UNUSED)
{
  gint32 display = gimp_default_display ();
  gulong number = display > 0 && gimp_display_is_valid (display)
                      ? (gulong) gimp_display_get_window_handle (display)
                      : 0;

  return number != 0 ? g_bytes_new (&number, sizeof number) : NULL;
}

GPtrArray *
nst_host_list_layers (NstHost *host, int size)
{
  GPtrArray         *list = g_ptr_array_new_with_free_func ((GDestroyNotify) nst_host_layer_free);
  int                n_images, n_layers, i, j;
  g_autofree gint32 *images = gimp_image_list (&n_images);

  for (i = 0; i < n_images; i++)
    {
      g_autofree gint32 *layers = gimp_image_is_valid (images[i])
                                      ? gimp_image_get_layers (images[i], &n_layers)
                                      : NULL;
      g_autofree char   *image_name = layers != NULL ? gimp_image_get_name (images[i]) : NULL;

      for (j = 0; layers != NULL && j < n_layers; j++)
        {
          g_autofree char   *name = gimp_item_get_name (layers[j]);
          g_autofree guchar *bytes = NULL;
          int                width = size, height = size, channels = 0;
          NstHostLayer      *layer;

          if (layers[j] == host->drawable || name == NULL)
            continue;
          bytes = gimp_drawable_get_thumbnail_data (layers[j], &width, &height, &channels);
          layer = nst_host_layer_new (layers[j], name, image_name, bytes, width, height, channels);
          if (layer != NULL)
            g_ptr_array_add (list, layer);
        }
    }

  return list;
}

NstColour *
nst_host_gimp2_get_colour (gint32 item, GeglBuffer *buffer)
{
  GimpColorProfile *profile = gimp_image_get_color_profile (gimp_item_get_image (item));
  NstColour        *colour = nst_profile_new_colour (profile, buffer);

  g_clear_object (&profile);

  return colour;
}

static NstImage *
read_drawable (gint32 drawable, int longest, GError **error)
{
  g_autoptr (GeglBuffer) buffer = NULL;
  g_autoptr (NstColour)  colour = NULL;
  g_autofree char       *name = gimp_item_get_name (drawable);

  /* Only here, because it is slow and many errors are found without GEGL. */
  gegl_init (NULL, NULL);
  buffer = gimp_drawable_get_buffer (drawable);

  colour = nst_host_gimp2_get_colour (drawable, buffer);

  return nst_buffer_read (buffer, colour, name, longest, error);
}

gboolean
nst_host_gimp2_check_output (NstHost *host, NstOutput output, GError **error)
{
  const char *problem = NULL;

  if (output == NST_OUTPUT_NEW_IMAGE)
    return TRUE;
  if (output == NST_OUTPUT_NEW_LAYER)
    {
      if (gimp_image_get_floating_sel (host->image) != -1)
        problem = _ ("The image has a floating selection: anchor it first");
    }
  else if (gimp_item_is_group (host->drawable))
    problem = _ ("A layer group cannot be painted in place: choose a new layer or a new image as output");
  else if (gimp_item_get_lock_content (host->drawable))
    problem = _ ("The layer's pixels are locked: unlock them, or choose a new layer as output");

  if (problem != NULL)
    g_set_error_literal (error, NST_ERROR, NST_ERROR_ARGUMENT, problem);

  return problem == NULL;
}

char *
nst_host_get_name (NstHost *host)
{
  const gboolean   there = nst_host_gimp2_is_there (host);
  g_autofree char *image = there ? gimp_image_get_name (host->image) : NULL;
  g_autofree char *layer = there ? gimp_item_get_name (host->drawable) : NULL;

  return image != NULL && layer != NULL ? g_strdup_printf ("%s, %s", image, layer) : NULL;
}

void
nst_host_get_size (NstHost *host, int *width, int *height)
{
  const gboolean there = nst_host_gimp2_is_there (host);

  *width = there ? gimp_drawable_width (host->drawable) : 0;
  *height = there ? gimp_drawable_height (host->drawable) : 0;
}

guint8 *
nst_host_read_alpha (NstHost *host, int width, int height)
{
  g_autoptr (GeglBuffer) buffer = NULL;

  if (!nst_host_gimp2_is_there (host))
    return NULL;

  buffer = gimp_drawable_get_buffer (host->drawable);
  return nst_buffer_read_alpha (buffer, width, height);
}

gboolean
nst_host_is_grey (NstHost *host)
{
  return nst_host_gimp2_is_there (host) && gimp_drawable_is_gray (host->drawable);
}

char *
nst_host_read_settings (NstHost *host, int drawable)
{
  const gint32  item = drawable == -1 ? host->drawable : drawable;
  GimpParasite *parasite = gimp_item_is_valid (item) ? gimp_item_get_parasite (item, NST_PARASITE) : NULL;
  char         *text;

  if (parasite == NULL)
    return NULL;

  text = nst_host_settings_new (gimp_parasite_data (parasite), gimp_parasite_data_size (parasite));
  gimp_parasite_free (parasite);

  return text;
}

NstImage *
nst_host_read_content (NstHost *host, NstOutput output, int longest, GError **error)
{
  int x, y, width, height;

  /* The user may have changed the image while the dialog was open. */
  if (!nst_host_gimp2_is_there (host))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer to paint was deleted, or its image was closed"));
      return NULL;
    }
  if (!gimp_item_is_layer (host->drawable))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("Masks and channels cannot be painted: choose the layer itself"));
      return NULL;
    }
  if (!gimp_drawable_mask_intersect (host->drawable, &x, &y, &width, &height))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The selection does not overlap the layer, so nothing would change: move or remove the "
                      "selection"));
      return NULL;
    }

  if (!nst_host_gimp2_check_output (host, output, error))
    return NULL;

  return read_drawable (host->drawable, longest, error);
}

gint32
nst_host_gimp2_open (const char *file, GError **error)
{
  gint32 image, layer;

  /* GIMP would wait for a named pipe. */
  if (strstr (file, "://") == NULL && !nst_input_check (file, error))
    return -1;
  image = gimp_file_load (GIMP_RUN_NONINTERACTIVE, file, file);
  if (image == -1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("The picture %s cannot be read: %s"), file,
                   gimp_get_pdb_error ());
      return -1;
    }

  layer = gimp_image_merge_visible_layers (image, GIMP_CLIP_TO_IMAGE);
  if (layer == -1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("The picture %s has no visible layer"), file);
      gimp_image_delete (image);
    }

  return layer;
}

/* Opens the file as an image, reads what is visible, and closes it. */
static NstImage *
read_file (const char *file, GError **error)
{
  const gint32 layer = nst_host_gimp2_open (file, error);
  NstImage    *picture;

  if (layer == -1)
    return NULL;

  picture = read_drawable (layer, 0, error);
  gimp_image_delete (gimp_item_get_image (layer));

  return picture;
}

NstImage *
nst_host_read_style (NstHost *host G_GNUC_UNUSED, int drawable, const char *file, GError **error)
{
  if (drawable == -1 && *file != '\0')
    return read_file (file, error);

  if (drawable == -1)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("No style: choose a layer or a picture file as the style"));
  else if (!gimp_item_is_valid (drawable) || !gimp_item_is_drawable (drawable))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("The layer %d, chosen as the style, does not exist or was deleted"), drawable);
  else
    return read_drawable (drawable, 0, error);

  return NULL;
}

/* If the user cancels, GIMP ends this process: at the next call to GIMP, or by a signal after 20 ms. So no
 * clean-up can be relied on. */
void
nst_host_progress (NstHost *host G_GNUC_UNUSED, double fraction, const char *text)
{
  if (text != NULL)
    gimp_progress_set_text (text);
  gimp_progress_update (fraction);
}
