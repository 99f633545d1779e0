/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the masks that settings name through the host. */
#include "host/masks.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"

/* In place: 1 - mask, of a mask that nobody else has. */
static void
invert (NstMask *mask)
{
  for (gsize p = 0; p < (gsize) mask->width * mask->height; p++)
    mask->data[p] = 1 - mask->data[p];
}

static gboolean
check_empty (const NstMask *mask, const char *name, GError **error)
{
  float least, most;

  nst_mask_range (mask, &least, &most);
  if (most > 0)
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
               _ ("The mask \"%s\" is empty: all of its %d x %d pixels are 0"), name, mask->width,
               mask->height);

  return FALSE;
}

/* Reads a mask unless it is among known, which owns those that were read. *to: a new reference; NULL for no
 * name. */
static gboolean
read_mask (NstHost *host, GHashTable *known, int drawable, const char *name, NstMask **to, GError **error)
{
  const gboolean   outside = name != NULL && strcmp (name, NST_MASK_OUTSIDE) == 0;
  g_autofree char *key = NULL;
  NstMask         *mask;

  *to = NULL;
  if (name == NULL)
    return TRUE;

  key = g_strdup_printf ("%d %s", nst_mask_is_file (name) ? -1 : drawable, name);
  mask = g_hash_table_lookup (known, key);
  if (mask == NULL)
    {
      mask = nst_host_read_mask (host, drawable, outside ? NST_MASK_SELECTION : name, error);
      if (mask == NULL)
        return FALSE;
      if (outside)
        invert (mask);
      g_hash_table_insert (known, g_steal_pointer (&key), mask);
      if (!check_empty (mask, name, error))
        return FALSE;
    }
  *to = nst_mask_ref (mask);

  return TRUE;
}

static gboolean
read_part (NstHost *host, GHashTable *known, int drawable, const char *name, NstMask **to, GError **error)
{
  if (name == NULL || drawable != -1 || nst_mask_is_file (name))
    return read_mask (host, known, drawable, name, to, error);

  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
               _ ("The mask \"%s\" on a style needs a layer as the style; this style is a file, and only a "
                  "file "
                  "can be its mask"),
               name);

  return FALSE;
}

gboolean
nst_host_masks_read (
    NstHostMasks *masks, NstHost *host, const NstMorePictures *more, int drawable, GError **error)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                        (GDestroyNotify) nst_mask_unref);
  gboolean               good = TRUE;

  *masks = (NstHostMasks){ more->n_where, g_new0 (NstSceneStyle, more->n_where), NULL, NULL };
  for (int i = 0; i < masks->n && good; i++)
    {
      const NstStyleWhere *where = &more->where[i];

      masks->styles[i].scale = where->scale > 0 ? where->scale : 1;
      good = read_mask (host, known, -1, where->mask, &masks->styles[i].mask, error)
             && read_part (host, known, i == 0 ? drawable : -1, where->part, &masks->styles[i].part, error);
    }
  good = good && read_mask (host, known, -1, more->protect, &masks->protect, error)
         && read_mask (host, known, -1, more->strength, &masks->strength, error);
  if (!good)
    nst_host_masks_clear (masks);

  return good;
}

void
nst_host_masks_clear (NstHostMasks *masks)
{
  for (int i = 0; i < masks->n; i++)
    {
      nst_mask_unref (masks->styles[i].mask);
      nst_mask_unref (masks->styles[i].part);
    }
  g_free (masks->styles);
  nst_mask_unref (masks->protect);
  nst_mask_unref (masks->strength);
  *masks = (NstHostMasks){ 0 };
}

void
nst_host_masks_fill (const NstHostMasks *masks, int i, NstSceneStyle *style)
{
  style->mask = i < masks->n ? masks->styles[i].mask : NULL;
  style->part = i < masks->n ? masks->styles[i].part : NULL;
  style->scale = i < masks->n ? masks->styles[i].scale : 1;
}

void
nst_host_masks_complete (const NstHostMasks *masks, NstScene *scene)
{
  nst_scene_set_protect (scene, masks->protect);
  nst_scene_set_strength (scene, masks->strength);
}
