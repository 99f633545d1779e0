/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The files and folders that a command names, checked before it paints: no file that it writes may be one
 * that it reads, or another one that it writes. Files are compared by device and inode, so another spelling,
 * a symbolic link or a hard link is the same file. A file that does not exist yet is compared by its folder
 * and its name, and so is the target of a symbolic link where there is no file yet.
 *
 * The functions fail with NST_ERROR_ARGUMENT if there is such a file. Messages name both files; what says
 * what a path is for, for example "--content". */
typedef struct _NstFiles NstFiles;

NstFiles *nst_files_new (void);

/* Frees the list and unlocks its folders and logs; NULL is allowed. */
void nst_files_free (NstFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstFiles, nst_files_free)

/* Adds a file that is read. path NULL, and a path where there is no file, are ignored. */
gboolean nst_files_read (NstFiles *files, const char *what, const char *path, GError **error);

/* Adds a file that is written. path NULL is ignored. */
gboolean nst_files_write (NstFiles *files, const char *what, const char *path, GError **error);

/* Adds a file NAME.EXTENSION in a folder that is written. */
gboolean nst_files_write_in (
    NstFiles *files, const char *what, const char *folder, const char *name, GError **error);

/* Whether the picture after this iteration is written. */
typedef gboolean (*NstFilesWanted) (int iteration);

/* For a result whose intermediate pictures are written, too: checks all files that were added so far against
 * the names of nst_files_numbered (). To be called after all other files were added. */
gboolean nst_files_check_numbered (const NstFiles *files,
                                   const char     *result,
                                   NstFilesWanted  wanted,
                                   GError        **error);

/* The name of the picture of a result after some iterations, owned: "cat-0010.png" for "cat.png" and 10. */
char *nst_files_numbered (const char *result, int iteration);

/* Creates a folder for results unless it exists, checks that files can be written in it, and locks it until
 * files is freed or the process ends: two commands at a time would overwrite each other's files. path NULL is
 * ignored. Fails with G_FILE_ERROR, or with G_IO_ERROR_BUSY if another process has locked the folder. The
 * lock is on a file ".pastiche-lock" in the folder. On a file system without locks nothing is locked. */
gboolean nst_files_lock_folder (NstFiles *files, const char *path, GError **error);

/* Opens a log for writing, creates it if need be, and locks it until its descriptor is closed. Its contents
 * are kept. Returns the descriptor, owned by the caller; -1 on failure, with G_FILE_ERROR, or with
 * G_IO_ERROR_BUSY if another process has locked the file. A pipe that nobody reads is refused; a device is
 * not locked. */
int nst_files_open_log (const char *path, GError **error);

/* Locks a log, which nst_file_write () may replace, until files is freed. A log that was created by this
 * function and is still empty then is removed. path NULL is ignored. Fails as nst_files_open_log (). */
gboolean nst_files_lock_log (NstFiles *files, const char *path, GError **error);

G_END_DECLS
