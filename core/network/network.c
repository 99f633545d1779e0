/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network of layers: where in one arena each layer's features and masks lie, and the two passes. */
#include "core/network/network.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/blas.h"
#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/profile.h"

#define MAX_LAYERS 64
#define ROWS 16          /* of the picture, in one task */
#define LARGE (16 << 20) /* bytes of a first layer that is computed again rather than kept */

/* Where one layer's output lies in the arena; offsets are in floats. */
typedef struct
{
  NstTensor shape; /* data: NULL before there is an arena, and for a layer that is fused */
  gboolean  tapped;
  gboolean  fused; /* the layer applies the pooling after it: only the next layer's output exists */
  gsize     features, mask;
} Slot;

typedef struct
{
  int      depth;
  Slot     slots[MAX_LAYERS];
  gsize    input, scratch, total;
  gsize    scratch_floats;
  gboolean recompute; /* the first layer's features are computed again in the backward pass */
} Layout;

/* Where the passes are. */
typedef enum
{
  IDLE,
  FORWARD,
  TURN,     /* the forward pass is complete */
  BACKWARD, /* the gradient of layer next - 1's output is known */
  TAPPED,   /* so it is, and the caller has replaced the features of the layer below by their gradient */
} State;

struct _NstNetwork
{
  NstModel         *model; /* ref */
  NstLayerSet       taps;
  gboolean          may_recompute;
  NstNetworkLayer **layers; /* owned, as many as layout.depth */
  NstLayerOptions   options;

  float    *arena; /* owned; everything below points into it */
  gsize     capacity;
  Layout    layout;
  NstTensor input; /* the picture in the network's own scale and order; later its gradient */
  float    *scratch;
  int       row; /* pixels from one row of the caller's picture and gradient to the next */

  State state;
  int   next; /* forward: the layer to run; backward: one above the layer whose gradient is known */
};

static const NstLayerClass *
class_of (const NstModel *model, int layer)
{
  return nst_layer_class (model->layers[layer].kind);
}

NstNetwork *
nst_network_new (
    NstModel *model, NstPooling pooling, int depth, NstLayerSet taps, NstConvMethod method, GError **error)
{
  g_autoptr (NstNetwork) network = NULL;

  /* One more than the threads of a loop: another network may be made at the same time. */
  if (!nst_blas_reserve (nst_threads () + 1, error))
    return NULL;

  network = g_new0 (NstNetwork, 1);
  network->model = nst_model_ref (model);
  network->taps = taps;
  network->may_recompute = TRUE;
  network->options = (NstLayerOptions){ pooling, method };
  network->layout.depth = depth;
  network->layers = g_new0 (NstNetworkLayer *, depth);

  for (int i = 0; i < depth; i++)
    {
      const NstLayer *layer = &model->layers[i];

      network->layers[i] = class_of (model, i)->try_new (layer, &network->options);
      if (network->layers[i] == NULL)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                       _ ("There is not enough memory for layer %s (%d x %d kernels)"), layer->name,
                       layer->out_channels, layer->in_channels);
          return NULL;
        }
    }

  return g_steal_pointer (&network);
}

void
nst_network_free (NstNetwork *network)
{
  if (network == NULL)
    return;

  for (int i = 0; i < network->layout.depth; i++)
    if (network->layers[i] != NULL)
      network->layers[i]->class->free (network->layers[i]);
  g_free (network->layers);
  nst_floats_free (network->arena);
  nst_model_unref (network->model);
  g_free (network);
}

void
nst_network_set_recompute (NstNetwork *network, gboolean recompute)
{
  network->may_recompute = recompute;
  network->input.data = NULL;
}

/* Memory */

/* Reserve floats, rounded up so that the next block is aligned, too. Returns their offset. */
static gsize
reserve (Layout *layout, gsize floats)
{
  gsize offset = layout->total;

  layout->total += (floats + 15) / 16 * 16;

  return offset;
}

int
nst_network_smallest_side (const NstModel *model, int depth)
{
  int side = 1;

  for (int i = 0; i < depth; i++)
    side = MIN (side * class_of (model, i)->reduction, NST_MOST_SIDE);

  return side;
}

