/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/network/network.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/profile.h"

#define MAX_LAYERS 64
#define ROWS 16          /* of the picture, in one task */
#define LARGE (16 << 20) /* bytes of a first layer that is rather made anew than kept */

/* What becomes of one layer's features, and where they are in the arena, in floats. */
typedef struct
{
  NstTensor shape; /* data: once there is an arena; NULL if pooled */
  gboolean  kept;
  gboolean  pooled; /* the convolution pools by itself: the next layer's features are its output */
  gsize     features, mask;
} Place;

typedef struct
{
  int      depth;
  Place    places[MAX_LAYERS];
  gsize    input, scratch, total; /* floats */
  gsize    scratch_floats;
  gboolean again; /* the first layer's features are made anew on the way back */
} Layout;

struct _NstNetwork
{
  NstModel   *model; /* ref */
  NstPooling  pooling;
  NstLayerSet kept;
  NstConv   **convs; /* owned, as many as layout.depth; NULL for pooling */
  NstTapSeen  seen;  /* or NULL */
  gpointer    seen_data;

  float    *arena;    /* owned; everything below points into it */
  gsize     capacity; /* floats */
  Layout    layout;
  NstTensor input; /* the picture as the network wants it */
  float    *scratch;
};

NstNetwork *
nst_network_new (
    NstModel *model, NstPooling pooling, int depth, NstLayerSet kept, NstConvMethod method, GError **error)
{
  NstNetwork *network = g_new0 (NstNetwork, 1);

  network->model = nst_model_ref (model);
  network->pooling = pooling;
  network->kept = kept;
  network->layout.depth = depth;
  network->convs = g_new0 (NstConv *, depth);

  for (int i = 0; i < depth; i++)
    {
      const NstLayer *layer = &model->layers[i];

      if (layer->kind != NST_LAYER_CONV)
        continue;
      network->convs[i] = nst_conv_try_new (layer->in_channels, layer->out_channels, layer->weight,
                                            layer->bias, layer->padding, method);
      if (network->convs[i] == NULL)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_MEMORY, "%s: no memory for %d x %d weights", layer->name,
                       layer->out_channels, layer->in_channels);
          nst_network_free (network);
          return NULL;
        }
    }

  return network;
}

void
nst_network_free (NstNetwork *network)
{
  if (network == NULL)
    return;

  for (int i = 0; i < network->layout.depth; i++)
    nst_conv_free (network->convs[i]);
  g_free (network->convs);
  nst_floats_free (network->arena);
  nst_model_unref (network->model);
  g_free (network);
}

/* Memory */

/* Take so many floats; what follows is aligned too. */
static gsize
take (Layout *layout, gsize floats)
{
  gsize at = layout->total;

  layout->total += (floats + 15) / 16 * 16;

  return at;
}

static int
smallest_side (const NstModel *model, int depth)
{
  int smallest = 1;

  for (int i = 0; i < depth; i++)
    if (model->layers[i].kind == NST_LAYER_POOL && smallest < 1 << 20)
      smallest *= 2;

  return smallest;
}

/* The shapes of all layers for a picture of this size. */
static gboolean
find_shapes (const NstModel *model, int depth, int width, int height, Layout *layout, GError **error)
{
  NstTensor t = { height, width, 3, NULL };

  for (int i = 0; i < depth; i++)
    {
      const NstLayer *layer = &model->layers[i];

      if (layer->kind == NST_LAYER_POOL)
        {
          t.width /= 2;
          t.height /= 2;
        }
      if (t.width < 1 || t.height < 1)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                       "A picture of %d x %d pixels is too small for %s: each side must be at least %d",
                       width, height, model->layers[depth - 1].name, smallest_side (model, depth));
          return FALSE;
        }
      t.channels = layer->out_channels;
      layout->places[i].shape = t;
    }

  return TRUE;
}

/* Which layers have features, and how large the two buffers are in which those that are not kept take turns:
 * of two that exist at the same time, one layer and the next, never both are in the same. */
