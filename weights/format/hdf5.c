/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5: superblock, groups and object headers ("HDF5 File Format Specification Version 3.0"). Every length
 * and address is checked against the file before it is used. */
#include "weights/format/hdf5.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"

#define MAX_VISITS (1 << 19) /* VGG-19 in small chunks needs about ten thousand */
#define MAX_LEVEL 16
#define MAX_HEADER (1 << 20) /* bytes of one block of an object header */
#define MAX_PIECES 64

/* Types of object header messages. */
enum
{
  DATASPACE = 1,
  LINK_INFO = 2,
  DATATYPE = 3,
  EXTERNAL_FILES = 7,
  LAYOUT = 8,
  FILTERS = 0xb,
  CONTINUATION = 0x10,
  SYMBOL_TABLE = 0x11
};

guint64
nst_hdf5_number (const guint8 *bytes, int n)
{
  guint64 value = 0;

  for (int i = 0; i < n; i++)
    value |= (guint64) bytes[i] << 8 * i;

  return value;
}

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, NST_ERROR, NST_ERROR_FORMAT, message);

  return FALSE;
}

/* what: a main clause. */
static gboolean
damaged (GError **error, const char *what)
{
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("the HDF5 file is damaged: %s; download or export the file again"), what);

  return FALSE;
}

gboolean
nst_hdf5_read_part (NstHdf5 *hdf5, guint64 address, gsize n, void *to, GError **error)
{
  if (++hdf5->visits > MAX_VISITS)
    return fail (error, _ ("the HDF5 file has far more parts than a file of weights needs"));

  return nst_import_file_read (hdf5->file, address, n, to, error);
}

gboolean
nst_hdf5_open (NstHdf5 *hdf5, const NstImportFile *file, guint64 *root, GError **error)
{
  guint8  head[104];
  int     version, more;
  guint64 end;

  *hdf5 = (NstHdf5){ file };
  if (!nst_hdf5_read_part (hdf5, 0, sizeof head, head, error))
    return FALSE;
  version = head[8];
  if (version > 1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("an HDF5 file with a superblock of version %d, but only 0 and 1 are read; write it "
                      "again "
                      "with h5py and libver=\"earliest\""),
                   version);
      return FALSE;
    }
  more = version * 4;
  end = nst_hdf5_number (head + 40 + more, 8);
  if (head[13] != 8 || head[14] != 8 || nst_hdf5_number (head + 24 + more, 8) != 0)
    return fail (error,
                 _ ("the addresses of the HDF5 file are not 8 bytes long or do not count from the start "
                    "of the file; write it again with h5py"));
  if (end > file->size)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the file is cut off: it should have %" PRIu64 " bytes, but has %" PRIu64
                      "; download or export it again"),
                   end, file->size);
      return FALSE;
    }
  *root = nst_hdf5_number (head + 64 + more, 8);

  return TRUE;
}

/* Object header messages */

static void
parse_dataspace (const guint8 *data, gsize n, NstHdf5Object *object)
{
  gsize start = n > 0 && data[0] == 1 ? 8 : 4;
  int   rank;

  if (n < 4 || data[0] < 1 || data[0] > 2 || (data[0] == 2 && data[3] > 1))
    return;
  rank = data[1];
  if (rank > NST_HDF5_MAX_DIMENSIONS || n < start + 8 * (gsize) rank)
    return;
  for (int i = 0; i < rank; i++)
    object->shape[i] = MIN (nst_hdf5_number (data + start + 8 * i, 8), G_MAXINT64);
  object->n_dimensions = rank;
  object->has_space = TRUE;
}

