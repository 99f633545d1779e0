/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A reader of Python pickles (protocols 2 to 5; the opcodes are described in CPython's Lib/pickletools.py)
 * that runs nothing: a call in the pickle becomes a value with the name of the callee and its arguments.
 * Names that are not expected are rejected. There is no recursion; values, marks and bytes are limited. */
typedef enum
{
  NST_PICKLE_OTHER,   /* None, a float, bytes, an integer of more than 64 bits */
  NST_PICKLE_INTEGER, /* integer; also of True and False */
  NST_PICKLE_TEXT,    /* text */
  NST_PICKLE_TUPLE,   /* items */
  NST_PICKLE_LIST,    /* items */
  NST_PICKLE_DICT,    /* items: key, value, key, value ... */
  NST_PICKLE_CLASS,   /* text: "torch._utils _rebuild_tensor_v2" */
  /* a class called with arguments; text: the class; argument: a tuple; items as of a dict */
  NST_PICKLE_OBJECT,
  NST_PICKLE_PERSISTENT, /* argument: the id of what is stored outside of the pickle */
} NstPickleKind;

/* A value may contain itself, so a caller that follows references must limit their number. */
typedef struct _NstPickleValue NstPickleValue;
struct _NstPickleValue
{
  NstPickleKind kind;
  gint64        integer;
  char         *text; /* owned; UTF-8 */
  /* owned array of borrowed NstPickleValues, or NULL when there are none */
  GPtrArray            *items;
  const NstPickleValue *argument; /* borrowed */
};

#define NST_PICKLE_MAX_BYTES (4 << 20)

typedef struct
{
  const NstPickleValue *root;   /* borrowed from values */
  GPtrArray            *values; /* owned: every value */
  gsize                 length; /* bytes that the pickle takes */
} NstPickle;

/* Parse the pickle at the beginning of length bytes. classes: the names that may occur, each "module name";
 * ends with NULL. Returns an owned pickle. NST_ERROR_FORMAT names the byte and the problem. */
NstPickle *nst_pickle_parse (const guint8 *data, gsize length, const char *const *classes, GError **error);
void       nst_pickle_free (NstPickle *pickle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstPickle, nst_pickle_free)

/* Number of items of a tuple, list, dict or object, and item n (borrowed; NULL beyond the end). Keys and
 * values of a dict are separate items. */
guint                 nst_pickle_length (const NstPickleValue *value);
const NstPickleValue *nst_pickle_nth (const NstPickleValue *value, guint n);

G_END_DECLS
