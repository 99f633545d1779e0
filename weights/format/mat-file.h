/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/format/file.h"

G_BEGIN_DECLS

/* MATLAB's level 5 MAT-files ("MAT-File Format", The MathWorks), little-endian, compressed or not, read
 * sequentially without storing a variable. libmatio 1.5.23 is not used, because the files are untrusted: in
 * two minutes of fuzzing with damaged files of 5 KB it allocated 27 GB, took more than five seconds, leaked,
 * and dereferenced NULL in Mat_VarGetStructFieldByName. It also inflates everything twice.
 *
 * Errors of all functions: NST_ERROR_FORMAT for truncated or damaged files and exceeded limits,
 * G_FILE_ERROR. */
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

/* Called for each wanted variable; what it does not read is skipped. FALSE with an error ends the reading. */
typedef gboolean (*NstMatVariable) (NstMatFile *mat, const NstMatArray *array, gpointer data, GError **error);

/* Read the file from front to back, and call take (..., data, ...) for the variables of these names. wanted
 * ends with NULL. */
gboolean nst_mat_read_file (
    const NstImportFile *file, const char *const *wanted, NstMatVariable take, gpointer data, GError **error);

/* Read the header of the next array, inside an array that ends at end. Its content follows: arrays for a
 * cell; field names, then arrays for a struct; values otherwise. */
gboolean nst_mat_read_array (NstMatFile *mat, guint64 end, NstMatArray *array, GError **error);

/* Skip to the position end, mostly the end of an array; it must not be before the current position. */
gboolean nst_mat_go_to (NstMatFile *mat, guint64 end, GError **error);

/* The names of a struct's n_fields fields, zero-terminated, one every size bytes; owned by the caller. */
char *nst_mat_read_field_names (
    NstMatFile *mat, const NstMatArray *array, gsize *n_fields, gsize *size, GError **error);

/* Whether the array holds real floating-point numbers. (MATLAB may store whole numbers as integers.) */
gboolean nst_mat_is_real (const NstMatArray *array);

/* Read the array->length values of a real array into to, column-major, as floats, whatever type they are
 * stored in. */
gboolean nst_mat_read_values (NstMatFile *mat, const NstMatArray *array, float *to, GError **error);

/* Read ASCII text of at most NST_MAT_MAX_NAME characters; anything else gives empty text. */
gboolean nst_mat_read_text (NstMatFile *mat, const NstMatArray *array, char *to, GError **error);

G_END_DECLS