static void
parse_type (const guint8 *data, gsize n, NstHdf5Object *object)
{
  static const struct
  {
    NstNumbersType type;
    guint8         size, sign, properties[12]; /* bit offset, precision, exponent, mantissa, bias */
  } kinds[] = {
    { NST_NUMBERS_F16, 2, 15, { 0, 0, 16, 0, 10, 5, 0, 10, 15, 0, 0, 0 } },
    { NST_NUMBERS_F32, 4, 31, { 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0 } },
    { NST_NUMBERS_F64, 8, 63, { 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0 } },
  };

  /* Floating point, zero padding, implied first mantissa bit. */
  if (n < 20 || (data[0] & 0xf) != 1 || (data[1] & 0x7e) != 0x20)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (nst_hdf5_number (data + 4, 4) == kinds[i].size && data[2] == kinds[i].sign
        && memcmp (data + 8, kinds[i].properties, sizeof kinds[i].properties) == 0)
      object->type = kinds[i].type;
  object->big_endian = data[1] & 1;
}

static void
parse_layout (const guint8 *data, gsize n, guint64 address, NstHdf5Object *object)
{
  object->kind = NST_HDF5_DATASET;
  object->problem = _ ("its data are stored in a way that is not read, perhaps in another file; write the "
                       "file again with h5py and libver=\"earliest\"");
  if (n < 4 || data[0] != 3)
    return;
  if (data[1] == NST_HDF5_COMPACT)
    {
      object->data = address + 4;
      object->size = nst_hdf5_number (data + 2, 2);
      if (object->size > n - 4)
        return;
    }
  else if (data[1] == NST_HDF5_CONTIGUOUS && n >= 18)
    {
      object->data = nst_hdf5_number (data + 2, 8);
      object->size = nst_hdf5_number (data + 10, 8);
    }
  else if (data[1] == NST_HDF5_CHUNKED && n >= 11)
    {
      object->n_chunk = data[2] - 1; /* the last dimension is the size of a number */
      object->data = nst_hdf5_number (data + 3, 8);
      if (object->n_chunk < 1 || object->n_chunk > NST_HDF5_MAX_DIMENSIONS || n < 11 + 4 * (gsize) data[2])
        return;
      for (int i = 0; i < object->n_chunk; i++)
        object->chunk[i] = nst_hdf5_number (data + 11 + 4 * i, 4);
    }
  else
    return;
  object->layout = data[1];
  object->problem = NULL;
}

/* Filter pipeline version 1: 8 bytes, then for each filter its id, the length of its name, flags, the number
 * of client values, the name, and the values padded to 8 bytes. */
static const char *
parse_filters (const guint8 *data, gsize n, NstHdf5Object *object)
{
  gsize at = 8;

  if (n < 8 || data[0] != 1)
    return _ ("its filters are of an unknown version; write the file again with h5py");
  for (int i = 0; i < data[1]; i++)
    {
      guint id;

      if (n < at + 8)
        return _ ("its list of filters is cut off; download or export the file again");
      id = nst_hdf5_number (data + at, 2);
      if (id == 2 && !object->shuffle && !object->deflate)
        object->shuffle = TRUE;
      else if (id == 1 && !object->deflate)
        object->deflate = TRUE;
      else
        return _ (
            "it has other filters than shuffle and gzip; write the file again with compression=\"gzip\"");
      at += 8 + nst_hdf5_number (data + at + 2, 2) + (nst_hdf5_number (data + at + 6, 2) + 1) / 2 * 8;
    }

  return NULL;
}

/* The state of parsing an object header. */
typedef struct
{
  NstHdf5Object *object;
  const char    *problem;               /* of a filter or an external file, a message; static */
  guint64        pieces[MAX_PIECES][2]; /* address and length */
  int            n_pieces, n_messages;
} Header;

