/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes PNG by libpng, row by row. */
#include "picture/png.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <png.h>
#include <string.h>

#include "core/base/error.h"

#define METRE 0.0254 /* an inch */

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
warn (png_structp png G_GNUC_UNUSED, png_const_charp text)
{
  g_debug ("libpng: %s", text);
}

static int
colour_type (const NstPixels *pixels)
{
  return (pixels->grey ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB)
         | (pixels->alpha ? PNG_COLOR_MASK_ALPHA : 0);
}

static void
set_blocks (const NstPixels *pixels, const NstPngBlocks *blocks, png_structp png, png_infop info)
{
  png_text texts[2] = { { 0 } };
  int      n = 0;

  if (pixels->profile != NULL)
    png_set_iCCP (png, info, "ICC profile", PNG_COMPRESSION_TYPE_BASE,
                  g_bytes_get_data (pixels->profile, NULL), g_bytes_get_size (pixels->profile));
  else
    png_set_sRGB (png, info, PNG_sRGB_INTENT_PERCEPTUAL);
  if (blocks->x_resolution > 0 && blocks->y_resolution > 0)
    png_set_pHYs (png, info, lround (blocks->x_resolution / METRE), lround (blocks->y_resolution / METRE),
                  PNG_RESOLUTION_METER);
  if (blocks->exif != NULL)
    png_set_eXIf_1 (png, info, g_bytes_get_size (blocks->exif),
                    (png_bytep) g_bytes_get_data (blocks->exif, NULL));
  if (blocks->xmp != NULL)
    texts[n++] = (png_text){ .compression = PNG_ITXT_COMPRESSION_NONE,
                             .key = (char *) "XML:com.adobe.xmp",
                             .text = (char *) g_bytes_get_data (blocks->xmp, NULL),
                             .itxt_length = g_bytes_get_size (blocks->xmp) };
  if (blocks->recipe != NULL)
    texts[n++] = (png_text){ .compression = PNG_ITXT_COMPRESSION_NONE,
                             .key = (char *) "pastiche",
                             .text = (char *) blocks->recipe,
                             .itxt_length = strlen (blocks->recipe) };
  if (n > 0)
    png_set_text (png, info, texts, n);
}

static void
encode_rows (NstPixels *pixels, const NstPngBlocks *blocks, png_structp png, png_infop info, guint8 *row)
{
  png_set_IHDR (png, info, pixels->width, pixels->height, pixels->depth == NST_DEPTH_16 ? 16 : 8,
                colour_type (pixels), PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  set_blocks (pixels, blocks, png, info);
  png_write_info (png, info);
  if (pixels->depth == NST_DEPTH_16 && G_BYTE_ORDER == G_LITTLE_ENDIAN)
    png_set_swap (png);
  for (int y = 0; y < pixels->height; y++)
    {
      nst_pixels_get_row (pixels, y, row);
      png_write_row (png, row);
    }
  png_write_end (png, info);
}

/* FALSE: output->code, or not enough memory if that is 0. */
static gboolean
encode (NstPixels *pixels, const NstPngBlocks *blocks, Output *output)
{
  g_autofree guint8 *row = g_try_malloc (nst_pixels_stride (pixels));
  png_structp        png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, fail, warn);
  png_infop          info = png != NULL ? png_create_info_struct (png) : NULL;
  volatile gboolean  good = FALSE;

  if (row != NULL && info != NULL && setjmp (png_jmpbuf (png)) == 0)
    {
      png_set_user_limits (png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
      png_set_benign_errors (png, TRUE);
      png_set_write_fn (png, output, write_bytes, flush_nothing);
      encode_rows (pixels, blocks, png, info, row);
      good = TRUE;
    }
  png_destroy_write_struct (&png, &info);

  return good;
}

gboolean
nst_png_write (NstPixels *pixels, const NstPngBlocks *blocks, FILE *stream, const char *path, GError **error)
{
  Output output = { stream };

  if (encode (pixels, blocks, &output))
    return TRUE;
  if (output.code != 0)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (output.code), _ ("%s: cannot be written: %s"),
                 path, g_strerror (output.code));
  else
    g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                 _ ("%s: there is not enough memory to write %d x %d pixels"), path, pixels->width,
                 pixels->height);

  return FALSE;
}
