/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of models on disk: finding, listing, storing, removing and verifying models. */
#include "weights/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/text.h"
#include "weights/import/import.h"
#include "weights/model-file.h"

#define SUFFIX ".safetensors"
#define SUMS ".sha256"
#define SUM_BYTES 4096 /* of a file with a checksum, at most */

gboolean
nst_store_is_name (const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || length > 100 || !g_ascii_isalnum (*name))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (name[i]) && strchr ("-_.", name[i]) == NULL)
      return FALSE;

  return TRUE;
}

char *
nst_store_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "pastiche", "models", NULL);
}

char *
nst_store_downloads (const char *name)
{
  return g_build_filename (g_get_user_data_dir (), "pastiche", "downloads", name, NULL);
}

char **
nst_store_folders (void)
{
  GPtrArray *folders = g_ptr_array_new ();

  g_ptr_array_add (folders, nst_store_folder ());
  for (const char *const *system = g_get_system_data_dirs (); *system != NULL; system++)
    g_ptr_array_add (folders, g_build_filename (*system, "pastiche", "models", NULL));
  g_ptr_array_add (folders, NULL);

  return (char **) g_ptr_array_free (folders, FALSE);
}

static char *
path_in (const char *folder, const char *name)
{
  g_autofree char *base = g_strconcat (name, SUFFIX, NULL);

  return g_build_filename (folder, base, NULL);
}

char *
nst_store_find (const char *name)
{
  g_auto (GStrv) folders = nst_store_folders ();

  for (int i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *path = path_in (folders[i], name);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        {
          g_debug ("Model %s: %s", name, path);
          return g_steal_pointer (&path);
        }
    }

  return NULL;
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

char **
nst_store_list (void)
{
  g_auto (GStrv)         folders = nst_store_folders ();
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  guint                  n;
  char                 **list;

  for (int i = 0; folders[i] != NULL; i++)
    {
      g_autoptr (GDir) folder = g_dir_open (folders[i], 0, NULL);
      const char      *file;

      while (folder != NULL && (file = g_dir_read_name (folder)) != NULL)
        if (g_str_has_suffix (file, SUFFIX))
          {
            g_autofree char *name = g_strndup (file, strlen (file) - strlen (SUFFIX));

            if (nst_store_is_name (name) && !g_hash_table_contains (names, name))
              g_hash_table_add (names, g_steal_pointer (&name));
          }
    }
  list = (char **) g_hash_table_get_keys_as_array (names, &n);
  qsort (list, n, sizeof *list, compare_names);

  return list;
}

static gboolean
set_file_error (const char *path, int code, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));

  return FALSE;
}

/* The checksum of an open file from its beginning on. */
static char *
sum_of (int fd, const char *path, GChecksumType type, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (type);
  guint8                buffer[1 << 16]; /* on the stack: a large allocation may fail */
  gint64                at = 0;
  gssize                n;

  while ((n = pread (fd, buffer, sizeof buffer, at)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0)
      {
        g_checksum_update (sum, buffer, n);
        at += n;
      }
  if (n < 0)
    {
      set_file_error (path, errno, error);
      return NULL;
    }

  return g_strdup (g_checksum_get_string (sum));
}

char *
nst_store_sum (const char *path, GChecksumType type, GError **error)
{
  int   fd = nst_input_open (path, error);
  char *sum = fd >= 0 ? sum_of (fd, path, type, error) : NULL;

  if (fd >= 0)
    close (fd);

  return sum;
}

static gboolean
check_name (const char *name, GError **error)
{
  if (strcmp (name, "slim") == 0)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("\"%s\" is the name of the built-in model; choose another name"), "slim");
  else if (!nst_store_is_name (name))
    {
      g_autofree char *found = nst_text_quote (name);

      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("\"%s\" is not a valid name for a model: use at most 100 letters, digits, \"-\", \"_\" "
                      "and "
                      "\".\", and begin with a letter or digit"),
                   found);
    }
  else
    return TRUE;

  return FALSE;
}

/* Storing. NAME.safetensors and its checksum in NAME.safetensors.sha256 are two files, and no system call
 * renames both. So the checksum file lists the new and the old checksum while the model is replaced:
 *
 *   1. the model is written under a temporary name; a failure so far changes nothing
 *   2. the checksum file lists both checksums
 *   3. the model gets its name
 *   4. the checksum file lists the new checksum
 *
 * After a crash between two steps the model, old or new, is complete and its checksum is listed. */

/* Waits until no other program stores a model in this folder. Closing the descriptor ends the lock; -1: none.
 * Without it (some network file systems have no locks) only two programs at a time could disturb each other.
 */
static int
lock_folder (const char *folder)
{
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), result = -1;

  while (fd >= 0 && (result = flock (fd, LOCK_EX)) != 0 && errno == EINTR)
    ;
  if (result != 0)
    g_debug ("%s: cannot be locked: %s", folder, g_strerror (errno));

  return fd;
}

/* A model that is being replaced. */
typedef struct
{
  const char *path, *sum_path; /* borrowed */
  int         lock;            /* descriptor of the folder, or -1 */
  char       *line, *old;      /* owned; the new line of the checksum file, and its old content or NULL */
  gboolean    listed;          /* whether the checksum file lists both */
  gboolean    had_sums;        /* whether there was a checksum file */
} Replacement;

static void
replacement_clear (Replacement *replacement)
{
  if (replacement->lock >= 0)
    close (replacement->lock);
  g_free (replacement->line);
  g_free (replacement->old);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Replacement, replacement_clear)

