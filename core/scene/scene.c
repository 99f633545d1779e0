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
    .scale = style->scale,
    .mask = style->mask != NULL ? nst_mask_ref (style->mask) : NULL,
    .part = style->part != NULL ? nst_mask_ref (style->part) : NULL,
  };
}

NstScene *
nst_scene_copy (const NstScene *scene)
{
  NstScene *copy = nst_scene_new (scene->content);

  nst_scene_set_start (copy, scene->start);
  nst_scene_set_protect (copy, scene->protect);
  nst_scene_set_strength (copy, scene->strength);
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
  nst_mask_unref (scene->protect);
  nst_mask_unref (scene->strength);
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

static void
replace_mask (NstMask **slot, NstMask *mask)
{
  NstMask *old = *slot;

  *slot = mask != NULL ? nst_mask_ref (mask) : NULL;
  nst_mask_unref (old);
}

void
nst_scene_set_protect (NstScene *scene, NstMask *protect)
{
  replace_mask (&scene->protect, protect);
}

void
nst_scene_set_strength (NstScene *scene, NstMask *strength)
{
  replace_mask (&scene->strength, strength);
}

static gboolean
check_mask (const NstMask *mask, const char *what, GError **error)
{
  float least, most = 1;

  if (mask != NULL)
    nst_mask_range (mask, &least, &most);
  if (most > 0)
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("%s is empty: all of its %d x %d pixels are black"),
               what, mask->width, mask->height);

  return FALSE;
}

gboolean
nst_scene_append_style (NstScene *scene, const NstSceneStyle *style, GError **error)
{
  if (!(style->weight > 0 && style->weight <= LARGEST_WEIGHT))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("Weight of a style: expected a number above 0, at most %g, found %g"), LARGEST_WEIGHT,
                   style->weight);
      return FALSE;
    }
  if (!(style->scale >= NST_SCENE_LEAST_SCALE && style->scale <= NST_SCENE_MOST_SCALE))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("Scale of a style: expected a number from %g to %g, found %g"), NST_SCENE_LEAST_SCALE,
                   NST_SCENE_MOST_SCALE, style->scale);
      return FALSE;
    }
  if (!check_mask (style->mask, _ ("The mask of a region"), error)
      || !check_mask (style->part, _ ("The mask on a style"), error))
    return FALSE;

  append (scene, style);

  return TRUE;
}

gboolean
nst_scene_add_style (NstScene *scene, NstImage *image, double weight, GError **error)
{
  const NstSceneStyle style = { .image = image, .weight = weight, .scale = 1 };

  return nst_scene_append_style (scene, &style, error);
}

void
nst_scene_remove_styles (NstScene *scene)
{
  for (int i = 0; i < scene->n_styles; i++)
    {
      nst_image_unref (scene->styles[i].image);
      nst_mask_unref (scene->styles[i].mask);
      nst_mask_unref (scene->styles[i].part);
    }
  g_clear_pointer (&scene->styles, g_free);
  scene->n_styles = 0;
}

static gsize
mask_bytes (const NstScene *scene)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GHashTableIter         iter;
  gpointer               mask;
  gsize                  bytes = 0;

  g_hash_table_add (seen, scene->protect);
  g_hash_table_add (seen, scene->strength);
  for (int i = 0; i < scene->n_styles; i++)
    {
      g_hash_table_add (seen, scene->styles[i].mask);
      g_hash_table_add (seen, scene->styles[i].part);
    }
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &mask, NULL))
    bytes += mask != NULL ? nst_mask_bytes (mask) : 0;

  return bytes;
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

  return bytes + mask_bytes (scene);
}
