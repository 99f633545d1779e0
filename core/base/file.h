/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdio.h>

G_BEGIN_DECLS

/* Files that are written whole or not at all: under a temporary name in the same folder, which is then
 * renamed. A file that was there is replaced only by a complete one.
 *
 * Temporary names are ".pastiche-" and six letters or digits. They do not depend on the name of the file, so
 * a name may be as long as the file system allows. While a temporary file is written, its writer holds a lock
 * (flock) on it. The kernel releases the lock when the process ends, however it ends. So an unlocked file of
 * such a name is a leftover of a killed process, and nst_file_check () removes it. */

/* Checks that a file can be written to path, by creating a temporary file in its folder and removing it.
 * Fails with G_FILE_ERROR: path is a folder, a device or a pipe, its folder is missing or not writable, or
 * its name is too long. Removes leftovers of killed processes from the folder. */
gboolean nst_file_check (const char *path, GError **error);

/* Writes length bytes of data to path. Fails with G_FILE_ERROR; then a file that was there is unchanged. The
 * message names path. */
gboolean nst_file_write (const char *path, gconstpointer data, gsize length, GError **error);

/* A file that is being written piece by piece. */
typedef struct _NstFileWriter NstFileWriter;

/* Creates the temporary file, readable as the umask allows. Owned by the caller. Fails with G_FILE_ERROR. */
NstFileWriter *nst_file_writer_new (const char *path, GError **error);

/* The stream to write to; borrowed. It can be positioned. */
FILE *nst_file_writer_stream (NstFileWriter *writer);

/* Gives the file its name, if all output to the stream succeeded. To be called at most once. Fails with
 * G_FILE_ERROR; nst_file_writer_free () then removes the temporary file. */
gboolean nst_file_writer_finish (NstFileWriter *writer, GError **error);

/* Frees the writer; NULL is allowed. Removes the temporary file of a writer that was not finished. */
void nst_file_writer_free (NstFileWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstFileWriter, nst_file_writer_free)

G_END_DECLS