static gboolean
find_shapes (const NstModel *model, int depth, int width, int height, Layout *layout, GError **error)
{
  NstTensor shape = { height, width, 3, NULL };

  if (MAX (width, height) > NST_MOST_SIDE)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                   _ ("The picture is %d x %d pixels; at most %d x %d are possible"), width, height,
                   NST_MOST_SIDE, NST_MOST_SIDE);
      return FALSE;
    }

  for (int i = 0; i < depth; i++)
    {
      const int reduction = class_of (model, i)->reduction;

      shape.width /= reduction;
      shape.height /= reduction;
      if (shape.width < 1 || shape.height < 1)
        {
          const int smallest = nst_network_smallest_side (model, depth);

          g_set_error (error, NST_ERROR, NST_ERROR_SIZE,
                       _ ("The picture is %d x %d pixels; at least %d x %d are needed"), width, height,
                       smallest, smallest);
          return FALSE;
        }
      shape.channels = model->layers[i].out_channels;
      layout->slots[i].shape = shape;
    }

  return TRUE;
}

/* Decide which features exist. Those that are neither tapped nor fused alternate between two buffers:
 * consecutive layers use different ones. buffers: floats of each. */
static void
assign_buffers (
    const NstModel *model, NstLayerSet taps, gboolean may_recompute, Layout *layout, gsize *buffers)
{
  const int depth = layout->depth;
  int       buffer = 0;

  for (int i = 0; i < depth; i++)
    {
      Slot *slot = &layout->slots[i];

      slot->tapped = i == depth - 1 || (taps & NST_LAYER (i));
      slot->fused = slot->fused && !slot->tapped && class_of (model, i + 1)->absorbable;
      if (slot->tapped || slot->fused)
        continue;
      slot->features = buffer;
      buffers[buffer] = MAX (buffers[buffer], nst_tensor_length (&slot->shape));
      buffer = !buffer;
    }
  layout->recompute = may_recompute && depth > 1 && layout->slots[0].tapped
                      && nst_tensor_length (&layout->slots[0].shape) * sizeof (float) >= LARGE;
}

/* Lay out the arena. A first layer that is recomputed exists at the same time as its input, all masks and the
 * layer above it, but not at the same time as any deeper layer, so it shares memory with those. On entry
 * fused says which layers can pool, and scratch_floats is known. */
static void
lay_out (const NstModel *model, NstLayerSet taps, gboolean may_recompute, Layout *layout)
{
  gsize buffers[2] = { 0, 0 }, offsets[2], shared;
  int   above; /* the layer that exists beside a recomputed first layer */

  layout->total = 0;
  assign_buffers (model, taps, may_recompute, layout, buffers);
  above = !layout->recompute ? 0 : layout->slots[1].fused ? 2 : 1;

  layout->input = reserve (layout, nst_tensor_positions (&layout->slots[0].shape) * 3);
  for (int i = 0; i < layout->depth; i++)
    layout->slots[i].mask = reserve (layout, (nst_relu_mask_bytes (&layout->slots[i].shape) + 3) / 4);
  offsets[0] = reserve (layout, buffers[0]);
  if (layout->slots[above].tapped)
    layout->slots[above].features = reserve (layout, nst_tensor_length (&layout->slots[above].shape));
  shared = layout->total;
  for (int i = layout->recompute; i < layout->depth; i++)
    if (layout->slots[i].tapped && i != above)
      layout->slots[i].features = reserve (layout, nst_tensor_length (&layout->slots[i].shape));
  offsets[1] = reserve (layout, buffers[1]);
  if (layout->recompute)
    {
      layout->slots[0].features = shared;
      layout->total = MAX (layout->total, shared + nst_tensor_length (&layout->slots[0].shape));
    }
  for (int i = 0; i < layout->depth; i++)
    if (!layout->slots[i].tapped && !layout->slots[i].fused)
      layout->slots[i].features = offsets[layout->slots[i].features];
  layout->scratch = reserve (layout, layout->scratch_floats);
}

/* Shapes and the whole layout for one size. bytes: of the layer objects; may be NULL. */
static gboolean
plan_layout (const NstModel        *model,
             const NstLayerOptions *options,
             NstLayerSet            taps,
             gboolean               may_recompute,
             int                    width,
             int                    height,
             Layout                *layout,
             gsize                 *bytes,
             GError               **error)
{
  if (!find_shapes (model, layout->depth, width, height, layout, error))
    return FALSE;

  layout->scratch_floats = 0;
  for (int i = 0; i < layout->depth; i++)
    {
      Slot         *slot = &layout->slots[i];
      NstLayerNeeds needs = class_of (model, i)->plan (&model->layers[i], options, slot->shape.height,
                                                       slot->shape.width);

      slot->fused = needs.pools;
      layout->scratch_floats = MAX (layout->scratch_floats, needs.scratch);
      if (bytes != NULL)
        *bytes += needs.bytes;
    }
  lay_out (model, taps, may_recompute, layout);

  return TRUE;
}

