/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "picture/colour.h"
#include "picture/origin.h"

G_BEGIN_DECLS

/* A picture file that is read row by row, by libvips. Files that are truncated or corrupt are errors. */
typedef struct
{
  int        width, height; /* as stored, before the orientation is applied */
  int        orientation;   /* EXIF's, 1 to 8 */
  NstColours colours;
  gboolean   alpha;   /* there is alpha, 0 to 1; colours are not multiplied by it */
  gboolean   linear;  /* without a profile values are linear */
  gboolean   streams; /* rows are decoded one by one; else the whole picture is in memory */
  NstDepth   depth;
  double     x_resolution, y_resolution; /* pixels an inch; 0: not known */
  int        pages;                      /* or frames; the first one is read */
} NstDecoderHeader;

typedef struct _NstDecoder NstDecoder;

/* Opens a picture; its size is checked (nst_decode_check_size ()) but no memory for pixels is taken. side: a
 * drawing without pixels is rendered at this longer side (0: its own). damaged: truncated and corrupt files
 * are read as far as they can be. Owned by the caller. Fails with G_FILE_ERROR, NST_ERROR_FORMAT or
 * NST_ERROR_SIZE; messages name the file. */
NstDecoder *nst_decoder_new (const char *path, int side, gboolean damaged, GError **error);
void        nst_decoder_free (NstDecoder *decoder); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstDecoder, nst_decoder_free)

const NstDecoderHeader *nst_decoder_header (const NstDecoder *decoder);

/* A block of the file; owned by the caller; NULL: there is none. kind: "icc-profile-data", "exif-data",
 * "xmp-data", "iptc-data". */
GBytes *nst_decoder_get_block (const NstDecoder *decoder, const char *kind);

/* The text with this key in a PNG; owned by the caller; NULL: there is none. */
char *nst_decoder_get_text (const NstDecoder *decoder, const char *key);

/* The colours of an ink without a profile; owned by the caller. */
GBytes *nst_decoder_cmyk_profile (void);

/* Reads rows rows from row y on, which follow those of the last call. colours: rows x width x
 * nst_colours_count (); alpha: rows x width, not touched where there is no alpha. Fails with
 * NST_ERROR_FORMAT; the message does not name the file. */
gboolean nst_decoder_read (
    NstDecoder *decoder, int y, int rows, float *colours, float *alpha, GError **error);

G_END_DECLS
