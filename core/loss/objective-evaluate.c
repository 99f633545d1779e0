/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An evaluation drives the network's passes, and each term in two of them: observe, conclude, gradient. */
#include <string.h>

#include "core/base/parallel.h"
#include "core/base/profile.h"
#include "core/loss/objective-private.h"

#define BLOCK_FLOATS 16384 /* 64 KB of features, whose gradient is found in one task */
#define ROWS 4             /* of the picture, likewise */

/* What a term's loss is multiplied by in the total. */
static double
factor_of (const NstObjective *self, const NstTerm *term)
{
  switch (term->class->source)
    {
    case NST_TARGET_CONTENT:
      return self->balance.alpha * term->weight;
    case NST_TARGET_STYLE:
      return self->balance.beta * term->weight;
    default:
      return self->balance.tv * term->weight;
    }
}

static void
observe (NstObjective *self, int layer, const NstPart *plain)
{
  for (int t = 0; t < self->n_terms; t++)
    if (self->specs[t].layer == layer)
      {
        const NstPart part = nst_objective_weigh (plain, nst_objective_guidance (self, &self->specs[t]));

        self->terms[t]->class->observe (self->terms[t], &part, &self->workspace);
      }
}

/* The forward pass over a tile. observing: the terms see it. */
static gboolean
forward_tile (NstObjective  *self,
              const NstTile *tile,
              const float   *rgb,
              gboolean       observing,
              GCancellable  *cancellable,
              GError       **error)
{
  NstNetworkTap tap;

  if (!nst_objective_begin_tile (self, &self->tiling, tile, rgb, error))
    return FALSE;
  for (;;)
    {
      NstPart part;

      if (!nst_network_forward (self->network, &tap, cancellable, error))
        return FALSE;
      if (tap.features == NULL)
        return TRUE;
      part = nst_objective_part (self, &self->tiling, tile, tap.layer, tap.features);
      if (observing)
        observe (self, tap.layer, &part);
    }
}

static gboolean
first_pass (NstObjective *self, const NstTensor *picture, GCancellable *cancellable, GError **error)
{
  const NstPart whole = nst_part_whole (picture);

  for (int t = 0; t < self->n_terms; t++)
    self->terms[t]->class->begin (self->terms[t]);
  observe (self, NST_TERM_PICTURE, &whole);
  for (int i = 0; i < nst_tiling_count (&self->tiling); i++)
    {
      const NstTile tile = nst_tiling_get (&self->tiling, i);

      if (!forward_tile (self, &tile, picture->data, TRUE, cancellable, error))
        return FALSE;
      nst_objective_release_targets (self);
    }

  return TRUE;
}

/* Every term's loss is known now; its gradient can be asked for. */
static void
conclude (NstObjective *self, NstLosses *losses)
{
  const int width = self->tiling.width, height = self->tiling.height;

  *losses = (NstLosses){ 0 };
  for (int t = 0; t < self->n_terms; t++)
    {
      NstTerm           *term = self->terms[t];
      const NstGuidance *guidance = nst_objective_guidance (self, &self->specs[t]);
      const gsize        positions = nst_terms_positions (self->model, term->layer, width, height);
      double             loss;

      if (guidance != NULL && term->class->source == NST_TARGET_STYLE)
        term->area = guidance->total / positions;
      else
        term->area = 1;
      loss = term->class->conclude (term, term->area > 0 ? factor_of (self, term) : 0, positions,
                                    (gsize) width * height, &self->workspace);
      loss = term->area > 0 ? term->area * loss : 0;
      switch (term->class->source)
        {
        case NST_TARGET_CONTENT:
          losses->content += term->weight * loss;
          break;
        case NST_TARGET_STYLE:
          losses->style += term->weight * loss;
          break;
        default:
          losses->variation += term->weight * loss;
        }
    }
  losses->total = self->balance.alpha * losses->content + self->balance.beta * losses->style
                  + self->balance.tv * losses->variation;
}

/* The gradients of all terms of one layer, block after block. */
typedef struct
{
  NstObjective        *self;
  int                  layer;
  const NstPart       *part;
  gsize                block;    /* positions */
  const NstNetworkTap *tap;      /* where the gradient goes, or NULL: */
  float               *gradient; /* of the picture */
} Gradients;

