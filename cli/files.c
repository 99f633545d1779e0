/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files and folders that a command names: compares them with one another, and locks folders of results.
 */
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/base/file.h"

#define LOCK ".pastiche-lock"
#define MOST_LINKS 40 /* in a chain of symbolic links, as in Linux */

typedef struct
{
  char    *what, *path; /* owned */
  char    *real;        /* owned; path without symbolic links */
  gboolean written;
} File;

/* A locked folder or log. */
typedef struct
{
  char *path; /* owned; of the lock file or the log */
  int   descriptor;
  enum
  {
    REMOVE,          /* the lock file of a folder */
    REMOVE_IF_EMPTY, /* a log that was created when it was locked */
    KEEP
  } end;
} Lock;

struct _NstFiles
{
  GHashTable *files; /* owned; of File, by the owned key that key_of () returns */
  GArray     *locks; /* owned */
};

static void
free_file (gpointer data)
{
  File *file = data;

  g_free (file->what);
  g_free (file->path);
  g_free (file->real);
  g_free (file);
}

static void
unlock (gpointer data)
{
  Lock    *lock = data;
  GStatBuf locked, found;

  if (lock->end == REMOVE
      || (lock->end == REMOVE_IF_EMPTY && fstat (lock->descriptor, &locked) == 0 && locked.st_size == 0
          && g_lstat (lock->path, &found) == 0 && found.st_dev == locked.st_dev
          && found.st_ino == locked.st_ino))
    g_unlink (lock->path);
  close (lock->descriptor);
  g_free (lock->path);
}

NstFiles *
nst_files_new (void)
{
  NstFiles *files = g_new (NstFiles, 1);

  files->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_file);
  files->locks = g_array_new (FALSE, FALSE, sizeof (Lock));
  g_array_set_clear_func (files->locks, unlock);

  return files;
}

void
nst_files_free (NstFiles *files)
{
  if (files == NULL)
    return;

  g_hash_table_unref (files->files);
  g_array_unref (files->locks);
  g_free (files);
}

/* The path that a chain of symbolic links ends at, also if there is no file; owned. */
static char *
follow (const char *path)
{
  char *at = g_strdup (path);

  for (int i = 0; i < MOST_LINKS; i++)
    {
      g_autofree char *target = g_file_read_link (at, NULL);
      g_autofree char *folder = g_path_get_dirname (at);

      if (target == NULL)
        break;
      g_free (at);
      at = g_path_is_absolute (target) ? g_strdup (target) : g_build_filename (folder, target, NULL);
    }

  return at;
}

/* A text, owned, that is equal for two paths of one name in one folder. */
static char *
place_of (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  GStatBuf         status;

  if (g_stat (folder, &status) != 0)
    return g_strdup (path);

  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT "/%s", (guint64) status.st_dev,
                          (guint64) status.st_ino, base);
}

/* A text, owned, that is equal for two paths of one file. NULL for a device or a pipe, which nothing can
 * replace, and, if must_exist, where there is no file. */
static char *
key_of (const char *path, gboolean must_exist)
{
  g_autofree char *end = NULL;
  GStatBuf         status;

  if (g_stat (path, &status) != 0)
    return must_exist ? NULL : place_of (end = follow (path));
  if (!S_ISREG (status.st_mode))
    return NULL;

  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64) status.st_dev,
                          (guint64) status.st_ino);
}

static gboolean
refuse (const char *what, const char *path, const File *other, GError **error)
{
  return nst_cli_usage (error,
                        _ ("%s %s would replace %s %s: both are the same file. Choose another name or "
                           "another folder for what is written"),
                        what, path, other->what, other->path);
}

static gboolean
add (NstFiles *files, const char *what, const char *path, gboolean written, GError **error)
{
  g_autofree char *key = path != NULL ? key_of (path, !written) : NULL;
  const File      *other;
  File            *file;

  if (key == NULL)
    return TRUE;

  other = g_hash_table_lookup (files->files, key);
  if (other != NULL && written)
    return refuse (what, path, other, error);
  if (other != NULL && other->written)
    {
      const File self = { .what = (char *) what, .path = (char *) path };

      return refuse (other->what, other->path, &self, error);
    }
  if (other != NULL)
    return TRUE;

  file = g_new (File, 1);
  *file = (File){ g_strdup (what), g_strdup (path), follow (path), written };
  g_hash_table_insert (files->files, g_steal_pointer (&key), file);

  return TRUE;
}

gboolean
nst_files_read (NstFiles *files, const char *what, const char *path, GError **error)
{
  return add (files, what, path, FALSE, error);
}

gboolean
nst_files_write (NstFiles *files, const char *what, const char *path, GError **error)
{
  return add (files, what, path, TRUE, error);
}

gboolean
nst_files_write_in (NstFiles *files, const char *what, const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return nst_files_write (files, what, path, error);
}

char *
nst_files_numbered (const char *result, int iteration)
{
  const char *dot = strrchr (result, '.');

  return g_strdup_printf ("%.*s-%04d%s", (int) (dot - result), result, iteration, dot);
}

