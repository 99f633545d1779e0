/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saves results: PNG row by row, other formats by libvips. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <vips/vips.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "picture/picture.h"
#include "picture/png.h"
#include "picture/vips.h"

/* libvips 8.15 and later define this for VipsImage itself. */
typedef VipsImage NstVipsImage;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstVipsImage, g_object_unref)

#define MM_PER_INCH 25.4
#define UNKNOWN 1 /* pixels an inch, for formats that must store a resolution */
#define QUALITY 95

/* A kind of file. */
typedef struct
{
  const char *extension, *saver; /* saver: libvips' name */
  NstDepth    deepest;
  gboolean    alpha;
  gboolean    embeds; /* gexiv2 can store metadata in it */
  gboolean    states; /* it can state a resolution */
} Kind;

static const Kind kinds[] = {
  { ".png", "pngsave", NST_DEPTH_16, TRUE, TRUE, TRUE },
  { ".jpg", "jpegsave", NST_DEPTH_8, FALSE, TRUE, TRUE },
  { ".jpeg", "jpegsave", NST_DEPTH_8, FALSE, TRUE, TRUE },
  { ".tif", "tiffsave", NST_DEPTH_FLOAT, TRUE, TRUE, TRUE },
  { ".tiff", "tiffsave", NST_DEPTH_FLOAT, TRUE, TRUE, TRUE },
  { ".webp", "webpsave", NST_DEPTH_8, TRUE, TRUE, FALSE },
  { ".avif", "heifsave", NST_DEPTH_8, TRUE, FALSE, FALSE },
  { ".jxl", "jxlsave", NST_DEPTH_FLOAT, TRUE, FALSE, FALSE },
};

static const NstPictureFormat plain = { .depth = NST_DEPTH_8 };

static const char *
depth_name (NstDepth depth)
{
  return depth == NST_DEPTH_8 ? "8" : depth == NST_DEPTH_16 ? "16" : "float";
}

gboolean
nst_depth_parse (const char *text, NstDepth *depth, GError **error)
{
  g_autofree char      *found = nst_text_quote (text);
  static const NstDepth all[] = { NST_DEPTH_8, NST_DEPTH_16, NST_DEPTH_FLOAT };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (strcmp (text, depth_name (all[i])) == 0)
      {
        *depth = all[i];
        return TRUE;
      }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("--depth: expected 8, 16 or float, found \"%s\""), found);

  return FALSE;
}

static const Kind *
find_kind (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_suffix (lower, kinds[i].extension))
      return &kinds[i];

  return NULL;
}

gboolean
nst_picture_is_extension (const char *extension)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_ascii_strcasecmp (extension, kinds[i].extension + 1) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
is_png (const Kind *kind)
{
  return strcmp (kind->saver, "pngsave") == 0;
}

/* Whether libvips can write this kind on this computer. */
static gboolean
can_write (const Kind *kind)
{
  return vips_type_find ("VipsForeignSave", kind->saver) != 0;
}

/* Checks that the kind of path can hold this. */
static gboolean
check_format (const char *path, const NstPictureFormat *format, GError **error)
{
  const Kind *kind = find_kind (path);

  if (kind == NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("%s: the name must end in .png, .jpg, .tif, .webp, .avif or .jxl"), path);
  else if (format->depth > kind->deepest)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("%s: a %s file cannot store --depth %s; use --depth %s, or a name that ends in %s"), path,
                 kind->extension, depth_name (format->depth), depth_name (kind->deepest),
                 format->depth == NST_DEPTH_16 ? ".png" : ".tif");
  else if (format->dpi != 0 && !(format->dpi >= 1 && format->dpi <= NST_PICTURE_MOST_DPI))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("--dpi must be 1 to %d, not %g"),
                 NST_PICTURE_MOST_DPI, format->dpi);
  else if (format->dpi != 0 && !kind->states)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("%s: a %s file states no resolution; use a name that ends in .png, .jpg or .tif"), path,
                 kind->saver[0] == 'w' ? "WebP" : kind->extension);
  else if (is_png (kind))
    return TRUE;
  else if (!nst_vips_initialise (error))
    return FALSE;
  else if (!can_write (kind))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("%s: libvips on this computer cannot write %s files; choose another format"), path,
                 kind->extension);
  else
    return TRUE;

  return FALSE;
}

gboolean
nst_picture_check_path (const char *path, const NstPictureFormat *format, GError **error)
{
  return check_format (path, format != NULL ? format : &plain, error) && nst_file_check (path, error);
}

