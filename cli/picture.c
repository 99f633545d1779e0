/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads pictures by gdk-pixbuf; writes PNG by libpng (8 or 16 bits) and other formats by gdk-pixbuf. */
#include "cli/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <png.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/image/decode.h"
#include "core/image/png-rows.h"

#define MANY_PIXELS (1 << 25) /* from here on a picture may be made smaller while it is read */
#define SIDE_FOR_SHAPE 16     /* at which size a picture is read to know how it is rotated */

/* Loading */

/* Checks that path is a picture of a reasonable size, without decoding it. width, height: of the file. */
static gboolean
check_file (const char *path, int *width, int *height, GError **error)
{
  GdkPixbufFormat *format;

  if (!nst_input_check (path, error))
    return FALSE;
  format = gdk_pixbuf_get_file_info (path, width, height);
  if (format == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: this is not a picture, or not in a format that can be read"), path);
      return FALSE;
    }
  if (!nst_decode_check_size (*width, *height, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  return TRUE;
}

/* Converts a pixbuf to floats, blended with white. Returns an owned picture; *transparent: whether any pixel
 * was transparent. as_alpha: alpha is read instead of colours. */
static NstImage *
from_pixbuf (const GdkPixbuf *pixbuf, gboolean as_alpha, gboolean *transparent, GError **error)
{
  const int     n = gdk_pixbuf_get_n_channels (pixbuf), stride = gdk_pixbuf_get_rowstride (pixbuf);
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  NstImage     *image = nst_image_new (gdk_pixbuf_get_width (pixbuf), gdk_pixbuf_get_height (pixbuf), error);

  *transparent = FALSE;
  if (image == NULL)
    return NULL;

  for (int y = 0; y < image->height; y++)
    {
      const guint8 *from = pixels + (gsize) y * stride;
      float        *to = image->data + (gsize) y * image->width * 3;

      for (int x = 0; x < image->width; x++, from += n, to += 3)
        {
          float alpha = n == 4 ? from[3] / 255.0f : 1;

          *transparent |= alpha < 1;
          for (int c = 0; c < 3; c++)
            to[c] = as_alpha ? alpha : from[c] / 255.0f * alpha + (1 - alpha);
        }
    }

  return image;
}

/* The size at which to read a picture of width x height pixels whose shorter side has to stay at least twice
 * side: that size, or a smaller one of the same proportions where the picture is very large. Smaller pictures
 * are read whole, since only one filter should touch them. */
static gboolean
reading_size (int *width, int *height, int side)
{
  const gint64 least = (gint64) 2 * side;
  const int    shorter = MIN (*width, *height);

  if (side == 0 || (gint64) *width * *height < MANY_PIXELS || shorter < 2 * least)
    return FALSE;
  nst_image_fit (*width, *height, (int) ceil ((double) least * MAX (*width, *height) / shorter), width,
                 height);

  return TRUE;
}

/* Reads a picture of width x height pixels; error does not name the file. as_alpha: its alpha instead. */
static NstImage *
read_picture (const char *path,
              int         width,
              int         height,
              int         side,
              gboolean    as_alpha,
              gboolean   *transparent,
              GError    **error)
{
  g_autoptr (GdkPixbuf) stored = NULL;
  g_autoptr (GdkPixbuf) upright = NULL;
  int                   out_width = width, out_height = height;
  const gboolean        reduced = reading_size (&out_width, &out_height, side);

  if (reduced)
    {
      GError   *reason = NULL;
      NstImage *image = nst_png_read_reduced (path, out_width, out_height, transparent, &reason);

      if (image != NULL)
        return image;
      if (reason != NULL)
        {
          g_propagate_error (error, reason);
          return NULL;
        }
    }
  if (!nst_decode_check_memory (width, height, out_width, out_height, error))
    return NULL;

  stored = reduced ? gdk_pixbuf_new_from_file_at_scale (path, out_width, out_height, FALSE, error)
                   : gdk_pixbuf_new_from_file (path, error);
  if (stored == NULL)
    return NULL;
  upright = gdk_pixbuf_apply_embedded_orientation (stored);
  if (upright == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("there is not enough memory to rotate the picture upright"));
      return NULL;
    }

  return from_pixbuf (upright, as_alpha, transparent, error);
}

NstImage *
nst_picture_load_for (const char *path, int side, GError **error)
{
  NstImage *image;
  gboolean  transparent;
  int       width, height;

  if (!check_file (path, &width, &height, error))
    return NULL;

  image = read_picture (path, width, height, side, FALSE, &transparent, error);
  if (image == NULL)
    g_prefix_error (error, "%s: ", path);
  else if (transparent)
    g_printerr (_ ("%s: transparent areas are shown on white\n"), path);

  return image;
}

gboolean
nst_picture_size (const char *path, int *width, int *height, GError **error)
{
  int                  stored_width, stored_height;
  gboolean             transparent;
  g_autoptr (NstImage) image = NULL;

  if (!check_file (path, &stored_width, &stored_height, error))
    return FALSE;
  image = read_picture (path, stored_width, stored_height, SIDE_FOR_SHAPE, FALSE, &transparent, error);
  if (image == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  /* The file's header says nothing about the orientation, a picture that was made smaller nothing else. */
  if ((image->width > image->height) == (stored_width > stored_height) || image->width == image->height)
    *width = stored_width, *height = stored_height;
  else
    *width = stored_height, *height = stored_width;

  return TRUE;
}

NstMask *
nst_picture_load_mask (const char *path, GError **error)
{
  g_autoptr (NstImage) image = NULL;
  gboolean             transparent = FALSE;
  int                  width, height;

  if (!check_file (path, &width, &height, error))
    return NULL;

  image = read_picture (path, width, height, 0, FALSE, &transparent, error);
  if (image != NULL && transparent)
    {
      nst_image_unref (image);
      image = read_picture (path, width, height, 0, TRUE, &transparent, error);
    }
  if (image == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }

  return nst_mask_from_image (image, error);
}

NstImage *
nst_picture_load (const char *path, GError **error)
{
  return nst_picture_load_for (path, 0, error);
}

/* Saving */

typedef struct
{
  const char *extension, *format; /* format: gdk-pixbuf's name */
  const char *option, *value;     /* an option of gdk-pixbuf, or NULL */
} Format;

static const NstPictureFormat plain = { .depth = 8 };

static const Format formats[] = {
  { ".png", "png", NULL, NULL },  { ".jpg", "jpeg", "quality", "95" }, { ".jpeg", "jpeg", "quality", "95" },
  { ".tif", "tiff", NULL, NULL }, { ".tiff", "tiff", NULL, NULL },     { ".webp", "webp", "quality", "95" },
};

static const Format *
find_format (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_has_suffix (lower, formats[i].extension))
      return &formats[i];

  return NULL;
}

gboolean
nst_picture_is_extension (const char *extension)
{
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_ascii_strcasecmp (extension, formats[i].extension + 1) == 0)
      return TRUE;

  return FALSE;
}

