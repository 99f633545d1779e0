/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reader of Python pickles, protocols 2 to 5, that runs no code from the file. */
#include "weights/format/pickle.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"

#define MAX_VALUES (1 << 18) /* VGG-19's state dict makes about 600 */
#define MAX_MARKS 256        /* nested open lists, tuples and dicts */

typedef struct
{
  const guint8      *data; /* borrowed; data[at] is the next byte */
  gsize              length, at;
  const char *const *classes; /* borrowed */
  NstPickle         *pickle;  /* borrowed */
  GPtrArray         *stack;   /* owned array of values borrowed from pickle */
  GArray            *marks;   /* owned: stack heights */
  GHashTable        *memo;    /* owned: from numbers to borrowed values */
} Machine;

G_GNUC_PRINTF (3, 4)
static gboolean
wrong (const Machine *machine, GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list          arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("byte %zu of the pickle: %s"), machine->at, text);

  return FALSE;
}

static void
value_free (gpointer data)
{
  NstPickleValue *value = data;

  g_free (value->text);
  if (value->items != NULL)
    g_ptr_array_unref (value->items);
  g_free (value);
}

void
nst_pickle_free (NstPickle *pickle)
{
  if (pickle == NULL)
    return;

  g_ptr_array_unref (pickle->values);
  g_free (pickle);
}

guint
nst_pickle_length (const NstPickleValue *value)
{
  return value->items != NULL ? value->items->len : 0;
}

const NstPickleValue *
nst_pickle_nth (const NstPickleValue *value, guint n)
{
  return n < nst_pickle_length (value) ? g_ptr_array_index (value->items, n) : NULL;
}

/* Building blocks of the opcodes */

/* The next n bytes, advancing machine->at; NULL and an error if there are fewer. */
static const guint8 *
take (Machine *machine, guint64 n, GError **error)
{
  const guint8 *bytes = machine->data + machine->at;

  if (n > machine->length - machine->at)
    {
      wrong (machine, error,
             _ ("%" PRIu64 " bytes are needed, but only %zu are left; download or export the file again"), n,
             machine->length - machine->at);
      return NULL;
    }
  machine->at += n;

  return bytes;
}

/* A little-endian number of n bytes, at most 8. */
static gboolean
take_number (Machine *machine, int n, guint64 *number, GError **error)
{
  const guint8 *bytes = take (machine, n, error);

  if (bytes == NULL)
    return FALSE;
  *number = 0;
  while (n-- > 0)
    *number = *number << 8 | bytes[n];

  return TRUE;
}

static NstPickleValue *
push_new (Machine *machine, NstPickleKind kind, GError **error)
{
  NstPickleValue *value;

  if (machine->pickle->values->len >= MAX_VALUES)
    {
      wrong (machine, error, _ ("the pickle has more than %d values, more than any state dict"), MAX_VALUES);
      return NULL;
    }
  value = g_new0 (NstPickleValue, 1);
  value->kind = kind;
  g_ptr_array_add (machine->pickle->values, value);
  g_ptr_array_add (machine->stack, value);

  return value;
}

/* Values above the last mark. */
static guint
height (const Machine *machine)
{
  guint bottom = machine->marks->len > 0 ? g_array_index (machine->marks, guint, machine->marks->len - 1) : 0;

  return machine->stack->len - bottom;
}

static NstPickleValue *
pop (Machine *machine, GError **error)
{
  if (height (machine) == 0)
    {
      wrong (machine, error, _ ("the stack is empty"));
      return NULL;
    }

  return g_ptr_array_steal_index (machine->stack, machine->stack->len - 1);
}

static gboolean
push_integer (Machine *machine, gint64 integer, GError **error)
{
  NstPickleValue *value = push_new (machine, NST_PICKLE_INTEGER, error);

  if (value != NULL)
    value->integer = integer;

  return value != NULL;
}

/* Little-endian two's complement of any length. */
static gboolean
push_long (Machine *machine, guint64 length, GError **error)
{
  const guint8 *bytes = take (machine, length, error);
  guint64       integer = 0;

  if (bytes == NULL)
    return FALSE;
  if (length > 8)
    return push_new (machine, NST_PICKLE_OTHER, error) != NULL;
  for (int i = 7; i >= 0; i--)
    integer = integer << 8
              | ((guint64) i < length                     ? bytes[i]
                 : length > 0 && bytes[length - 1] & 0x80 ? 0xff
                                                          : 0);

  return push_integer (machine, (gint64) integer, error);
}