/* The pixels as an image of libvips, which uses *data; *data is owned by the caller. NULL: no memory. */
static VipsImage *
to_vips (NstPixels *pixels, guint8 **data)
{
  static const VipsBandFormat bands[] = { [NST_DEPTH_8] = VIPS_FORMAT_UCHAR,
                                          [NST_DEPTH_16] = VIPS_FORMAT_USHORT,
                                          [NST_DEPTH_FLOAT] = VIPS_FORMAT_FLOAT };
  const gsize                 stride = nst_pixels_stride (pixels);

  *data = g_try_malloc_n (pixels->height, stride);
  if (*data == NULL)
    return NULL;
  for (int y = 0; y < pixels->height; y++)
    nst_pixels_get_row (pixels, y, *data + y * stride);

  return vips_image_new_from_memory (*data, stride * pixels->height, pixels->width, pixels->height,
                                     pixels->channels, bands[pixels->depth]);
}

static VipsInterpretation
interpretation (const NstPixels *pixels)
{
  if (pixels->grey)
    return pixels->depth == NST_DEPTH_16 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
  if (pixels->depth == NST_DEPTH_FLOAT)
    return VIPS_INTERPRETATION_scRGB;

  return pixels->depth == NST_DEPTH_16 ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
}

/* The block, with a prefix, becomes a block of the image. */
static void
set_block (VipsImage *image, const char *name, GBytes *bytes, const char *prefix, gsize n)
{
  gsize            length;
  gconstpointer    data = g_bytes_get_data (bytes, &length);
  g_autofree char *whole = g_malloc (n + length);

  memcpy (whole, prefix, n);
  memcpy (whole + n, data, length);
  vips_image_set_blob_copy (image, name, whole, n + length);
}

static int
encode (VipsImage *image, const Kind *kind, const NstPixels *pixels, void **bytes, size_t *length)
{
  if (strcmp (kind->saver, "jpegsave") == 0)
    return vips_jpegsave_buffer (image, bytes, length, "Q", QUALITY, NULL);
  if (strcmp (kind->saver, "webpsave") == 0)
    return vips_webpsave_buffer (image, bytes, length, "Q", QUALITY, NULL);
  if (strcmp (kind->saver, "heifsave") == 0)
    return vips_heifsave_buffer (image, bytes, length, "Q", QUALITY, "compression",
                                 VIPS_FOREIGN_HEIF_COMPRESSION_AV1, NULL);
  if (strcmp (kind->saver, "jxlsave") == 0)
    return vips_jxlsave_buffer (image, bytes, length, "lossless", TRUE, NULL);

  return vips_tiffsave_buffer (image, bytes, length, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE,
                               "predictor",
                               pixels->depth == NST_DEPTH_FLOAT ? VIPS_FOREIGN_TIFF_PREDICTOR_NONE
                                                                : VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL,
                               "resunit", VIPS_FOREIGN_TIFF_RESUNIT_INCH, NULL);
}

/* Encodes by libvips. Returns the file's bytes, owned by the caller. */
static GBytes *
encode_vips (NstPixels          *pixels,
             const Kind         *kind,
             const NstMetadata  *metadata,
             const NstPngBlocks *blocks,
             const char         *path,
             GError            **error)
{
  static const char        mark[6] = "Exif\0";
  g_autofree guint8       *data = NULL;
  g_autoptr (NstVipsImage) bare = to_vips (pixels, &data);
  g_autoptr (NstVipsImage) image = NULL;
  void                    *bytes = NULL;
  size_t                   length;
  GBytes                  *file;

  if (bare == NULL
      || vips_copy (bare, &image, "interpretation", interpretation (pixels), "xres",
                    (blocks->x_resolution > 0 ? blocks->x_resolution : UNKNOWN) / MM_PER_INCH, "yres",
                    (blocks->y_resolution > 0 ? blocks->y_resolution : UNKNOWN) / MM_PER_INCH, NULL)
             != 0)
    {
      vips_error_clear ();
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("%s: there is not enough memory to write %d x %d pixels"), path, pixels->width,
                   pixels->height);
      return NULL;
    }
  if (pixels->profile != NULL)
    set_block (image, VIPS_META_ICC_NAME, pixels->profile, NULL, 0);
  if (!kind->embeds && blocks->exif != NULL)
    set_block (image, VIPS_META_EXIF_NAME, blocks->exif, mark, sizeof mark);
  if (!kind->embeds && blocks->xmp != NULL)
    set_block (image, VIPS_META_XMP_NAME, blocks->xmp, NULL, 0);
  if (encode (image, kind, pixels, &bytes, &length) != 0)
    {
      g_autofree char *reason = nst_vips_take_message ();

      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("%s: cannot be encoded: %s"), path, reason);
      return NULL;
    }

  file = g_bytes_new_with_free_func (bytes, length, g_free, bytes);
  if (kind->embeds && metadata != NULL && !nst_metadata_embed (metadata, &file, error))
    {
      g_prefix_error (error, "%s: ", path);
      g_bytes_unref (file);
      return NULL;
    }

  return file;
}