/* Whether gdk-pixbuf can write the format of this name. */
static gboolean
can_write (const char *name)
{
  GSList  *list = gdk_pixbuf_get_formats ();
  gboolean found = FALSE;

  for (GSList *l = list; l != NULL; l = l->next)
    {
      g_autofree char *other = gdk_pixbuf_format_get_name (l->data);

      found |= strcmp (other, name) == 0 && gdk_pixbuf_format_is_writable (l->data);
    }
  g_slist_free (list);

  return found;
}

/* Checks that the format of path can be written with this depth. */
static gboolean
check_format (const char *path, const NstPictureFormat *wanted, GError **error)
{
  const Format *format = find_format (path);
  const int     depth = wanted->depth;

  if (format == NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("%s: the name must end in .png, .jpg, .tif or .webp"), path);
  else if (depth != 8 && depth != 16)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("--depth must be 8 or 16, not %d"), depth);
  else if (depth == 16 && strcmp (format->format, "png") != 0)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("%s: 16 bits are possible for PNG only; use --depth 8 or a name that ends in .png"),
                 path);
  else if (wanted->dpi != 0 && !(wanted->dpi >= 1 && wanted->dpi <= NST_PICTURE_MOST_DPI))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("--dpi must be 1 to %d, not %g"),
                 NST_PICTURE_MOST_DPI, wanted->dpi);
  else if (wanted->dpi != 0 && strcmp (format->format, "webp") == 0)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("%s: a WebP file states no resolution; use a name that ends in .png, .jpg or .tif"),
                 path);
  else if (strcmp (format->format, "png") != 0 && !can_write (format->format))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("%s: gdk-pixbuf has no module for writing %s on this computer; choose another format"),
                 path, format->format);
  else
    return TRUE;

  return FALSE;
}

