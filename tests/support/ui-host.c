/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host in memory, for tests of the dialog, the painter and runs without a dialog. */
#include "tests/support/ui-host.h"

#include "core/base/error.h"
#include "picture/picture.h"

void
test_host_clear (NstHost *host)
{
  g_clear_pointer (&host->content, nst_image_unref);
  g_clear_pointer (&host->style, nst_image_unref);
  g_clear_pointer (&host->selection, nst_mask_unref);
  g_clear_pointer (&host->written, nst_image_unref);
  g_clear_pointer (&host->text, g_free);
}

GBytes *
nst_host_get_window (NstHost *host G_GNUC_UNUSED)
{
  return NULL;
}

/* The test's style, if there is one, as layer 7. */
GPtrArray *
nst_host_list_layers (NstHost *host, int size)
{
  GPtrArray    *list = g_ptr_array_new_with_free_func ((GDestroyNotify) nst_host_layer_free);
  NstHostLayer *layer;
  int           width, height;

  if (host->style != NULL)
    {
      nst_image_fit (host->style->width, host->style->height, size, &width, &height);
      layer = g_new0 (NstHostLayer, 1);
      layer->drawable = 7;
      layer->name = g_strdup ("Style (test)");
      layer->thumbnail = nst_image_resize (host->style, width, height, NULL);
      g_ptr_array_add (list, layer);
    }

  return list;
}

NstImage *
nst_host_read_style (NstHost *host, int drawable, const char *file, GError **error)
{
  host->reads++;
  if (drawable == 7 && host->style != NULL)
    return nst_image_copy (host->style, error);
  if (*file != '\0')
    return nst_picture_load (file, error);

  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "No style");
  return NULL;
}

/* The selection, which the test may set; a file; nothing else. */
NstMask *
nst_host_read_mask (NstHost *host, int drawable G_GNUC_UNUSED, const char *name, GError **error)
{
  if (strcmp (name, "selection") == 0 && host->selection != NULL)
    return nst_mask_crop (host->selection, 0, 0, host->selection->width, host->selection->height, error);
  if (g_str_has_suffix (name, ".png"))
    return nst_picture_load_mask (name, error);

  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "No mask \"%s\"", name);
  return NULL;
}

NstImage *
nst_host_read_content (NstHost *host, NstOutput output G_GNUC_UNUSED, int longest, GError **error)
{
  const NstImage *content = host->content;
  int             width, height;

  if (longest == 0)
    return nst_image_copy (content, error);

  nst_image_fit (content->width, content->height, MIN (longest, MAX (content->width, content->height)),
                 &width, &height);

  return nst_image_resize (content, width, height, error);
}

char *
nst_host_get_name (NstHost *host)
{
  return host->gone ? NULL : g_strdup ("town.xcf, Background");
}

void
nst_host_get_size (NstHost *host, int *width, int *height)
{
  *width = host->gone ? 0 : host->content->width;
  *height = host->gone ? 0 : host->content->height;
}

/* The left half is transparent if the test has set that. */
guint8 *
nst_host_read_alpha (NstHost *host, int width, int height)
{
  guint8 *alpha = host->transparent ? g_malloc0 ((gsize) width * height) : NULL;

  for (int y = 0; alpha != NULL && y < height; y++)
    memset (alpha + (gsize) y * width + width / 2, 255, width - width / 2);

  return alpha;
}

gboolean
nst_host_is_grey (NstHost *host)
{
  return host->grey;
}

char *
nst_host_read_settings (NstHost *host, int drawable)
{
  return drawable == -1 && host->text != NULL ? nst_host_settings_new (host->text, strlen (host->text) + 1)
                                              : NULL;
}

void
nst_host_progress (NstHost *host G_GNUC_UNUSED, double fraction G_GNUC_UNUSED, const char *text G_GNUC_UNUSED)
{
}

gboolean
nst_host_write (NstHost *host, NstImage *picture, NstOutput output, const char *text, GError **error)
{
  if (host->refuse)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "The layer went away");
      return FALSE;
    }

  nst_image_unref (host->written);
  g_free (host->text);
  host->written = nst_image_ref (picture);
  host->output = output;
  host->text = g_strdup (text);

  return TRUE;
}
