/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shelf of paintings: finds its folders, lists their pictures, and reads who painted them. */
#include "shelf/shelf.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/text.h"

#define FOLDER "paintings"
#define INDEX "paintings.ini"
#define MOST_BYTES (1 << 20) /* of INDEX */

void
nst_painting_free (NstPainting *painting)
{
  g_free (painting->name);
  g_free (painting->file);
  g_free (painting->painter);
  g_free (painting->title);
  g_free (painting->year);
  g_free (painting);
}

char *
nst_painting_describe (const NstPainting *painting)
{
  if (*painting->painter != '\0' && *painting->year != '\0')
    /* Translators: painter, title of the work, year */
    return g_strdup_printf (_ ("%s, %s, %s"), painting->painter, painting->title, painting->year);
  if (*painting->painter != '\0')
    /* Translators: painter, title of the work */
    return g_strdup_printf (_ ("%s, %s"), painting->painter, painting->title);

  return g_strdup (painting->title);
}

gboolean
nst_painting_matches (const NstPainting *painting, const char *text)
{
  g_autofree char *all = g_strjoin (" ", painting->name, painting->painter, painting->title, painting->year,
                                    NULL);

  return *text == '\0' || g_str_match_string (text, all, TRUE);
}

/* A folder */

static gboolean
is_picture (const char *file)
{
  static const char *const extensions[] = {
    ".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp"
  };
  const char *extension = strrchr (file, '.');

  for (gsize i = 0; extension != NULL && *file != '.' && i < G_N_ELEMENTS (extensions); i++)
    if (g_ascii_strcasecmp (extension, extensions[i]) == 0)
      return TRUE;

  return FALSE;
}

/* A text of the key file in the user's language, made fit for one line; owned. */
static char *
get_text (GKeyFile *keys, const char *name, const char *key)
{
  g_autofree char *text = g_key_file_get_locale_string (keys, name, key, NULL, NULL);
  char            *line = nst_text_quote (text != NULL ? text : "");

  nst_text_flatten (line);

  return line;
}

static NstPainting *
make_painting (const char *folder, const char *file, GKeyFile *keys)
{
  NstPainting     *painting = g_new0 (NstPainting, 1);
  g_autofree char *shown = g_filename_display_name (file);

  *strrchr (shown, '.') = '\0';
  nst_text_flatten (shown);
  painting->file = g_build_filename (folder, file, NULL);
  painting->painter = get_text (keys, shown, "painter");
  painting->title = get_text (keys, shown, "title");
  painting->year = get_text (keys, shown, "year");
  if (*painting->title == '\0')
    {
      g_free (painting->title);
      painting->title = g_strdup (shown);
    }
  painting->name = g_steal_pointer (&shown);

  return painting;
}

/* The place of a name in the index; those that are not in it come last. */
static int
rank (char **order, const NstPainting *painting)
{
  int i = 0;

  while (order[i] != NULL && strcmp (order[i], painting->name) != 0)
    i++;

  return i;
}

static int
compare (gconstpointer a, gconstpointer b, gpointer order)
{
  const NstPainting *one = *(NstPainting *const *) a, *other = *(NstPainting *const *) b;
  const int          difference = rank (order, one) - rank (order, other);

  return difference != 0 ? difference : g_utf8_collate (one->name, other->name);
}

static GKeyFile *
read_index (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, INDEX, NULL);
  g_autofree char *text = nst_input_read_text (path, MOST_BYTES, NULL);
  GKeyFile        *keys = g_key_file_new ();

  if (text != NULL && !g_key_file_load_from_data (keys, text, -1, G_KEY_FILE_KEEP_TRANSLATIONS, NULL))
    g_debug ("%s is not a key file", path);

  return keys;
}

GPtrArray *
nst_shelf_load_folder (const char *folder)
{
  GPtrArray           *paintings = g_ptr_array_new_with_free_func ((GDestroyNotify) nst_painting_free);
  g_autoptr (GKeyFile) keys = NULL;
  g_auto (GStrv)       order = NULL;
  GDir                *dir = g_dir_open (folder, 0, NULL);
  const char          *file;

  if (dir == NULL)
    return paintings;

  keys = read_index (folder);
  order = g_key_file_get_groups (keys, NULL);
  while (paintings->len < NST_SHELF_MOST && (file = g_dir_read_name (dir)) != NULL)
    if (is_picture (file))
      g_ptr_array_add (paintings, make_painting (folder, file, keys));
  g_dir_close (dir);
  g_ptr_array_sort_with_data (paintings, compare, order);

  return paintings;
}

/* The shelf */

char *
nst_shelf_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "pastiche", FOLDER, NULL);
}

/* The folder of the paintings that come with the program; owned. */
static char *
own_folder (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *place = program != NULL ? g_path_get_dirname (program) : NULL;
  char            *folder = place != NULL ? g_build_filename (place, FOLDER, NULL) : NULL;

  if (folder != NULL && g_file_test (folder, G_FILE_TEST_IS_DIR))
    return folder;

  g_free (folder);
  return g_build_filename (PKGDATADIR, FOLDER, NULL);
}

static const NstPainting *
find (GPtrArray *shelf, const char *name)
{
  for (guint i = 0; i < shelf->len; i++)
    {
      const NstPainting *painting = shelf->pdata[i];

      if (strcmp (painting->name, name) == 0)
        return painting;
    }

  return NULL;
}

GPtrArray *
nst_shelf_load (void)
{
  g_autofree char      *user_folder = nst_shelf_folder (), *folder = own_folder ();
  GPtrArray            *shelf = nst_shelf_load_folder (user_folder);
  g_autoptr (GPtrArray) more = nst_shelf_load_folder (folder);

  while (more->len > 0)
    {
      NstPainting *painting = g_ptr_array_steal_index (more, 0);

      if (find (shelf, painting->name) == NULL)
        g_ptr_array_add (shelf, painting);
      else
        nst_painting_free (painting);
    }

  return shelf;
}

char *
nst_shelf_find (const char *style, GError **error)
{
  g_autoptr (GPtrArray) shelf = NULL;
  const NstPainting    *painting;
  g_autofree char      *name = NULL;

  if (*style != '@')
    return g_strdup (style);

  shelf = nst_shelf_load ();
  painting = find (shelf, style + 1);
  if (painting != NULL)
    return g_strdup (painting->file);

  name = nst_text_quote (style + 1);
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
               _ ("The shelf has no painting \"%s\"; \"pastiche styles\" lists its %u paintings"), name,
               shelf->len);
  return NULL;
}
