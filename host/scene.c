/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a whole scene, all pictures and masks that settings name, through the host. */
#include "host/scene.h"

#include "host/masks.h"

#include "shelf/shelf.h"

/* Reads a style and adds it to scene. */
static gboolean
add_style (NstHost            *host,
           NstScene           *scene,
           const NstHostMasks *masks,
           int                 drawable,
           const char         *file,
           double              weight,
           GError            **error)
{
  g_autoptr (NstImage) image = nst_host_read_style (host, drawable, file, error);
  NstSceneStyle        style = { .image = image, .weight = weight };

  nst_host_masks_fill (masks, scene->n_styles, &style);

  return image != NULL && nst_scene_append_style (scene, &style, error);
}

static gboolean
add_styles (NstHost               *host,
            NstScene              *scene,
            const NstHostMasks    *masks,
            const NstSettings     *settings,
            const NstMorePictures *more,
            GError               **error)
{
  if (!add_style (host, scene, masks, settings->style_drawable, settings->style_file, 1, error))
    return FALSE;
  for (int i = 0; more->files[i] != NULL; i++)
    if (!add_style (host, scene, masks, -1, more->files[i], more->weights[i], error))
      return FALSE;
  nst_host_masks_complete (masks, scene);

  return TRUE;
}

NstScene *
nst_host_read_scene (NstHost *host, const NstSettings *settings, NstImage *content, GError **error)
{
  g_autoptr (NstScene)     scene = nst_scene_new (content);
  g_auto (NstMorePictures) more = { NULL };
  NstHostMasks             masks;
  gboolean                 good;

  if (!nst_settings_get_more (settings, &more, error)
      || !nst_host_masks_read (&masks, host, &more, settings->style_drawable, error))
    return NULL;
  good = add_styles (host, scene, &masks, settings, &more, error);
  nst_host_masks_clear (&masks);
  if (!good)
    return NULL;

  if (more.start != NULL)
    {
      g_autoptr (NstImage) start = nst_host_read_style (host, -1, more.start, error);

      if (start == NULL)
        return NULL;
      nst_scene_set_start (scene, start);
    }

  g_debug ("Scene: %d styles, %s start picture, %" G_GSIZE_FORMAT " bytes", scene->n_styles,
           scene->start != NULL ? "with a" : "no", nst_scene_bytes (scene));

  return g_steal_pointer (&scene);
}
