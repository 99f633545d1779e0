/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replaces paths by names and checksums, and finds the files again. */
#include "host/references.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/input.h"
#include "core/base/text.h"
#include "weights/store.h"

#define DIGITS 64            /* of a SHA-256 */
#define MOST_BYTES (1 << 26) /* of the list */

/* A line of the file: "SUM SIZE TIME URI". Lines are only added; the last one of a sum or a URI is valid. */
typedef struct
{
  const char *sum;        /* DIGITS long; borrowed from the line, not terminated */
  gint64      size, time; /* of the file when the sum was taken */
  char       *path;       /* owned */
} Entry;

static char *
get_file (void)
{
  return g_build_filename (g_get_user_data_dir (), "pastiche", "files", NULL);
}

static gboolean
is_sum (const char *text)
{
  return strspn (text, "0123456789abcdef") >= DIGITS;
}

/* FALSE: the line is damaged. */
static gboolean
read_entry (const char *line, Entry *entry)
{
  char *end;

  if (!is_sum (line) || line[DIGITS] != ' ')
    return FALSE;

  entry->sum = line;
  entry->size = g_ascii_strtoll (line + DIGITS, &end, 10);
  entry->time = g_ascii_strtoll (end, &end, 10);
  entry->path = *end == ' ' ? g_filename_from_uri (end + 1, NULL, NULL) : NULL;

  return entry->path != NULL;
}

/* Size and time of a regular file. */
static gboolean
get_state (const char *path, gint64 *size, gint64 *time)
{
  GStatBuf status;

  if (g_stat (path, &status) != 0 || !S_ISREG (status.st_mode))
    return FALSE;

  *size = status.st_size;
  *time = status.st_mtime;

  return TRUE;
}

/* Whether the file that entry describes is still what it was. */
static gboolean
is_unchanged (const Entry *entry)
{
  gint64 size, time;

  return get_state (entry->path, &size, &time) && size == entry->size && time == entry->time;
}

/* The lines, last one first; owned by the caller. */
static GPtrArray *
read_lines (void)
{
  g_autofree char *file = get_file (), *text = nst_input_read_text (file, MOST_BYTES, NULL);
  GPtrArray       *lines = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv)   all = NULL;

  if (text == NULL)
    return lines;

  all = g_strsplit (text, "\n", -1);
  for (guint i = g_strv_length (all); i > 0; i--)
    g_ptr_array_add (lines, g_strdup (all[i - 1]));

  return lines;
}

/* One write () call adds one line, also if two programs do so at a time. */
static gboolean
add_line (const char *line)
{
  g_autofree char *file = get_file ();
  g_autofree char *folder = g_path_get_dirname (file);
  const gsize      length = strlen (line);
  int              descriptor;
  gboolean         good;

  g_mkdir_with_parents (folder, 0700);
  descriptor = g_open (file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  good = descriptor >= 0 && write (descriptor, line, length) == (gssize) length;
  if (descriptor >= 0)
    good &= close (descriptor) == 0;

  return good;
}

/* The checksum of the file at path, which is remembered; owned by the caller. NULL: it cannot be read. */
static char *
remember (const char *path)
{
  g_autoptr (GPtrArray) lines = read_lines ();
  g_autofree char      *sum = NULL, *uri = NULL, *line = NULL;
  gint64                size, time;

  if (!get_state (path, &size, &time))
    return NULL;
  for (guint i = 0; i < lines->len; i++)
    {
      Entry    entry;
      gboolean same;

      if (!read_entry (lines->pdata[i], &entry))
        continue;
      same = strcmp (entry.path, path) == 0 && entry.size == size && entry.time == time;
      g_free (entry.path);
      if (same)
        return g_strndup (entry.sum, DIGITS);
    }

  sum = nst_store_sum (path, G_CHECKSUM_SHA256, NULL);
  uri = g_filename_to_uri (path, NULL, NULL);
  if (sum == NULL || uri == NULL)
    return NULL;

  line = g_strdup_printf ("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s\n", sum, size, time, uri);
  if (!add_line (line))
    g_message (_ ("Where %s is was not remembered: %s"), path, g_strerror (errno));

  return g_steal_pointer (&sum);
}

char *
nst_reference_new (const char *file)
{
  const gboolean   remote = strstr (file, "://") != NULL;
  g_autofree char *place = g_strndup (file, remote ? strcspn (file, "?#") : strlen (file));
  g_autofree char *name = g_filename_display_basename (place);
  g_autofree char *path = remote ? NULL : g_canonicalize_filename (file, NULL);
  g_autofree char *sum = path != NULL ? remember (path) : NULL;

  return sum != NULL ? g_strconcat (name, "#", sum, NULL) : g_steal_pointer (&name);
}

/* The checksum in reference, borrowed; NULL: it has none. */
static const char *
get_sum (const char *reference)
{
  const char *mark = strrchr (reference, '#');

  return mark != NULL && strlen (mark + 1) == DIGITS && is_sum (mark + 1) ? mark + 1 : NULL;
}

char *
nst_reference_find (const char *reference)
{
  const char           *sum = get_sum (reference);
  g_autoptr (GPtrArray) lines = NULL;

  if (g_path_is_absolute (reference) && g_file_test (reference, G_FILE_TEST_IS_REGULAR))
    return g_strdup (reference);
  if (sum == NULL)
    return NULL;

  lines = read_lines ();
  for (guint i = 0; i < lines->len; i++)
    {
      Entry entry;

      if (!read_entry (lines->pdata[i], &entry))
        continue;
      if (strncmp (entry.sum, sum, DIGITS) == 0)
        {
          g_autofree char *now = is_unchanged (&entry) ? g_strdup (sum) : remember (entry.path);

          if (now != NULL && strcmp (now, sum) == 0)
            return entry.path;
        }
      g_free (entry.path);
    }

  return NULL;
}

char *
nst_reference_name (const char *reference)
{
  const char      *sum = get_sum (reference);
  g_autofree char *path = g_strndup (reference,
                                     sum != NULL ? (gsize) (sum - 1 - reference) : strlen (reference));
  g_autofree char *name = g_filename_display_basename (path);

  return nst_text_quote (name);
}
