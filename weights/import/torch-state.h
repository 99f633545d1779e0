/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/format/numbers.h"
#include "weights/format/pickle.h"

G_BEGIN_DECLS

/* The state dict in a pickle by torch.save (torch/_utils.py, torch/serialization.py). It may be nested in
 * other dicts ({'model': ..., 'epoch': ...}). The numbers are in storages outside the pickle; tensors are
 * views of storages. */
typedef struct
{
  const char    *key;    /* borrowed from the pickle */
  NstNumbersType type;   /* NST_NUMBERS_OTHER: integers and such */
  gsize          size;   /* bytes of one number */
  guint64        length; /* numbers; at most 2^53 */
} NstTorchStorage;

#define NST_TORCH_MAX_DIMENSIONS 8

typedef struct
{
  const char            *name;    /* borrowed from the pickle */
  const NstTorchStorage *storage; /* borrowed from the state */
  int                    n_dimensions;
  gint64                 shape[NST_TORCH_MAX_DIMENSIONS];
  gint64                 strides[NST_TORCH_MAX_DIMENSIONS]; /* numbers */
  guint64                first;                             /* index of the first number in the storage */
  guint64                length;                            /* numbers: the product of shape */
  /* numbers from the first to the last one; first + span is within the storage */
  guint64 span;
} NstTorchTensor;

typedef struct
{
  NstPickle  *pickle;   /* owned */
  GHashTable *storages; /* owned: borrowed keys to owned NstTorchStorages */
  /* owned NstTorchTensors: those of the state dict that the model builder wants */
  GPtrArray *tensors;
} NstTorchState;

/* Names of all classes that a state dict may contain; ends with NULL. For nst_pickle_parse (). */
extern const char *const nst_torch_classes[];

/* An owned state. Takes ownership of pickle, also on failure. NST_ERROR_FORMAT: a storage is described twice
 * in different ways, or a tensor exceeds its storage; NST_ERROR_SHAPE: there is no state dict with a layer of
 * VGG. */
NstTorchState *nst_torch_state_new (NstPickle *pickle, GError **error);
void           nst_torch_state_free (NstTorchState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstTorchState, nst_torch_state_free)

/* Whether the tensor's numbers are adjacent and in the order of its dimensions. */
gboolean nst_torch_tensor_is_contiguous (const NstTorchTensor *tensor);

G_END_DECLS