static void
take_turns (const NstModel *model, NstLayerSet kept, gboolean watched, Layout *layout, gsize *buffers)
{
  const int depth = layout->depth;
  int       turn = 0;

  for (int i = 0; i < depth; i++)
    {
      Place *place = &layout->places[i];

      place->kept = i == depth - 1 || (kept & NST_LAYER (i));
      place->pooled = place->pooled && !place->kept && model->layers[i + 1].kind == NST_LAYER_POOL;
      if (place->kept || place->pooled)
        continue;
      place->features = turn;
      buffers[turn] = MAX (buffers[turn], nst_tensor_length (&place->shape));
      turn = !turn;
    }
  layout->again = watched && depth > 1 && layout->places[0].kept
                  && nst_tensor_length (&layout->places[0].shape) * sizeof (float) >= LARGE;
}

/* Everything's place. A first layer that is made anew exists beside its input, all masks and what is made of
 * it, but beside no deeper layer, and so lies where these are. A convolution's way of pooling is known from
 * its method; scratch_floats are counted by the caller. */
static void
lay_out (const NstModel *model, NstLayerSet kept, gboolean watched, Layout *layout)
{
  gsize buffers[2] = { 0, 0 }, at[2], shared;
  int   next;

  layout->total = 0;
  take_turns (model, kept, watched, layout, buffers);
  next = !layout->again ? 0 : layout->places[1].pooled ? 2 : 1;

  layout->input = take (layout, nst_tensor_positions (&layout->places[0].shape) * 3);
  for (int i = 0; i < layout->depth; i++)
    layout->places[i].mask = take (layout, (nst_mask_bytes (&layout->places[i].shape) + 3) / 4);
  at[0] = take (layout, buffers[0]);
  if (layout->places[next].kept)
    layout->places[next].features = take (layout, nst_tensor_length (&layout->places[next].shape));
  shared = layout->total;
  for (int i = layout->again; i < layout->depth; i++)
    if (layout->places[i].kept && i != next)
      layout->places[i].features = take (layout, nst_tensor_length (&layout->places[i].shape));
  at[1] = take (layout, buffers[1]);
  if (layout->again)
    {
      layout->places[0].features = shared;
      layout->total = MAX (layout->total, shared + nst_tensor_length (&layout->places[0].shape));
    }
  for (int i = 0; i < layout->depth; i++)
    if (!layout->places[i].kept && !layout->places[i].pooled)
      layout->places[i].features = at[layout->places[i].features];
  layout->scratch = take (layout, layout->scratch_floats);
}

/* Positions of a layer that a tap is asked for at once: 64 KB of features. */
static gsize
tap_positions (int channels)
{
  return MAX (16384 / channels / 12 * 12, 12);
}

/* Room for the taps' gradients, one block a thread. */
static gsize
tap_floats (const Layout *layout)
{
  gsize most = 0;

  for (int i = 0; i < layout->depth; i++)
    most = MAX (most, tap_positions (layout->places[i].shape.channels) * layout->places[i].shape.channels);

  return most * nst_threads ();
}

gboolean
nst_network_plan (
    const NstModel *model, int depth, NstLayerSet kept, int width, int height, gsize *bytes, GError **error)
{
  Layout layout = { 0 };

  g_return_val_if_fail (depth <= MAX_LAYERS, FALSE);

  if (!find_shapes (model, depth, width, height, &layout, error))
    return FALSE;
  *bytes = sizeof (NstNetwork) + depth * sizeof (NstConv *);
  layout.depth = depth;
  layout.scratch_floats = tap_floats (&layout);
  for (int i = 0; i < depth; i++)
    if (model->layers[i].kind == NST_LAYER_CONV)
      {
        const NstLayer *layer = &model->layers[i];
        gsize           own, needed;

        layout.places[i].pooled = nst_conv_plan (layer->in_channels, layer->out_channels, layer->padding,
                                                 NST_CONV_AUTO, layout.places[i].shape.height,
                                                 layout.places[i].shape.width, &own, &needed);
        *bytes += own;
        layout.scratch_floats = MAX (layout.scratch_floats, needed);
      }
  lay_out (model, kept, TRUE, &layout);
  *bytes += layout.total * sizeof (float);

  return TRUE;
}

void
nst_network_watch (NstNetwork *network, NstTapSeen seen, gpointer data)
{
  network->seen = seen;
  network->seen_data = data;
}