static gboolean
push_text (Machine *machine, guint64 length, GError **error)
{
  const guint8   *bytes = take (machine, length, error);
  NstPickleValue *value;

  if (bytes == NULL)
    return FALSE;
  if (length > 0 && memchr (bytes, '\0', length) != NULL)
    return wrong (machine, error, _ ("a text contains a zero byte"));
  value = push_new (machine, NST_PICKLE_TEXT, error);
  if (value != NULL)
    value->text = g_utf8_make_valid ((const char *) bytes, length);

  return value != NULL;
}

static gboolean
push_other (Machine *machine, guint64 length, GError **error)
{
  return take (machine, length, error) != NULL && push_new (machine, NST_PICKLE_OTHER, error) != NULL;
}

/* Push a number, text or bytes that follow a length of n bytes. */
static gboolean
push_counted (Machine *machine, int n, gboolean (*push) (Machine *, guint64, GError **), GError **error)
{
  guint64 length;

  return take_number (machine, n, &length, error) && push (machine, length, error);
}

static gboolean
push_class (Machine *machine, const char *module, const char *name, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%s %s", module, name);
  NstPickleValue  *value;

  if (!g_strv_contains (machine->classes, text))
    {
      g_autofree char *quoted = nst_text_quote (text);

      return wrong (machine, error,
                    _ ("Python's %s is called for, which a state dict does not need. Nothing was run. If a "
                       "whole model was saved, save its parameters with torch.save (model.state_dict (), "
                       "...)"),
                    quoted);
    }
  value = push_new (machine, NST_PICKLE_CLASS, error);
  if (value != NULL)
    value->text = g_steal_pointer (&text);

  return value != NULL;
}

/* The text up to the next line feed, owned by the caller. */
static char *
take_line (Machine *machine, GError **error)
{
  const guint8 *begin = machine->data + machine->at;
  const guint8 *end = memchr (begin, '\n', machine->length - machine->at);

  if (end == NULL)
    {
      wrong (machine, error, _ ("a name does not end"));
      return NULL;
    }
  machine->at += end - begin + 1;

  return g_utf8_make_valid ((const char *) begin, end - begin);
}

static gboolean
op_global (Machine *machine, GError **error)
{
  g_autofree char *module = take_line (machine, error),
                  *name = module != NULL ? take_line (machine, error) : NULL;

  return name != NULL && push_class (machine, module, name, error);
}

static gboolean
op_stack_global (Machine *machine, GError **error)
{
  const NstPickleValue *name = pop (machine, error), *module = name != NULL ? pop (machine, error) : NULL;

  if (module == NULL)
    return FALSE;
  if (name->kind != NST_PICKLE_TEXT || module->kind != NST_PICKLE_TEXT)
    return wrong (machine, error, _ ("a name is not a text"));

  return push_class (machine, module->text, name->text, error);
}

/* Pop the mark. *n: the number of values above it, which stay on the stack. */
static gboolean
unmark (Machine *machine, guint *n, GError **error)
{
  *n = height (machine);
  if (machine->marks->len == 0)
    return wrong (machine, error, _ ("no mark is set"));
  g_array_set_size (machine->marks, machine->marks->len - 1);

  return TRUE;
}

/* Move the n topmost values of the stack to the end of value's items. */
static void
move_items (Machine *machine, guint n, NstPickleValue *value)
{
  guint first = machine->stack->len - n;

  if (n == 0)
    return;
  if (value->items == NULL)
    value->items = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (value->items, g_ptr_array_index (machine->stack, first + i));
  g_ptr_array_set_size (machine->stack, first);
}

/* Replace the n topmost values by a tuple, list or dict of them. */
static gboolean
collect (Machine *machine, guint n, NstPickleKind kind, GError **error)
{
  NstPickleValue *value;

  if (n > height (machine))
    return wrong (machine, error, _ ("%u values are needed, but the stack has %u"), n, height (machine));
  if (kind == NST_PICKLE_DICT && n % 2 != 0)
    return wrong (machine, error, _ ("a key has no value"));
  value = push_new (machine, kind, error);
  if (value == NULL)
    return FALSE;
  g_ptr_array_set_size (machine->stack, machine->stack->len - 1);
  move_items (machine, n, value);
  g_ptr_array_add (machine->stack, value);

  return TRUE;
}

static gboolean
collect_marked (Machine *machine, NstPickleKind kind, GError **error)
{
  guint n;

  return unmark (machine, &n, error) && collect (machine, n, kind, error);
}

