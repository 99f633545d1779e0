/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors in nameless files. */
#include "core/base/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/magic.h>
#include <sys/vfs.h>
#endif

#include "core/base/error.h"
#include "core/base/memory.h"

/* Whether a folder's files are on a disk. */
static gboolean
on_disk (const char *folder)
{
#ifdef __linux__
  struct statfs system;

  return statfs (folder, &system) == 0 && system.f_type != TMPFS_MAGIC && system.f_type != RAMFS_MAGIC
         && access (folder, W_OK) == 0;
#else
  return access (folder, W_OK) == 0;
#endif
}

/* NULL: there is none. */
static const char *
find_folder (void)
{
  const char *const folders[] = { g_getenv ("TMPDIR"), "/var/tmp", "/tmp" };

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    if (folders[i] != NULL && on_disk (folders[i]))
      return folders[i];

  return NULL;
}

guint64
nst_spill_room (void)
{
  const char    *folder = find_folder ();
  struct statvfs system;
  struct rlimit  space;

  guint64 room = folder != NULL && statvfs (folder, &system) == 0
                     ? (guint64) system.f_bavail * system.f_frsize
                     : 0;

  /* A mapping takes address space, too; half is left for memory. */
  if (getrlimit (RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    room = MIN (room, nst_memory_available () / 2);

  return room;
}

/* A new file without a name; -1 with errno. */
static int
open_file (const char *folder)
{
  g_autofree char *name = g_build_filename (folder, "pastiche-XXXXXX", NULL);
  const int        file = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0600);

  if (file >= 0)
    g_unlink (name);

  return file;
}

float *
nst_spill_try_new (gsize n, GError **error)
{
  const char *folder = find_folder ();
  const gsize bytes = MAX (n, 1) * sizeof (float);
  void       *map = MAP_FAILED;
  int         file, failed = ENOENT;

  file = folder != NULL ? open_file (folder) : -1;
  if (file >= 0)
    {
      failed = posix_fallocate (file, 0, bytes);
      if (failed == 0)
        map = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      if (failed == 0 && map == MAP_FAILED)
        failed = errno;
      close (file);
    }
  else if (folder != NULL)
    failed = errno;
  if (map != MAP_FAILED)
    return map;

  g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
               _ ("%.2f GB of disk are needed in %s for what does not fit into memory: %s. Choose another "
                  "folder with TMPDIR, allow more memory, or a smaller size"),
               bytes * 1e-9, folder != NULL ? folder : "$TMPDIR", g_strerror (failed));

  return NULL;
}

void
nst_spill_free (float *floats, gsize n)
{
  if (floats != NULL)
    munmap (floats, MAX (n, 1) * sizeof (float));
}

void
nst_spill_release (const float *floats, gsize first, gsize n)
{
  const guintptr page = sysconf (_SC_PAGESIZE);
  const guintptr begin = ((guintptr) (floats + first) + page - 1) / page * page;
  const guintptr end = (guintptr) (floats + first + n) / page * page;

  if (begin < end)
    madvise ((void *) begin, end - begin, MADV_DONTNEED);
}
