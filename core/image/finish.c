/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the result from the painted picture: size, colours, strength. */
#include "core/image/finish.h"

#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/image/palette.h"

NstImage *
nst_finish (const NstImage *painted,
            const NstImage *content,
            int             width,
            int             height,
            double          palette,
            double          strength,
            NstMask        *share,
            GError        **error)
{
  g_autoptr (NstImage) picture = nst_image_resize (painted, width, height, error);
  g_autoptr (NstImage) resized = NULL;
  g_autoptr (NstMask)  map = NULL;
  NstRange             range = NST_RANGE_SRGB;

  if (picture == NULL)
    return NULL;

  nst_image_extend_range (painted, &range);
  nst_image_clamp_to_range (picture, &range);
  if (palette >= 1 && strength >= 1 && share == NULL)
    return g_steal_pointer (&picture);

  if (content->width != width || content->height != height)
    {
      content = resized = nst_image_resize (content, width, height, error);
      if (resized == NULL)
        return NULL;
    }
  if (!nst_palette_finish (picture, content, palette))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("Not enough memory for the colours of %d x %d pixels"), width, height);
      return NULL;
    }
  if (share != NULL && (map = nst_mask_at_size (share, width, height, error)) == NULL)
    return NULL;
  if (strength < 1)
    nst_image_blend (picture, content, strength);
  if (map != NULL)
    nst_image_blend_masked (picture, content, map);

  return g_steal_pointer (&picture);
}
