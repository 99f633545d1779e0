/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes files under a temporary name and renames them; removes the temporary files of killed processes. */
#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX ".pastiche-"
#define RANDOM "XXXXXX" /* replaced by g_mkstemp_full () */

struct _NstFileWriter
{
  char *path, *temporary; /* owned; temporary: NULL once the file has been renamed or removed */
  FILE *stream;           /* owned; NULL once closed */
};

/* Sets a G_FILE_ERROR that names path; number: errno. Returns FALSE. */
static gboolean
cannot_write (const char *path, int number, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), _ ("%s: cannot be written: %s"), path,
               g_strerror (number));

  return FALSE;
}

/* Whether a file of this status is at path; symbolic links are not followed. */
static gboolean
is_at (const struct stat *status, const char *path)
{
  struct stat found;

  return lstat (path, &found) == 0 && found.st_dev == status->st_dev && found.st_ino == status->st_ino;
}

/* Whether name is that of a temporary file. */
static gboolean
is_temporary (const char *name)
{
  const gsize prefix = strlen (PREFIX), random = strlen (RANDOM);

  if (!g_str_has_prefix (name, PREFIX) || strlen (name) != prefix + random)
    return FALSE;
  for (gsize i = 0; i < random; i++)
    if (!g_ascii_isalnum (name[prefix + i]))
      return FALSE;

  return TRUE;
}

/* Removes a temporary file if it is a regular file of this user that no process has locked. */
static void
remove_leftover (const char *path)
{
  const int   file = g_open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
  struct stat status;

  if (file < 0)
    return;
  if (fstat (file, &status) == 0 && S_ISREG (status.st_mode) && status.st_uid == geteuid ()
      && flock (file, LOCK_EX | LOCK_NB) == 0 && is_at (&status, path))
    g_unlink (path);
  close (file);
}

static void
remove_leftovers (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_temporary (name))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);

        remove_leftover (path);
      }
}

/* Creates and locks a temporary file in a folder. Returns its descriptor and sets *path, owned by the caller;
 * -1 on failure, with errno set. */
static int
create (const char *folder, char **path)
{
  for (;;)
    {
      g_autofree char *own = g_build_filename (folder, PREFIX RANDOM, NULL);
      const int        file = g_mkstemp_full (own, O_RDWR | O_CLOEXEC, 0666);
      struct stat      status;

      if (file < 0)
        return -1;
      /* Between creation and lock another process may have taken the file for a leftover. A file system
       * without locks is no reason to fail: nobody can remove the file there. */
      if (flock (file, LOCK_EX) != 0 || fstat (file, &status) != 0 || is_at (&status, own))
        {
          *path = g_steal_pointer (&own);
          return file;
        }
      close (file);
    }
}

gboolean
nst_file_check (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *temporary = NULL;
  struct stat      status;
  int              file;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                   _ ("%s: there is no folder \"%s\"; create it first"), path, folder);
      return FALSE;
    }
  if (stat (path, &status) != 0)
    {
      if (errno != ENOENT) /* for example a name that is too long */
        return cannot_write (path, errno, error);
    }
  else if (S_ISDIR (status.st_mode))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR,
                   _ ("%s: this is a folder; give the name of a file in it"), path);
      return FALSE;
    }
  else if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _ ("%s: this is a device or a pipe; give the name of a file"), path);
      return FALSE;
    }

  remove_leftovers (folder);
  file = create (folder, &temporary);
  if (file < 0)
    {
      if (errno != EACCES)
        return cannot_write (path, errno, error);
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ACCES,
                   _ ("%s: you have no permission to write to the folder \"%s\""), path, folder);
      return FALSE;
    }
  g_unlink (temporary);
  close (file);

  return TRUE;
}

gboolean
nst_file_write (const char *path, gconstpointer data, gsize length, GError **error)
{
  g_autoptr (NstFileWriter) writer = nst_file_writer_new (path, error);

  if (writer == NULL)
    return FALSE;
  if (fwrite (data, 1, length, writer->stream) != length)
    return cannot_write (path, errno, error);

  return nst_file_writer_finish (writer, error);
}

NstFileWriter *
nst_file_writer_new (const char *path, GError **error)
{
  g_autoptr (NstFileWriter) writer = g_new0 (NstFileWriter, 1);
  g_autofree char          *folder = g_path_get_dirname (path);
  int                       file;

  writer->path = g_strdup (path);
  file = create (folder, &writer->temporary);
  if (file >= 0)
    writer->stream = fdopen (file, "w+");
  if (writer->stream == NULL)
    {
      cannot_write (path, errno, error);
      if (file >= 0)
        close (file);
      return NULL;
    }

  return g_steal_pointer (&writer);
}

FILE *
nst_file_writer_stream (NstFileWriter *writer)
{
  return writer->stream;
}

gboolean
nst_file_writer_finish (NstFileWriter *writer, GError **error)
{
  struct stat status;

  if (ferror (writer->stream)) /* stdio does not keep the errno of an earlier failure */
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO,
                   _ ("%s: could not be written completely; is the disk full?"), writer->path);
      return FALSE;
    }
  /* Renaming would replace a device by a file. */
  if (stat (writer->path, &status) == 0 && !S_ISREG (status.st_mode))
    return cannot_write (writer->path, S_ISDIR (status.st_mode) ? EISDIR : EINVAL, error);
  if (fflush (writer->stream) != 0 || fsync (fileno (writer->stream)) != 0
      || g_rename (writer->temporary, writer->path) != 0)
    return cannot_write (writer->path, errno, error);

  g_clear_pointer (&writer->temporary, g_free);
  fclose (g_steal_pointer (&writer->stream)); /* everything has been written; this only releases the lock */

  return TRUE;
}

void
nst_file_writer_free (NstFileWriter *writer)
{
  if (writer == NULL)
    return;

  if (writer->temporary != NULL)
    g_unlink (writer->temporary);
  if (writer->stream != NULL)
    fclose (writer->stream);
  g_free (writer->temporary);
  g_free (writer->path);
  g_free (writer);
}
