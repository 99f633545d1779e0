/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads picture files: orientation, colours, transparency, size. */
#include "picture/picture.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/image/decode.h"
#include "picture/decoder.h"

#define MANY_PIXELS (1 << 25) /* from here on a picture may be made smaller while it is read */
#define SIDE_FOR_SHAPE 16     /* at which size a picture is read to know its size */
#define BAND_ROWS 16          /* that are converted at a time */

static gboolean accept_damaged;

const GOptionEntry nst_picture_options[] = { { "damaged", 0, 0, G_OPTION_ARG_NONE, &accept_damaged,
                                               N_ ("Paint what is there of truncated and corrupt pictures"),
                                               NULL },
                                             { NULL } };

/* A picture that is being read. */
typedef struct
{
  NstDecoder             *decoder; /* owned */
  const NstDecoderHeader *header;
  NstColour              *colour;        /* owned */
  int                     width, height; /* of the picture, before it is rotated */
  NstImage               *image;         /* owned; rotated */
  float                  *alpha;         /* owned; rotated; NULL: opaque */
  float                  *weight;  /* owned; of each pixel, if several of the file are added up; else NULL */
  float                  *rest;    /* owned; rotated, or NULL */
  float                   mean[3]; /* of the visible colours, where there is alpha */
  gboolean                wants_rest;     /* what a conversion and back loses is kept */
  float                  *colours, *a;    /* owned; a band of the file */
  float                  *rgb, *returned; /* owned; the band converted, and back */
} Reader;