/* Whether path is the picture of result after a wanted iteration. */
static gboolean
is_numbered (const char *path, const char *result, NstFilesWanted wanted)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *base = g_path_get_basename (result);
  const gsize      stem = strrchr (base, '.') - base;
  g_autofree char *numbered = NULL;
  g_autofree char *place = NULL;
  g_autofree char *own = NULL;
  gint64           iteration;

  if (strncmp (name, base, stem) != 0 || name[stem] != '-')
    return FALSE;
  iteration = g_ascii_strtoll (name + stem + 1, NULL, 10);
  if (iteration < 1 || iteration > G_MAXINT || !wanted (iteration))
    return FALSE;

  numbered = nst_files_numbered (result, iteration);
  place = place_of (numbered);
  own = place_of (path);

  return strcmp (place, own) == 0;
}

gboolean
nst_files_check_numbered (const NstFiles *files, const char *result, NstFilesWanted wanted, GError **error)
{
  GHashTableIter iter;
  gpointer       value;

  g_hash_table_iter_init (&iter, files->files);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const File *file = value;

      if (is_numbered (file->path, result, wanted) || is_numbered (file->real, result, wanted))
        return nst_cli_usage (error,
                              _ ("%s %s would be replaced by an intermediate picture of %s. Choose another "
                                 "name or another folder for what is written"),
                              file->what, file->path, result);
    }

  return TRUE;
}

/* Opens and locks a file, which is created if need be; flags: more of open (). Returns its descriptor; -1,
 * with errno set, on failure; EWOULDBLOCK: another process has locked it. *locked: whether the file system
 * has locks. */
static int
open_lock (const char *path, int flags, gboolean *locked)
{
  for (;;)
    {
      const int descriptor = g_open (path, O_CREAT | O_CLOEXEC | flags, 0666);
      GStatBuf  status;
      int       code;

      if (descriptor < 0)
        return -1;
      *locked = flock (descriptor, LOCK_EX | LOCK_NB) == 0;
      if (!*locked)
        {
          code = errno;
          if (code != EWOULDBLOCK)
            return descriptor;
          close (descriptor);
          errno = code;
          return -1;
        }
      /* Its last owner removes or replaces the file; then that at path now must be locked. */
      if (fstat (descriptor, &status) == 0 && status.st_nlink > 0)
        return descriptor;
      close (descriptor);
    }
}

gboolean
nst_files_lock_folder (NstFiles *files, const char *path, GError **error)
{
  g_autofree char *file = NULL;
  gboolean         locked;
  Lock             lock;
  int              code;

  if (path == NULL)
    return TRUE;

  if (g_mkdir_with_parents (path, 0777) != 0)
    {
      code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));
      return FALSE;
    }
  file = g_build_filename (path, LOCK, NULL);
  if (!nst_file_check (file, error))
    return FALSE;

  lock.descriptor = open_lock (file, O_RDWR | O_NOFOLLOW, &locked);
  if (lock.descriptor < 0 && errno == EWOULDBLOCK)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                   _ ("%s: another run of pastiche is writing to this folder. Wait until it has ended, or "
                      "choose another folder"),
                   path);
      return FALSE;
    }
  if (lock.descriptor < 0)
    {
      code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", file, g_strerror (code));
      return FALSE;
    }
  if (!locked)
    g_printerr (_ ("%s: this file system has no locks; no other run may write to this folder now\n"), path);
  lock.path = g_steal_pointer (&file);
  lock.end = REMOVE;
  g_array_append_val (files->locks, lock);

  return TRUE;
}

int
nst_files_open_log (const char *path, GError **error)
{
  GStatBuf status;
  gboolean locked;
  int      descriptor, code;

  /* Only files are locked: several programs may write to a terminal. Without O_NONBLOCK opening a pipe would
   * wait for a reader. */
  if (g_stat (path, &status) == 0 && !S_ISREG (status.st_mode))
    {
      descriptor = g_open (path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
      if (descriptor >= 0 && fcntl (descriptor, F_SETFL, 0) == 0)
        return descriptor;
    }
  else
    descriptor = open_lock (path, O_WRONLY | O_NOCTTY, &locked);
  if (descriptor >= 0)
    return descriptor;

  code = errno;
  if (code == EWOULDBLOCK)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                 _ ("%s: another run of pastiche is writing to this file. Wait until it has ended, or "
                    "choose another name"),
                 path);
  else if (code == ENXIO)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NXIO,
                 _ ("%s: this is a pipe that nobody reads, or a socket; give the name of a file"), path);
  else
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));

  return -1;
}

gboolean
nst_files_lock_log (NstFiles *files, const char *path, GError **error)
{
  const gboolean there = path != NULL && g_file_test (path, G_FILE_TEST_EXISTS);
  Lock           lock = { .end = there ? KEEP : REMOVE_IF_EMPTY };

  if (path == NULL)
    return TRUE;
  if ((lock.descriptor = nst_files_open_log (path, error)) < 0)
    return FALSE;

  lock.path = follow (path); /* what replaces the log may replace the link */
  g_array_append_val (files->locks, lock);

  return TRUE;
}
