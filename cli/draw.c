/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: text by Pango, pictures by cairo. */
#include "cli/draw.h"

#include <glib/gi18n-lib.h>
#include <pango/pangocairo.h>

#include "core/base/error.h"
#include "picture/picture.h"

#define MOST 32767 /* longest side of a cairo surface */

static cairo_surface_t *
new_surface (int width, int height, GError **error)
{
  cairo_surface_t *surface;
  cairo_status_t   status;

  if (width > MOST || height > MOST)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                   _ ("The sheet would be %d x %d pixels, but each side must be at most %d. Paint fewer or "
                      "smaller pictures"),
                   width, height, MOST);
      return NULL;
    }

  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  status = cairo_surface_status (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return surface;
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, _ ("The sheet of %d x %d pixels cannot be drawn: %s"),
               width, height, cairo_status_to_string (status));
  cairo_surface_destroy (surface);

  return NULL;
}

gboolean
nst_draw_check (int width, int height, GError **error)
{
  cairo_surface_t *surface = new_surface (width, height, error);

  if (surface == NULL)
    return FALSE;
  cairo_surface_destroy (surface);

  return TRUE;
}

cairo_t *
nst_draw_new (int width, int height, GError **error)
{
  cairo_surface_t *surface = new_surface (width, height, error);
  cairo_t         *cr;

  if (surface == NULL)
    return NULL;

  cr = cairo_create (surface);
  cairo_surface_destroy (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);

  return cr;
}

void
nst_draw_colour (cairo_t *cr, guint32 colour)
{
  cairo_set_source_rgb (cr, (colour >> 16) / 255.0, (colour >> 8 & 255) / 255.0, (colour & 255) / 255.0);
}

double
nst_draw_text (cairo_t *cr, const NstTextStyle *style, double x, double y, const char *text)
{
  PangoFontMap         *map = pango_cairo_font_map_get_default ();
  PangoContext         *context = pango_font_map_create_context (map);
  PangoLayout          *layout = pango_layout_new (context);
  PangoFontDescription *font = pango_font_description_from_string ("sans");
  int                   width, height;

  pango_font_description_set_absolute_size (font, style->size * PANGO_SCALE);
  pango_font_description_set_weight (font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_text (layout, text, -1);
  if (style->width > 0)
    {
      pango_layout_set_width (layout, style->width * PANGO_SCALE);
      pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
      pango_layout_set_alignment (layout, style->align == 0.5  ? PANGO_ALIGN_CENTER
                                          : style->align > 0.5 ? PANGO_ALIGN_RIGHT
                                                               : PANGO_ALIGN_LEFT);
    }
  pango_layout_get_pixel_size (layout, &width, &height);
  if (style->width > 0)
    width = style->width;
  if (cr != NULL)
    {
      nst_draw_colour (cr, style->colour);
      cairo_move_to (cr, x - style->align * width, y);
      pango_cairo_show_layout (cr, layout);
    }
  pango_font_description_free (font);
  g_object_unref (layout);
  g_object_unref (context);

  return height;
}

void
nst_draw_image (cairo_t *cr, const NstImage *image, int x, int y)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, image->width, image->height);
  guint8          *pixels = cairo_image_surface_get_data (surface);
  const int        stride = cairo_image_surface_get_stride (surface);

  if (pixels == NULL)
    {
      cairo_surface_destroy (surface);
      return;
    }

  for (int row = 0; row < image->height; row++)
    {
      const float *from = image->data + (gsize) row * image->width * 3;
      guint32     *to = (guint32 *) (pixels + (gsize) row * stride);

      for (int i = 0; i < image->width; i++, from += 3)
        {
          guint32 pixel = 0;

          for (int c = 0; c < 3; c++)
            pixel = pixel << 8 | (guint32) (CLAMP (from[c], 0, 1) * 255 + 0.5f);
          to[i] = pixel;
        }
    }
  cairo_surface_mark_dirty (surface);
  cairo_set_source_surface (cr, surface, x, y);
  cairo_paint (cr);
  cairo_surface_destroy (surface);
}

gboolean
nst_draw_save (cairo_t *cr, const char *path, GError **error)
{
  cairo_surface_t     *surface = cairo_get_target (cr);
  const int            stride = cairo_image_surface_get_stride (surface);
  const guint8        *pixels;
  g_autoptr (NstImage) image = nst_image_new (cairo_image_surface_get_width (surface),
                                              cairo_image_surface_get_height (surface), error);

  if (image == NULL)
    return FALSE;

  cairo_surface_flush (surface);
  pixels = cairo_image_surface_get_data (surface);
  for (int y = 0; y < image->height; y++)
    {
      const guint32 *from = (const guint32 *) (pixels + (gsize) y * stride);
      float         *to = image->data + (gsize) y * image->width * 3;

      for (int x = 0; x < image->width; x++)
        for (int c = 0; c < 3; c++)
          *to++ = (from[x] >> (16 - 8 * c) & 255) / 255.0f;
    }

  return nst_picture_keep (image, path, NULL, error);
}
