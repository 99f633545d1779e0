/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a content's file holds besides its picture. */
#include "picture/origin.h"

#include <string.h>

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

void
nst_origin_crop (NstOrigin *origin, NstImage *cropped)
{
  const NstImage *whole = origin->picture;
  const gsize     left = (whole->width - cropped->width) / 2, top = (whole->height - cropped->height) / 2;

  g_clear_pointer (&origin->rest, g_free);
  /* Rows move towards the beginning of the same memory. */
  for (int y = 0; y < cropped->height && origin->alpha != NULL; y++)
    memmove (origin->alpha + (gsize) y * cropped->width, origin->alpha + (top + y) * whole->width + left,
             cropped->width * sizeof (float));
  nst_image_unref (origin->picture);
  origin->picture = nst_image_ref (cropped);
}