static void
reader_clear (Reader *reader)
{
  g_clear_pointer (&reader->decoder, nst_decoder_free);
  g_clear_pointer (&reader->colour, nst_colour_free);
  g_clear_pointer (&reader->image, nst_image_unref);
  g_clear_pointer (&reader->alpha, g_free);
  g_clear_pointer (&reader->weight, g_free);
  g_clear_pointer (&reader->rest, g_free);
  g_clear_pointer (&reader->colours, g_free);
  g_clear_pointer (&reader->a, g_free);
  g_clear_pointer (&reader->rgb, g_free);
  g_clear_pointer (&reader->returned, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

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

/* Where the pixel (x, y) of a width x height picture is after it was rotated upright; orientation is EXIF's.
 */
static gsize
upright_index (int orientation, int width, int height, int x, int y)
{
  const gboolean turned = orientation >= 5;
  const int u = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8 ? width - 1 - x
                                                                                             : x;
  const int v = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7 ? height - 1 - y
                                                                                             : y;

  return turned ? (gsize) u * height + v : (gsize) v * width + u;
}

/* The profile of the file, or one that stands for its colours. Owned by the caller, or NULL. */
static GBytes *
find_profile (Reader *reader, const char *path)
{
  const NstColours   colours = reader->header->colours;
  g_autoptr (GBytes) profile = nst_decoder_get_block (reader->decoder, "icc-profile-data");

  reader->colour = profile != NULL ? nst_colour_new (colours, profile, FALSE) : NULL;
  if (reader->colour == NULL && profile != NULL)
    g_printerr (_ ("%s: the colour profile is damaged or of other colours; it is ignored\n"), path);
  if (reader->colour != NULL)
    return g_steal_pointer (&profile);

  g_clear_pointer (&profile, g_bytes_unref);
  if (colours == NST_COLOURS_CMYK)
    profile = nst_decoder_cmyk_profile ();
  reader->colour = nst_colour_new (colours, profile, reader->header->linear);

  return NULL;
}

static gboolean
out_of_memory (const Reader *reader, GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, _ ("there is not enough memory to read %d x %d pixels"),
               reader->header->width, reader->header->height);

  return FALSE;
}

/* Allocates what a picture of this size needs. */
static gboolean
allocate (Reader *reader, GError **error)
{
  const NstDecoderHeader *header = reader->header;
  const gsize    band = (gsize) BAND_ROWS * header->width, pixels = (gsize) reader->width * reader->height;
  const gboolean turned = header->orientation >= 5;

  if (!nst_decode_check_memory (header->streams ? 0 : header->width, header->height, reader->width,
                                reader->height, error))
    return FALSE;
  reader->image = nst_image_new (turned ? reader->height : reader->width,
                                 turned ? reader->width : reader->height, error);
  if (reader->image == NULL)
    return FALSE;
  memset (reader->image->data, 0, nst_image_bytes (reader->image));
  if (header->alpha)
    reader->alpha = g_try_new0 (float, pixels);
  if (reader->width != header->width || reader->height != header->height)
    reader->weight = g_try_new0 (float, pixels);
  reader->colours = g_try_new (float, band * 4);
  reader->a = g_try_new (float, band);
  reader->rgb = g_try_new (float, band * 3);
  reader->returned = g_try_new (float, band * 3);
  if ((header->alpha && reader->alpha == NULL)
      || ((reader->width != header->width || reader->height != header->height) && reader->weight == NULL)
      || reader->colours == NULL || reader->a == NULL || reader->rgb == NULL || reader->returned == NULL)
    return out_of_memory (reader, error);

  return TRUE;
}

/* Keeps what the conversion of the band and back loses, if it is more than a quarter of the file's unit. */
static gboolean
keep_rest (Reader *reader, int y, int rows, GError **error)
{
  const NstDecoderHeader *header = reader->header;
  const int               n = nst_colours_count (header->colours);
  const gsize             count = (gsize) rows * header->width * n;
  const float             unit = header->depth == NST_DEPTH_8    ? 1 / 255.0f
                                 : header->depth == NST_DEPTH_16 ? 1 / 65535.0f
                                                                 : 1e-7f;
  float                   worst = 0;

  nst_colour_to_file (reader->colour, reader->rgb, reader->returned, count / n);
  for (gsize i = 0; i < count; i++)
    {
      const float rest = reader->colours[i] - reader->returned[i];

      reader->returned[i] = isfinite (rest) ? rest : 0;
      worst = MAX (worst, fabsf (reader->returned[i]));
    }
  if (worst <= unit / 4 && reader->rest == NULL)
    return TRUE;
  if (reader->rest == NULL
      && (reader->rest = g_try_new0 (float, (gsize) header->width * header->height * n)) == NULL)
    return out_of_memory (reader, error);
  for (int i = 0; i < rows; i++)
    for (int x = 0; x < header->width; x++)
      memcpy (reader->rest + n * upright_index (header->orientation, header->width, header->height, x, y + i),
              reader->returned + ((gsize) i * header->width + x) * n, n * sizeof (float));

  return TRUE;
}

/* Adds the converted row y of the file to the picture. */
static void
add_row (Reader *reader, int y, const float *rgb, const float *a)
{
  const NstDecoderHeader *header = reader->header;
  const int               v = (gint64) y * reader->height / header->height;

  for (int x = 0; x < header->width; x++, rgb += 3)
    {
      const int   u = (gint64) x * reader->width / header->width;
      const gsize at = upright_index (header->orientation, reader->width, reader->height, u, v);
      float      *to = reader->image->data + 3 * at;
      const float alpha = reader->alpha == NULL ? 1 : a[x] > 0 ? MIN (a[x], 1) : 0;

      if (reader->weight == NULL)
        {
          for (int c = 0; c < 3; c++)
            to[c] = isfinite (rgb[c]) ? rgb[c] : 0;
          if (reader->alpha != NULL)
            reader->alpha[at] = alpha;
          continue;
        }
      for (int c = 0; c < 3; c++)
        to[c] += isfinite (rgb[c]) ? rgb[c] * alpha : 0;
      reader->weight[at]++;
      if (reader->alpha != NULL)
        reader->alpha[at] += alpha;
    }
}

/* Turns sums into means. */
static void
divide (Reader *reader)
{
  const gsize pixels = (gsize) reader->width * reader->height;

  for (gsize i = 0; i < pixels; i++)
    {
      const float sum = reader->alpha != NULL ? reader->alpha[i] : reader->weight[i];

      for (int c = 0; c < 3; c++)
        reader->image->data[3 * i + c] = sum > 0 ? reader->image->data[3 * i + c] / sum : 0;
      if (reader->alpha != NULL)
        reader->alpha[i] = MIN (1, reader->weight[i] > 0 ? sum / reader->weight[i] : 0);
    }
}

/* Blends with the mean of the visible colours. FALSE: nothing is visible. */
static gboolean
flatten (Reader *reader, GError **error)
{
  const gsize pixels = (gsize) reader->width * reader->height;
  double      sum[4] = { 0 };
  gboolean    opaque = TRUE;

  for (gsize i = 0; i < pixels; i++)
    {
      for (int c = 0; c < 3; c++)
        sum[c] += (double) reader->image->data[3 * i + c] * reader->alpha[i];
      sum[3] += reader->alpha[i];
      opaque &= reader->alpha[i] == 1;
    }
  if (opaque)
    g_clear_pointer (&reader->alpha, g_free);
  if (!(sum[3] > 0))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                   _ ("the picture is fully transparent; at least one visible pixel is needed"));
      return FALSE;
    }
  for (int c = 0; c < 3; c++)
    reader->mean[c] = sum[c] / sum[3];
  for (gsize i = 0; i < pixels && !opaque; i++)
    for (int c = 0; c < 3; c++)
      {
        float *value = &reader->image->data[3 * i + c];

        *value = reader->alpha[i] * *value + (1 - reader->alpha[i]) * reader->mean[c];
      }

  return TRUE;
}