gboolean
nst_network_resize (NstNetwork *network, int width, int height, GError **error)
{
  Layout *layout = &network->layout;

  network->input.data = NULL;
  if (!find_shapes (network->model, layout->depth, width, height, layout, error))
    return FALSE;
  layout->scratch_floats = tap_floats (layout);
  for (int i = 0; i < layout->depth; i++)
    if (network->convs[i] != NULL)
      {
        Place *place = &layout->places[i];

        place->pooled = nst_conv_pools (network->convs[i]);
        layout->scratch_floats = MAX (layout->scratch_floats,
                                      nst_conv_scratch (network->convs[i], place->shape.height,
                                                        place->shape.width));
      }
  lay_out (network->model, network->kept, network->seen != NULL, layout);

  if (layout->total > network->capacity)
    {
      nst_floats_free (network->arena);
      network->arena = nst_floats_try_new (layout->total);
      network->capacity = network->arena != NULL ? layout->total : 0;
    }
  if (network->arena == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   "A picture of %d x %d pixels needs %.1f GB of memory, which there is not", width, height,
                   layout->total * 4e-9);
      return FALSE;
    }

  network->input = (NstTensor){ height, width, 3, network->arena + layout->input };
  for (int i = 0; i < layout->depth; i++)
    layout->places[i].shape.data = layout->places[i].pooled ? NULL
                                                            : network->arena + layout->places[i].features;
  network->scratch = network->arena + layout->scratch;

  return TRUE;
}

static guint8 *
mask_of (NstNetwork *network, int layer)
{
  return (guint8 *) (network->arena + network->layout.places[layer].mask);
}

/* The picture */

typedef struct
{
  const NstNetwork *network;
  const float      *rgb;
  float            *gradient; /* way back: of rgb; or NULL */
} Picture;

/* One band of rows, into the network's input or, the way back, its gradient out of it. */
static void
picture_rows (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Picture   *picture = data;
  const NstModel  *model = picture->network->model;
  const NstTensor *input = &picture->network->input;
  const gsize      first = (gsize) task * ROWS * input->width;
  const gsize      end = MIN (first + (gsize) ROWS * input->width, nst_tensor_positions (input));

  for (int i = 0; i < 3; i++)
    {
      const float scale = model->scale / model->std[i], mean = model->mean[i] / model->std[i];
      const int   c = model->order[i];

      if (picture->gradient != NULL)
        for (gsize p = first; p < end; p++)
          picture->gradient[3 * p + c] = scale * input->data[3 * p + i];
      else
        for (gsize p = first; p < end; p++)
          input->data[3 * p + i] = scale * picture->rgb[3 * p + c] - mean;
    }
}

static void
move_picture (const NstNetwork *network, const float *rgb, float *gradient)
{
  Picture picture = { network, rgb, gradient };

  nst_parallel ((network->input.height + ROWS - 1) / ROWS, picture_rows, &picture);
}

gboolean
nst_network_forward (NstNetwork *network, const float *rgb, GCancellable *cancellable, GError **error)
{
  const NstModel  *model = network->model;
  Place           *places = network->layout.places;
  const NstTensor *from = &network->input;

  g_return_val_if_fail (from->data != NULL, FALSE);

  move_picture (network, rgb, NULL);

  for (int i = 0; i < network->layout.depth; i++)
    {
      const gboolean last = i + 1 == network->layout.depth,
                     pool_next = !last && model->layers[i + 1].kind == NST_LAYER_POOL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      nst_profile_part (NST_PROFILE_FORWARD (i));
      if (network->convs[i] == NULL)
        nst_pool_forward (network->pooling, from, &places[i].shape, mask_of (network, i - 1),
                          network->convs[i - 1] != NULL);
      else
        {
          /* Of what goes into a pooling layer of its own, that layer's mask is what counts. */
          NstConvOutput output = { .features = &places[i].shape,
                                   .mask = pool_next || last ? NULL : mask_of (network, i) };

          if (places[i].pooled)
            output = (NstConvOutput){ .pooled = &places[i + 1].shape,
                                      .pooling = network->pooling,
                                      .mask = mask_of (network, i) };
          nst_conv_forward (network->convs[i], from, &output, network->scratch);
          i += places[i].pooled;
        }
      from = &places[i].shape;
      nst_profile_part (NST_PROFILE_ELSE);
      if (network->seen != NULL && places[i].kept)
        network->seen (i, from, network->seen_data);
    }

  return TRUE;
}

