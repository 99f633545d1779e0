/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/gimp3/host.h"
#include "plugin/profile.h"

G_BEGIN_DECLS

/* Shared by host.c, which reads, and write.c. */

/* Name of the parasite that holds a layer's settings. */
#define NST_PARASITE "pastiche-settings"

/* A layer to paint, and its result. GIMP's items are referred to by id, because the user may delete them
 * while the dialog is open. */
typedef struct
{
  int           drawable; /* id of the layer to paint */
  int           painted;  /* id of the layer with the result; drawable until there is one */
  GimpImageType type;     /* of drawable, for a result that outlives it */
  NstImage     *picture;  /* ref; the result until it is written; NULL: none, or the last layer's */
  NstOutput     output;   /* of the result */
  char         *text;     /* owned; the settings to attach to the result */
} NstWork;

struct _NstHost
{
  int           image;      /* id */
  GimpPrecision precision;  /* of image, for a result that outlives it */
  gboolean      show;       /* open a display for new images */
  gboolean      everywhere; /* the selection is a mask of the run: the results go everywhere */
  NstWork      *works;      /* owned; n_works layers */
  int           n_works;    /* may be 0 */
  int           current;    /* index of the layer that the functions of host/host.h apply to */
};

/* libgimp keeps its objects of images and items that GIMP itself has no longer. So each of these asks GIMP
 * first, and returns NULL if the image was closed or the item deleted. */
GimpImage    *nst_host_gimp3_get_image (NstHost *host);
GimpItem     *nst_host_gimp3_get_item (int id);
GimpDrawable *nst_host_gimp3_get_drawable (const NstWork *work); /* the layer to paint */

/* The picture in this file (a path or a URI), opened as an image of its own, as one layer whose image the
 * caller passes to gimp_image_delete (). NULL with NST_ERROR_FORMAT. */
GimpLayer *nst_host_gimp3_open (const char *name, GError **error);

/* The conversion for the values that a buffer of this item holds, or NULL (nst_profile_new_colour ()). */
NstColour *nst_host_gimp3_get_colour (GimpDrawable *drawable, GeglBuffer *buffer);

/* Note type and precision of the layer, unless it is gone or indexed. */
void nst_host_gimp3_note_format (NstHost *host, NstWork *work);

/* Check, before anything changes, that the result can be written to output. FALSE with NST_ERROR_ARGUMENT. */
gboolean nst_host_gimp3_check_output (NstHost      *host,
                                      GimpDrawable *drawable,
                                      NstOutput     output,
                                      GError      **error);

G_END_DECLS
