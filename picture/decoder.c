/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads picture files row by row, by libvips. */
#include "picture/decoder.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>
#include <vips/vips.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "core/image/decode.h"
#include "picture/vips.h"

#define MM_PER_INCH 25.4

struct _NstDecoder
{
  NstDecoderHeader header;
  VipsImage       *image;  /* owned */
  VipsRegion      *region; /* owned; NULL before the first row */
  double           unit;   /* by which the file's numbers are divided */
  double           opaque; /* the same for alpha */
  gboolean         premultiplied;
};

/* The loaders that may be used, and which of the file's faults they take for an error. libjpeg calls corrupt
 * data a warning; the others warn about harmless things. ImageMagick reads only what is named in is_magick
 * (). */
static const struct
{
  const char *name;
  VipsFailOn  fail_on;
} loaders[] = {
  { "pngload", VIPS_FAIL_ON_ERROR },      { "jpegload", VIPS_FAIL_ON_WARNING },
  { "tiffload", VIPS_FAIL_ON_ERROR },     { "webpload", VIPS_FAIL_ON_ERROR },
  { "heifload", VIPS_FAIL_ON_ERROR },     { "jxlload", VIPS_FAIL_ON_ERROR },
  { "gifload", VIPS_FAIL_ON_ERROR },      { "svgload", VIPS_FAIL_ON_ERROR },
  { "openexrload", VIPS_FAIL_ON_ERROR },  { "ppmload", VIPS_FAIL_ON_ERROR },
  { "radload", VIPS_FAIL_ON_ERROR },      { "jp2kload", VIPS_FAIL_ON_ERROR },
  { "magickload", VIPS_FAIL_ON_WARNING },
};

/* Whether the file has these n bytes at this place. */
static gboolean
has_bytes (const char *path, gsize at, const char *bytes, gsize n)
{
  char     found[16];
  FILE    *file = fopen (path, "rb");
  gboolean same = file != NULL && fseek (file, at, SEEK_SET) == 0 && fread (found, 1, n, file) == n
                  && memcmp (found, bytes, n) == 0;

  if (file != NULL)
    fclose (file);

  return same;
}

/* The error for a file that no loader takes: it names the library that is missing. */
static void
set_unknown (const char *path, GError **error)
{
  static const struct
  {
    gsize       at, n;
    const char *bytes, *format, *library;
  } kinds[] = {
    { 0, 2, "\xff\x0a", "JPEG XL", "libjxl" },
    { 4, 8, "JXL \r\n\x87\n", "JPEG XL", "libjxl" },
    { 4, 8, "ftypavif", "AVIF", "libheif" },
    { 4, 4, "ftyp", "HEIF", "libheif" },
    { 0, 4, "\x76\x2f\x31\x01", "OpenEXR", "OpenEXR" },
    { 4, 4, "jP  ", "JPEG 2000", "OpenJPEG" },
    { 0, 4, "<svg", "SVG", "librsvg" },
    { 8, 4, "WEBP", "WebP", "libwebp" },
  };

  if (has_bytes (path, 0, "gimp xcf ", 9))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: GIMP's own files can be read in GIMP only: export it as PNG or TIFF, or paint it "
                      "with "
                      "the filter"),
                   path);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (has_bytes (path, kinds[i].at, kinds[i].bytes, kinds[i].n))
      {
        g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                     _ ("%s: this libvips (package libvips42) was built without %s, which %s pictures need"),
                     path, kinds[i].library, kinds[i].format);
        return;
      }
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("%s: this is not a picture, or not in a format that can be read"), path);
}

/* ImageMagick knows formats that are programs; only BMP and Photoshop's pictures are given to it. */
static gboolean
is_magick (const char *path)
{
  return has_bytes (path, 0, "BM", 2) || has_bytes (path, 0, "8BPS", 4);
}

/* The index of the loader for this file; -1: none. flags: of the loader. */
static int
find_loader (const char *path, VipsForeignFlags *flags)
{
  const char *class = vips_foreign_find_load (path);
  const char *name = class != NULL ? vips_nickname_find (g_type_from_name (class)) : NULL;

  vips_error_clear ();
  *flags = class != NULL ? vips_foreign_flags (class, path) : 0;
  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (loaders); i++)
    if (strcmp (name, loaders[i].name) == 0)
      return strcmp (name, "magickload") != 0 || is_magick (path) ? (int) i : -1;

  return -1;
}

