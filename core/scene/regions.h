/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/scene/scene.h"

G_BEGIN_DECLS

/* Where each style of a scene goes. Styles with the same mask share a region, and styles without a mask share
 * one. Where masks overlap they are divided by their sum. Where they sum to less than 1, the rest belongs to
 * the styles without a mask; without such styles it stays the photograph. */
typedef struct
{
  int       n;        /* regions; in the order in which the scene's styles name them */
  int      *of_style; /* owned; the region of each style */
  double   *weights;  /* owned; the sum of the weights of the styles of each region */
  NstMask **masks;    /* owned array of owned masks of the size asked for; NULL: everywhere */
  NstMask  *painted;  /* owned; the sum of all masks; NULL: 1 everywhere */
} NstRegions;

/* Which style belongs to which region, without masks and painted, which are NULL. */
NstRegions *nst_regions_list (const NstScene *scene);

/* With the masks, for pictures of width x height pixels. NULL with NST_ERROR_MEMORY. */
NstRegions *nst_regions_new (const NstScene *scene, int width, int height, GError **error);
void        nst_regions_free (NstRegions *regions); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstRegions, nst_regions_free)

/* Whether any style has a mask. */
gboolean nst_regions_any (const NstScene *scene);

/* The share of the painted picture in the result, for pictures of width x height pixels: the scene's strength
 * times NstRegions.painted. *share: owned, or NULL: 1 everywhere. */
gboolean nst_regions_strength (const NstScene *scene, int width, int height, NstMask **share, GError **error);

G_END_DECLS
