/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/format/file.h"

G_BEGIN_DECLS

/* MATLAB's level 5 MAT-files ("MAT-File Format", The MathWorks), little-endian, packed or not, read from
 * front to back without ever holding a variable. A library would be libmatio; its 1.5.23, fuzzed for two
 * minutes with damaged files of 5 KB, asked for 27 GB, took more than five seconds, leaked, and followed NULL
 * in Mat_VarGetStructFieldByName; and it unpacks everything twice.
 *
 * All functions: NST_ERROR_FORMAT for what is cut off, damaged or beyond the limits, G_FILE_ERROR. */
typedef struct _NstMatFile NstMatFile;

#define NST_MAT_MAX_NAME 63
#define NST_MAT_MAX_DIMENSIONS 8

/* MATLAB's classes; the others are integers from 8 on. */
enum
{
  NST_MAT_NONE = 0, /* an empty element, which stands for an empty array */
  NST_MAT_CELL = 1,
  NST_MAT_STRUCT = 2,
  NST_MAT_CHAR = 4,
  NST_MAT_DOUBLE = 6,
  NST_MAT_SINGLE = 7,
};

typedef struct
{
  int class;
  gboolean complex;
  char     name[NST_MAT_MAX_NAME + 1]; /* empty but for variables */
  int      n_dimensions;
  /* at least 0; column-major: the first is the fastest */
  gint64  dimensions[NST_MAT_MAX_DIMENSIONS];
  gsize   length; /* their product */
  guint64 end;    /* where the array ends */
} NstMatArray;

/* Called for each variable that is wanted; what it leaves is passed over. */
typedef gboolean (*NstMatVariable) (NstMatFile *mat, const NstMatArray *array, gpointer data, GError **error);

/* wanted: names, NULL at the end. */
gboolean nst_mat_read_file (
    const NstImportFile *file, const char *const *wanted, NstMatVariable take, gpointer data, GError **error);

/* The head of the array that comes next, inside one that ends at end. What is in it comes next: of a cell
 * arrays, of a struct the field's names and then arrays, of others their values. */
gboolean nst_mat_read_array (NstMatFile *mat, guint64 end, NstMatArray *array, GError **error);
gboolean nst_mat_go_to (NstMatFile *mat, guint64 end, GError **error);

/* A struct's n_fields names, each ended by a zero, size bytes from one to the next; owned by the caller. */
char *nst_mat_read_field_names (
    NstMatFile *mat, const NstMatArray *array, gsize *n_fields, gsize *size, GError **error);

/* Whether it is an array of floating-point numbers that are not complex; MATLAB may store whole ones as
 * integers. */
gboolean nst_mat_is_real (const NstMatArray *array);
gboolean nst_mat_read_values (NstMatFile *mat, const NstMatArray *array, float *to, GError **error);

/* Text of up to NST_MAT_MAX_NAME characters; empty for what is longer, no ASCII, or no text. */
gboolean nst_mat_read_text (NstMatFile *mat, const NstMatArray *array, char *to, GError **error);

G_END_DECLS