static VipsImage *
open_file (const char *path, int loader, gboolean damaged, double scale)
{
  const VipsFailOn fail_on = damaged ? VIPS_FAIL_ON_NONE : loaders[loader].fail_on;
  VipsImage       *image = NULL;

  if (strcmp (loaders[loader].name, "svgload") == 0)
    vips_svgload (path, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, "scale", scale, NULL);
  else
    vips_call (loaders[loader].name, path, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on,
               NULL);

  return image;
}

/* Replaces *image by the result of an operation on it. */
static void
replace (VipsImage **image, VipsImage *other)
{
  g_object_unref (*image);
  *image = other;
}

/* Which colours the bands are. */
static void
find_colours (NstDecoder *decoder)
{
  VipsImage *other = NULL;

  /* Lab of eight bits is packed. */
  if (vips_image_get_coding (decoder->image) == VIPS_CODING_LABQ
      && vips_LabQ2Lab (decoder->image, &other, NULL) == 0)
    replace (&decoder->image, other);
  other = NULL;

  switch (vips_image_guess_interpretation (decoder->image))
    {
    case VIPS_INTERPRETATION_CMYK:
      decoder->header.colours = NST_COLOURS_CMYK;
      break;
    case VIPS_INTERPRETATION_LABS:
      if (vips_LabS2Lab (decoder->image, &other, NULL) == 0)
        replace (&decoder->image, other);
      decoder->header.colours = NST_COLOURS_LAB;
      break;
    case VIPS_INTERPRETATION_LAB:
      decoder->header.colours = NST_COLOURS_LAB;
      break;
    default:
      decoder->header.colours = vips_image_get_bands (decoder->image) < 3 ? NST_COLOURS_GREY
                                                                          : NST_COLOURS_RGB;
    }
}

/* How numbers are stored. FALSE: in a way that cannot be read. */
static gboolean
find_depth (NstDecoder *decoder)
{
  VipsImage *other = NULL;
  int        bits;

  switch (vips_image_get_format (decoder->image))
    {
    case VIPS_FORMAT_UCHAR:
      decoder->header.depth = NST_DEPTH_8;
      decoder->unit = G_MAXUINT8;
      return TRUE;
    case VIPS_FORMAT_USHORT:
      decoder->header.depth = NST_DEPTH_16;
      decoder->unit = G_MAXUINT16;
      /* HEIF's 10 and 12 bits are the upper ones. */
      if (vips_image_get_typeof (decoder->image, "heif-bitdepth") != 0
          && vips_image_get_int (decoder->image, "heif-bitdepth", &bits) == 0 && bits > 8 && bits < 16)
        decoder->unit = ((1 << bits) - 1) << (16 - bits);
      return TRUE;
    case VIPS_FORMAT_UINT:
      decoder->unit = G_MAXUINT32;
      break;
    case VIPS_FORMAT_FLOAT:
    case VIPS_FORMAT_DOUBLE:
      decoder->unit = 1;
      decoder->header.linear = decoder->header.colours != NST_COLOURS_LAB;
      break;
    default:
      return FALSE;
    }

  decoder->header.depth = NST_DEPTH_FLOAT;
  if (vips_cast (decoder->image, &other, VIPS_FORMAT_FLOAT, NULL) != 0)
    return FALSE;
  replace (&decoder->image, other);

  return TRUE;
}

static int
get_number (VipsImage *image, const char *name, int otherwise)
{
  int number;

  return vips_image_get_typeof (image, name) != 0 && vips_image_get_int (image, name, &number) == 0
             ? number
             : otherwise;
}