/* Rows from y on cannot be read: they are transparent until they get the mean colour of the others. */
static gboolean
leave_out (Reader *reader, int y, GError **error)
{
  const NstDecoderHeader *header = reader->header;
  const gsize             pixels = (gsize) reader->width * reader->height;

  if (reader->alpha != NULL)
    return TRUE;
  reader->alpha = g_try_new0 (float, pixels);
  if (reader->alpha == NULL)
    return out_of_memory (reader, error);
  if (reader->weight != NULL)
    memcpy (reader->alpha, reader->weight, pixels * sizeof (float));
  else
    for (int v = 0; v < y; v++)
      for (int u = 0; u < reader->width; u++)
        reader->alpha[upright_index (header->orientation, reader->width, reader->height, u, v)] = 1;

  return TRUE;
}

/* Reads all rows. damaged: goes on after a fault. */
static gboolean
read_rows (Reader *reader, gboolean damaged, GError **error)
{
  const NstDecoderHeader *header = reader->header;
  g_autoptr (GError)      reason = NULL;

  for (int y = 0; y < header->height; y += BAND_ROWS)
    {
      const int rows = MIN (BAND_ROWS, header->height - y);

      if (!nst_decoder_read (reader->decoder, y, rows, reader->colours, reader->a, &reason))
        {
          if (damaged && y > 0)
            return leave_out (reader, y, error);
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("the picture is damaged after %d of its %d rows (%s). --damaged paints what is "
                          "there"),
                       y, header->height, reason->message);
          return FALSE;
        }
      nst_colour_from_file (reader->colour, reader->colours, reader->rgb, (gsize) rows * header->width);
      if (reader->wants_rest && !keep_rest (reader, y, rows, error))
        return FALSE;
      for (int i = 0; i < rows; i++)
        add_row (reader, y + i, reader->rgb + (gsize) i * header->width * 3,
                 reader->a + (gsize) i * header->width);
    }

  return TRUE;
}

/* What the content's file holds besides the picture. Takes alpha and rest. */
static NstOrigin *
make_origin (Reader *reader, const char *path, GBytes *profile)
{
  const NstDecoderHeader *header = reader->header;
  g_autoptr (GBytes)      exif = nst_decoder_get_block (reader->decoder, "exif-data");
  g_autoptr (GBytes)      xmp = nst_decoder_get_block (reader->decoder, "xmp-data");
  NstOrigin              *origin = nst_origin_new ();
  const gboolean          turned = header->orientation >= 5;

  origin->depth = header->depth;
  origin->grey = header->colours == NST_COLOURS_GREY;
  if (nst_colour_has_return (reader->colour))
    {
      origin->profile = profile != NULL ? g_bytes_ref (profile) : NULL;
      origin->linear = profile == NULL && header->linear;
    }
  origin->picture = nst_image_ref (reader->image);
  memcpy (origin->mean, reader->mean, sizeof reader->mean);
  origin->alpha = g_steal_pointer (&reader->alpha);
  origin->rest = g_steal_pointer (&reader->rest);
  origin->x_resolution = turned ? header->y_resolution : header->x_resolution;
  origin->y_resolution = turned ? header->x_resolution : header->y_resolution;
  origin->metadata = nst_metadata_read (path, exif, xmp);

  return origin;
}

/* What a user should know about the file. */
static void
print_notes (const NstDecoderHeader *header, const char *path)
{
  if (header->colours == NST_COLOURS_CMYK)
    g_printerr (_ ("%s: CMYK colours are converted to RGB\n"), path);
  if (header->colours == NST_COLOURS_LAB)
    g_printerr (_ ("%s: Lab colours are converted to RGB\n"), path);
  if (header->pages > 1)
    g_printerr (_ ("%s has %d pages or frames; the first one is read\n"), path, header->pages);
}

