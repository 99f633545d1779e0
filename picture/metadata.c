/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EXIF, XMP and IPTC of picture files, by gexiv2. */
#include "picture/metadata.h"

#include <gexiv2/gexiv2.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define RECIPE "Xmp.pastiche.recipe"
#define NAMESPACE "https://pastiche.invalid/xmp/1.0/"
#define INCH "2" /* EXIF's unit of resolution */

struct _NstMetadata
{
  GExiv2Metadata *all; /* owned */
};

/* Tags that describe the bytes of the file, which its library stores itself. */
static const char *const outdated[] = {
  "Exif.Image.ImageWidth",      "Exif.Image.ImageLength",     "Exif.Image.BitsPerSample",
  "Exif.Image.Compression",     "Exif.Image.FillOrder",       "Exif.Image.PhotometricInterpretation",
  "Exif.Image.StripOffsets",    "Exif.Image.SamplesPerPixel", "Exif.Image.RowsPerStrip",
  "Exif.Image.StripByteCounts", "Exif.Image.Predictor",       "Exif.Image.PlanarConfiguration",
  "Exif.Image.ColorMap",        "Exif.Image.TileWidth",       "Exif.Image.TileLength",
  "Exif.Image.TileOffsets",     "Exif.Image.TileByteCounts",  "Exif.Image.ExtraSamples",
  "Exif.Image.SampleFormat",    "Exif.Image.JPEGTables",      "Exif.Image.InterColorProfile",
  "Exif.Image.XMLPacket",       "Exif.Image.IPTCNAA",         "Exif.Image.ImageResources",
  "Exif.Image.SubIFDs",         "Exif.Image.Orientation",     "Exif.Image.PageNumber",
  "Xmp.tiff.Orientation",       "Xmp.tiff.ImageWidth",        "Xmp.tiff.ImageLength",
  "Xmp.tiff.BitsPerSample",     "Xmp.tiff.Compression",       "Xmp.tiff.PhotometricInterpretation",
};

/* The library's messages would go to stderr. */
static void
initialise (void)
{
  static gboolean done;

  if (done)
    return;
  done = TRUE;
  gexiv2_log_set_level (GEXIV2_LOG_LEVEL_MUTE);
  gexiv2_initialize ();
  gexiv2_metadata_try_register_xmp_namespace (NAMESPACE, "pastiche", NULL);
}

static void
clear (GExiv2Metadata *all, const char *tag)
{
  if (gexiv2_metadata_try_has_tag (all, tag, NULL))
    gexiv2_metadata_try_clear_tag (all, tag, NULL);
}

static gboolean
is_empty (GExiv2Metadata *all)
{
  return !gexiv2_metadata_has_exif (all) && !gexiv2_metadata_has_xmp (all) && !gexiv2_metadata_has_iptc (all);
}

/* Takes the ownership of all. */
static NstMetadata *
wrap (GExiv2Metadata *all)
{
  NstMetadata *metadata = g_new0 (NstMetadata, 1);

  metadata->all = all;

  return metadata;
}

NstMetadata *
nst_metadata_new (void)
{
  static const char packet[] = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
                               "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/></x:xmpmeta>";
  GExiv2Metadata   *all;

  initialise ();
  all = gexiv2_metadata_new ();
  gexiv2_metadata_open_buf (all, (const guint8 *) packet, sizeof packet - 1, NULL);

  return wrap (all);
}

void
nst_metadata_free (NstMetadata *metadata)
{
  if (metadata == NULL)
    return;
  g_object_unref (metadata->all);
  g_free (metadata);
}

/* A block: XMP, or EXIF, which is a TIFF file of its own after an optional mark. Owned by the caller; NULL:
 * it is damaged. */
static GExiv2Metadata *
open_block (GBytes *block)
{
  static const char          mark[6] = "Exif\0";
  g_autoptr (GExiv2Metadata) all = gexiv2_metadata_new ();
  gsize                      n;
  const guint8              *data = g_bytes_get_data (block, &n);

  if (n > sizeof mark && memcmp (data, mark, sizeof mark) == 0)
    data += sizeof mark, n -= sizeof mark;

  return gexiv2_metadata_open_buf (all, data, n, NULL) && !is_empty (all) ? g_steal_pointer (&all) : NULL;
}