/* The alpha of an opaque pixel of OpenEXR: 255 or 1, depending on the version of libvips. */
static double
opaque_of_exr (void)
{
  VipsImage *black = NULL, *colours = NULL, *opaque = NULL;
  double    *pixel = NULL, found = 1;
  int        n;

  if (vips_black (&black, 1, 1, "bands", 3, NULL) == 0
      && vips_copy (black, &colours, "interpretation", VIPS_INTERPRETATION_scRGB, NULL) == 0
      && vips_addalpha (colours, &opaque, NULL) == 0 && vips_getpoint (opaque, &pixel, &n, 0, 0, NULL) == 0)
    found = pixel[n - 1];
  g_free (pixel);
  g_clear_object (&opaque);
  g_clear_object (&colours);
  g_clear_object (&black);
  vips_error_clear ();

  return found;
}

/* Fills in the header. FALSE: this kind of pixels cannot be read. */
static gboolean
examine (NstDecoder *decoder, const char *loader, VipsForeignFlags flags)
{
  NstDecoderHeader *header = &decoder->header;
  int               extra;

  find_colours (decoder);
  if (!find_depth (decoder))
    return FALSE;
  if (header->colours == NST_COLOURS_LAB)
    decoder->unit = 1;
  extra = vips_image_get_bands (decoder->image) - nst_colours_count (header->colours);
  header->alpha = extra > 0;
  header->width = vips_image_get_width (decoder->image);
  header->height = vips_image_get_height (decoder->image);
  header->orientation = vips_image_get_orientation (decoder->image);
  header->pages = strcmp (loader, "tiffload") == 0 || strcmp (loader, "gifload") == 0
                          || strcmp (loader, "webpload") == 0 || strcmp (loader, "heifload") == 0
                      ? vips_image_get_n_pages (decoder->image)
                      : 1;
  header->streams = (flags & (VIPS_FOREIGN_PARTIAL | VIPS_FOREIGN_SEQUENTIAL)) != 0
                    && get_number (decoder->image, "interlaced", 0) == 0;
  /* Without a statement in the file, libvips says 1 pixel a millimetre, or 72 an inch. */
  header->x_resolution = vips_image_get_xres (decoder->image) * MM_PER_INCH;
  header->y_resolution = vips_image_get_yres (decoder->image) * MM_PER_INCH;
  if (vips_image_get_typeof (decoder->image, "resolution-unit") == 0
      && (vips_image_get_xres (decoder->image) == 1 || fabs (header->x_resolution - 72) < 0.1))
    header->x_resolution = header->y_resolution = 0;
  decoder->premultiplied = header->alpha && strcmp (loader, "openexrload") == 0;
  decoder->opaque = decoder->premultiplied ? opaque_of_exr () : decoder->unit;

  return extra >= 0;
}

/* The scale at which a drawing has a longer side of side pixels. */
static double
drawing_scale (VipsImage *image, int side)
{
  return side > 0 ? (double) side / MAX (vips_image_get_width (image), vips_image_get_height (image)) : 1;
}

NstDecoder *
nst_decoder_new (const char *path, int side, gboolean damaged, GError **error)
{
  g_autoptr (NstDecoder) decoder = NULL;
  VipsForeignFlags       flags;
  int                    loader;

  if (!nst_input_check (path, error) || !nst_vips_initialise (error))
    return NULL;
  loader = find_loader (path, &flags);
  if (loader < 0)
    {
      set_unknown (path, error);
      return NULL;
    }

  decoder = g_new0 (NstDecoder, 1);
  decoder->image = open_file (path, loader, damaged, 1);
  if (decoder->image != NULL && strcmp (loaders[loader].name, "svgload") == 0 && side > 0)
    replace (&decoder->image, open_file (path, loader, damaged, drawing_scale (decoder->image, side)));
  if (decoder->image == NULL)
    {
      g_autofree char *reason = nst_vips_take_message ();

      if (strstr (reason, "unsupported tiff image type") != NULL)
        g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                     _ ("%s: TIFF files with numbers of this kind (half floats, for example) cannot be read: "
                        "store 32-bit floats, or OpenEXR"),
                     path);
      else
        g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("%s: the picture is damaged at its start (%s)"),
                     path, reason);
      return NULL;
    }
  if (!nst_decode_check_size (vips_image_get_width (decoder->image), vips_image_get_height (decoder->image),
                              error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (!examine (decoder, loaders[loader].name, flags))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: pixels of %d numbers of the kind \"%s\" cannot be read"), path,
                   vips_image_get_bands (decoder->image),
                   vips_enum_nick (VIPS_TYPE_BAND_FORMAT, vips_image_get_format (decoder->image)));
      vips_error_clear ();
      return NULL;
    }

  return g_steal_pointer (&decoder);
}

