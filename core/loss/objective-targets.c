/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forward passes over content and styles, from which the terms take their targets. */
#include <glib/gi18n-lib.h>

#include "core/base/error.h"
#include "core/loss/objective-private.h"

/* What a target picture is for, and which part of it counts. */
typedef struct
{
  NstTargetSource    source;
  int                region;
  const NstGuidance *part; /* for each layer, or NULL: all of it */
  double             share;
} Aim;

static gboolean
part_is_empty (const NstModel *model, int layer, GError **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
               _ ("The marked part of the style is too small: the layer %s of the network sees nothing of "
                  "it"),
               model->layers[layer].name);

  return FALSE;
}

/* A forward pass over one tile of a target picture; every term that it is for takes what it needs. */
static gboolean
aim_tile (NstObjective    *self,
          const Aim       *aim,
          const NstTiling *tiling,
          const NstTile   *tile,
          const float     *rgb,
          GCancellable    *cancellable,
          GError         **error)
{
  NstNetworkTap tap;

  if (!nst_objective_begin_tile (self, tiling, tile, rgb, error))
    return FALSE;
  for (;;)
    {
      NstPart part;

      if (!nst_network_forward (self->network, &tap, cancellable, error))
        return FALSE;
      if (tap.features == NULL)
        return TRUE;
      part = nst_objective_part (self, tiling, tile, tap.layer, tap.features);
      part = nst_objective_weigh (&part, aim->part != NULL ? &aim->part[tap.layer] : NULL);
      for (int t = 0; t < self->n_terms; t++)
        {
          const NstTermSpec *spec = &self->specs[t];

          if (spec->class->source != aim->source || spec->region != aim->region || spec->layer != tap.layer)
            continue;
          if (part.weights != NULL && aim->part[tap.layer].total == 0)
            return part_is_empty (self->model, tap.layer, error);
          if (!spec->class->aim (self->terms[t], &part, aim->share, &self->workspace))
            return nst_objective_out_of_memory (error);
        }
    }
}

static gboolean
aim (NstObjective *self, const Aim *aim, const NstImage *image, GCancellable *cancellable, GError **error)
{
  NstTiling tiling;

  nst_objective_make_tiling (self, image->width, image->height, &tiling);
  if (!nst_objective_reserve_tiles (self, &tiling, error))
    return FALSE;
  for (int i = 0; i < nst_tiling_count (&tiling); i++)
    {
      const NstTile tile = nst_tiling_get (&tiling, i);

      if (!aim_tile (self, aim, &tiling, &tile, image->data, cancellable, error))
        return FALSE;
      nst_objective_release_targets (self);
    }

  return TRUE;
}

static gboolean
has_source (const NstObjective *self, NstTargetSource source)
{
  for (int t = 0; t < self->n_terms; t++)
    if (self->specs[t].class->source == source)
      return TRUE;

  return FALSE;
}

gboolean
nst_objective_set_content (NstObjective   *objective,
                           const NstImage *content,
                           GCancellable   *cancellable,
                           GError        **error)
{
  const Aim whole = { NST_TARGET_CONTENT, 0, NULL, 1 };

  for (int t = 0; t < objective->n_terms; t++)
    nst_term_set_target (objective->terms[t], NULL);
  nst_objective_make_tiling (objective, content->width, content->height, &objective->tiling);

  return !has_source (objective, NST_TARGET_CONTENT) || aim (objective, &whole, content, cancellable, error);
}

gboolean
nst_objective_add_style (NstObjective   *objective,
                         int             region,
                         const NstImage *style,
                         const NstMask  *part,
                         double          share,
                         GCancellable   *cancellable,
                         GError        **error)
{
  const NstLayerSet layers = nst_objective_layers (objective, NST_TARGET_STYLE);
  const int         n = objective->model->n_layers;
  NstGuidance      *guidance;
  Aim               what = { NST_TARGET_STYLE, region, NULL, share };
  gboolean          good;

  if (!has_source (objective, NST_TARGET_STYLE))
    return TRUE;

  what.part = guidance = g_new0 (NstGuidance, n);
  good = part == NULL || nst_guidance_make (guidance, objective->model, layers, part, NST_GUIDANCE_INSIDE);
  good = good ? aim (objective, &what, style, cancellable, error) : nst_objective_out_of_memory (error);
  nst_guidance_clear (guidance, n);
  g_free (guidance);

  return good;
}

gboolean
nst_objective_finish_targets (NstObjective *objective, GError **error)
{
  return nst_objective_reserve_tiles (objective, &objective->tiling, error);
}

GPtrArray *
nst_objective_get_targets (const NstObjective *objective)
{
  GPtrArray *targets = g_ptr_array_new_with_free_func ((GDestroyNotify) nst_target_unref);

  for (int t = 0; t < objective->n_terms; t++)
    g_ptr_array_add (targets, objective->terms[t]->target != NULL
                                  ? nst_target_ref (objective->terms[t]->target)
                                  : NULL);

  return targets;
}

gboolean
nst_objective_restore_targets (
    NstObjective *objective, GPtrArray *targets, int width, int height, GError **error)
{
  for (int t = 0; t < objective->n_terms; t++)
    nst_term_set_target (objective->terms[t], g_ptr_array_index (targets, t));
  nst_objective_make_tiling (objective, width, height, &objective->tiling);

  return nst_objective_reserve_tiles (objective, &objective->tiling, error);
}