/* The way back */

typedef struct
{
  NstNetwork    *network;
  int            layer;
  gsize          block; /* positions */
  NstTapGradient tap;
  gpointer       data;
} Tap;

/* The tap's gradient of some positions in the place of their features. What a convolution's way back adds to,
 * it masks by the ReLU itself; else it is done here. */
static void
tap_block (int task, int thread, gpointer data)
{
  const Tap       *t = data;
  const NstTensor *features = &t->network->layout.places[t->layer].shape;
  const gsize      first = task * t->block, n = MIN (t->block, nst_tensor_positions (features) - first),
              floats = n * features->channels;
  float       *at = features->data + first * features->channels;
  float       *gradient = t->network->scratch + thread * t->block * features->channels;
  const gint64 since = nst_profile_now ();

  if (!t->tap (t->layer, first, n, at, gradient, thread, t->data))
    memset (at, 0, floats * sizeof (float));
  else if (t->network->convs[t->layer] == NULL
           || (t->layer + 1 < t->network->layout.depth && t->network->convs[t->layer + 1] != NULL))
    memcpy (at, gradient, floats * sizeof (float));
  else
    for (gsize i = 0; i < floats; i++)
      at[i] = at[i] > 0 ? gradient[i] : 0;
  nst_profile_lap (thread, NST_PHASE_LOSS, since);
}

static void
replace_by_gradient (NstNetwork *network, int layer, NstTapGradient tap, gpointer data)
{
  const NstTensor *features = &network->layout.places[layer].shape;
  Tap              t = { network, layer, tap_positions (features->channels), tap, data };

  nst_parallel ((nst_tensor_positions (features) + t.block - 1) / t.block, tap_block, &t);
}

/* From the gradient of layer i's output to that of its input, which is layer below's output, or the picture
 * if below is -1. What is between is layer conv: layer i itself, or the convolution before it that pooled. A
 * model begins with a convolution. */
static void
step_back (NstNetwork *network, int i, int below, int conv)
{
  Place          *places = network->layout.places;
  NstTensor      *to = below >= 0 ? &places[below].shape : &network->input;
  const float    *add = below >= 0 && places[below].kept ? to->data : NULL;
  NstConvGradient step = { .output = &places[i].shape, .pooling = network->pooling, .input = to, .add = add };

  if (network->convs[conv] == NULL)
    {
      nst_pool_backward (network->pooling, mask_of (network, below), &places[i].shape, to, add);
      return;
    }
  if (below >= 0 && network->convs[below] != NULL)
    step.mask = mask_of (network, below);
  if (conv != i)
    step.unpool = mask_of (network, conv);
  nst_conv_backward (network->convs[conv], &step, network->scratch);
}

/* The first layer, whose place the deeper ones have had. Its mask is still there. */
static void
make_again (NstNetwork *network)
{
  NstConvOutput output = { .features = &network->layout.places[0].shape };

  nst_profile_part (NST_PROFILE_FORWARD (0));
  nst_conv_forward (network->convs[0], &network->input, &output, network->scratch);
  nst_profile_part (NST_PROFILE_ELSE);
}

gboolean
nst_network_backward (NstNetwork    *network,
                      NstTapGradient tap,
                      gpointer       data,
                      float         *rgb_gradient,
                      GCancellable  *cancellable,
                      GError       **error)
{
  const Place *places = network->layout.places;

  replace_by_gradient (network, network->layout.depth - 1, tap, data);
  for (int i = network->layout.depth - 1, below; i >= 0; i = below)
    {
      int conv = i > 0 && places[i - 1].pooled ? i - 1 : i;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      below = conv - 1;
      if (below == 0 && network->layout.again)
        make_again (network);
      if (below >= 0 && places[below].kept)
        replace_by_gradient (network, below, tap, data);
      nst_profile_part (NST_PROFILE_BACKWARD (conv));
      step_back (network, i, below, conv);
      nst_profile_part (NST_PROFILE_ELSE);
    }
  move_picture (network, NULL, rgb_gradient);

  return TRUE;
}

const NstTensor *
nst_network_features (const NstNetwork *network, int layer)
{
  g_return_val_if_fail (network->layout.places[layer].kept && network->seen == NULL, NULL);

  return &network->layout.places[layer].shape;
}