static gboolean
take_message (
    Header *header, guint type, guint flags, const guint8 *data, gsize n, guint64 address, GError **error)
{
  NstHdf5Object *object = header->object;

  /* Shared messages, which are stored elsewhere, are ignored. */
  if ((flags & 2) != 0)
    return TRUE;
  if (type == DATASPACE)
    parse_dataspace (data, n, object);
  else if (type == DATATYPE)
    parse_type (data, n, object);
  else if (type == LAYOUT)
    parse_layout (data, n, address, object);
  else if (type == FILTERS)
    header->problem = parse_filters (data, n, object);
  else if (type == EXTERNAL_FILES)
    header->problem = _ ("its data are in another file; write the file again with the data in it");
  else if (type == LINK_INFO)
    {
      object->kind = NST_HDF5_GROUP;
      object->problem = _ ("a group of HDF5 1.8's format, perhaps with an order of its links; write the file "
                           "again with h5py, libver=\"earliest\" and without track_order");
    }
  else if (type == SYMBOL_TABLE && n >= 16)
    {
      object->kind = NST_HDF5_GROUP;
      object->tree = nst_hdf5_number (data, 8);
      object->heap = nst_hdf5_number (data + 8, 8);
    }
  else if (type == CONTINUATION)
    {
      if (n < 16 || header->n_pieces == MAX_PIECES)
        return damaged (error, _ ("an object's header has too many parts"));
      header->pieces[header->n_pieces][0] = nst_hdf5_number (data, 8);
      header->pieces[header->n_pieces++][1] = nst_hdf5_number (data + 8, 8);
    }

  return TRUE;
}

