/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are written whole or not at all; leftovers of killed processes. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"

static char *
new_folder (void)
{
  char *folder = g_dir_make_tmp ("test-file-XXXXXX", NULL);

  g_assert_nonnull (folder);

  return folder;
}

static char *
in (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
assert_text (const char *path, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

/* Removes the folder and all files in it; returns their number. */
static int
clear_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *name;
  int              n = 0;

  for (; (name = g_dir_read_name (dir)) != NULL; n++)
    {
      g_autofree char *path = in (folder, name);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);

  return n;
}

static void
test_write (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *path = in (folder, "a");
  GError          *error = NULL;
  GStatBuf         status;

  umask (027);
  g_assert_true (nst_file_write (path, "old", 3, &error));
  assert_text (path, "old");
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0640);
  g_assert_true (nst_file_write (path, "", 0, &error));
  assert_text (path, "");
  g_assert_cmpint (clear_folder (folder), ==, 1);
}

/* A write that fails leaves the old file and no temporary one. */
static void
test_failed_write (void)
{
  const struct rlimit no_room = { 100, RLIM_INFINITY };
  const struct rlimit no_limit = { RLIM_INFINITY, RLIM_INFINITY };
  g_autofree char    *folder = new_folder ();
  g_autofree char    *path = in (folder, "a");
  g_autofree char    *large = g_strnfill (100000, 'x');
  g_autoptr (GError)  error = NULL;

  g_assert_true (nst_file_write (path, "old", 3, NULL));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &no_room), ==, 0);
  g_assert_false (nst_file_write (path, large, 100000, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &no_limit), ==, 0);
  g_assert_nonnull (error);
  g_assert_true (error->domain == G_FILE_ERROR);
  g_assert_nonnull (strstr (error->message, path));
  assert_text (path, "old");
  g_assert_cmpint (clear_folder (folder), ==, 1);
}

/* A writer that is freed without being finished leaves nothing. */
static void
test_unfinished (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *path = in (folder, "a");
  NstFileWriter   *writer = nst_file_writer_new (path, NULL);

  fputs ("half", nst_file_writer_stream (writer));
  nst_file_writer_free (writer);
  g_assert_cmpint (clear_folder (folder), ==, 0);
}

/* The temporary file of a killed process is removed; that of a running process is not. */
static void
test_killed (void)
{
  g_autofree char          *folder = new_folder ();
  g_autofree char          *path = in (folder, "a");
  g_autofree char          *other = in (folder, "b");
  g_autoptr (NstFileWriter) alive = nst_file_writer_new (path, NULL);
  int                       result;
  pid_t                     child = fork ();

  if (child == 0)
    {
      NstFileWriter *writer = nst_file_writer_new (other, NULL);

      fputs ("half", nst_file_writer_stream (writer));
      fflush (nst_file_writer_stream (writer));
      raise (SIGKILL);
    }
  g_assert_cmpint (waitpid (child, &result, 0), ==, child);
  g_assert_true (WIFSIGNALED (result));
  {
    g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

    g_assert_nonnull (g_dir_read_name (dir)); /* of this process and of the killed one */
    g_assert_nonnull (g_dir_read_name (dir));
  }

  g_assert_true (nst_file_check (other, NULL));
  fputs ("whole", nst_file_writer_stream (alive));
  g_assert_true (nst_file_writer_finish (alive, NULL));
  assert_text (path, "whole");
  g_assert_cmpint (clear_folder (folder), ==, 1);
}

/* Only regular files whose whole name has the pattern are removed. */
static void
test_other_names (void)
{
  static const char *const names[] = { ".pastiche-abcde", ".pastiche-abcdefg", ".pastiche-abc.ef",
                                       "a.png.HW45Y3",    "pastiche-abcdef",   "x.pastiche-abcdef" };
  g_autofree char         *folder = new_folder ();
  g_autofree char         *path = in (folder, "a");
  g_autofree char         *left = in (folder, ".pastiche-aB3dEf");
  g_autofree char         *link = in (folder, ".pastiche-link00");
  g_autofree char         *pipe = in (folder, ".pastiche-pipe00");
  g_autofree char         *directory = in (folder, ".pastiche-dir000");
  int                      n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = in (folder, names[i]);

      n += g_file_set_contents (name, "x", 1, NULL);
    }
  g_assert_true (g_file_set_contents (left, "x", 1, NULL));
  g_assert_cmpint (symlink (path, link), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (g_mkdir (directory, 0700), ==, 0);

  g_assert_true (nst_file_check (path, NULL));
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  g_assert_cmpint (clear_folder (folder), ==, n + 3);
}

static void
test_check (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *longest = g_strnfill (255, 'n');
  g_autofree char *too_long = g_strnfill (256, 'n');
  g_autofree char *good = in (folder, longest);
  char *bad[] = { in (folder, too_long), in (folder, "none/a"), in (folder, "pipe"), g_strdup (folder) };

  g_assert_true (nst_file_check (good, NULL));
  g_assert_true (nst_file_write (good, "x", 1, NULL));
  g_assert_cmpint (mkfifo (bad[2], 0600), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (nst_file_check (bad[i], &error));
      g_assert_true (error != NULL && error->domain == G_FILE_ERROR);
      g_assert_nonnull (strstr (error->message, bad[i]));
      g_clear_error (&error);
      g_assert_false (nst_file_write (bad[i], "x", 1, &error));
      g_assert_true (error != NULL && error->domain == G_FILE_ERROR);
      g_free (bad[i]);
    }
  g_assert_cmpint (clear_folder (folder), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/file/write", test_write);
  g_test_add_func ("/core/file/failed-write", test_failed_write);
  g_test_add_func ("/core/file/unfinished", test_unfinished);
  g_test_add_func ("/core/file/killed", test_killed);
  g_test_add_func ("/core/file/other-names", test_other_names);
  g_test_add_func ("/core/file/check", test_check);

  return g_test_run ();
}