void
nst_decoder_free (NstDecoder *decoder)
{
  if (decoder == NULL)
    return;
  g_clear_object (&decoder->region);
  g_clear_object (&decoder->image);
  g_free (decoder);
}

const NstDecoderHeader *
nst_decoder_header (const NstDecoder *decoder)
{
  return &decoder->header;
}

GBytes *
nst_decoder_get_block (const NstDecoder *decoder, const char *kind)
{
  const void *data;
  size_t      n;

  if (vips_image_get_typeof (decoder->image, kind) == 0
      || vips_image_get_blob (decoder->image, kind, &data, &n) != 0 || n == 0)
    return NULL;

  return g_bytes_new (data, n);
}

/* libvips names texts "png-comment-N-KEY". */
static void *
find_text (VipsImage *image, const char *name, GValue *value G_GNUC_UNUSED, void *key)
{
  const char *dash = g_str_has_prefix (name, "png-comment-") ? strchr (name + strlen ("png-comment-"), '-')
                                                             : NULL;
  const char *text;

  return dash != NULL && strcmp (dash + 1, key) == 0 && vips_image_get_string (image, name, &text) == 0
             ? (void *) text
             : NULL;
}

char *
nst_decoder_get_text (const NstDecoder *decoder, const char *key)
{
  return g_strdup (vips_image_map (decoder->image, find_text, (void *) key));
}

GBytes *
nst_decoder_cmyk_profile (void)
{
  VipsBlob   *blob = NULL;
  const void *data;
  size_t      n;
  GBytes     *bytes;

  if (vips_profile_load ("cmyk", &blob, NULL) != 0 || blob == NULL)
    {
      vips_error_clear ();
      return NULL;
    }
  data = vips_blob_get (blob, &n);
  bytes = g_bytes_new (data, n);
  vips_area_unref (VIPS_AREA (blob));

  return bytes;
}

/* One number of a row of the file. */
static inline float
number_at (const void *row, VipsBandFormat format, gsize i)
{
  if (format == VIPS_FORMAT_UCHAR)
    return ((const guint8 *) row)[i];

  return format == VIPS_FORMAT_USHORT ? ((const guint16 *) row)[i] : ((const float *) row)[i];
}

static void
convert_row (const NstDecoder *decoder, const void *row, float *colours, float *alpha)
{
  const VipsBandFormat format = vips_image_get_format (decoder->image);
  const int            bands = vips_image_get_bands (decoder->image);
  const int            n = nst_colours_count (decoder->header.colours);
  const float          unit = decoder->unit;

  for (int x = 0; x < decoder->header.width; x++)
    {
      for (int c = 0; c < n; c++)
        colours[x * n + c] = number_at (row, format, (gsize) x * bands + c) / unit;
      if (decoder->header.alpha)
        alpha[x] = number_at (row, format, (gsize) x * bands + n) / decoder->opaque;
      if (decoder->premultiplied && alpha[x] > 0)
        for (int c = 0; c < n; c++)
          colours[x * n + c] /= alpha[x];
    }
}

gboolean
nst_decoder_read (NstDecoder *decoder, int y, int rows, float *colours, float *alpha, GError **error)
{
  const gsize    width = decoder->header.width, n = nst_colours_count (decoder->header.colours);
  const VipsRect area = { 0, y, decoder->header.width, rows };

  if (decoder->region == NULL)
    decoder->region = vips_region_new (decoder->image);
  if (decoder->region == NULL || vips_region_prepare (decoder->region, &area) != 0)
    {
      g_autofree char *reason = nst_vips_take_message ();

      g_set_error_literal (error, NST_ERROR, NST_ERROR_FORMAT, reason);
      return FALSE;
    }
  for (int i = 0; i < rows; i++)
    convert_row (decoder, VIPS_REGION_ADDR (decoder->region, 0, y + i), colours + i * width * n,
                 alpha + i * width);

  return TRUE;
}
