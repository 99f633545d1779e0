/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* safetensors: 8 bytes little-endian header length, a JSON header {name: {dtype, shape, data_offsets},
 * "__metadata__": {string: string}}, then the data. Nothing in a file is believed before it is checked:
 * lengths against the file, offsets against each other (no overlap, no hole), shapes against the bytes,
 * dtypes F32 and F16. */
typedef struct _NstSafetensors NstSafetensors;

#define NST_SAFETENSORS_MAX_DIMENSIONS 8

typedef struct
{
  const char *name; /* borrowed from the file's object */
  int         n_dimensions;
  gint64      shape[NST_SAFETENSORS_MAX_DIMENSIONS];
  gsize       length; /* product of shape */
} NstTensorInfo;

/* bytes: the whole file, ref taken (a mapped file costs no memory). name: for messages. */
NstSafetensors *nst_safetensors_parse (GBytes *bytes, const char *name, GError **error);
NstSafetensors *nst_safetensors_open (const char *path, GError **error);
void            nst_safetensors_free (NstSafetensors *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstSafetensors, nst_safetensors_free)

/* Borrowed; NULL when there is no such tensor or key. */
const NstTensorInfo *nst_safetensors_find (const NstSafetensors *file, const char *name);
/* in the order of their data */
const NstTensorInfo *nst_safetensors_nth (const NstSafetensors *file, guint n);
const char          *nst_safetensors_metadata (const NstSafetensors *file, const char *key);

/* Copy a tensor as float32 into to, which has length floats; NST_ERROR_SHAPE unless the tensor is there with
 * exactly this shape. The message names the tensor and both shapes; the file is for the caller to name. */
gboolean nst_safetensors_read (const NstSafetensors *file,
                               const char           *name,
                               int                   n_dimensions,
                               const gint64         *shape,
                               float                *to,
                               GError              **error);

/* Writing: add tensors (data is borrowed until write) and metadata, then write beside and rename: path holds
 * what it held before, or the whole new file, and a failure (NST_ERROR_ARGUMENT for a number beyond the range
 * of a half, NST_ERROR_FORMAT for a name that is there twice or no UTF-8, or G_FILE_ERROR) leaves nothing.
 * half: stored as F16, rounded to nearest, ties to even; infinities and NaNs are kept. */
typedef struct _NstSafetensorsWriter NstSafetensorsWriter;

NstSafetensorsWriter *nst_safetensors_writer_new (void);
void                  nst_safetensors_writer_free (NstSafetensorsWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstSafetensorsWriter, nst_safetensors_writer_free)
void nst_safetensors_writer_set_metadata (NstSafetensorsWriter *writer, const char *key, const char *value);
void nst_safetensors_writer_add (NstSafetensorsWriter *writer,
                                 const char           *name,
                                 int                   n_dimensions,
                                 const gint64         *shape,
                                 const float          *data,
                                 gboolean              half);
gboolean nst_safetensors_writer_write (NstSafetensorsWriter *writer, const char *path, GError **error);

G_END_DECLS