/* Reads a picture; error names the file. origin: may be NULL. */
static NstImage *
read_picture (const char *path, int side, gboolean damaged, NstOrigin **origin, GError **error)
{
  g_auto (Reader)    reader = { .decoder = nst_decoder_new (path, side, damaged, error) };
  g_autoptr (GBytes) profile = NULL;
  gboolean           transparent;

  if (reader.decoder == NULL)
    return NULL;

  reader.header = nst_decoder_header (reader.decoder);
  reader.width = reader.header->width;
  reader.height = reader.header->height;
  reading_size (&reader.width, &reader.height, side);
  profile = find_profile (&reader, path);
  if (reader.colour == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("%s: the picture's colours cannot be converted"),
                   path);
      return NULL;
    }
  reader.wants_rest = origin != NULL && !nst_colour_is_plain (reader.colour)
                      && nst_colour_has_return (reader.colour) && reader.width == reader.header->width;
  transparent = reader.header->alpha;
  if (!allocate (&reader, error) || !read_rows (&reader, damaged, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (reader.weight != NULL)
    divide (&reader);
  if (reader.alpha != NULL && !flatten (&reader, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (!transparent)
    g_clear_pointer (&reader.alpha, g_free);

  print_notes (reader.header, path);
  if (origin != NULL)
    *origin = make_origin (&reader, path, profile);

  return g_steal_pointer (&reader.image);
}

NstImage *
nst_picture_load_content (const char *path, int side, NstOrigin **origin, GError **error)
{
  GError   *reason = NULL;
  NstImage *image = read_picture (path, side, FALSE, origin, &reason);

  if (image == NULL && g_error_matches (reason, NST_ERROR, NST_ERROR_FORMAT))
    {
      g_autoptr (GError) other = NULL;

      image = accept_damaged ? read_picture (path, side, TRUE, origin, &other) : NULL;
      if (image != NULL)
        g_printerr ("%s\n", reason->message);
    }
  if (image == NULL)
    g_propagate_error (error, reason);
  else
    g_clear_error (&reason);

  return image;
}

NstImage *
nst_picture_load_for (const char *path, int side, GError **error)
{
  return nst_picture_load_content (path, side, NULL, error);
}

NstImage *
nst_picture_load (const char *path, GError **error)
{
  return nst_picture_load_for (path, 0, error);
}

NstMask *
nst_picture_load_mask (const char *path, GError **error)
{
  g_autoptr (NstOrigin) origin = NULL;
  g_autoptr (NstImage)  image = nst_picture_load_content (path, 0, &origin, error);
  g_autoptr (NstImage)  alpha = NULL;

  if (image == NULL)
    return NULL;
  if (origin->alpha == NULL)
    return nst_mask_from_image (image, error);

  alpha = nst_image_new (image->width, image->height, error);
  if (alpha == NULL)
    return NULL;
  for (gsize i = 0; i < (gsize) image->width * image->height * 3; i++)
    alpha->data[i] = origin->alpha[i / 3];

  return nst_mask_from_image (alpha, error);
}

gboolean
nst_picture_size (const char *path, int *width, int *height, GError **error)
{
  g_autoptr (NstDecoder) decoder = NULL;
  g_autoptr (NstImage)   image = nst_picture_load_for (path, SIDE_FOR_SHAPE, error);

  if (image == NULL || (decoder = nst_decoder_new (path, 0, accept_damaged, error)) == NULL)
    return FALSE;

  *width = nst_decoder_header (decoder)->width;
  *height = nst_decoder_header (decoder)->height;
  if (nst_decoder_header (decoder)->orientation >= 5)
    {
      const int swapped = *width;

      *width = *height;
      *height = swapped;
    }

  return TRUE;
}

char *
nst_picture_load_recipe (const char *path, GError **error)
{
  g_autoptr (NstDecoder)  decoder = nst_decoder_new (path, 0, FALSE, error);
  g_autoptr (NstMetadata) metadata = NULL;
  g_autoptr (GBytes)      exif = NULL, xmp = NULL;
  char                   *recipe;

  if (decoder == NULL)
    return NULL;

  recipe = nst_decoder_get_text (decoder, "pastiche");
  if (recipe == NULL)
    {
      exif = nst_decoder_get_block (decoder, "exif-data");
      xmp = nst_decoder_get_block (decoder, "xmp-data");
      metadata = nst_metadata_read (path, exif, xmp);
      recipe = metadata != NULL ? nst_metadata_get_recipe (metadata) : NULL;
    }
  if (recipe == NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("%s: the picture holds no recipe; results of pastiche do, unless another program has "
                    "changed "
                    "them"),
                 path);

  return recipe;
}
