/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saves and restores the state of a run, and refuses what was saved by another run. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/run/engine-private.h"

#define LONGEST_ITEM 500     /* bytes of one line of the origin */
#define MOST_PICTURES 100000 /* in the origin of a file */

/* The origin of a run: its network, content, start, masks and styles, one text each. */
enum
{
  NETWORK,
  CONTENT,
  START,
  PROTECT,
  STRENGTH,
  STYLES
};

/* Origin */

static void
sum_text (GChecksum *sum, const char *text)
{
  g_checksum_update (sum, (const guchar *) text, strlen (text) + 1);
}

/* A text for everything of a model that a run depends on. */
static char *
model_text (const NstModel *model)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  for (int i = 0; i < model->n_layers; i++)
    {
      const NstLayer  *layer = &model->layers[i];
      const gsize      in = layer->in_channels, out = layer->out_channels, head = layer->head_channels;
      g_autofree char *shape = g_strdup_printf ("%s %d %d %d %d %d", layer->name, layer->kind,
                                                layer->in_channels, layer->out_channels, layer->padding,
                                                layer->head_channels);

      sum_text (sum, shape);
      if (layer->kind != NST_LAYER_CONV)
        continue;
      nst_archive_sum_floats (sum, layer->weight, out * in * 9);
      nst_archive_sum_floats (sum, layer->bias, out);
      if (head > 0)
        {
          nst_archive_sum_floats (sum, layer->head_weight, head * out);
          nst_archive_sum_floats (sum, layer->head_bias, head);
        }
    }
  for (int i = 0; i < 3; i++)
    {
      const float input[] = { model->order[i], model->mean[i], model->std[i], model->scale, model->pooling };

      nst_archive_sum_floats (sum, input, G_N_ELEMENTS (input));
    }

  return g_strdup_printf ("network %s", g_checksum_get_string (sum));
}

/* A text for a picture or a mask: size and checksum of the values. */
static char *
values_text (int width, int height, int channels, const float *data)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  nst_archive_sum_floats (sum, data, (gsize) width * height * channels);

  return g_strdup_printf ("%d x %d, %s", width, height, g_checksum_get_string (sum));
}

static char *
picture_text (const NstImage *image)
{
  return image != NULL ? values_text (image->width, image->height, 3, image->data) : g_strdup ("none");
}

static char *
mask_text (const NstMask *mask)
{
  return mask != NULL ? values_text (mask->width, mask->height, 1, mask->data) : g_strdup ("none");
}

/* Weight and scale, picture, mask, part, and the first style with the same mask: they share it. */
static char *
style_text (const NstScene *scene, int i)
{
  const NstSceneStyle *style = &scene->styles[i];
  g_autofree char     *image = picture_text (style->image);
  g_autofree char     *mask = mask_text (style->mask);
  g_autofree char     *part = mask_text (style->part);
  char                 weight[G_ASCII_DTOSTR_BUF_SIZE], scale[G_ASCII_DTOSTR_BUF_SIZE];
  int                  first = 0;

  while (scene->styles[first].mask != style->mask)
    first++;

  return g_strdup_printf ("weight %s, scale %s, %s, mask %d %s, part %s",
                          g_ascii_dtostr (weight, sizeof weight, style->weight),
                          g_ascii_dtostr (scale, sizeof scale, style->scale), image, first, mask, part);
}

/* The engine's origin, borrowed: computed once, because large pictures take seconds. */
static GPtrArray *
get_origin (NstEngine *engine)
{
  const NstScene *scene = engine->scene;
  const gboolean  starts = engine->recipe.init == NST_INIT_IMAGE;

  if (engine->origin != NULL)
    return engine->origin;

  engine->origin = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (engine->origin, model_text (engine->model));
  g_ptr_array_add (engine->origin, picture_text (scene->content));
  g_ptr_array_add (engine->origin, picture_text (starts ? scene->start : NULL));
  g_ptr_array_add (engine->origin, mask_text (scene->protect));
  g_ptr_array_add (engine->origin, mask_text (scene->strength));
  for (int i = 0; i < scene->n_styles; i++)
    g_ptr_array_add (engine->origin, style_text (scene, i));

  return engine->origin;
}

static gboolean
other_origin (const NstArchiveReader *archive, int item, const char *found, const char *own, GError **error)
{
  const char      *path = nst_archive_reader_path (archive);
  g_autofree char *there = nst_text_quote (found);

  switch (item)
    {
    case NETWORK:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("%s: it belongs to a run with another network"),
                   path);
      break;
    case CONTENT:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("%s: it belongs to a run with another content: %s and not %s"), path, there, own);
      break;
    case START:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("%s: it belongs to a run with another picture to start from: %s and not %s"), path,
                   there, own);
      break;
    case PROTECT:
    case STRENGTH:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("%s: it belongs to a run with another mask of what is protected, or of the strength: "
                      "%s "
                      "and not %s"),
                   path, there, own);
      break;
    default:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("%s: it belongs to a run with another style %d: %s and not %s"), path,
                   item - STYLES + 1, there, own);
      break;
    }

  return FALSE;
}

