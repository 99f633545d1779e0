/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of a batch: found in a folder or a list, numbered by the index of earlier results. */
#include "cli/pairs.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cli/cli.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/text.h"
#include "shelf/shelf.h"

#define INDEX "index.tsv"
#define MOST_BYTES (1 << 28) /* of an index or a list */
#define MOST_CHARACTERS 200  /* of a message that quotes a line */
#define HEADER "number\tcontent\tstyle\tsum"
#define MOST_NUMBER 999999999

static void
clear_pair (gpointer data)
{
  NstPair *pair = data;

  g_free (pair->content);
  g_free (pair->style);
  g_free (pair->made_of);
}

static GArray *
new_pairs (void)
{
  GArray *pairs = g_array_new (FALSE, FALSE, sizeof (NstPair));

  g_array_set_clear_func (pairs, clear_pair);

  return pairs;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Adds a file of the folder to files. A subfolder, a pipe or a device is skipped with a message; a file that
 * cannot be opened is not, so that its pairs fail. */
static void
add_file (GPtrArray *files, const char *folder, const char *name)
{
  g_autofree char   *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (!nst_input_check (path, &error)
      && (g_error_matches (error, NST_ERROR, NST_ERROR_FORMAT)
          || g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR)))
    g_printerr (_ ("Skipped: %s\n"), error->message);
  else
    g_ptr_array_add (files, g_steal_pointer (&path));
}

GArray *
nst_pairs_from_folder (const char *folder, GError **error)
{
  g_autoptr (GDir)      dir = g_dir_open (folder, 0, error);
  g_autoptr (GPtrArray) contents = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) styles = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray)    pairs = new_pairs ();
  const char           *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "content_"))
      add_file (contents, folder, name);
    else if (g_str_has_prefix (name, "style_"))
      add_file (styles, folder, name);
  if (contents->len == 0 || styles->len == 0)
    {
      nst_cli_usage (error, _ ("%s: it must contain files named content_* and style_*, but has %u and %u"),
                     folder, contents->len, styles->len);
      return NULL;
    }

  g_ptr_array_sort (contents, compare_names);
  g_ptr_array_sort (styles, compare_names);
  for (guint c = 0; c < contents->len; c++)
    for (guint s = 0; s < styles->len; s++)
      {
        NstPair pair = { g_strdup (contents->pdata[c]), g_strdup (styles->pdata[s]), -1, NULL };

        g_array_append_val (pairs, pair);
      }

  return g_steal_pointer (&pairs);
}

/* Parses one line of a list. Fails if it is neither a pair nor empty. */
static gboolean
read_pair (const char *line, const char *folder, GArray *pairs, GError **error)
{
  g_auto (GStrv)     words = NULL;
  g_autoptr (GError) own = NULL;
  g_autofree char   *message = NULL, *style = NULL;
  NstPair            pair = { .number = -1 };
  int                n;

  if (!g_shell_parse_argv (line, &n, &words, &own))
    {
      if (g_error_matches (own, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
        return TRUE;
      message = nst_text_cut (own->message, MOST_CHARACTERS);
      return nst_cli_usage (error, "%s", message);
    }
  if (n != 2)
    return nst_cli_usage (error, _ ("expected two names, a content and a style, but found %d"), n);

  if (*words[1] == '@' && (style = nst_shelf_find (words[1], error)) == NULL)
    return FALSE;

  pair.content = g_path_is_absolute (words[0]) ? g_strdup (words[0])
                                               : g_build_filename (folder, words[0], NULL);
  pair.style = style != NULL                   ? g_steal_pointer (&style)
               : g_path_is_absolute (words[1]) ? g_strdup (words[1])
                                               : g_build_filename (folder, words[1], NULL);
  g_array_append_val (pairs, pair);

  return TRUE;
}

GArray *
nst_pairs_from_list (const char *path, GError **error)
{
  g_autofree char   *text = NULL;
  g_autofree char   *folder = g_path_get_dirname (path);
  g_auto (GStrv)     lines = NULL;
  g_autoptr (GArray) pairs = new_pairs ();

  if ((text = nst_input_read_text (path, MOST_BYTES, error)) == NULL)
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (!read_pair (g_strstrip (lines[i]), strcmp (folder, ".") == 0 ? "" : folder, pairs, error))
      {
        g_prefix_error (error, _ ("%s, line %d: "), path, i + 1);
        return NULL;
      }
  if (pairs->len == 0)
    {
      nst_cli_usage (error, _ ("%s: there are no pairs in this list"), path);
      return NULL;
    }

  return g_steal_pointer (&pairs);
}

/* One line of an index. */
typedef struct
{
  GStrv fields; /* owned; number, content, style, checksum */
  int   number;
} Line;

/* Parses a line of an index; fields stay NULL if it is empty. used: the numbers of the lines before, to which
 * that of this line is added. Fails with NST_ERROR_FORMAT; then line->fields must still be freed. */
static gboolean
read_line (Line *line, const char *text, GHashTable *used, GError **error)
{
  guint64 number;

  line->fields = NULL;
  if (*text == '\0')
    return TRUE;

  line->fields = g_strsplit (text, "\t", -1);
  if (g_strv_length (line->fields) != 4)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("expected 4 fields separated by tabs (number, content, style, checksum), found %u"),
                 g_strv_length (line->fields));
  else if (!g_ascii_string_to_unsigned (line->fields[0], 10, 0, MOST_NUMBER, &number, NULL))
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("expected a number from 0 to %d, found \"%.20s\""),
                 MOST_NUMBER, line->fields[0]);
  else if (!g_hash_table_add (used, GUINT_TO_POINTER ((guint) number)))
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("a line before has the number %d, too; two results would share a file"), (int) number);
  else
    {
      line->number = (int) number;
      return TRUE;
    }

  return FALSE;
}