gboolean
nst_picture_check_path (const char *path, const NstPictureFormat *format, GError **error)
{
  return check_format (path, format != NULL ? format : &plain, error) && nst_file_check (path, error);
}

/* Converts a value of 0..1 to 0..most. */
static inline guint
quantise (float value, guint most)
{
  return value > 0 ? (guint) lroundf (MIN (value, 1) * most) : 0;
}

/* Where libpng writes to. */
typedef struct
{
  FILE *stream;
  int   code; /* errno of a write that failed, or 0 */
} Output;

static void
write_bytes (png_structp png, png_bytep bytes, size_t n)
{
  Output *output = png_get_io_ptr (png);

  if (fwrite (bytes, 1, n, output->stream) == n)
    return;
  output->code = errno;
  png_error (png, "write error");
}

static void
flush_nothing (png_structp png G_GNUC_UNUSED)
{
}

/* The caller reports the error. */
static void G_GNUC_NORETURN
fail (png_structp png, png_const_charp text G_GNUC_UNUSED)
{
  png_longjmp (png, 1);
}

static void
encode_rows (
    const NstImage *image, const NstPictureFormat *format, png_structp png, png_infop info, guint8 *row)
{
  const int   depth = format->depth;
  const guint per_metre = lround (format->dpi / 0.0254);

  png_set_IHDR (png, info, image->width, image->height, depth, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_sRGB (png, info, PNG_sRGB_INTENT_PERCEPTUAL);
  if (per_metre > 0)
    png_set_pHYs (png, info, per_metre, per_metre, PNG_RESOLUTION_METER);
  png_write_info (png, info);
  for (int y = 0; y < image->height; y++)
    {
      const float *from = image->data + (gsize) y * image->width * 3;

      for (gsize i = 0; i < (gsize) image->width * 3; i++)
        if (depth == 8)
          row[i] = quantise (from[i], G_MAXUINT8);
        else
          {
            guint value = quantise (from[i], G_MAXUINT16);

            row[2 * i] = value >> 8;
            row[2 * i + 1] = value & 0xff;
          }
      png_write_row (png, row);
    }
  png_write_end (png, info);
}

/* Writes the file to output. FALSE: output->code, or not enough memory if that is 0. */
static gboolean
encode_png (const NstImage *image, const NstPictureFormat *format, Output *output)
{
  g_autofree guint8 *row = g_try_malloc ((gsize) image->width * 3 * (format->depth / 8));
  png_structp        png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, fail, NULL);
  png_infop          info = png != NULL ? png_create_info_struct (png) : NULL;
  volatile gboolean  good = FALSE;

  if (row != NULL && info != NULL && setjmp (png_jmpbuf (png)) == 0)
    {
      png_set_user_limits (png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
      png_set_write_fn (png, output, write_bytes, flush_nothing);
      encode_rows (image, format, png, info, row);
      good = TRUE;
    }
  png_destroy_write_struct (&png, &info);

  return good;
}

static gboolean
save_png (const NstImage *image, const char *path, const NstPictureFormat *format, GError **error)
{
  g_autoptr (NstFileWriter) writer = nst_file_writer_new (path, error);
  Output                    output = { NULL };

  if (writer == NULL)
    return FALSE;

  output.stream = nst_file_writer_stream (writer);
  if (encode_png (image, format, &output))
    return nst_file_writer_finish (writer, error);
  if (output.code != 0)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (output.code), _ ("%s: cannot be written: %s"),
                 path, g_strerror (output.code));
  else
    g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                 _ ("%s: there is not enough memory to write %d x %d pixels"), path, image->width,
                 image->height);

  return FALSE;
}

