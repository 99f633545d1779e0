/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/scene/scene.h"
#include "host/host.h"
#include "host/settings.h"

G_BEGIN_DECLS

/* The masks that settings name, read through the host. A plain value; { NULL }: none. */
typedef struct
{
  int            n;        /* styles of which anything is said, from the first */
  NstSceneStyle *styles;   /* owned array of n; only mask, part and scale are set; masks are refs */
  NstMask       *protect;  /* ref or NULL */
  NstMask       *strength; /* ref or NULL */
} NstHostMasks;

/* Read every mask that more names; masks of the same name are one. drawable: the layer that is the first
 * style, or -1: it is a file, as all others, on which only files can be masks. On failure masks is cleared.
 * Errors: as nst_host_read_mask (); NST_ERROR_ARGUMENT for a mask that needs a layer, or is empty. */
gboolean nst_host_masks_read (
    NstHostMasks *masks, NstHost *host, const NstMorePictures *more, int drawable, GError **error);
void nst_host_masks_clear (NstHostMasks *masks);

/* Set mask, part and scale (borrowed) of style number i. */
void nst_host_masks_fill (const NstHostMasks *masks, int i, NstSceneStyle *style);

/* Set the scene's protect and strength. */
void nst_host_masks_complete (const NstHostMasks *masks, NstScene *scene);

G_END_DECLS
