/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of models on disk: finding, listing, storing, removing and verifying models. */
#include "weights/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "weights/import/import.h"
#include "weights/model-file.h"

#define SUFFIX ".safetensors"
#define SUMS ".sha256"
#define FRESH ".pastiche-new"
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

char *
nst_store_sum (const char *path, GChecksumType type, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (type);
  guint8                buffer[1 << 16]; /* on the stack: a large allocation may fail */
  int                   file = nst_input_open (path, error);
  gssize                n = 0;

  if (file < 0)
    return NULL;
  while ((n = read (file, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0)
      g_checksum_update (sum, buffer, n);
  if (n < 0)
    {
      int code = errno;

      close (file);
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));
      return NULL;
    }
  close (file);

  return g_strdup (g_checksum_get_string (sum));
}

static gboolean
check_name (const char *name, GError **error)
{
  if (strcmp (name, "slim") == 0)
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("\"%s\" is the name of the built-in model; choose another name"), "slim");
  else if (!nst_store_is_name (name))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("\"%s\" is not a valid name for a model: use at most 100 letters, digits, \"-\", \"_\" "
                    "and "
                    "\".\", and begin with a letter or digit"),
                 name);
  else
    return TRUE;

  return FALSE;
}

/* Storing. NAME.safetensors and its checksum in NAME.safetensors.sha256 are two files, and no system call
 * renames both. So the checksum file lists the new and the old checksum while the model is replaced:
 *
 *   1. the model is written to NAME.safetensors.pastiche-new; a failure so far changes nothing
 *   2. the checksum file lists both checksums
 *   3. NAME.safetensors.pastiche-new is renamed to NAME.safetensors
 *   4. the checksum file lists the new checksum
 *
 * After a crash between two steps the model, old or new, is complete and its checksum is listed. */

static gboolean
set_file_error (const char *path, int code, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));

  return FALSE;
}

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

/* Deletes what an earlier program left behind when it was killed: path.pastiche-new, and the temporary files
 * path.pastiche-new.XXXXXX and path.sha256.XXXXXX. Only under the lock. */
static void
sweep (const char *folder, const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      const char *rest = g_str_has_prefix (name, base) ? name + strlen (base) : "";

      if (strcmp (rest, FRESH) == 0
          || (g_str_has_prefix (rest, FRESH ".") && strlen (rest) == strlen (FRESH ".XXXXXX"))
          || (g_str_has_prefix (rest, SUMS ".") && strlen (rest) == strlen (SUMS ".XXXXXX")))
        {
          g_autofree char *left = g_build_filename (folder, name, NULL);

          g_debug ("%s: left by a program that was killed, so it is deleted", left);
          g_unlink (left);
        }
    }
}

static gboolean
write_sums (const char *path, const char *sums, GError **error)
{
  return g_file_set_contents_full (path, sums, -1,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644, error);
}

/* Steps 2 to 4. lock: the folder's descriptor, or -1. */
static gboolean
exchange (const char *fresh, const char *path, const char *sum_path, int lock, GError **error)
{
  g_autofree char *base = g_path_get_basename (path), *sum = nst_store_sum (fresh, G_CHECKSUM_SHA256, error);
  g_autofree char *line = NULL, *old = nst_input_read_text (sum_path, SUM_BYTES, NULL), *both = NULL;
  gboolean         had_sums = old != NULL;

  if (sum == NULL)
    return FALSE;
  if (!had_sums && g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_autofree char *old_sum = nst_store_sum (path, G_CHECKSUM_SHA256, error);

      if (old_sum == NULL)
        return FALSE;
      old = g_strdup_printf ("%s  %s\n", old_sum, base);
    }
  line = g_strdup_printf ("%s  %s\n", sum, base);
  both = g_strconcat (line, old, NULL);
  if (!write_sums (sum_path, both, error))
    return FALSE;
  if (lock >= 0)
    fsync (lock);
  if (g_rename (fresh, path) != 0)
    {
      set_file_error (path, errno, error);
      if (had_sums)
        write_sums (sum_path, old, NULL);
      else
        g_unlink (sum_path);
      return FALSE;
    }
  g_debug ("%s: stored, SHA-256 %s", path, sum);
  if (lock >= 0)
    fsync (lock);
  if (!write_sums (sum_path, line, NULL))
    g_debug ("%s: still lists the checksum of the replaced model", sum_path);

  return TRUE;
}

/* Writes the model and its checksum beside it. */
static gboolean
replace (const NstModel *model, const char *path, const char *sum_path, gboolean half, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *fresh = g_strconcat (path, FRESH, NULL);
  int              lock = lock_folder (folder);
  gboolean         good;

  sweep (folder, path);
  good = nst_model_save (model, fresh, half, error) && exchange (fresh, path, sum_path, lock, error);
  if (!good)
    g_unlink (fresh);
  if (lock >= 0)
    close (lock);

  return good;
}

gboolean
nst_store_save (const NstModel *model, const char *path, gboolean half, GError **error)
{
  g_autofree char *sum_path = g_strconcat (path, SUMS, NULL);

  return g_file_test (sum_path, G_FILE_TEST_IS_REGULAR) ? replace (model, path, sum_path, half, error)
                                                        : nst_model_save (model, path, half, error);
}

gboolean
nst_store_add (const NstModel *model, const char *name, gboolean half, char **path, GError **error)
{
  g_autofree char *folder = nst_store_folder ();
  g_autofree char *file = path_in (folder, name);
  g_autofree char *sum_path = g_strconcat (file, SUMS, NULL);

  if (!check_name (name, error))
    return FALSE;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    return set_file_error (folder, errno, error);
  if (g_file_test (file, G_FILE_TEST_EXISTS) && !g_file_test (file, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("%s is a folder or a device and is not replaced; remove it first"), file);
      return FALSE;
    }
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
