/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a content's file holds besides its picture. */
#include "picture/origin.h"

NstOrigin *
nst_origin_new (void)
{
  NstOrigin *origin = g_new0 (NstOrigin, 1);

  origin->depth = NST_DEPTH_8;

  return origin;
}

void
nst_origin_free (NstOrigin *origin)
{
  if (origin == NULL)
    return;
  g_clear_pointer (&origin->profile, g_bytes_unref);
  nst_image_unref (origin->picture);
  g_free (origin->alpha);
  g_free (origin->rest);
  nst_metadata_free (origin->metadata);
  g_free (origin);
}
