/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of models on disk: finding, listing, storing, removing and verifying models. */
#include "weights/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "weights/import/import.h"
#include "weights/model-file.h"

#define SUFFIX ".safetensors"

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
  g_autofree guint8    *buffer = g_malloc (1 << 18);
  int                   file = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gssize                n = 0;

  while (file >= 0 && ((n = read (file, buffer, 1 << 18)) > 0 || (n < 0 && errno == EINTR)))
    if (n > 0)
      g_checksum_update (sum, buffer, n);
  if (file < 0 || n < 0)
    {
      int code = errno;

      if (file >= 0)
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

gboolean
nst_store_add (NstModel *model, const char *name, gboolean half, char **path, GError **error)
{
  g_autofree char *folder = nst_store_folder ();
  g_autofree char *file = path_in (folder, name);
  g_autofree char *sum_path = g_strconcat (file, ".sha256", NULL);
  g_autofree char *sum = NULL;
  g_autofree char *line = NULL;
  int              code;

  if (!check_name (name, error))
    return FALSE;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", folder, g_strerror (code));
      return FALSE;
    }

  /* Removed first: a crash must never leave the old checksum next to the new file. */
  g_unlink (sum_path);
  if (!nst_model_save (model, file, half, error)
      || (sum = nst_store_sum (file, G_CHECKSUM_SHA256, error)) == NULL)
    return FALSE;
  line = g_strdup_printf ("%s  %s%s\n", sum, name, SUFFIX);
  if (!g_file_set_contents (sum_path, line, -1, error))
    return FALSE;
  g_debug ("%s: stored with %d-bit numbers, SHA-256 %s", file, half ? 16 : 32, sum);
  if (path != NULL)
    *path = g_steal_pointer (&file);

  return TRUE;
}

gboolean
nst_store_remove (const char *name, GError **error)
{
  g_autofree char *folder = nst_store_folder ();
  g_autofree char *path = path_in (folder, name);
  g_autofree char *sum = g_strconcat (path, ".sha256", NULL);
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

gboolean
nst_store_verify (const char *path, char **sum, GError **error)
{
  g_autofree char     *sum_path = g_strconcat (path, ".sha256", NULL);
  g_autofree char     *found = nst_store_sum (path, G_CHECKSUM_SHA256, error);
  g_autofree char     *line = NULL;
  g_autoptr (NstModel) model = NULL;

  if (found == NULL)
    return FALSE;
  if (sum != NULL)
    *sum = g_strdup (found);
  g_debug ("%s: SHA-256 %s", path, found);
  if (g_file_get_contents (sum_path, &line, NULL, NULL) && !g_str_has_prefix (line, found))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: the SHA-256 is %s, but was %.64s when the file was stored"), path, found, line);
      return FALSE;
    }
  model = nst_model_import (path, NULL, error);

  return model != NULL;
}
