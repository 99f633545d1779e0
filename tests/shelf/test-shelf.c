/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shelf of paintings: the one that comes with the program, the user's own, and folders with bad files. */
#include "shelf/shelf.h"

#include <glib/gstdio.h>
#include <string.h>

#include "core/base/error.h"

#define LEAST 16               /* paintings that come with the program */
#define MOST_BYTES 62000       /* of one */
#define MOST_BYTES_ALL 2000000 /* of all */

static const NstPainting *
find (GPtrArray *shelf, const char *name)
{
  for (guint i = 0; i < shelf->len; i++)
    if (strcmp (((const NstPainting *) shelf->pdata[i])->name, name) == 0)
      return shelf->pdata[i];

  return NULL;
}

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* Every painting that comes with the program is named, is a JPEG of the promised size, and is found by its
 * name. */
static void
test_shipped (void)
{
  g_autoptr (GPtrArray) shelf = nst_shelf_load ();
  gsize                 all = 0;

  g_assert_cmpuint (shelf->len, >=, LEAST);
  for (guint i = 0; i < shelf->len; i++)
    {
      const NstPainting *painting = shelf->pdata[i];
      g_autofree char   *name = g_strconcat ("@", painting->name, NULL), *found = NULL, *data = NULL;
      gsize              length;

      g_test_message ("%s", painting->name);
      g_assert_cmpstr (painting->painter, !=, "");
      g_assert_cmpstr (painting->title, !=, painting->name);
      found = nst_shelf_find (name, NULL);
      g_assert_cmpstr (found, ==, painting->file);
      g_assert_true (g_file_get_contents (found, &data, &length, NULL));
      g_assert_cmpmem (data, 3, "\xff\xd8\xff", 3);
      g_assert_cmpuint (length, >, 20000);
      g_assert_cmpuint (length, <=, MOST_BYTES);
      all += length;
    }
  g_assert_cmpuint (all, <=, MOST_BYTES_ALL);
  g_assert_nonnull (find (shelf, "great-wave"));
}

static void
test_describe (void)
{
  NstPainting painting = { "great-wave", "/a", "Katsushika Hokusai", "The Great Wave", "1831" };
  const struct
  {
    const char *text;
    gboolean    matches;
  } cases[] = { { "", TRUE },           { "hoku", TRUE },       { "WAVE", TRUE }, { "wave hokusai", TRUE },
                { "great-wave", TRUE }, { "wave gogh", FALSE }, { "1831", TRUE }, { "reat", FALSE } };
  g_autofree char *whole = nst_painting_describe (&painting), *part = NULL, *name = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (nst_painting_matches (&painting, cases[i].text), ==, cases[i].matches);
    }
  g_assert_cmpstr (whole, ==, "Katsushika Hokusai, The Great Wave, 1831");
  painting.year = "";
  part = nst_painting_describe (&painting);
  g_assert_cmpstr (part, ==, "Katsushika Hokusai, The Great Wave");
  painting.painter = "";
  name = nst_painting_describe (&painting);
  g_assert_cmpstr (name, ==, "The Great Wave");
}

static void
test_not_found (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *file = nst_shelf_find ("a@b.jpg", NULL);

  g_assert_cmpstr (file, ==, "a@b.jpg");
  g_assert_null (nst_shelf_find ("@../great-wave", &error));
  g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "\"../great-wave\""));
}

/* The user's folder: order, names from files, an index that is no key file, texts with control characters. */
static void
test_own (void)
{
  g_autofree char      *folder = nst_shelf_folder ();
  g_autoptr (GPtrArray) none = nst_shelf_load_folder ("/nonexistent");
  g_autoptr (GPtrArray) some = NULL;
  g_autoptr (GPtrArray) shelf = NULL;
  g_autoptr (GPtrArray) bad = NULL;

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  put (folder, "b.PNG", "");
  put (folder, "great-wave.jpeg", "");
  put (folder, "a.jpg", "");
  put (folder, ".hidden.jpg", "");
  put (folder, "readme.txt", "");
  put (folder, "noextension", "");
  put (folder, "paintings.ini", "[b]\npainter=A\\tB\ntitle=Title\ntitle[de]=Titel\n");
  some = nst_shelf_load_folder (folder);
  g_assert_cmpuint (some->len, ==, 3);
  g_assert_cmpstr (((NstPainting *) some->pdata[0])->name, ==, "b");
  g_assert_cmpstr (((NstPainting *) some->pdata[0])->painter, ==, "A B");
  g_assert_cmpstr (((NstPainting *) some->pdata[0])->title, ==, "Title");
  g_assert_cmpstr (((NstPainting *) some->pdata[1])->name, ==, "a");
  g_assert_cmpstr (((NstPainting *) some->pdata[1])->title, ==, "a");

  shelf = nst_shelf_load ();
  g_assert_cmpuint (shelf->len, >=, LEAST + 2);
  g_assert_cmpstr (find (shelf, "great-wave")->title, ==, "great-wave");

  put (folder, "paintings.ini", "no key file\n\x01");
  bad = nst_shelf_load_folder (folder);
  g_assert_cmpuint (bad->len, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/shelf/shipped", test_shipped);
  g_test_add_func ("/shelf/describe", test_describe);
  g_test_add_func ("/shelf/not-found", test_not_found);
  g_test_add_func ("/shelf/own", test_own);

  return g_test_run ();
}
