/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a large PNG as a small picture, row by row, by libpng. */
#include "core/image/png-rows.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <png.h>
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"

typedef struct
{
  png_structp png;
  png_infop   info;
  FILE       *file;
  guint8     *row;     /* owned; RGBA of the file's row */
  guint      *covered; /* owned; columns of the file that each column of the image covers */
  NstImage   *image;   /* owned; sums, then means */
  GError    **error;
} Reader;

static void G_GNUC_NORETURN
fail (png_structp png, png_const_charp text)
{
  const Reader *reader = png_get_error_ptr (png);

  g_set_error (reader->error, NST_ERROR, NST_ERROR_FORMAT, _ ("the PNG is damaged (%s)"), text);
  png_longjmp (png, 1);
}

static void
ignore_warning (png_structp png G_GNUC_UNUSED, png_const_charp text G_GNUC_UNUSED)
{
}

/* RGBA with 8 bits a channel, whatever the file has; as gdk-pixbuf's reader does it. */
static void
set_format (png_structp png)
{
  png_set_expand (png);
  png_set_strip_16 (png);
  png_set_gray_to_rgb (png);
  png_set_add_alpha (png, 0xff, PNG_FILLER_AFTER);
}

/* Add a row of the file to the row of the image that covers it. */
static void
add_row (const Reader *reader, int y, gboolean *transparent)
{
  const guint8 *from = reader->row;
  float        *to = reader->image->data + (gsize) y * reader->image->width * 3;

  for (int x = 0; x < reader->image->width; x++, to += 3)
    {
      guint64 sum[3] = { 0 }; /* of 255 * 255 and less */

      for (guint i = 0; i < reader->covered[x]; i++, from += 4)
        {
          const guint alpha = from[3], white = 255 * (255 - alpha);

          *transparent |= alpha < 255;
          for (int c = 0; c < 3; c++)
            sum[c] += from[c] * alpha + white;
        }
      for (int c = 0; c < 3; c++)
        to[c] += sum[c] / (255.0f * 255.0f);
    }
}

static void
divide_row (const Reader *reader, int y, guint rows)
{
  float *to = reader->image->data + (gsize) y * reader->image->width * 3;

  for (int x = 0; x < reader->image->width; x++)
    for (int c = 0; c < 3; c++)
      to[3 * x + c] /= (float) reader->covered[x] * rows;
}

/* Whether the picture was read completely; FALSE without an error where it cannot be read by rows. */
static gboolean
read_rows (Reader *reader, int out_width, int out_height, gboolean *transparent)
{
  png_structp png = reader->png;
  guint       width, height, rows = 0;

  png_init_io (png, reader->file);
  png_read_info (png, reader->info);
  width = png_get_image_width (png, reader->info);
  height = png_get_image_height (png, reader->info);
  if (png_get_interlace_type (png, reader->info) != PNG_INTERLACE_NONE || width < (guint) out_width
      || height < (guint) out_height)
    return FALSE;

  set_format (png);
  reader->image = nst_image_new (out_width, out_height, reader->error);
  if (reader->image == NULL)
    return FALSE;
  memset (reader->image->data, 0, nst_image_bytes (reader->image));
  reader->row = g_try_malloc_n (width, 4);
  reader->covered = g_try_new0 (guint, out_width);
  if (reader->row == NULL || reader->covered == NULL)
    {
      g_set_error (reader->error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("there is not enough memory for a row of %u pixels"), width);
      return FALSE;
    }
  for (guint x = 0; x < width; x++)
    reader->covered[(guint64) x * out_width / width]++;

  for (guint v = 0; v < height; v++)
    {
      const int y = (guint64) v * out_height / height;

      png_read_row (png, reader->row, NULL);
      add_row (reader, y, transparent);
      rows++;
      if (v + 1 == height || (int) ((guint64) (v + 1) * out_height / height) != y)
        {
          divide_row (reader, y, rows);
          rows = 0;
        }
    }

  return TRUE;
}

/* libpng leaves by longjmp () where the file is damaged. */
static gboolean
try_rows (Reader *reader, int width, int height, gboolean *transparent)
{
  return setjmp (png_jmpbuf (reader->png)) == 0 && read_rows (reader, width, height, transparent);
}

NstImage *
nst_png_read_reduced (const char *path, int width, int height, gboolean *transparent, GError **error)
{
  Reader    reader = { .error = error };
  NstImage *image = NULL;
  guint8    signature[8];

  *transparent = FALSE;
  reader.file = g_fopen (path, "rb");
  if (reader.file == NULL)
    return NULL;

  if (fread (signature, 1, sizeof signature, reader.file) == sizeof signature
      && png_sig_cmp (signature, 0, sizeof signature) == 0
      && (reader.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &reader, fail, ignore_warning)) != NULL
      && (reader.info = png_create_info_struct (reader.png)) != NULL)
    {
      rewind (reader.file);
      if (try_rows (&reader, width, height, transparent))
        image = g_steal_pointer (&reader.image);
    }
  png_destroy_read_struct (&reader.png, &reader.info, NULL);
  fclose (reader.file);
  nst_image_unref (reader.image);
  g_free (reader.row);
  g_free (reader.covered);

  return image;
}