/* Append the n topmost values to the list, dict or object below them. */
static gboolean
extend (Machine *machine, guint n, gboolean pairs, GError **error)
{
  NstPickleValue *value;

  if (n >= height (machine))
    return wrong (machine, error, _ ("%u values are needed, but the stack has %u"), n + 1, height (machine));
  value = g_ptr_array_index (machine->stack, machine->stack->len - n - 1);
  if (pairs ? n % 2 != 0 || (value->kind != NST_PICKLE_DICT && value->kind != NST_PICKLE_OBJECT)
            : value->kind != NST_PICKLE_LIST)
    return pairs ? wrong (machine, error, _ ("%u keys and values are set in a value that is not a dict"), n)
                 : wrong (machine, error, _ ("%u items are appended to a value that is not a list"), n);
  move_items (machine, n, value);

  return TRUE;
}

static gboolean
extend_marked (Machine *machine, gboolean pairs, GError **error)
{
  guint n;

  return unmark (machine, &n, error) && extend (machine, n, pairs, error);
}

static gboolean
op_reduce (Machine *machine, GError **error)
{
  const NstPickleValue *argument = pop (machine, error),
                       *class = argument != NULL ? pop (machine, error) : NULL;
  NstPickleValue *value;

  if (class == NULL)
    return FALSE;
  if (class->kind != NST_PICKLE_CLASS || argument->kind != NST_PICKLE_TUPLE)
    return wrong (machine, error, _ ("a value that is not a class is called"));
  value = push_new (machine, NST_PICKLE_OBJECT, error);
  if (value == NULL)
    return FALSE;
  value->text = g_strdup (class->text);
  value->argument = argument;

  return TRUE;
}

/* Attributes of an object, such as a state dict's _metadata, are ignored. */
static gboolean
op_build (Machine *machine, GError **error)
{
  return pop (machine, error) != NULL
         && (height (machine) > 0 || wrong (machine, error, _ ("the stack is empty")));
}

static gboolean
op_persistent (Machine *machine, GError **error)
{
  const NstPickleValue *id = pop (machine, error);
  NstPickleValue       *value = id != NULL ? push_new (machine, NST_PICKLE_PERSISTENT, error) : NULL;

  if (value != NULL)
    value->argument = id;

  return value != NULL;
}

static gboolean
op_put (Machine *machine, guint64 index, GError **error)
{
  if (height (machine) == 0)
    return wrong (machine, error, _ ("the stack is empty"));
  if (g_hash_table_size (machine->memo) >= MAX_VALUES)
    return wrong (machine, error, _ ("the memo would have more than %d values"), MAX_VALUES);
  g_hash_table_insert (machine->memo, GUINT_TO_POINTER ((guint) index),
                       g_ptr_array_index (machine->stack, machine->stack->len - 1));

  return TRUE;
}

static gboolean
op_get (Machine *machine, guint64 index, GError **error)
{
  NstPickleValue *value = g_hash_table_lookup (machine->memo, GUINT_TO_POINTER ((guint) index));

  if (value == NULL)
    return wrong (machine, error, _ ("the memo has no value %" PRIu64), index);
  g_ptr_array_add (machine->stack, value);

  return TRUE;
}

/* Put or get with a number of n bytes. */
static gboolean
memo (Machine *machine, int n, gboolean (*op) (Machine *, guint64, GError **), GError **error)
{
  guint64 index;

  return take_number (machine, n, &index, error) && op (machine, index, error);
}

static gboolean
op_integer (Machine *machine, int n, GError **error)
{
  guint64 number;

  return take_number (machine, n, &number, error)
         && push_integer (machine, n == 4 ? (gint32) number : (gint64) number, error);
}

static gboolean
op_mark (Machine *machine, GError **error)
{
  if (machine->marks->len >= MAX_MARKS)
    return wrong (machine, error, _ ("more than %d lists, tuples and dicts are open"), MAX_MARKS);
  g_array_append_val (machine->marks, machine->stack->len);

  return TRUE;
}

static gboolean
op_pop_mark (Machine *machine, GError **error)
{
  guint n;

  if (!unmark (machine, &n, error))
    return FALSE;
  g_ptr_array_set_size (machine->stack, machine->stack->len - n);

  return TRUE;
}

