/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A file of numbers and texts, which are read in the order in which they were written. Byte order and sizes
 * do not depend on the computer: integers have 64 bits, numbers are IEEE 754 doubles or floats, the least
 * significant byte first. At the end is a SHA-256 of everything before it. It finds damage, not forgery: what
 * is read must be checked as any foreign text. */

/* Writing. A failure is kept until nst_archive_writer_finish (). */
typedef struct _NstArchiveWriter NstArchiveWriter;

/* Starts an archive that gets the name path when it is complete (nst_file_writer_new ()). kind: what it is
 * for, with a version; read again by nst_archive_reader_new (). Owned by the caller. Fails with G_FILE_ERROR.
 */
NstArchiveWriter *nst_archive_writer_new (const char *path, const char *kind, GError **error);

/* Append a value; floats with their number. */
void nst_archive_put_int (NstArchiveWriter *archive, gint64 value);
void nst_archive_put_double (NstArchiveWriter *archive, double value);
void nst_archive_put_text (NstArchiveWriter *archive, const char *text);
void nst_archive_put_floats (NstArchiveWriter *archive, const float *floats, gsize n);

/* Adds the checksum, writes the file to the disk and gives it its name. Fails with G_FILE_ERROR; then a file
 * that was there is unchanged. To be called at most once. */
gboolean nst_archive_writer_finish (NstArchiveWriter *archive, GError **error);

/* Frees the writer; NULL is allowed. Removes the file of a writer that was not finished. */
void nst_archive_writer_free (NstArchiveWriter *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstArchiveWriter, nst_archive_writer_free)

/* Reading. All functions fail with NST_ERROR_FORMAT if the file does not have what is asked for; messages
 * name it. */
typedef struct _NstArchiveReader NstArchiveReader;

/* Opens an archive and reads it once to check its kind and its checksum. Owned by the caller. Fails with
 * G_FILE_ERROR, or NST_ERROR_FORMAT: damaged, incomplete, of another kind. */
NstArchiveReader *nst_archive_reader_new (const char *path, const char *kind, GError **error);
void              nst_archive_reader_free (NstArchiveReader *archive); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstArchiveReader, nst_archive_reader_free)

/* An integer of least .. most. */
gboolean nst_archive_get_int (
    NstArchiveReader *archive, gint64 least, gint64 most, gint64 *value, GError **error);
gboolean nst_archive_get_double (NstArchiveReader *archive, double *value, GError **error);

/* A text of at most most bytes, owned by the caller. It may not be UTF-8. NULL: it failed. */
char *nst_archive_get_text (NstArchiveReader *archive, gsize most, GError **error);

/* Exactly n floats, which may be infinite or NaN. */
gboolean nst_archive_get_floats (NstArchiveReader *archive, float *floats, gsize n, GError **error);

/* Checks that nothing is left. */
gboolean nst_archive_reader_finish (NstArchiveReader *archive, GError **error);

/* Path of the file, for messages; borrowed. */
const char *nst_archive_reader_path (const NstArchiveReader *archive);

/* Adds floats to a checksum, in the byte order of an archive. */
void nst_archive_sum_floats (GChecksum *sum, const float *floats, gsize n);

G_END_DECLS
