/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/mask.h"

G_BEGIN_DECLS

/* The program that Pastiche paints in. The host provides the layer to paint and the styles, and takes the
 * result. The code above it (host/paint.h, the dialog) knows no particular host.
 *
 * Each host implements every function below except nst_host_layer_new (), nst_host_layer_free () and
 * nst_host_settings_new (), which are the same for all hosts (host/host.c). The hosts are
 *
 *   plugin/gimp2/host.c              GIMP 2.10, one layer
 *   plugin/gimp3/host.c and write.c  GIMP 3, one or more layers, one after the other
 *   tests/support/ui-host.c          for tests: files and pictures in memory
 *
 * A program links exactly one of them. Its constructor is its own, for example nst_host_gimp2_new (). All
 * functions must be called in the main thread. */
typedef struct _NstHost NstHost;

/* Where the result goes. */
typedef enum
{
  NST_OUTPUT_NEW_LAYER, /* right above the source, same size and offset; transparent outside the selection */
  NST_OUTPUT_IN_PLACE,  /* into the source, inside the selection (but see nst_host_read_mask ()) */
  NST_OUTPUT_NEW_IMAGE, /* size, precision and resolution of the source; the selection is ignored */
} NstOutput;

/* The window that a dialog must stay above. The bytes are a handle of the window system: on X11 the window's
 * number (a gulong), on Wayland an exported handle (a string with its terminating zero). Owned by the caller.
 * NULL: no window is known. */
GBytes *nst_host_get_window (NstHost *host);

/* Layers to choose a style from */

typedef struct
{
  int       drawable;  /* the layer's id, for nst_host_read_style () */
  char     *name;      /* owned; names of the layer and of its image, for the user */
  NstImage *thumbnail; /* owned */
} NstHostLayer;

/* A layer with the thumbnail in bytes: height rows of width pixels, each of 1 to 4 channels of 8 bits (grey
 * or RGB, with or without alpha). Transparent pixels are laid over medium grey. NULL if bytes is NULL, or if
 * there is no memory. */
NstHostLayer *nst_host_layer_new (int           drawable,
                                  const char   *name,
                                  const char   *image_name,
                                  const guint8 *bytes,
                                  int           width,
                                  int           height,
                                  int           channels);
void          nst_host_layer_free (NstHostLayer *layer);

/* The layers of all open images except the layer to paint. Thumbnails have at most size pixels on each side.
 * Returns an array of NstHostLayer, owned by the caller. */
GPtrArray *nst_host_list_layers (NstHost *host, int size);

/* Reading */

/* The layer to paint, all of it: the selection matters only for writing. longest > 0: scaled down while it
 * is read to at most longest pixels on each side, which is much faster for a huge layer; 0: full size.
 * Transparent pixels get the mean colour of the others (nst_buffer_read ()). Owned by the caller.
 *
 * Also checks that the layer can be written to output, so that nobody waits for a result that cannot be
 * kept. NST_ERROR_ARGUMENT if the layer is gone, cannot be painted, or output is not possible;
 * NST_ERROR_SIZE if it is fully transparent; NST_ERROR_MEMORY. */
NstImage *nst_host_read_content (NstHost *host, NstOutput output, int longest, GError **error);

/* Names of the image and of the layer to paint, for a window's title. Owned by the caller. NULL: the layer is
 * gone. */
char *nst_host_get_name (NstHost *host);

/* Size of the layer to paint, in pixels; 0 x 0 if it is gone. */
void nst_host_get_size (NstHost *host, int *width, int *height);

/* Alpha of the layer to paint, scaled to width x height: 0 (transparent) to 255 (opaque), one byte a pixel.
 * Owned by the caller. NULL: opaque everywhere, or the layer is gone. */
guint8 *nst_host_read_alpha (NstHost *host, int width, int height);

/* Whether the layer to paint is in greyscale, so that the result has no colours wherever it is written.
 * FALSE: the layer is gone. */
gboolean nst_host_is_grey (NstHost *host);

/* A style, in full size: the layer with the id drawable, or with drawable -1 the picture in file. Owned by
 * the caller. NST_ERROR_ARGUMENT if no style is named (drawable is -1 and file is "") or the layer is gone;
 * NST_ERROR_FORMAT if the file cannot be read; NST_ERROR_SIZE if it is fully transparent; NST_ERROR_MEMORY.
 */
NstImage *nst_host_read_style (NstHost *host, int drawable, const char *file, GError **error);

/* A mask of the layer to paint (drawable -1), at its size, or of the layer with this id: NST_MASK_SELECTION
 * (feathered as it is; outside of the canvas nothing is selected), NST_MASK_LAYER_MASK, NST_MASK_ALPHA,
 * NST_MASK_CHANNEL with a channel's name, or a file: its alpha if it is transparent anywhere, else its grey
 * values, in its own size. After the selection was read the result goes everywhere, not only into the
 * selection, because the selection says where styles go. Owned by the caller. NST_ERROR_ARGUMENT if there is
 * no such mask or layer; NST_ERROR_FORMAT if the file cannot be read; NST_ERROR_MEMORY. */
NstMask *nst_host_read_mask (NstHost *host, int drawable, const char *name, GError **error);

/* The settings that nst_host_write () attached to a layer; drawable -1: to the layer to paint. Owned by the
 * caller. NULL: none, or the layer is gone. */
char *nst_host_read_settings (NstHost *host, int drawable);

/* The settings in the size bytes that are attached to a layer, as text, for nst_host_read_settings (). The
 * bytes may come with a stranger's file: more than NST_HOST_SETTINGS_LONGEST, or with a NUL before the last,
 * are not settings, which gives NULL. Owned by the caller. */
#define NST_HOST_SETTINGS_LONGEST 65536
char *nst_host_settings_new (gconstpointer data, gsize size);

/* Progress and result */

/* fraction: 0 to 1, of the whole run. text: what is being done; NULL: keep the last text. The host may end
 * the process in this call if the user cancelled. */
void nst_host_progress (NstHost *host, double fraction, const char *text);

/* Write the result, as one undo step; Pastiche changes the user's image nowhere else. picture has the
 * content's size; the host may keep a reference, so picture must not change afterwards. text: settings to
 * attach to a new layer (nst_settings_to_json ()). On failure the image is unchanged. NST_ERROR_ARGUMENT if
 * the layer is gone or has another size, if output is not possible, or if the host refused the result. A new
 * image is possible also then: it is opaque, and has no colour profile if the old image is gone. */
gboolean nst_host_write (
    NstHost *host, NstImage *picture, NstOutput output, const char *text, GError **error);

G_END_DECLS
