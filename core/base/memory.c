/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much memory is free. */
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

guint64
nst_memory_available (void)
{
  guint64       available = read_number ("/proc/meminfo", "MemAvailable:") * 1024;
  struct rlimit limit;

  if (getrlimit (RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    {
      const guint64 used = read_number ("/proc/self/statm", "") * sysconf (_SC_PAGESIZE);
      const guint64 left = limit.rlim_cur > used ? limit.rlim_cur - used : 1;

      available = available > 0 ? MIN (available, left) : left;
    }

  return available;
}