gboolean
nst_network_plan (
    const NstModel *model, int depth, NstLayerSet taps, int width, int height, gsize *bytes, GError **error)
{
  const NstLayerOptions options = { model->pooling, NST_CONV_AUTO };
  Layout                layout = { .depth = depth };

  g_return_val_if_fail (depth <= MAX_LAYERS, FALSE);

  *bytes = sizeof (NstNetwork) + depth * sizeof (NstNetworkLayer *);
  if (!plan_layout (model, &options, taps, TRUE, width, height, &layout, bytes, error))
    return FALSE;
  *bytes += layout.total * sizeof (float);

  return TRUE;
}

gboolean
nst_network_resize (NstNetwork *network, int width, int height, GError **error)
{
  Layout *layout = &network->layout;

  network->state = IDLE;
  if (network->input.data != NULL && network->input.width == width && network->input.height == height)
    return TRUE;
  network->input.data = NULL;
  if (!plan_layout (network->model, &network->options, network->taps, network->may_recompute, width, height,
                    layout, NULL, error))
    return FALSE;

  if (layout->total > network->capacity)
    {
      nst_floats_free (network->arena);
      network->arena = nst_floats_try_new (layout->total);
      network->capacity = network->arena != NULL ? layout->total : 0;
    }
  if (network->arena == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("There is not enough memory for a picture of %d x %d pixels: %.0f MB more are needed. "
                      "A "
                      "smaller size needs less"),
                   width, height, layout->total * 4e-6);
      return FALSE;
    }

  network->input = (NstTensor){ height, width, 3, network->arena + layout->input };
  for (int i = 0; i < layout->depth; i++)
    layout->slots[i].shape.data = layout->slots[i].fused ? NULL : network->arena + layout->slots[i].features;
  network->scratch = network->arena + layout->scratch;

  return TRUE;
}

NstTensor
nst_network_shape (const NstNetwork *network, int layer)
{
  return network->layout.slots[layer].shape;
}

/* The mask of a layer's output; NULL for the picture. */
static guint8 *
mask_of (NstNetwork *network, int layer)
{
  return layer >= 0 ? (guint8 *) (network->arena + network->layout.slots[layer].mask) : NULL;
}

static gboolean
rectifies (const NstNetwork *network, int layer)
{
  return layer >= 0 && network->layers[layer]->class->rectifies;
}

/* The picture */

typedef struct
{
  const NstNetwork *network;
  const float      *rgb;
  float            *gradient; /* of rgb; NULL in the forward pass */
} Picture;

/* One band of rows: rgb to the network's input, or the input's gradient added to that of rgb. */
static void
convert_rows (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Picture   *picture = data;
  const NstModel  *model = picture->network->model;
  const NstTensor *input = &picture->network->input;

  for (int y = task * ROWS; y < MIN ((task + 1) * ROWS, input->height); y++)
    for (int i = 0; i < 3; i++)
      {
        const float scale = model->scale / model->std[i], mean = model->mean[i] / model->std[i];
        const gsize at = (gsize) y * picture->network->row * 3 + model->order[i];
        float      *own = input->data + (gsize) y * input->width * 3 + i;

        if (picture->gradient != NULL)
          for (int x = 0; x < input->width; x++)
            picture->gradient[at + 3 * x] += scale * own[3 * x];
        else
          for (int x = 0; x < input->width; x++)
            own[3 * x] = scale * picture->rgb[at + 3 * x] - mean;
      }
}

static void
convert_picture (const NstNetwork *network, const float *rgb, float *gradient)
{
  Picture picture = { network, rgb, gradient };

  nst_parallel ((network->input.height + ROWS - 1) / ROWS, convert_rows, &picture);
}

/* Forward pass */

void
nst_network_begin (NstNetwork *network, const float *rgb, int row)
{
  g_return_if_fail (network->input.data != NULL && row >= network->input.width);

  network->row = row;
  convert_picture (network, rgb, NULL);
  network->state = FORWARD;
  network->next = 0;
}

/* Run layer i, and with it the next one where it is fused. Returns the layer whose output is known now. */
static int
run_layer (NstNetwork *network, int i)
{
  Slot           *slots = network->layout.slots;
  const gboolean  last = i + 1 == network->layout.depth;
  NstLayerForward pass = {
    .input = i > 0 ? &slots[i - 1].shape : &network->input,
    .output = &slots[i].shape,
    .input_mask = mask_of (network, i - 1),
    .output_mask = last || network->layers[i + 1]->class->writes_input_mask ? NULL : mask_of (network, i),
    .rectified = rectifies (network, i - 1),
    .scratch = network->scratch,
  };

  if (slots[i].fused)
    {
      pass.output = NULL;
      pass.pooled = &slots[i + 1].shape;
      pass.output_mask = mask_of (network, i);
    }
  nst_profile_part (NST_PROFILE_FORWARD (i));
  network->layers[i]->class->forward (network->layers[i], &pass);
  nst_profile_part (NST_PROFILE_ELSE);

  return i + slots[i].fused;
}

