/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is painted: content, styles and start, as references to shared pictures. */
#include "core/scene/scene.h"

#include <glib/gi18n-lib.h>

#include "core/base/error.h"

#define LARGEST_WEIGHT 1e9

NstScene *
nst_scene_new (NstImage *content)
{
  NstScene *scene = g_new0 (NstScene, 1);

  nst_scene_set_content (scene, content);

  return scene;
}

static void
append (NstScene *scene, const NstSceneStyle *style)
{
  scene->styles = g_renew (NstSceneStyle, scene->styles, scene->n_styles + 1);
  scene->styles[scene->n_styles++] = (NstSceneStyle){
    .image = nst_image_ref (style->image),
    .weight = style->weight,
    .mask = style->mask != NULL ? nst_image_ref (style->mask) : NULL,
  };
}

NstScene *
nst_scene_copy (const NstScene *scene)
{
  NstScene *copy = nst_scene_new (scene->content);

  nst_scene_set_start (copy, scene->start);
  for (int i = 0; i < scene->n_styles; i++)
    append (copy, &scene->styles[i]);

  return copy;
}

void
nst_scene_free (NstScene *scene)
{
  if (scene == NULL)
    return;

  nst_image_unref (scene->content);
  nst_image_unref (scene->start);
  nst_scene_remove_styles (scene);
  g_free (scene);
}

static void
replace (NstImage **slot, NstImage *image)
{
  NstImage *old = *slot;

  *slot = image != NULL ? nst_image_ref (image) : NULL;
  nst_image_unref (old);
}

void
nst_scene_set_content (NstScene *scene, NstImage *content)
{
  replace (&scene->content, content);
}

void
nst_scene_set_start (NstScene *scene, NstImage *start)
{
  replace (&scene->start, start);
}

gboolean
nst_scene_add_style (NstScene *scene, NstImage *image, double weight, GError **error)
{
  if (!(weight > 0 && weight <= LARGEST_WEIGHT))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("Weight of a style: expected a number above 0, at most %g, found %g"), LARGEST_WEIGHT,
                   weight);
      return FALSE;
    }

  append (scene, &(NstSceneStyle){ .image = image, .weight = weight });

  return TRUE;
}

void
nst_scene_remove_styles (NstScene *scene)
{
  for (int i = 0; i < scene->n_styles; i++)
    {
      nst_image_unref (scene->styles[i].image);
      nst_image_unref (scene->styles[i].mask);
    }
  g_clear_pointer (&scene->styles, g_free);
  scene->n_styles = 0;
}

gsize
nst_scene_bytes (const NstScene *scene)
{
  gsize bytes = scene->content != NULL ? nst_image_bytes (scene->content) : 0;

  if (scene->start != NULL && scene->start != scene->content)
    bytes += nst_image_bytes (scene->start);
  for (int i = 0; i < scene->n_styles; i++)
    {
      const NstImage *image = scene->styles[i].image;
      gboolean        seen = image == scene->content || image == scene->start;

      for (int k = 0; k < i; k++)
        seen |= image == scene->styles[k].image;
      if (!seen)
        bytes += nst_image_bytes (image);
    }

  return bytes;
}
