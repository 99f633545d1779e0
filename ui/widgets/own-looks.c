/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and writes the looks that the user saves, as files in the configuration folder. */
#include "ui/widgets/own-looks.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/input.h"
#include "core/recipe/recipe.h"
#include "ui/widgets/thumbnail.h"

static char *
get_folder (void)
{
  return g_build_filename (g_get_user_config_dir (), "pastiche", "presets", NULL);
}

static char *
get_file (const char *name, const char *extension)
{
  g_autofree char *folder = get_folder ();
  g_autofree char *escaped = g_uri_escape_string (name, " ", FALSE);
  g_autofree char *base = g_strconcat (escaped, extension, NULL);

  return g_build_filename (folder, base, NULL);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

GStrv
nst_own_looks_list (void)
{
  g_autofree char *folder = get_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GPtrArray       *names = g_ptr_array_new ();
  const char      *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (entry, ".json"))
      {
        g_autofree char *base = g_strndup (entry, strlen (entry) - 5);
        char            *name = g_uri_unescape_string (base, NULL);

        if (name != NULL && g_utf8_validate (name, -1, NULL))
          g_ptr_array_add (names, name);
        else
          g_free (name);
      }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);

  return (GStrv) g_ptr_array_free (names, FALSE);
}

char *
nst_own_look_load (const char *name, GError **error)
{
  g_autofree char *file = get_file (name, ".json");

  return nst_input_read_text (file, NST_RECIPE_MOST_BYTES, error);
}

GdkPixbuf *
nst_own_look_picture (const char *name, int width, int height)
{
  g_autofree char *file = get_file (name, ".png");

  return nst_thumbnail_read (file, width, height, NULL);
}

gboolean
nst_own_look_save (const char *name, const char *json, GdkPixbuf *picture, GError **error)
{
  g_autofree char *folder = get_folder ();
  g_autofree char *file = get_file (name, ".json");
  g_autofree char *picture_file = get_file (name, ".png");
  g_autofree char *bytes = NULL;
  gsize            length;

  g_mkdir_with_parents (folder, 0700);
  if (!nst_file_check (file, error) || !nst_file_write (file, json, strlen (json), error))
    return FALSE;

  if (picture == NULL)
    {
      g_unlink (picture_file);
      return TRUE;
    }

  return gdk_pixbuf_save_to_buffer (picture, &bytes, &length, "png", error, NULL)
         && nst_file_write (picture_file, bytes, length, error);
}

gboolean
nst_own_look_remove (const char *name, GError **error)
{
  g_autofree char *file = get_file (name, ".json");
  g_autofree char *picture_file = get_file (name, ".png");

  if (g_unlink (file) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", file, g_strerror (errno));
      return FALSE;
    }
  g_unlink (picture_file);

  return TRUE;
}