/* Gives the number and checksum of the line to the first pair that has its names and no number yet. FALSE if
 * there is none. */
static gboolean
assign (GArray *pairs, const Line *line)
{
  for (guint k = 0; k < pairs->len; k++)
    {
      NstPair *pair = &g_array_index (pairs, NstPair, k);

      if (pair->number < 0 && strcmp (pair->content, line->fields[1]) == 0
          && strcmp (pair->style, line->fields[2]) == 0)
        {
          pair->number = line->number;
          pair->made_of = g_strdup (line->fields[3]);
          return TRUE;
        }
    }

  return FALSE;
}

/* Numbers the pairs without a number from next on. */
static gboolean
number_new (GArray *pairs, int next, const char *path, GError **error)
{
  for (guint k = 0; k < pairs->len; k++)
    {
      NstPair *pair = &g_array_index (pairs, NstPair, k);

      if (pair->number >= 0)
        continue;
      if (next > MOST_NUMBER)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                       _ ("%s: there is no number after %d for another result; choose another folder"), path,
                       MOST_NUMBER);
          return FALSE;
        }
      pair->number = next++;
    }

  return TRUE;
}

gboolean
nst_pairs_number (GArray *pairs, const char *folder, GString *others, GError **error)
{
  g_autofree char       *path = g_build_filename (folder, INDEX, NULL);
  g_autofree char       *text = NULL;
  g_auto (GStrv)         lines = NULL;
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);
  int                    next = 0;

  for (guint k = 0; k < pairs->len; k++)
    {
      const NstPair *pair = &g_array_index (pairs, NstPair, k);

      if (strpbrk (pair->content, "\t\n") != NULL || strpbrk (pair->style, "\t\n") != NULL)
        return nst_cli_usage (error,
                              _ ("%s, %s: names in %s cannot contain a tab or a newline; rename the file"),
                              pair->content, pair->style, INDEX);
    }
  if (g_file_test (path, G_FILE_TEST_EXISTS)
      && (text = nst_input_read_text (path, MOST_BYTES, error)) == NULL)
    return FALSE;
  lines = g_strsplit (text != NULL ? text : HEADER, "\n", -1);
  if (strcmp (lines[0] != NULL ? lines[0] : "", HEADER) != 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: this file is not the index of a batch; choose another folder"), path);
      return FALSE;
    }

  for (int i = 1; lines[i] != NULL; i++)
    {
      Line     line;
      gboolean good = read_line (&line, lines[i], used, error);

      if (!good)
        g_prefix_error (error, _ ("%s, line %d: "), path, i + 1);
      else if (line.fields != NULL)
        {
          next = MAX (next, line.number + 1);
          if (!assign (pairs, &line))
            g_string_append_printf (others, "%s\n", lines[i]);
        }
      g_strfreev (line.fields);
      if (!good)
        return FALSE;
    }

  return number_new (pairs, next, path, error);
}

gboolean
nst_pairs_write_index (const GArray *pairs, const GString *others, const char *folder, GError **error)
{
  g_autofree char    *path = g_build_filename (folder, INDEX, NULL);
  g_autoptr (GString) text = g_string_new (HEADER "\n");

  g_string_append (text, others->str);
  for (guint i = 0; i < pairs->len; i++)
    {
      const NstPair *pair = &g_array_index (pairs, NstPair, i);

      g_string_append_printf (text, "%d\t%s\t%s\t%s\n", pair->number, pair->content, pair->style,
                              pair->made_of != NULL ? pair->made_of : "-");
    }

  return nst_file_write (path, text->str, text->len, error);
}

char *
nst_pairs_sum (const NstPair *pair, const char *settings, GError **error)
{
  const char *const     paths[2] = { pair->content, pair->style };
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  for (int i = 0; i < 2; i++)
    {
      gsize            length;
      g_autofree char *bytes = nst_input_read (paths[i], G_MAXSSIZE - 1, &length, error);

      if (bytes == NULL)
        return NULL;
      g_checksum_update (sum, (const guchar *) &length, sizeof length);
      g_checksum_update (sum, (const guchar *) bytes, length);
    }
  g_checksum_update (sum, (const guchar *) settings, strlen (settings));

  return g_strndup (g_checksum_get_string (sum), 16);
}
