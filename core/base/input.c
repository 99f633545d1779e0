/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens and reads files of the user; only regular files. */
#include "core/base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"

static void
set_errno (const char *path, int code, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));
}

int
nst_input_open (const char *path, GError **error)
{
  /* Without O_NONBLOCK opening a named pipe would block; regular files ignore it. */
  const int   fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  struct stat status;

  if ((fd < 0 && errno != ENXIO) || (fd >= 0 && fstat (fd, &status) < 0))
    set_errno (path, errno, error);
  else if (fd >= 0 && S_ISDIR (status.st_mode))
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("%s: this is a folder, not a file"), path);
  else if (fd < 0 || !S_ISREG (status.st_mode)) /* ENXIO: a socket, or a device that is not there */
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("%s: this is a pipe or a device; save its contents to a file first"), path);
  else
    return fd;
  if (fd >= 0)
    close (fd);

  return -1;
}

gboolean
nst_input_check (const char *path, GError **error)
{
  const int fd = nst_input_open (path, error);

  if (fd >= 0)
    close (fd);

  return fd >= 0;
}

/* Reads up to n bytes; fewer at the end of the file. Returns their number; -1: see errno. */
static gssize
read_all (int fd, char *to, gsize n)
{
  gsize had = 0;

  while (had < n)
    {
      const gssize got = read (fd, to + had, n - had);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return -1;
      if (got == 0)
        break;
      had += got;
    }

  return had;
}

static char *
read_whole (int fd, const char *path, gsize most, gsize *length, GError **error)
{
  struct stat      status;
  g_autofree char *bytes = NULL;
  gssize           got = -1;

  if (fstat (fd, &status) == 0)
    {
      if ((guint64) status.st_size > most)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("%s: the file has %.3g MB; at most %.3g MB are expected"), path,
                       status.st_size * 1e-6, most * 1e-6);
          return NULL;
        }
      bytes = g_try_malloc ((gsize) status.st_size + 1);
      if (bytes == NULL)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                       _ ("%s: there is not enough memory for %.3g MB of the file"), path,
                       status.st_size * 1e-6);
          return NULL;
        }
      got = read_all (fd, bytes, status.st_size);
    }
  if (got < 0)
    {
      set_errno (path, errno, error);
      return NULL;
    }
  bytes[got] = '\0';
  *length = got;

  return g_steal_pointer (&bytes);
}

char *
nst_input_read (const char *path, gsize most, gsize *length, GError **error)
{
  const int fd = nst_input_open (path, error);
  char     *bytes;

  if (fd < 0)
    return NULL;
  bytes = read_whole (fd, path, most, length, error);
  close (fd);

  return bytes;
}

char *
nst_input_read_text (const char *path, gsize most, GError **error)
{
  gsize            length;
  g_autofree char *text = nst_input_read (path, most, &length, error);

  if (text == NULL || strlen (text) == length)
    return g_steal_pointer (&text);
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("%s: this is not a text; it has a zero byte at %zu"),
               path, strlen (text));

  return NULL;
}
