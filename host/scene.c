/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a whole scene, all pictures that settings name, through the host. */
#include "host/scene.h"

#include "shelf/shelf.h"

/* Reads a style and adds it to scene. */
static gboolean
add_style (NstHost *host, NstScene *scene, int drawable, const char *file, double weight, GError **error)
{
  g_autofree char     *path = nst_shelf_find (file, error);
  g_autoptr (NstImage) style = path != NULL ? nst_host_read_style (host, drawable, path, error) : NULL;

  return style != NULL && nst_scene_add_style (scene, style, weight, error);
}

NstScene *
nst_host_read_scene (NstHost *host, const NstSettings *settings, NstImage *content, GError **error)
{
  g_autoptr (NstScene)     scene = nst_scene_new (content);
  g_auto (NstMorePictures) more = { NULL };

  if (!nst_settings_get_more (settings, &more, error)
      || !add_style (host, scene, settings->style_drawable, settings->style_file, 1, error))
    return NULL;

  if (more.start != NULL)
    {
      g_autoptr (NstImage) start = nst_host_read_style (host, -1, more.start, error);

      if (start == NULL)
        return NULL;
      nst_scene_set_start (scene, start);
    }
  for (int i = 0; more.files[i] != NULL; i++)
    if (!add_style (host, scene, -1, more.files[i], more.weights[i], error))
      return NULL;

  g_debug ("Scene: %d styles, %s start picture, %" G_GSIZE_FORMAT " bytes", scene->n_styles,
           scene->start != NULL ? "with a" : "no", nst_scene_bytes (scene));

  return g_steal_pointer (&scene);
}
