/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* EXIF, XMP and IPTC of picture files, by gexiv2. Main thread. */
typedef struct _NstMetadata NstMetadata;

/* Without content. Owned by the caller. */
NstMetadata *nst_metadata_new (void);
void         nst_metadata_free (NstMetadata *metadata); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstMetadata, nst_metadata_free)

/* The metadata of a file without what describes its bytes: thumbnails, structure, orientation. exif, xmp: the
 * blocks that the picture's decoder found, for formats that gexiv2 cannot open; may be NULL. Owned by the
 * caller. NULL: there is none, or it is damaged. */
NstMetadata *nst_metadata_read (const char *path, GBytes *exif, GBytes *xmp);

/* Pastiche's own property, pastiche:recipe in XMP: owned by the caller, NULL if there is none. */
char *nst_metadata_get_recipe (const NstMetadata *metadata);

/* Set what depends on the result: its recipe (NULL: none), its size in pixels, pixels an inch (0: not known).
 */
void nst_metadata_update (NstMetadata *metadata,
                          const char  *recipe,
                          int          width,
                          int          height,
                          double       x_resolution,
                          double       y_resolution);

/* The EXIF block, which begins with its TIFF header, and the XMP packet. Owned by the caller; NULL: none. */
GBytes *nst_metadata_get_exif (const NstMetadata *metadata);
GBytes *nst_metadata_get_xmp (const NstMetadata *metadata);

/* Stores the metadata in an encoded JPEG, TIFF, PNG or WebP file: *bytes, which is replaced by the new file.
 * Fails with G_FILE_ERROR or the library's error; then *bytes is as before. */
gboolean nst_metadata_embed (const NstMetadata *metadata, GBytes **bytes, GError **error);

G_END_DECLS
