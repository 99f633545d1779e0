/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/settings.h"

#include "core/image/image.h"

G_BEGIN_DECLS

/* The program that Pastiche paints in: whose picture it is, where the style comes from, where the result
 * goes. Each host is one file that implements these functions whole (host-gimp2.c, host-gimp3.c with its
 * -write); what is above them knows no host. All are for the main thread. */
typedef struct _NstHost NstHost;

/* The window that a dialog stays above, as the window system names it: on X11 its number (a gulong), on
 * Wayland an exported handle (a string with its end). NULL: none. Owned by the caller. */
GBytes *nst_host_get_window (NstHost *host);

/* A layer to choose a style from. */
typedef struct
{
  int       drawable;  /* for NstSettings.style_drawable */
  char     *name;      /* owned; of the layer and of its image, for people */
  NstImage *thumbnail; /* owned */
} NstHostLayer;

/* bytes: a host's small picture, channels of 8 bits a pixel: grey or colour, and alpha, which is left out.
 * NULL where it has none. This function and the next are the same for all hosts (nst-host.c). */
NstHostLayer *nst_host_layer_new (int           drawable,
                                  const char   *name,
                                  const char   *image_name,
                                  const guint8 *bytes,
                                  int           width,
                                  int           height,
                                  int           channels);
void          nst_host_layer_free (NstHostLayer *layer);

/* The layers of all open images but the one that is painted; thumbnails have at most size pixels a side.
 * Owned, of NstHostLayer. */
GPtrArray *nst_host_list_layers (NstHost *host, int size);

/* The whole layer, wherever the selection is, so that the network sees what is around. See nst_buffer_read ()
 * for transparency. NST_ERROR_ARGUMENT for what cannot be painted, or not to where settings send the result.
 * Owned by the caller. */
NstImage *nst_host_read_content (NstHost *host, const NstSettings *settings, GError **error);

/* The same in at most longest pixels a side, for a first look: much less work where the layer is huge. */
NstImage *nst_host_read_content_small (NstHost           *host,
                                       const NstSettings *settings,
                                       int                longest,
                                       GError           **error);

/* The layer's own size. */
void nst_host_get_size (NstHost *host, int *width, int *height);

/* How opaque the layer is, 0 .. 255, scaled to width x height. Owned; NULL: opaque everywhere. */
guint8 *nst_host_read_alpha (NstHost *host, int width, int height);

/* The text that nst_host_write () kept with a layer (-1: the one that is painted), owned, or NULL. */
char *nst_host_read_settings (NstHost *host, int drawable);

/* The layer or file that settings name. NST_ERROR_ARGUMENT where there is none, NST_ERROR_FORMAT for a file
 * that cannot be read. */
NstImage *nst_host_read_style (NstHost *host, const NstSettings *settings, GError **error);

/* fraction: 0 .. 1 of the whole. text may be NULL: as before. A host may end the process here when the user
 * cancels. */
void nst_host_progress (NstHost *host, double fraction, const char *text);

/* The one change to the user's image, in one undo step. picture: as large as the content. text:
 * nst_settings_to_json (), to keep with a new layer. On failure the layer is as before. */
gboolean nst_host_write (
    NstHost *host, const NstImage *picture, NstOutput output, const char *text, GError **error);

G_END_DECLS