static gboolean
read_piece (NstHdf5 *hdf5, Header *header, guint64 address, guint64 size, GError **error)
{
  g_autofree guint8 *data = NULL;

  if (size > MAX_HEADER)
    return damaged (error, _ ("an object's header is larger than 1 MiB"));
  data = nst_import_try_malloc (size, error);
  if (data == NULL || !nst_hdf5_read_part (hdf5, address, size, data, error))
    return FALSE;
  for (gsize at = 0, n; size - at >= 8 && header->n_messages > 0; at += 8 + n, header->n_messages--)
    {
      n = nst_hdf5_number (data + at + 2, 2);
      if (n > size - at - 8)
        return damaged (error, _ ("a message is longer than the object's header that contains it"));
      if (!take_message (header, nst_hdf5_number (data + at, 2), data[at + 4], data + at + 8, n,
                         address + at + 8, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
nst_hdf5_read_object (NstHdf5 *hdf5, guint64 address, NstHdf5Object *object, GError **error)
{
  Header header = { object };
  guint8 prefix[16];

  *object = (NstHdf5Object){ NST_HDF5_OTHER };
  if (!nst_hdf5_read_part (hdf5, address, sizeof prefix, prefix, error))
    return FALSE;
  if (prefix[0] != 1)
    return memcmp (prefix, "OHDR", 4) == 0
               ? fail (error,
                       _ ("an object has a header of version 2, but only version 1 is read; write the file "
                          "again with h5py and libver=\"earliest\""))
               : damaged (error, _ ("an object has no header"));
  header.n_messages = nst_hdf5_number (prefix + 2, 2);
  header.pieces[header.n_pieces][0] = address + sizeof prefix;
  header.pieces[header.n_pieces++][1] = nst_hdf5_number (prefix + 8, 4);
  for (int i = 0; i < header.n_pieces; i++)
    if (!read_piece (hdf5, &header, header.pieces[i][0], header.pieces[i][1], error))
      return FALSE;
  if (header.problem != NULL)
    object->problem = header.problem;

  return TRUE;
}

/* Trees and groups */

void
nst_hdf5_node_clear (NstHdf5Node *node)
{
  g_clear_pointer (&node->entries, g_free);
}

gboolean
nst_hdf5_read_node (
    NstHdf5 *hdf5, guint64 address, int type, int level, gsize key_size, NstHdf5Node *node, GError **error)
{
  guint8 head[24];
  gsize  size;

  *node = (NstHdf5Node){ 0 };
  if (!nst_hdf5_read_part (hdf5, address, sizeof head, head, error))
    return FALSE;
  node->level = head[5];
  node->n_children = nst_hdf5_number (head + 6, 2);
  if (memcmp (head, "TREE", 4) != 0 || head[4] != type || node->level > MAX_LEVEL
      || (level != NST_HDF5_ANY_LEVEL && node->level != level))
    return damaged (error, _ ("a B-tree is invalid"));
  size = node->n_children * (key_size + 8) + key_size;
  node->entries = nst_import_try_malloc (size, error);
  if (node->entries == NULL || !nst_hdf5_read_part (hdf5, address + sizeof head, size, node->entries, error))
    {
      nst_hdf5_node_clear (node);
      return FALSE;
    }

  return TRUE;
}

typedef struct
{
  guint64     names, n_names; /* address and size of the names */
  NstHdf5Link take;
  gpointer    data;
} Group;

static gboolean
read_link (NstHdf5 *hdf5, const Group *group, const guint8 *entry, GError **error)
{
  guint64 offset = nst_hdf5_number (entry, 8);
  char    name[NST_HDF5_MAX_NAME + 1] = "";

  if (nst_hdf5_number (entry + 16, 4) == 2) /* a soft link */
    return TRUE;
  if (offset >= group->n_names)
    return damaged (error, _ ("a link has no name"));
  if (!nst_hdf5_read_part (hdf5, group->names + offset, MIN (group->n_names - offset, sizeof name), name,
                           error))
    return FALSE;
  if (memchr (name, '\0', sizeof name) == NULL || !g_utf8_validate (name, -1, NULL))
    return damaged (error, _ ("a link's name is too long or not UTF-8"));
  if (!group->take (hdf5, name, nst_hdf5_number (entry + 8, 8), group->data, error))
    {
      g_prefix_error (error, "%s: ", name);
      return FALSE;
    }

  return TRUE;
}

static gboolean
read_links (NstHdf5 *hdf5, const Group *group, guint64 address, GError **error)
{
  guint8 head[8], entry[40];
  guint  n;

  if (!nst_hdf5_read_part (hdf5, address, sizeof head, head, error))
    return FALSE;
  if (memcmp (head, "SNOD", 4) != 0)
    return damaged (error, _ ("a group's links are invalid"));
  n = nst_hdf5_number (head + 6, 2);
  for (guint i = 0; i < n; i++)
    if (!nst_hdf5_read_part (hdf5, address + sizeof head + i * sizeof entry, sizeof entry, entry, error)
        || !read_link (hdf5, group, entry, error))
      return FALSE;

  return TRUE;
}

static gboolean
read_group_tree (NstHdf5 *hdf5, const Group *group, guint64 address, int level, GError **error)
{
  g_auto (NstHdf5Node) node = { 0 };

  if (!nst_hdf5_read_node (hdf5, address, 0, level, 8, &node, error))
    return FALSE;
  for (int i = 0; i < node.n_children; i++)
    {
      guint64 child = nst_hdf5_number (node.entries + 16 * i + 8, 8);

      if (node.level > 0 ? !read_group_tree (hdf5, group, child, node.level - 1, error)
                         : !read_links (hdf5, group, child, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
nst_hdf5_read_group (
    NstHdf5 *hdf5, const NstHdf5Object *object, NstHdf5Link take, gpointer data, GError **error)
{
  Group  group = { .take = take, .data = data };
  guint8 heap[32];

  if (object->problem != NULL)
    return fail (error, object->problem);
  if (!nst_hdf5_read_part (hdf5, object->heap, sizeof heap, heap, error))
    return FALSE;
  if (memcmp (heap, "HEAP", 4) != 0)
    return damaged (error, _ ("a group's names are invalid"));
  group.n_names = nst_hdf5_number (heap + 8, 8);
  group.names = nst_hdf5_number (heap + 24, 8);
  if (group.names > hdf5->file->size || group.n_names > hdf5->file->size - group.names)
    return damaged (error, _ ("a group's names are beyond the end of the file"));

  return read_group_tree (hdf5, &group, object->tree, NST_HDF5_ANY_LEVEL, error);
}
