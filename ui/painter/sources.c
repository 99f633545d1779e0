/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the pictures of a painter from its host, each when it is first needed. */
#include "ui/painter/sources.h"

#include <glib/gi18n-lib.h>

#include "core/scene/regions.h"

#include "shelf/shelf.h"

/* Longer side of what previews are painted from. A thin layer is left as it is: made smaller it would not
 * keep its proportions. */
#define SMALL 1024
#define THIN 256

/* The content in a size for previews. */
static NstImage *
make_small (NstImage *content, GError **error)
{
  int width, height;

  nst_image_fit (content->width, content->height, SMALL, &width, &height);
  if (width >= content->width || MIN (width, height) < THIN)
    return nst_image_ref (content);

  return nst_image_resize (content, width, height, error);
}

gboolean
nst_sources_init (NstSources *sources, NstHost *host, const NstSettings *settings, GError **error)
{
  *sources = (NstSources){ .host = host, .output = settings->output };
  sources->style_drawable = settings->style_drawable;
  sources->style_file = g_strdup (settings->style_drawable == -1 ? settings->style_file : "");
  if (!nst_settings_get_more (settings, &sources->more, error))
    return FALSE;

  nst_host_get_size (host, &sources->width, &sources->height);
  sources->content = nst_host_read_content (host, settings->output, NST_SOURCES_LARGE, error);
  if (sources->content == NULL)
    return FALSE;

  if (sources->content->width == sources->width && sources->content->height == sources->height)
    sources->full = nst_image_ref (sources->content);
  sources->small = make_small (sources->content, error);

  return sources->small != NULL;
}

void
nst_sources_clear (NstSources *sources)
{
  g_clear_pointer (&sources->content, nst_image_unref);
  g_clear_pointer (&sources->small, nst_image_unref);
  g_clear_pointer (&sources->full, nst_image_unref);
  g_clear_pointer (&sources->style_file, g_free);
  g_clear_pointer (&sources->style, nst_image_unref);
  g_clear_pointer (&sources->more_styles, g_ptr_array_unref);
  g_clear_pointer (&sources->start, nst_image_unref);
  nst_host_masks_clear (&sources->masks);
  nst_more_pictures_clear (&sources->more);
}

static int
longer_side (const NstImage *image)
{
  return MAX (image->width, image->height);
}

NstImage *
nst_sources_get_content (NstSources *sources, int size, GError **error)
{
  if (size <= longer_side (sources->small))
    return sources->small;
  if (size <= longer_side (sources->content))
    return sources->content;

  if (sources->full == NULL)
    sources->full = nst_host_read_content (sources->host, sources->output, 0, error);

  return sources->full;
}

gboolean
nst_sources_set_style (NstSources *sources, int drawable, const char *file, GError **error)
{
  g_autofree char *copy = nst_shelf_find (file, error);
  NstImage        *style = copy != NULL ? nst_host_read_style (sources->host, drawable, copy, error) : NULL;

  if (style == NULL)
    return FALSE;

  nst_image_unref (sources->style);
  g_free (sources->style_file);
  sources->style = style;
  sources->style_drawable = drawable;
  sources->style_file = g_steal_pointer (&copy);

  return TRUE;
}

gboolean
nst_sources_has_style (const NstSources *sources)
{
  return sources->style_drawable != -1 || *sources->style_file != '\0';
}

static gboolean
is_any (const NstMorePictures *more)
{
  return more->start != NULL || (more->files != NULL && more->files[0] != NULL)
         || nst_more_pictures_have_masks (more);
}

gboolean
nst_sources_take_more (NstSources *sources, NstMorePictures *more)
{
  const gboolean changes = is_any (&sources->more) || is_any (more);

  nst_more_pictures_clear (&sources->more);
  g_clear_pointer (&sources->more_styles, g_ptr_array_unref);
  g_clear_pointer (&sources->start, nst_image_unref);
  nst_host_masks_clear (&sources->masks);
  sources->more = *more;
  *more = (NstMorePictures){ NULL };

  return changes;
}

/* The next start does without the picture that could not be read. */
static void
say_left_out (GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (error == NULL)
    return;

  cause = g_steal_pointer (error);
  g_set_error (error, cause->domain, cause->code, _ ("%s. Start again to paint without it."), cause->message);
}

static gboolean
read_more (NstSources *sources, GError **error)
{
  NstMorePictures      *more = &sources->more;
  g_autoptr (GPtrArray) styles = g_ptr_array_new_with_free_func ((GDestroyNotify) nst_image_unref);

  for (int i = 0; more->files != NULL && more->files[i] != NULL; i++)
    {
      NstImage *style = nst_host_read_style (sources->host, -1, more->files[i], error);

      if (style == NULL)
        {
          nst_more_pictures_remove (more, i);
          say_left_out (error);
          return FALSE;
        }
      g_ptr_array_add (styles, style);
    }
  if (more->start != NULL)
    {
      sources->start = nst_host_read_style (sources->host, -1, more->start, error);
      if (sources->start == NULL)
        {
          g_clear_pointer (&more->start, g_free);
          say_left_out (error);
          return FALSE;
        }
    }
  nst_host_masks_clear (&sources->masks);
  if (!nst_host_masks_read (&sources->masks, sources->host, more, sources->style_drawable, error))
    return FALSE;
  sources->more_styles = g_steal_pointer (&styles);

  return TRUE;
}

gboolean
nst_sources_read (NstSources *sources, GError **error)
{
  if (sources->style == NULL
      && !nst_sources_set_style (sources, sources->style_drawable, sources->style_file, error))
    {
      sources->style_drawable = -1;
      g_free (sources->style_file);
      sources->style_file = g_strdup ("");
      return FALSE;
    }

  return sources->more_styles != NULL || read_more (sources, error);
}

static void
add_style (const NstSources *sources, NstScene *scene, int number, NstImage *image, double weight)
{
  NstSceneStyle style = { .image = image, .weight = weight };

  nst_host_masks_fill (&sources->masks, number, &style);
  nst_scene_append_style (scene, &style, NULL);
}

NstScene *
nst_sources_make_scene (const NstSources *sources)
{
  NstScene *scene = nst_scene_new (NULL);

  if (sources->style != NULL)
    add_style (sources, scene, 0, sources->style, 1);
  for (guint i = 0; sources->more_styles != NULL && i < sources->more_styles->len; i++)
    add_style (sources, scene, i + 1, sources->more_styles->pdata[i], sources->more.weights[i]);
  nst_host_masks_complete (&sources->masks, scene);

  return scene;
}

gboolean
nst_sources_get_share (const NstSources *sources, int width, int height, NstMask **share, GError **error)
{
  g_autoptr (NstScene) scene = nst_sources_make_scene (sources);

  return nst_regions_strength (scene, width, height, share, error);
}