/* Reads the origin and compares it with the engine's. */
static gboolean
check_origin (NstEngine *engine, NstArchiveReader *archive, GError **error)
{
  const GPtrArray *origin = get_origin (engine);
  gint64           n;

  if (!nst_archive_get_int (archive, STYLES, MOST_PICTURES, &n, error))
    return FALSE;
  if (n != origin->len)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("%s: it belongs to a run with another number of styles: %d and not %d"),
                   nst_archive_reader_path (archive), (int) n - STYLES, (int) origin->len - STYLES);
      return FALSE;
    }
  for (guint i = 0; i < origin->len; i++)
    {
      g_autofree char *found = nst_archive_get_text (archive, LONGEST_ITEM, error);
      const char      *own = g_ptr_array_index (origin, i);

      if (found == NULL)
        return FALSE;
      if (strcmp (found, own) != 0)
        return other_origin (archive, i, found, own, error);
    }

  return TRUE;
}

/* Reads the recipe and compares it with the engine's. */
static gboolean
check_recipe (const NstEngine *engine, NstArchiveReader *archive, GError **error)
{
  g_autofree char *text = nst_archive_get_text (archive, NST_RECIPE_MOST_BYTES, error);
  g_autofree char *difference = NULL;
  NstRecipe        recipe;

  if (text == NULL)
    return FALSE;

  nst_recipe_init (&recipe);
  if (!nst_recipe_merge_json (&recipe, text, error))
    {
      g_prefix_error (error, "%s: ", nst_archive_reader_path (archive));
      return FALSE;
    }
  difference = nst_recipe_difference (&recipe, &engine->recipe);
  if (difference == NULL)
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("%s: it belongs to a run with another recipe: %s"),
               nst_archive_reader_path (archive), difference);

  return FALSE;
}

/* State */

static gsize
picture_floats (const NstEngine *engine)
{
  return nst_image_bytes (engine->picture) / sizeof (float);
}

void
nst_engine_save (NstEngine *engine, NstArchiveWriter *archive)
{
  const GPtrArray *origin = get_origin (engine);
  g_autofree char *recipe = nst_recipe_to_json (&engine->recipe);
  const NstLosses *losses = &engine->losses;

  nst_archive_put_text (archive, recipe);
  nst_archive_put_int (archive, origin->len);
  for (guint i = 0; i < origin->len; i++)
    nst_archive_put_text (archive, g_ptr_array_index (origin, i));

  nst_archive_put_int (archive, engine->scale);
  if (engine->scale < 0)
    return;
  nst_archive_put_int (archive, engine->iteration);
  nst_archive_put_int (archive, engine->done);
  nst_archive_put_int (archive, engine->evaluations);
  nst_archive_put_int (archive, engine->steps);
  nst_archive_put_int (archive, engine->counted);
  nst_archive_put_double (archive, losses->total);
  nst_archive_put_double (archive, losses->content);
  nst_archive_put_double (archive, losses->style);
  nst_archive_put_double (archive, losses->variation);
  nst_archive_put_floats (archive, engine->picture->data, picture_floats (engine));

  nst_archive_put_int (archive, engine->ready);
  if (!engine->ready)
    return;
  if (engine->good != NULL)
    nst_archive_put_floats (archive, engine->good->data, picture_floats (engine));
  nst_minimiser_save (engine->minimiser, archive);
}

/* Reads where the run is. */
static gboolean
restore_place (NstEngine *engine, NstArchiveReader *archive, GError **error)
{
  NstLosses *losses = &engine->losses;
  int       *counts[] = { &engine->done, &engine->evaluations, &engine->steps, &engine->counted };
  gint64     value;

  if (!nst_archive_get_int (archive, 0, engine->scales.iterations[engine->scale], &value, error))
    return FALSE;
  engine->iteration = value;
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      if (!nst_archive_get_int (archive, 0, G_MAXINT / 2, &value, error))
        return FALSE;
      *counts[i] = value;
    }

  return nst_archive_get_double (archive, &losses->total, error)
         && nst_archive_get_double (archive, &losses->content, error)
         && nst_archive_get_double (archive, &losses->style, error)
         && nst_archive_get_double (archive, &losses->variation, error);
}

static gboolean
restore_picture (NstEngine *engine, NstArchiveReader *archive, GError **error)
{
  const int width = engine->scales.widths[engine->scale], height = engine->scales.heights[engine->scale];

  engine->content = nst_image_at_size (engine->scene->content, width, height, error);
  if (engine->content == NULL)
    return FALSE;
  engine->picture = nst_image_new (width, height, error);

  return engine->picture != NULL
         && nst_archive_get_floats (archive, engine->picture->data, picture_floats (engine), error);
}

gboolean
nst_engine_restore (NstEngine *engine, NstArchiveReader *archive, GError **error)
{
  gint64 scale, ready;

  g_return_val_if_fail (engine->scale < 0, FALSE);

  if (!check_recipe (engine, archive, error) || !check_origin (engine, archive, error)
      || !nst_archive_get_int (archive, -1, engine->scales.n - 1, &scale, error))
    return FALSE;
  if (scale < 0)
    return TRUE;

  engine->scale = scale;
  if (!restore_place (engine, archive, error) || !restore_picture (engine, archive, error)
      || !nst_archive_get_int (archive, FALSE, TRUE, &ready, error))
    return FALSE;
  engine->finished = scale == engine->scales.n - 1 && nst_engine_scale_is_done (engine);
  if (!ready)
    return TRUE;
  if (!nst_engine_prepare_scale (engine, error))
    return FALSE;
  if (engine->good != NULL
      && !nst_archive_get_floats (archive, engine->good->data, picture_floats (engine), error))
    return FALSE;

  return nst_minimiser_restore (engine->minimiser, archive, error);
}
