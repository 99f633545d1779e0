/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much memory is free, and how much a run may take. */
#include "core/base/memory.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The number after name in a file of /proc; 0 where there is none. name "": the first number. */
static guint64
read_number (const char *path, const char *name)
{
  g_autofree char *text = NULL;
  const char      *line = g_file_get_contents (path, &text, NULL, NULL) ? strstr (text, name) : NULL;

  return line != NULL ? g_ascii_strtoull (line + strlen (name), NULL, 10) : 0;
}

#define CGROUPS "/sys/fs/cgroup"

/* What the control groups of this process leave it; G_MAXUINT64: they set no limit. */
static guint64
left_in_groups (void)
{
  g_autofree char *text = NULL, *group = NULL;
  const char      *line = g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL) ? text : NULL;
  guint64          left = G_MAXUINT64;

  if (line == NULL || !g_str_has_prefix (line, "0::"))
    return left;

  for (group = g_strndup (line + 3, strcspn (line + 3, "\n")); group[0] == '/';)
    {
      g_autofree char *folder = g_strconcat (CGROUPS, group[1] != 0 ? group : "", NULL);
      g_autofree char *most = g_build_filename (folder, "memory.max", NULL);
      g_autofree char *now = g_build_filename (folder, "memory.current", NULL);
      g_autofree char *kinds = g_build_filename (folder, "memory.stat", NULL);
      const guint64    limit = read_number (most, "");

      /* "max" reads as 0. The system's cache of files counts as used, but is given up. */
      if (limit > 0)
        {
          const guint64 used = read_number (now, ""), cache = read_number (kinds, "inactive_file ");
          const guint64 taken = used > cache ? used - cache : 0;

          left = MIN (left, limit > taken ? limit - taken : 1);
        }
      if (group[1] == 0)
        break;
      *strrchr (group, '/') = 0;
      if (group[0] == 0)
        strcpy (group, "/");
    }

  return left;
}

guint64
nst_memory_available (void)
{
  guint64       available = read_number ("/proc/meminfo", "MemAvailable:") * 1024;
  const guint64 group = left_in_groups ();
  struct rlimit space;

  if (group < G_MAXUINT64)
    available = available > 0 ? MIN (available, group) : group;
  if (getrlimit (RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    {
      const guint64 used = read_number ("/proc/self/statm", "") * sysconf (_SC_PAGESIZE);
      const guint64 left = space.rlim_cur > used ? space.rlim_cur - used : 1;

      available = available > 0 ? MIN (available, left) : left;
    }

  return available;
}

static guint64 chosen; /* 0: none */

void
nst_memory_set_limit (guint64 bytes)
{
  chosen = bytes;
}

guint64
nst_memory_limit (void)
{
  return chosen > 0 ? chosen : nst_memory_available () / 2;
}

guint64
nst_memory_most (void)
{
  const guint64 available = nst_memory_available ();

  return chosen > 0 && (available == 0 || chosen < available) ? chosen : available;
}
