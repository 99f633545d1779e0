/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/gimp2/host.h"

#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>
#include <string.h>

#include "core/base/error.h"
#include "plugin/buffer.h"

#define PARASITE "pastiche-settings"

struct _NstHost
{
  gint32   image, drawable, painted;
  gboolean show;
};

NstHost *
nst_host_gimp2_new (gint32 drawable, gboolean show)
{
  NstHost *host = g_new0 (NstHost, 1);

  host->drawable = host->painted = drawable;
  host->image = gimp_item_get_image (drawable);
  host->show = show;

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

GBytes *
nst_host_get_window (NstHost *host G_GNUC_UNUSED)
{
  gint32 display = gimp_default_display ();
  gulong number = display > 0 ? (gulong) gimp_display_get_window_handle (display) : 0;

  return number ? g_bytes_new (&number, sizeof number) : NULL;
}

GPtrArray *
nst_host_list_layers (NstHost *host, int size)
{
  GPtrArray         *list = g_ptr_array_new_with_free_func ((GDestroyNotify) nst_host_layer_free);
  int                n_images, n_layers, i, j;
  g_autofree gint32 *images = gimp_image_list (&n_images);

  for (i = 0; i < n_images; i++)
    {
      g_autofree gint32 *layers = gimp_image_get_layers (images[i], &n_layers);
      g_autofree char   *image_name = gimp_image_get_name (images[i]);

      for (j = 0; j < n_layers; j++)
        {
          g_autofree char   *name = gimp_item_get_name (layers[j]);
          g_autofree guchar *bytes = NULL;
          int                width = size, height = size, channels = 0;
          NstHostLayer      *layer;

          if (layers[j] == host->drawable)
            continue;
          bytes = gimp_drawable_get_thumbnail_data (layers[j], &width, &height, &channels);
          layer = nst_host_layer_new (layers[j], name, image_name, bytes, width, height, channels);
          if (layer)
            g_ptr_array_add (list, layer);
        }
    }

  return list;
}

static NstImage *
read_drawable (gint32 drawable, int longest, GError **error)
{
  g_autoptr (GeglBuffer) buffer = NULL;
  g_autofree char       *name = gimp_item_get_name (drawable);

  /* here, because it takes longer than to find out that there is nothing to read */
  gegl_init (NULL, NULL);
  buffer = gimp_drawable_get_buffer (drawable);

  return nst_buffer_read (buffer, name, longest, error);
}

/* Whether the result may go where it shall, asked before anything changes. */
static gboolean
check_output (NstHost *host, NstOutput output, GError **error)
{
  const char *problem = NULL;

  if (output == NST_OUTPUT_NEW_IMAGE)
    return TRUE;
  if (output == NST_OUTPUT_NEW_LAYER)
    {
      if (gimp_image_get_floating_sel (host->image) != -1)
        problem = _ ("There is a floating selection: anchor it first");
    }
  else if (gimp_item_is_group (host->drawable))
    problem = _ ("A layer group cannot be painted in place: choose a new layer above it");
  else if (gimp_item_get_lock_content (host->drawable))
    problem = _ ("The layer's pixels are locked");

  if (problem)
    g_set_error_literal (error, NST_ERROR, NST_ERROR_ARGUMENT, problem);

  return !problem;
}

void
nst_host_get_size (NstHost *host, int *width, int *height)
{
  *width = gimp_drawable_width (host->drawable);
  *height = gimp_drawable_height (host->drawable);
}

guint8 *
nst_host_read_alpha (NstHost *host, int width, int height)
{
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (host->drawable);

  return nst_buffer_read_alpha (buffer, width, height);
}

char *
nst_host_read_settings (NstHost *host, int drawable)
{
  GimpParasite *parasite = gimp_item_get_parasite (drawable == -1 ? host->drawable : drawable, PARASITE);
  char *text = parasite ? g_strndup (gimp_parasite_data (parasite), gimp_parasite_data_size (parasite))
                        : NULL;

  gimp_parasite_free (parasite);

  return text;
}

NstImage *
nst_host_read_content (NstHost *host, NstOutput output, int longest, GError **error)
{
  int x, y, width, height;

  /* read again, after the user had time to change the image */
  if (!gimp_item_is_valid (host->drawable))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer changed its size or went away while it was painted"));
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
                   _ ("The selection does not touch the layer: nothing would change"));
      return NULL;
    }

  if (!check_output (host, output, error))
    return NULL;

  return read_drawable (host->drawable, longest, error);
}

/* Open the picture as an image of its own for as long as it is read. */
static NstImage *
read_file (const char *file, GError **error)
{
  gint32    image = gimp_file_load (GIMP_RUN_NONINTERACTIVE, file, file);
  gint32    layer;
  NstImage *picture = NULL;

  if (image == -1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("The style %s cannot be read: %s"), file,
                   gimp_get_pdb_error ());
      return NULL;
    }

  layer = gimp_image_merge_visible_layers (image, GIMP_CLIP_TO_IMAGE);
  if (layer == -1)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("The style %s has no layer to be seen"), file);
  else
    picture = read_drawable (layer, 0, error);
  gimp_image_delete (image);

  return picture;
}

NstImage *
nst_host_read_style (NstHost *host G_GNUC_UNUSED, int drawable, const char *file, GError **error)
{
  if (drawable == -1 && *file != '\0')
    return read_file (file, error);

  if (drawable == -1)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("No style: give a layer or a file whose look the picture shall take"));
  else if (!gimp_item_is_valid (drawable) || !gimp_item_is_drawable (drawable))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("The style's layer %d is not there, or not any more"), drawable);
  else
    return read_drawable (drawable, 0, error);

  return NULL;
}

/* GIMP ends this process when the user cancels: at the next call to GIMP where it can, else by force 20 ms
 * later. No clean-up may depend on more than that. */
void
nst_host_progress (NstHost *host G_GNUC_UNUSED, double fraction, const char *text)
{
  if (text)
    gimp_progress_set_text (text);
  gimp_progress_update (fraction);
}

static void
keep_settings (gint32 layer, const char *text)
{
  GimpParasite *parasite = gimp_parasite_new (PARASITE, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                                              strlen (text) + 1, text);

  gimp_item_attach_parasite (layer, parasite);
  gimp_parasite_free (parasite);
}

/* A transparent layer of the source's size, place and precision right above it. Where the source has no alpha
 * and there is no selection, none is needed. Returns its number, or -1. */
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

  keep_settings (layer, text);

  return layer;
}

/* An image of its own with one layer like the source. Returns the layer's number, or -1. */
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
  if (profile)
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
  keep_settings (layer, text);

  return layer;
}

/* Through the shadow buffer, so that GIMP itself applies the selection and remembers what was there. */
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

static void
show_or_drop (NstHost *host, gint32 image, gboolean done)
{
  gimp_image_undo_enable (image);
  if (!done)
    gimp_image_delete (image);
  else if (host->show)
    gimp_display_new (image);
}

gboolean
nst_host_write (NstHost *host, const NstImage *picture, NstOutput output, const char *text, GError **error)
{
  gint32   layer;
  gboolean done;

  /* Asked again: the user had time to change the image. */
  if (!gimp_item_is_valid (host->drawable) || gimp_drawable_width (host->drawable) != picture->width
      || gimp_drawable_height (host->drawable) != picture->height)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("The layer changed its size or went away while it was painted"));
      return FALSE;
    }
  if (!check_output (host, output, error))
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
    host->painted = layer;
  else
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("GIMP did not take the result: %s"),
                 gimp_get_pdb_error ());

  return done;
}