static gboolean
run (Machine *machine, guint8 opcode, GError **error)
{
  switch (opcode)
    {
    case 0x80:
      return take (machine, 1, error) != NULL; /* PROTO */
    case 0x95:
      return take (machine, 8, error) != NULL; /* FRAME */
    case '(':
      return op_mark (machine, error);
    case '0':
      return pop (machine, error) != NULL;
    case '1':
      return op_pop_mark (machine, error);
    case 'N':
      return push_other (machine, 0, error); /* None */
    case 'G':
      return push_other (machine, 8, error); /* BINFLOAT */
    case 0x88:
      return push_integer (machine, 1, error); /* True */
    case 0x89:
      return push_integer (machine, 0, error); /* False */
    case 'K':
      return op_integer (machine, 1, error); /* BININT1 */
    case 'M':
      return op_integer (machine, 2, error); /* BININT2 */
    case 'J':
      return op_integer (machine, 4, error); /* BININT */
    case 0x8a:
      return push_counted (machine, 1, push_long, error); /* LONG1 */
    case 0x8b:
      return push_counted (machine, 4, push_long, error); /* LONG4 */
    case 'X':
      return push_counted (machine, 4, push_text, error); /* BINUNICODE */
    case 0x8c:
      return push_counted (machine, 1, push_text, error); /* SHORT_BINUNICODE */
    case 0x8d:
      return push_counted (machine, 8, push_text, error); /* BINUNICODE8 */
    /* SHORT_BINSTRING: Python 2's text */
    case 'U':
      return push_counted (machine, 1, push_text, error);
    case 'T':
      return push_counted (machine, 4, push_text, error); /* BINSTRING */
    case 'C':
      return push_counted (machine, 1, push_other, error); /* SHORT_BINBYTES */
    case 'B':
      return push_counted (machine, 4, push_other, error); /* BINBYTES */
    case ')':
      return collect (machine, 0, NST_PICKLE_TUPLE, error);
    case 0x85:
      return collect (machine, 1, NST_PICKLE_TUPLE, error);
    case 0x86:
      return collect (machine, 2, NST_PICKLE_TUPLE, error);
    case 0x87:
      return collect (machine, 3, NST_PICKLE_TUPLE, error);
    case 't':
      return collect_marked (machine, NST_PICKLE_TUPLE, error);
    case ']':
      return collect (machine, 0, NST_PICKLE_LIST, error);
    case 'l':
      return collect_marked (machine, NST_PICKLE_LIST, error);
    case '}':
      return collect (machine, 0, NST_PICKLE_DICT, error);
    case 'd':
      return collect_marked (machine, NST_PICKLE_DICT, error);
    case 'a':
      return extend (machine, 1, FALSE, error); /* APPEND */
    case 'e':
      return extend_marked (machine, FALSE, error); /* APPENDS */
    case 's':
      return extend (machine, 2, TRUE, error); /* SETITEM */
    case 'u':
      return extend_marked (machine, TRUE, error); /* SETITEMS */
    case 'c':
      return op_global (machine, error);
    case 0x93:
      return op_stack_global (machine, error);
    case 'R':
      return op_reduce (machine, error);
    case 'b':
      return op_build (machine, error);
    case 'Q':
      return op_persistent (machine, error);
    case 'q':
      return memo (machine, 1, op_put, error); /* BINPUT */
    case 'r':
      return memo (machine, 4, op_put, error); /* LONG_BINPUT */
    case 'h':
      return memo (machine, 1, op_get, error); /* BINGET */
    case 'j':
      return memo (machine, 4, op_get, error); /* LONG_BINGET */
    case 0x94:
      return op_put (machine, g_hash_table_size (machine->memo), error); /* MEMOIZE */
    default:
      return wrong (machine, error,
                    _ ("opcode 0x%02x is not that of a state dict; save the model again with torch.save "
                       "(model.state_dict (), ...)"),
                    opcode);
    }
}

static gboolean
run_all (Machine *machine, GError **error)
{
  const guint8 *opcode;

  if (machine->length < 2 || machine->data[0] != 0x80 || machine->data[1] < 2 || machine->data[1] > 5)
    return wrong (machine, error,
                  _ ("this is not a pickle of protocol 2 to 5; save the model again with torch.save "
                     "(model.state_dict (), ...)"));
  while ((opcode = take (machine, 1, error)) != NULL && *opcode != '.')
    if (!run (machine, *opcode, error))
      return FALSE;
  if (opcode == NULL)
    return FALSE;

  if (machine->marks->len > 0 || machine->stack->len != 1)
    return wrong (machine, error, _ ("the pickle ends with %u values and %u open marks instead of one value"),
                  machine->stack->len, machine->marks->len);
  machine->pickle->root = g_ptr_array_index (machine->stack, 0);
  machine->pickle->length = machine->at;

  return TRUE;
}

NstPickle *
nst_pickle_parse (const guint8 *data, gsize length, const char *const *classes, GError **error)
{
  g_autoptr (NstPickle)  pickle = g_new0 (NstPickle, 1);
  g_autoptr (GPtrArray)  stack = g_ptr_array_new ();
  g_autoptr (GArray)     marks = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) memo_table = g_hash_table_new (NULL, NULL);
  Machine                machine = {
                   data, MIN (length, NST_PICKLE_MAX_BYTES), 0, classes, pickle, stack, marks, memo_table
  };

  pickle->values = g_ptr_array_new_with_free_func (value_free);

  return run_all (&machine, error) ? g_steal_pointer (&pickle) : NULL;
}