gboolean
nst_network_forward (NstNetwork *network, NstNetworkTap *tap, GCancellable *cancellable, GError **error)
{
  *tap = (NstNetworkTap){ -1, NULL };
  g_return_val_if_fail (network->state == FORWARD, FALSE);

  while (network->next < network->layout.depth)
    {
      int layer;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      layer = run_layer (network, network->next);
      network->next = layer + 1;
      if (network->layout.slots[layer].tapped)
        {
          *tap = (NstNetworkTap){ layer, &network->layout.slots[layer].shape };
          return TRUE;
        }
    }
  network->state = TURN;

  return TRUE;
}

/* Backward pass */

/* Where a convolution adds the tap's gradient to its own, it masks the sum by the ReLU. Everywhere else a
 * tap's gradient is masked here. */
void
nst_network_put_gradient (
    NstNetwork *network, const NstNetworkTap *tap, gsize first, gsize n, const float *gradient)
{
  const NstTensor *features = &network->layout.slots[tap->layer].shape;
  const gsize      floats = n * features->channels;
  const gboolean   last = tap->layer + 1 == network->layout.depth;
  float           *to = features->data + first * features->channels;

  if (gradient == NULL)
    memset (to, 0, floats * sizeof (float));
  else if (!rectifies (network, tap->layer) || (!last && network->layers[tap->layer + 1]->class->masks_sum))
    memcpy (to, gradient, floats * sizeof (float));
  else
    for (gsize i = 0; i < floats; i++)
      to[i] = to[i] > 0 ? gradient[i] : 0;
}

/* From the gradient of the output of layer top to that of the output of layer below, or of the picture (-1).
 * layer: the one between them; it is top itself, or the layer under top that it is fused with. */
static void
step_back (NstNetwork *network, int top, int layer, int below)
{
  Slot            *slots = network->layout.slots;
  NstTensor       *input = below >= 0 ? &slots[below].shape : &network->input;
  NstLayerBackward pass = {
    .output = &slots[top].shape,
    .output_mask = layer != top ? mask_of (network, layer) : NULL,
    .input = input,
    .add = below >= 0 && slots[below].tapped ? input->data : NULL,
    .input_mask = mask_of (network, below),
    .rectified = rectifies (network, below),
    .scratch = network->scratch,
  };

  nst_profile_part (NST_PROFILE_BACKWARD (layer));
  network->layers[layer]->class->backward (network->layers[layer], &pass);
  nst_profile_part (NST_PROFILE_ELSE);
}

/* The first layer's features again; deeper layers have overwritten them. Its mask still exists. */
static void
recompute_first (NstNetwork *network)
{
  const NstLayerForward pass = {
    .input = &network->input,
    .output = &network->layout.slots[0].shape,
    .scratch = network->scratch,
  };

  nst_profile_part (NST_PROFILE_FORWARD (0));
  network->layers[0]->class->forward (network->layers[0], &pass);
  nst_profile_part (NST_PROFILE_ELSE);
}

static gboolean
stop_at (NstNetwork *network, NstNetworkTap *tap, int layer)
{
  *tap = (NstNetworkTap){ layer, &network->layout.slots[layer].shape };

  return TRUE;
}

gboolean
nst_network_backward (
    NstNetwork *network, NstNetworkTap *tap, float *rgb_gradient, GCancellable *cancellable, GError **error)
{
  const Slot *slots = network->layout.slots;

  *tap = (NstNetworkTap){ -1, NULL };
  g_return_val_if_fail (network->state >= TURN, FALSE);

  if (network->state == TURN)
    {
      network->state = BACKWARD;
      network->next = network->layout.depth;
      return stop_at (network, tap, network->layout.depth - 1);
    }

  while (network->next > 0)
    {
      const int top = network->next - 1, layer = top > 0 && slots[top - 1].fused ? top - 1 : top;
      const int below = layer - 1;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (network->state == BACKWARD && below >= 0 && slots[below].tapped)
        {
          if (below == 0 && network->layout.recompute)
            recompute_first (network);
          network->state = TAPPED;
          return stop_at (network, tap, below);
        }
      step_back (network, top, layer, below);
      network->state = BACKWARD;
      network->next = layer;
    }
  convert_picture (network, NULL, rgb_gradient);
  network->state = IDLE;

  return TRUE;
}