/* The gradient of the features of positions first .. first + n - 1, all in the core or all not. */
static void
find_gradient (const Gradients *g, gsize first, gsize n, gboolean inside, float *own)
{
  const int channels = g->part->features->channels;
  float    *scratch = own + NST_TERM_BLOCK_FLOATS;
  float    *to = g->tap != NULL ? own : g->gradient + first * channels;
  gboolean  added = FALSE;

  for (int t = 0; inside && t < g->self->n_terms; t++)
    {
      const NstTerm *term = g->self->terms[t];
      NstPart        part;

      if (term->layer != g->layer)
        continue;
      part = *g->part;
      nst_objective_set_weights (&part, nst_objective_guidance (g->self, &g->self->specs[t]));
      added |= term->class->gradient (term, &part, first, n, added, to, scratch);
    }
  if (g->tap != NULL)
    nst_network_put_gradient (g->self->network, g->tap, first, n, added ? own : NULL);
  else if (!added)
    memset (to, 0, n * channels * sizeof (float));
}

static void
gradient_block (int task, int thread, gpointer data)
{
  const Gradients *g = data;
  const gsize      first = task * g->block;
  const gsize      last = MIN (first + g->block, nst_tensor_positions (g->part->features));
  const gint64     since = nst_profile_now ();

  for (gsize p = first, n; p < last; p += n)
    {
      gboolean inside;

      n = nst_part_side (g->part, p, last, &inside);
      find_gradient (g, p, n, inside, g->self->blocks + (gsize) thread * 2 * NST_TERM_BLOCK_FLOATS);
    }
  nst_profile_lap (thread, NST_PHASE_LOSS, since);
}

/* tap: where the gradient goes, or NULL: to gradient. */
static void
gradients_of (NstObjective *self, const NstPart *part, const NstNetworkTap *tap, float *gradient)
{
  const NstTensor *features = part->features;
  Gradients        g = { self, tap != NULL ? tap->layer : NST_TERM_PICTURE, part, 0, tap, gradient };

  g.block = tap != NULL ? MAX (BLOCK_FLOATS / features->channels / 12 * 12, 12) : ROWS * features->width;
  nst_parallel ((nst_tensor_positions (features) + g.block - 1) / g.block, gradient_block, &g);
}

/* The backward pass over a tile, after its forward pass. Its gradient is added to that of the picture. */
static gboolean
backward_tile (
    NstObjective *self, const NstTile *tile, float *gradient, GCancellable *cancellable, GError **error)
{
  NstNetworkTap tap;
  float        *corner = gradient + ((gsize) tile->frame.y * self->tiling.width + tile->frame.x) * 3;

  for (;;)
    {
      NstPart part;

      if (!nst_network_backward (self->network, &tap, corner, cancellable, error))
        return FALSE;
      if (tap.features == NULL)
        return TRUE;
      part = nst_objective_part (self, &self->tiling, tile, tap.layer, tap.features);
      gradients_of (self, &part, &tap, NULL);
    }
}

/* The picture's own terms write the gradient first; the network's is added to it. The last tile has just
 * passed forward; all others do so again. */
static gboolean
second_pass (
    NstObjective *self, const NstTensor *picture, float *gradient, GCancellable *cancellable, GError **error)
{
  const NstPart whole = nst_part_whole (picture);
  const int     last = nst_tiling_count (&self->tiling) - 1;

  gradients_of (self, &whole, NULL, gradient);
  for (int i = last; i >= 0; i--)
    {
      const NstTile tile = nst_tiling_get (&self->tiling, i);

      if ((i < last && !forward_tile (self, &tile, picture->data, FALSE, cancellable, error))
          || !backward_tile (self, &tile, gradient, cancellable, error))
        return FALSE;
      nst_objective_release_targets (self);
    }

  return TRUE;
}

gboolean
nst_objective_evaluate (NstObjective *objective,
                        const float  *rgb,
                        float        *gradient,
                        NstLosses    *losses,
                        GCancellable *cancellable,
                        GError      **error)
{
  const NstTensor picture = { objective->tiling.height, objective->tiling.width, 3, (float *) rgb };

  g_return_val_if_fail (objective->tiling.width > 0, FALSE);

  if (!first_pass (objective, &picture, cancellable, error))
    return FALSE;
  conclude (objective, losses);

  return second_pass (objective, &picture, gradient, cancellable, error);
}