NstMetadata *
nst_metadata_read (const char *path, GBytes *exif, GBytes *xmp)
{
  g_autoptr (GExiv2Metadata) all = NULL;

  initialise ();
  all = gexiv2_metadata_new ();
  if (!gexiv2_metadata_open_path (all, path, NULL) || is_empty (all))
    {
      g_clear_object (&all);
      if (exif != NULL)
        all = open_block (exif);
      if (all == NULL && xmp != NULL)
        all = open_block (xmp);
    }
  if (all == NULL)
    return NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (outdated); i++)
    clear (all, outdated[i]);
  gexiv2_metadata_try_erase_exif_thumbnail (all, NULL);
  clear (all, "Xmp.xmp.Thumbnails");

  return wrap (g_steal_pointer (&all));
}

char *
nst_metadata_get_recipe (const NstMetadata *metadata)
{
  return gexiv2_metadata_try_has_tag (metadata->all, RECIPE, NULL)
             ? gexiv2_metadata_try_get_tag_string (metadata->all, RECIPE, NULL)
             : NULL;
}

/* Changes a number that is there. */
static void
change (GExiv2Metadata *all, const char *tag, int value)
{
  g_autofree char *text = g_strdup_printf ("%d", value);

  if (gexiv2_metadata_try_has_tag (all, tag, NULL))
    gexiv2_metadata_try_set_tag_string (all, tag, text, NULL);
}

/* States a resolution, unless what is there differs by no more than rounding does. */
static void
change_resolution (GExiv2Metadata *all, const char *tag, double value)
{
  int above, below;

  if (gexiv2_metadata_try_has_tag (all, tag, NULL)
      && gexiv2_metadata_try_get_exif_tag_rational (all, tag, &above, &below, NULL) && below != 0
      && fabs ((double) above / below - value) < 0.1)
    return;
  gexiv2_metadata_try_set_exif_tag_rational (all, tag, (int) lround (value * 100), 100, NULL);
  gexiv2_metadata_try_set_tag_string (all, "Exif.Image.ResolutionUnit", INCH, NULL);
}

void
nst_metadata_update (NstMetadata *metadata,
                     const char  *recipe,
                     int          width,
                     int          height,
                     double       x_resolution,
                     double       y_resolution)
{
  static const char *const sizes[][2] = { { "Exif.Photo.PixelXDimension", "Exif.Photo.PixelYDimension" },
                                          { "Xmp.exif.PixelXDimension", "Xmp.exif.PixelYDimension" } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      change (metadata->all, sizes[i][0], width);
      change (metadata->all, sizes[i][1], height);
    }
  if (x_resolution > 0 && y_resolution > 0 && x_resolution < 1e6 && y_resolution < 1e6)
    {
      change_resolution (metadata->all, "Exif.Image.XResolution", x_resolution);
      change_resolution (metadata->all, "Exif.Image.YResolution", y_resolution);
    }
  clear (metadata->all, RECIPE);
  if (recipe != NULL)
    gexiv2_metadata_try_set_tag_string (metadata->all, RECIPE, recipe, NULL);
}

GBytes *
nst_metadata_get_exif (const NstMetadata *metadata)
{
  return gexiv2_metadata_has_exif (metadata->all)
             ? gexiv2_metadata_get_exif_data (metadata->all, GEXIV2_BYTE_ORDER_LITTLE, NULL)
             : NULL;
}

GBytes *
nst_metadata_get_xmp (const NstMetadata *metadata)
{
  char *packet = NULL;

  if (gexiv2_metadata_has_xmp (metadata->all))
    packet = gexiv2_metadata_try_generate_xmp_packet (metadata->all, GEXIV2_OMIT_ALL_FORMATTING, 0, NULL);

  return packet != NULL ? g_bytes_new_take (packet, strlen (packet)) : NULL;
}

gboolean
nst_metadata_embed (const NstMetadata *metadata, GBytes **bytes, GError **error)
{
  g_autofree char *path = NULL, *data = NULL;
  const int        file = g_file_open_tmp ("pastiche-XXXXXX", &path, error);
  gsize            n;
  gboolean         good;

  if (file < 0)
    return FALSE;
  close (file);

  data = NULL;
  good = g_file_set_contents (path, g_bytes_get_data (*bytes, NULL), g_bytes_get_size (*bytes), error)
         && gexiv2_metadata_save_file (metadata->all, path, error)
         && g_file_get_contents (path, &data, &n, error);
  g_unlink (path);
  if (good)
    {
      g_bytes_unref (*bytes);
      *bytes = g_bytes_new_take (g_steal_pointer (&data), n);
    }

  return good;
}
