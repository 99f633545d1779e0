/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that say where each style goes, and the masks that they name. */
#include "cli/masks.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/session.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "picture/picture.h"

#define PROPORTIONS 0.01 /* that may differ without a note */

/* What was said about one style. */
typedef struct
{
  char  *mask, *part; /* owned files, or NULL */
  double scale;       /* 0: not given */
} Where;

static struct
{
  GArray     *styles; /* owned, of Where; NULL: nothing was said */
  char       *protect, *strength;
  GHashTable *masks; /* owned; files and their masks, which are owned by the table */
} options;

/* What is known of the style before this option, or NULL with an error. */
static Where *
last_style (const char *option, GError **error)
{
  const guint n = nst_session_count_styles ();

  if (n == 0)
    {
      nst_cli_usage (error, _ ("%s must come after the --style that it belongs to"), option);
      return NULL;
    }
  if (options.styles == NULL)
    options.styles = g_array_new (FALSE, TRUE, sizeof (Where));
  if (options.styles->len < n)
    g_array_set_size (options.styles, n);

  return &g_array_index (options.styles, Where, n - 1);
}

static gboolean
is_first (const char *option, gboolean given, GError **error)
{
  return !given || nst_cli_usage (error, _ ("%s is given twice for the same --style"), option);
}

static gboolean
set_mask (const char *option, const char *value, gpointer data G_GNUC_UNUSED, GError **error)
{
  Where *where = last_style (option, error);

  if (where == NULL || !is_first (option, where->mask != NULL, error))
    return FALSE;
  where->mask = g_strdup (value);

  return TRUE;
}

static gboolean
set_part (const char *option, const char *value, gpointer data G_GNUC_UNUSED, GError **error)
{
  Where *where = last_style (option, error);

  if (where == NULL || !is_first (option, where->part != NULL, error))
    return FALSE;
  where->part = g_strdup (value);

  return TRUE;
}

static gboolean
set_scale (const char *option, const char *value, gpointer data G_GNUC_UNUSED, GError **error)
{
  Where *where = last_style (option, error);
  char  *end;

  if (where == NULL || !is_first (option, where->scale > 0, error))
    return FALSE;
  where->scale = g_ascii_strtod (value, &end);
  if (end == value || *end != '\0'
      || !(where->scale >= NST_SCENE_LEAST_SCALE && where->scale <= NST_SCENE_MOST_SCALE))
    {
      g_autofree char *found = nst_text_quote (value);

      return nst_cli_usage (error, _ ("%s: expected a number from %g to %g, found \"%s\""), option,
                            NST_SCENE_LEAST_SCALE, NST_SCENE_MOST_SCALE, found);
    }

  return TRUE;
}

const GOptionEntry nst_masks_options[] = {
  { "region", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, set_mask,
    N_ ("Where the style before it goes: a mask on the content, white inside; or what other masks leave"),
    N_ ("FILE|rest") },
  { "style-region", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, set_part,
    N_ ("Which part of the style before it is looked at: a mask on that picture"), N_ ("FILE") },
  { "style-scale", 0, 0, G_OPTION_ARG_CALLBACK, set_scale,
    N_ ("Size of the style before it, 1 as the recipe says; more gives larger strokes"), "S" },
  { "protect", 0, 0, G_OPTION_ARG_FILENAME, &options.protect,
    N_ ("Where the content is kept more faithfully: a mask on it"), N_ ("FILE") },
  { "strength", 0, 0, G_OPTION_ARG_FILENAME, &options.strength,
    N_ ("Share of the painted picture in the result: white is painted, black the content"), N_ ("FILE") },
  { NULL }
};

static const Where *
where_of (int number)
{
  const gboolean known = options.styles != NULL && number < (int) options.styles->len;

  return known ? &g_array_index (options.styles, Where, number) : NULL;
}

static gboolean
is_file (const char *mask)
{
  return mask != NULL && strcmp (mask, "rest") != 0;
}

/* A new reference to the mask in this file, which is read once. */
static NstMask *
load_mask (const char *file, GError **error)
{
  NstMask *mask = options.masks != NULL ? g_hash_table_lookup (options.masks, file) : NULL;
  float    least, most;

  if (mask != NULL)
    return nst_mask_ref (mask);

  mask = nst_picture_load_mask (file, error);
  if (mask == NULL)
    return NULL;
  nst_mask_range (mask, &least, &most);
  if (most == 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("%s: the mask is empty: all of its %d x %d pixels are black or transparent"), file,
                   mask->width, mask->height);
      nst_mask_unref (mask);
      return NULL;
    }

  if (options.masks == NULL)
    options.masks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) nst_mask_unref);
  g_hash_table_insert (options.masks, g_strdup (file), mask);

  return nst_mask_ref (mask);
}

gboolean
nst_masks_fill (int number, NstSceneStyle *style, GError **error)
{
  const Where *where = where_of (number);

  style->scale = where != NULL && where->scale > 0 ? where->scale : 1;
  style->mask = style->part = NULL;
  if (where == NULL)
    return TRUE;
  if (is_file (where->mask) && (style->mask = load_mask (where->mask, error)) == NULL)
    return FALSE;

  return where->part == NULL || (style->part = load_mask (where->part, error)) != NULL;
}

static void
note_proportions (const char *file, const NstMask *mask, const NstImage *image)
{
  const double stretch = (double) mask->width * image->height / ((double) mask->height * image->width);

  if (fabs (log (stretch)) > PROPORTIONS)
    g_printerr (_ ("%s: the mask of %d x %d pixels is stretched to a picture of %d x %d\n"), file,
                mask->width, mask->height, image->width, image->height);
}

gboolean
nst_masks_complete (NstScene *scene, GError **error)
{
  g_autoptr (NstMask) protect = NULL;
  g_autoptr (NstMask) strength = NULL;

  if ((options.protect != NULL && (protect = load_mask (options.protect, error)) == NULL)
      || (options.strength != NULL && (strength = load_mask (options.strength, error)) == NULL))
    return FALSE;
  nst_scene_set_protect (scene, protect);
  nst_scene_set_strength (scene, strength);
  if (scene->content == NULL)
    return TRUE;

  if (protect != NULL)
    note_proportions (options.protect, protect, scene->content);
  if (strength != NULL)
    note_proportions (options.strength, strength, scene->content);
  for (int i = 0; i < scene->n_styles; i++)
    {
      const NstSceneStyle *style = &scene->styles[i];

      if (style->mask != NULL)
        note_proportions (where_of (i)->mask, style->mask, scene->content);
      if (style->part != NULL)
        note_proportions (where_of (i)->part, style->part, style->image);
    }

  return TRUE;
}

gboolean
nst_masks_add_files (NstFiles *files, GError **error)
{
  for (guint i = 0; options.styles != NULL && i < options.styles->len; i++)
    {
      const Where *where = where_of (i);

      if ((is_file (where->mask) && !nst_files_read (files, "--region", where->mask, error))
          || !nst_files_read (files, "--style-region", where->part, error))
        return FALSE;
    }

  return nst_files_read (files, "--protect", options.protect, error)
         && nst_files_read (files, "--strength", options.strength, error);
}
