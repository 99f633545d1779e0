/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdio.h>

G_BEGIN_DECLS

/* safetensors: 8 bytes little-endian header length, a JSON header {name: {dtype, shape, data_offsets},
 * "__metadata__": {string: string}}, then the data. Files are untrusted; checked are lengths against the
 * file, offsets against each other (no overlap, no gap), shapes against bytes, and that dtypes are F32 or
 * F16. */
typedef struct _NstSafetensors NstSafetensors;

#define NST_SAFETENSORS_MAX_DIMENSIONS 8

typedef struct
{
  const char *name; /* borrowed from the file's object */
  int         n_dimensions;
  gint64      shape[NST_SAFETENSORS_MAX_DIMENSIONS];
  gsize       length; /* product of shape */
} NstTensorInfo;

/* Check the header of a file; owned by the caller. bytes: the whole file; a reference is taken. name: for
 * messages. NST_ERROR_FORMAT. */
NstSafetensors *nst_safetensors_parse (GBytes *bytes, const char *name, GError **error);

/* The same for the file at path, which is mapped into memory. NST_ERROR_FORMAT, G_FILE_ERROR. */
NstSafetensors *nst_safetensors_open (const char *path, GError **error);
void            nst_safetensors_free (NstSafetensors *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstSafetensors, nst_safetensors_free)

/* Borrowed; NULL when there is no such tensor or key. */
const NstTensorInfo *nst_safetensors_find (const NstSafetensors *file, const char *name);
/* The n-th tensor in the order of the data. */
const NstTensorInfo *nst_safetensors_nth (const NstSafetensors *file, guint n);
const char          *nst_safetensors_metadata (const NstSafetensors *file, const char *key);

/* Copy a tensor as float32 into to (the product of shape floats). NST_ERROR_SHAPE unless the tensor exists
 * with exactly this shape; the message names the tensor and both shapes, not the file. */
gboolean nst_safetensors_read (const NstSafetensors *file,
                               const char           *name,
                               int                   n_dimensions,
                               const gint64         *shape,
                               float                *to,
                               GError              **error);

/* A writer. Add tensors (data is borrowed until write) and metadata, then write. The file is written under a
 * temporary name and renamed, so path holds either its old content or the complete new file. half: store as
 * F16, rounded to nearest, ties to even; infinities and NaNs are kept. Errors of write: NST_ERROR_ARGUMENT
 * for a finite number beyond the range of F16, NST_ERROR_FORMAT for a name that occurs twice or is not UTF-8,
 * G_FILE_ERROR. */
typedef struct _NstSafetensorsWriter NstSafetensorsWriter;

NstSafetensorsWriter *nst_safetensors_writer_new (void);
void                  nst_safetensors_writer_free (NstSafetensorsWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstSafetensorsWriter, nst_safetensors_writer_free)

/* Set a text of the file's metadata; a second value of a key replaces the first. */
void nst_safetensors_writer_set_metadata (NstSafetensorsWriter *writer, const char *key, const char *value);
void nst_safetensors_writer_add (NstSafetensorsWriter *writer,
                                 const char           *name,
                                 int                   n_dimensions,
                                 const gint64         *shape,
                                 const float          *data,
                                 gboolean              half);
gboolean nst_safetensors_writer_write (NstSafetensorsWriter *writer, const char *path, GError **error);

/* Called when the file is complete under its temporary name, open for reading in file. FALSE with an error
 * keeps the old file. */
typedef gboolean (*NstSafetensorsReady) (FILE *file, gpointer data, GError **error);
void nst_safetensors_writer_set_ready (NstSafetensorsWriter *writer,
                                       NstSafetensorsReady   ready,
                                       gpointer              data);

G_END_DECLS
