/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/format/numbers.h"

G_BEGIN_DECLS

/* The subset of HDF5 that Keras' files use ("HDF5 File Format Specification Version 3.0", The HDF Group): the
 * library's default layout (superblock 0 or 1, object headers 1, groups with a symbol table, data layout 3),
 * and datasets of floats, contiguous, compact, or in chunks with deflate and shuffle. Everything else is
 * rejected with a message that names it, in particular references to other files: external files, virtual
 * datasets, plug-ins. Soft links are skipped.
 *
 * libhdf5 1.10.8 is not used, because the files are untrusted: in a fuzz test of the same calls it read
 * outside its buffers while opening a file (H5O__cont_decode, H5O__chunk_deserialize) within a few hundred
 * thousand runs, and leaked memory.
 *
 * Errors of all functions: NST_ERROR_FORMAT, NST_ERROR_MEMORY, G_FILE_ERROR. */
typedef struct
{
  const NstImportFile *file;   /* borrowed */
  int                  visits; /* parts read so far; limited, so that circular references end */
} NstHdf5;

#define NST_HDF5_MAX_DIMENSIONS 8
#define NST_HDF5_MAX_NAME 255

typedef enum
{
  NST_HDF5_OTHER,
  NST_HDF5_GROUP,
  NST_HDF5_DATASET,
} NstHdf5Kind;

typedef enum
{
  NST_HDF5_COMPACT,
  NST_HDF5_CONTIGUOUS,
  NST_HDF5_CHUNKED,
} NstHdf5Layout;

typedef struct
{
  NstHdf5Kind kind;
  const char *problem;    /* why its links or values cannot be read, a message, or NULL; static */
  guint64     tree, heap; /* of a group */

  /* Of a dataset. */
  gboolean       has_space; /* a shape that is known; a single number has no dimensions */
  int            n_dimensions;
  gint64         shape[NST_HDF5_MAX_DIMENSIONS];
  NstNumbersType type;
  gboolean       big_endian;
  NstHdf5Layout  layout;
  guint64        data, size; /* address and bytes; with chunks, the address of their tree */
  guint32        chunk[NST_HDF5_MAX_DIMENSIONS];
  int            n_chunk; /* dimensions of a chunk */
  gboolean       deflate, shuffle;
} NstHdf5Object;

/* Check the file's superblock and initialise hdf5, which borrows file. root: the address of the top group. */
gboolean nst_hdf5_open (NstHdf5 *hdf5, const NstImportFile *file, guint64 *root, GError **error);

/* Read the header of the group, dataset or other object at address, from a link or nst_hdf5_open (). What is
 * not supported is no error here: object->problem says what, and reading the object's links or values fails
 * with that message. */
gboolean nst_hdf5_read_object (NstHdf5 *hdf5, guint64 address, NstHdf5Object *object, GError **error);

/* Called for each link of a group that is not a soft link. name: UTF-8, of at most NST_HDF5_MAX_NAME bytes.
 * FALSE with an error ends the reading. */
typedef gboolean (*NstHdf5Link) (
    NstHdf5 *hdf5, const char *name, guint64 address, gpointer data, GError **error);

/* Call take (..., data, ...) for the links of a group, in the order of the file. An error of take gets the
 * link's name as a prefix. */
gboolean nst_hdf5_read_group (
    NstHdf5 *hdf5, const NstHdf5Object *group, NstHdf5Link take, gpointer data, GError **error);

/* Read the values of a dataset into a slot of the same shape. */
gboolean nst_hdf5_read_values (NstHdf5             *hdf5,
                               const NstHdf5Object *dataset,
                               NstModelSlot        *slot,
                               GError             **error);

/* Shared by hdf5.c and hdf5-values.c.
 *
 * A little-endian number of n bytes, at most 8. */
guint64 nst_hdf5_number (const guint8 *bytes, int n);

/* Read n bytes from address on into to, and count them as one visit. */
gboolean nst_hdf5_read_part (NstHdf5 *hdf5, guint64 address, gsize n, void *to, GError **error);

/* A node of a version 1 B-tree: n_children + 1 keys with the addresses of the children between them. */
typedef struct
{
  int     level, n_children;
  guint8 *entries; /* owned: key, child, key, child ... */
} NstHdf5Node;

/* Read the node at address; free it with nst_hdf5_node_clear (). type: 0 for groups, 1 for chunks. level:
 * that of the parent minus 1, or NST_HDF5_ANY_LEVEL for a root. key_size: bytes of a key. */
gboolean nst_hdf5_read_node (
    NstHdf5 *hdf5, guint64 address, int type, int level, gsize key_size, NstHdf5Node *node, GError **error);
void nst_hdf5_node_clear (NstHdf5Node *node);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NstHdf5Node, nst_hdf5_node_clear)

#define NST_HDF5_ANY_LEVEL (-1)

G_END_DECLS
