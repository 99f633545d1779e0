/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "plugin/gimp2/host.h"
#include "plugin/profile.h"

G_BEGIN_DECLS

/* Shared by host.c, which reads, and write.c. */

/* Name of the parasite that holds a layer's settings. */
#define NST_PARASITE "pastiche-settings"

struct _NstHost
{
  gint32        image, drawable;
  gint32        painted;    /* the layer with the result; drawable until there is one */
  GimpImageType type;       /* of drawable, for a result that outlives it */
  GimpPrecision precision;  /* of image, likewise */
  gboolean      show;       /* open a display for new images */
  gboolean      everywhere; /* the selection is a mask of the run: the result goes everywhere */
};

/* Whether the layer to paint still exists: the user may delete it, or close its image, at any time. */
gboolean nst_host_gimp2_is_there (const NstHost *host);

/* Note type and precision of the layer, unless it is gone or indexed. */
void nst_host_gimp2_note_format (NstHost *host);

/* The conversion for the values that a buffer of this item holds, or NULL (nst_profile_new_colour ()). */
NstColour *nst_host_gimp2_get_colour (gint32 item, GeglBuffer *buffer);

/* The picture in this file, opened as an image of its own, as one layer that is to be passed to
 * gimp_image_delete () with its image. -1 with NST_ERROR_FORMAT. */
gint32 nst_host_gimp2_open (const char *file, GError **error);

/* Check, before anything changes, that the result can be written to output. FALSE with NST_ERROR_ARGUMENT. */
gboolean nst_host_gimp2_check_output (NstHost *host, NstOutput output, GError **error);

G_END_DECLS