static gboolean
save_png (NstPixels *pixels, const NstPngBlocks *blocks, const char *path, GError **error)
{
  g_autoptr (NstFileWriter) writer = nst_file_writer_new (path, error);

  return writer != NULL && nst_png_write (pixels, blocks, nst_file_writer_stream (writer), path, error)
         && nst_file_writer_finish (writer, error);
}

static NstDepth
choose_depth (const Kind *kind, const NstPictureFormat *format)
{
  NstDepth depth = format->depth;

  if (depth == NST_DEPTH_CONTENT)
    depth = format->origin != NULL ? format->origin->depth : NST_DEPTH_8;

  return MIN (depth, kind->deepest);
}

/* What the file holds besides pixels, from the origin and the format. Returns the metadata to store, borrowed
 * from the origin or from *own; NULL: none. */
static NstMetadata *
collect_blocks (const NstPictureFormat *format,
                const Kind             *kind,
                const NstImage         *image,
                NstMetadata           **own,
                NstPngBlocks           *blocks)
{
  const NstOrigin *origin = format->origin;
  const char      *property = is_png (kind) ? NULL : format->recipe; /* a PNG has texts of its own */
  NstMetadata     *metadata = origin != NULL ? origin->metadata : NULL;

  blocks->recipe = format->recipe;
  if (origin != NULL)
    {
      blocks->x_resolution = origin->x_resolution;
      blocks->y_resolution = origin->y_resolution;
    }
  if (format->dpi > 0)
    blocks->x_resolution = blocks->y_resolution = format->dpi;
  if (metadata == NULL && property != NULL)
    metadata = *own = nst_metadata_new ();
  if (metadata == NULL)
    return NULL;

  nst_metadata_update (metadata, property, image->width, image->height, blocks->x_resolution,
                       blocks->y_resolution);
  blocks->exif = nst_metadata_get_exif (metadata);
  blocks->xmp = nst_metadata_get_xmp (metadata);

  return metadata;
}

gboolean
nst_picture_save (const NstImage *image, const char *path, const NstPictureFormat *format, GError **error)
{
  const Kind             *kind = find_kind (path);
  g_auto (NstPixels)      pixels = { 0 };
  g_autoptr (NstMetadata) own = NULL;
  g_autoptr (GBytes)      file = NULL;
  NstPngBlocks            blocks = { NULL };
  NstMetadata            *metadata;
  gboolean                good;

  if (format == NULL)
    format = &plain;
  if (!check_format (path, format, error))
    return FALSE;
  if (!nst_pixels_init (&pixels, image, format->origin, choose_depth (kind, format), kind->alpha, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  metadata = collect_blocks (format, kind, image, &own, &blocks);
  if (is_png (kind))
    good = save_png (&pixels, &blocks, path, error);
  else
    {
      file = encode_vips (&pixels, kind, metadata, &blocks, path, error);
      good = file != NULL
             && nst_file_write (path, g_bytes_get_data (file, NULL), g_bytes_get_size (file), error);
    }
  g_clear_pointer (&blocks.exif, g_bytes_unref);
  g_clear_pointer (&blocks.xmp, g_bytes_unref);

  return good;
}

/* Writes a PNG file to the temporary folder and returns its path, owned. */
static char *
save_temporary (const NstImage *image, const NstPictureFormat *format, GError **error)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "pastiche-XXXXXX.png", NULL);
  const int        file = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0666);
  NstPictureFormat other = plain;
  int              code;

  if (file < 0)
    {
      code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));
      return NULL;
    }
  close (file);
  if (format != NULL)
    other = *format;
  other.depth = MIN (other.depth, NST_DEPTH_16);
  if (nst_picture_save (image, path, &other, error))
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