static gboolean
write_sums (const Replacement *replacement, const char *sums, GError **error)
{
  gboolean good = nst_file_write (replacement->sum_path, sums, strlen (sums), error);

  /* Keep the order of the steps on the disk, too. */
  if (good && replacement->lock >= 0)
    fsync (replacement->lock);

  return good;
}

/* Step 2. An NstSafetensorsReady. */
static gboolean
list_both (FILE *file, gpointer data, GError **error)
{
  Replacement     *replacement = data;
  g_autofree char *base = g_path_get_basename (replacement->path), *sum = NULL, *both = NULL;

  if (fflush (file) != 0)
    return set_file_error (replacement->path, errno, error);
  sum = sum_of (fileno (file), replacement->path, G_CHECKSUM_SHA256, error);
  if (sum == NULL)
    return FALSE;
  replacement->line = g_strdup_printf ("%s  %s\n", sum, base);
  replacement->old = nst_input_read_text (replacement->sum_path, SUM_BYTES, NULL);
  replacement->had_sums = replacement->old != NULL;
  if (!replacement->had_sums && g_file_test (replacement->path, G_FILE_TEST_IS_REGULAR))
    {
      g_autofree char *old_sum = nst_store_sum (replacement->path, G_CHECKSUM_SHA256, error);

      if (old_sum == NULL)
        return FALSE;
      replacement->old = g_strdup_printf ("%s  %s\n", old_sum, base);
    }
  both = g_strconcat (replacement->line, replacement->old, NULL);
  replacement->listed = write_sums (replacement, both, error);

  return replacement->listed;
}

/* Writes the model and its checksum. */
static gboolean
replace (const NstModel *model, const char *path, const char *sum_path, gboolean half, GError **error)
{
  g_autofree char     *folder = g_path_get_dirname (path);
  g_auto (Replacement) replacement = { path, sum_path, lock_folder (folder) };

  if (!nst_model_save_ready (model, path, half, list_both, &replacement, error))
    {
      if (replacement.listed && replacement.had_sums)
        write_sums (&replacement, replacement.old, NULL);
      else if (replacement.listed)
        g_unlink (sum_path);
      return FALSE;
    }
  g_debug ("%s: stored, SHA-256 %.64s", path, replacement.line);
  if (replacement.lock >= 0)
    fsync (replacement.lock);
  if (!write_sums (&replacement, replacement.line, NULL))
    g_debug ("%s: still lists the checksum of the replaced model", sum_path);

  return TRUE;
}

gboolean
nst_store_save (const NstModel *model, const char *path, gboolean half, GError **error)
{
  g_autofree char *sum_path = g_strconcat (path, SUMS, NULL);

  return g_file_test (sum_path, G_FILE_TEST_IS_REGULAR) ? replace (model, path, sum_path, half, error)
                                                        : nst_model_save (model, path, half, error);
}

gboolean
nst_store_check (const char *name, GError **error)
{
  g_autofree char *folder = nst_store_folder ();
  g_autofree char *file = path_in (folder, name);

  if (!check_name (name, error))
    return FALSE;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    return set_file_error (folder, errno, error);

  return nst_file_check (file, error);
}

gboolean
nst_store_add (const NstModel *model, const char *name, gboolean half, char **path, GError **error)
{
  g_autofree char *folder = nst_store_folder ();
  g_autofree char *file = path_in (folder, name);
  g_autofree char *sum_path = g_strconcat (file, SUMS, NULL);

  if (!nst_store_check (name, error))
    return FALSE;
  if (!replace (model, file, sum_path, half, error))
    return FALSE;
  if (path != NULL)
    *path = g_steal_pointer (&file);

  return TRUE;
}

gboolean
nst_store_remove (const char *name, GError **error)
{
  g_autofree char *folder = nst_store_folder ();
  g_autofree char *path = path_in (folder, name);
  g_autofree char *sum = g_strconcat (path, SUMS, NULL);
  g_autofree char *found = NULL;
  int              code;

  if (!check_name (name, error))
    return FALSE;
  if (g_unlink (path) == 0)
    {
      g_unlink (sum);
      return TRUE;
    }

  code = errno;
  found = nst_store_find (name);
  if (code != ENOENT)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));
  else if (found != NULL)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("%s belongs to the system, not to you, and cannot be removed here"), found);
  else
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("There is no model \"%s\" in %s"), name, folder);

  return FALSE;
}

/* Whether a checksum file lists a checksum; usually it has one line. */
static gboolean
lists_sum (const char *sums, const char *sum)
{
  g_auto (GStrv) lines = g_strsplit (sums, "\n", -1);

  for (int i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], sum))
      return TRUE;

  return FALSE;
}

gboolean
nst_store_verify (const char *path, char **sum, GError **error)
{
  g_autofree char     *sum_path = g_strconcat (path, SUMS, NULL);
  g_autofree char     *found = nst_store_sum (path, G_CHECKSUM_SHA256, error);
  g_autofree char     *sums = NULL;
  g_autoptr (NstModel) model = NULL;

  if (found == NULL)
    return FALSE;
  if (sum != NULL)
    *sum = g_strdup (found);
  g_debug ("%s: SHA-256 %s", path, found);
  if (g_file_test (sum_path, G_FILE_TEST_EXISTS)
      && (sums = nst_input_read_text (sum_path, SUM_BYTES, error)) == NULL)
    return FALSE;
  if (sums != NULL && !lists_sum (sums, found))
    {
      if (strspn (sums, "0123456789abcdef") == 64)
        g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                     _ ("%s: the SHA-256 is %s, but was %.64s when the file was stored"), path, found, sums);
      else
        g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                     _ ("%s: the SHA-256 is %s, but %s does not contain it"), path, found, sum_path);
      return FALSE;
    }
  model = nst_model_import (path, NULL, NULL, error);

  return model != NULL;
}
