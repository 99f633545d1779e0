/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/scene/scene.h"
#include "host/host.h"
#include "host/masks.h"
#include "host/settings.h"

G_BEGIN_DECLS

/* The pictures that a painter gets from its host: the layer in three sizes, the style, and the pictures that
 * only settings name (NstMorePictures). Styles and start are read when they are first needed. Main thread. */
typedef struct
{
  NstHost  *host;   /* borrowed */
  NstOutput output; /* for nst_host_read_content () */

  int       width, height; /* pixels of the layer */
  NstImage *content;       /* ref; the layer, at most NST_SOURCES_LARGE pixels a side */
  NstImage *small;         /* ref; content in a size that previews are painted from */
  NstImage *full;          /* ref; the whole layer, or NULL: not read yet */

  int       style_drawable; /* -1: style_file */
  char     *style_file;     /* owned; "" and no drawable: there is no style */
  NstImage *style;          /* ref, or NULL: not read yet */

  NstMorePictures more;        /* owned; what to read beside the style */
  GPtrArray      *more_styles; /* owned, of NstImage, one for each of more.files; NULL: not read yet */
  NstHostMasks    masks;       /* owned; of the styles and the layer, read together with more_styles */
  NstImage       *start;       /* ref; more.start, or NULL: there is none, or it is not read yet */
} NstSources;

/* Longer side beyond which the layer is first read smaller, so that the time to open, the memory and the
 * preview do not depend on its size. */
#define NST_SOURCES_LARGE 4096

/* Read the layer, and note which styles and start settings name. host must outlive sources. On
 * failure sources is still to be cleared. Errors: as nst_host_read_content () and nst_settings_get_more ().
 */
gboolean nst_sources_init (NstSources *sources, NstHost *host, const NstSettings *settings, GError **error);
void     nst_sources_clear (NstSources *sources);

/* The layer, borrowed, with a longer side of at least size, or its whole size where that is less. Reads the
 * whole layer if needed; NULL with the host's error. */
NstImage *nst_sources_get_content (NstSources *sources, int size, GError **error);

/* Read the style of this layer, or with drawable -1 of this file. On failure nothing changes. */
gboolean nst_sources_set_style (NstSources *sources, int drawable, const char *file, GError **error);

/* Whether a style was named, be it read or not. */
gboolean nst_sources_has_style (const NstSources *sources);

/* Name other pictures beside the style; they are read when they are needed. Takes what more holds, and clears
 * more. FALSE where there were none and are none. */
gboolean nst_sources_take_more (NstSources *sources, NstMorePictures *more);

/* Read whatever is named and not read yet. The error names the file. A picture that cannot be read is no
 * longer named afterwards, so that the next call does without it. */
gboolean nst_sources_read (NstSources *sources, GError **error);

/* An owned scene of every style that was read, with its masks, without content and start. */
NstScene *nst_sources_make_scene (const NstSources *sources);

/* The share of the painted picture in a result of this size (nst_regions_strength ()). */
gboolean nst_sources_get_share (
    const NstSources *sources, int width, int height, NstMask **share, GError **error);

G_END_DECLS