static GdkPixbuf *
to_pixbuf (const NstImage *image)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, image->width, image->height);

  for (int y = 0; pixbuf != NULL && y < image->height; y++)
    {
      const float *from = image->data + (gsize) y * image->width * 3;
      guint8      *to = gdk_pixbuf_get_pixels (pixbuf) + (gsize) y * gdk_pixbuf_get_rowstride (pixbuf);

      for (gsize i = 0; i < (gsize) image->width * 3; i++)
        to[i] = quantise (from[i], G_MAXUINT8);
    }

  return pixbuf;
}

static gboolean
save_pixbuf (const NstImage *image, const char *path, const Format *format, double dpi, GError **error)
{
  g_autofree char      *resolution = g_strdup_printf ("%d", (int) lround (dpi));
  const char           *keys[] = { format->option, "x-dpi", "y-dpi", NULL };
  const char           *values[] = { format->value, resolution, resolution, NULL };
  const int             first = format->option == NULL;
  g_autoptr (GdkPixbuf) pixbuf = to_pixbuf (image);
  g_autofree char      *bytes = NULL;
  gsize                 length;

  if (pixbuf == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("%s: there is not enough memory to write %d x %d pixels"), path, image->width,
                   image->height);
      return FALSE;
    }
  if (dpi == 0)
    keys[1] = NULL;
  if (!gdk_pixbuf_save_to_bufferv (pixbuf, &bytes, &length, format->format, (char **) keys + first,
                                   (char **) values + first, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  return nst_file_write (path, bytes, length, error);
}

gboolean
nst_picture_save (const NstImage *image, const char *path, const NstPictureFormat *format, GError **error)
{
  const Format *type = find_format (path);

  if (format == NULL)
    format = &plain;
  if (!check_format (path, format, error))
    return FALSE;

  return strcmp (type->format, "png") == 0 ? save_png (image, path, format, error)
                                           : save_pixbuf (image, path, type, format->dpi, error);
}

/* Writes a PNG file to the temporary folder and returns its path, owned. */
static char *
save_temporary (const NstImage *image, const NstPictureFormat *format, GError **error)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "pastiche-XXXXXX.png", NULL);
  const int        file = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0666);
  int              code;

  if (file < 0)
    {
      code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));
      return NULL;
    }
  close (file);
  if (nst_picture_save (image, path, format, error))
    return g_steal_pointer (&path);
  g_unlink (path);

  return NULL;
}

gboolean
nst_picture_keep (const NstImage *image, const char *path, const NstPictureFormat *format, GError **error)
{
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) second = NULL;
  g_autofree char   *other = NULL;

  if (nst_picture_save (image, path, format, &first))
    return TRUE;

  other = save_temporary (image, format, &second);
  if (other != NULL)
    g_set_error (error, first->domain, first->code, _ ("%s. The picture was saved as %s instead"),
                 first->message, other);
  else
    g_set_error (error, first->domain, first->code,
                 _ ("%s. The picture could not be saved in the temporary folder either: %s"), first->message,
                 second->message);

  return FALSE;
}
