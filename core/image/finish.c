/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the result from the painted picture: size, colours, strength. */
#include "core/image/finish.h"

NstImage *
nst_finish (const NstImage *painted,
            const NstImage *content,
            int             width,
            int             height,
            gboolean        keep_colours,
            double          strength,
            GError        **error)
{
  g_autoptr (NstImage) picture = nst_image_resize (painted, width, height, error);
  g_autoptr (NstImage) resized = NULL;

  if (picture == NULL)
    return NULL;

  nst_image_clamp (picture);
  if (!keep_colours && strength >= 1)
    return g_steal_pointer (&picture);

  if (content->width != width || content->height != height)
    {
      content = resized = nst_image_resize (content, width, height, error);
      if (resized == NULL)
        return NULL;
    }
  if (keep_colours)
    nst_image_keep_colours (picture, content);
  nst_image_blend (picture, content, strength);

  return g_steal_pointer (&picture);
}
