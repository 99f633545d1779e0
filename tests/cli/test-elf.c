/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader of a program's libraries: this program, and damaged copies of it. */
#include "cli/elf.h"

#include <elf.h>
#include <glib/gstdio.h>
#include <link.h>
#include <string.h>

typedef struct
{
  char *folder, *path; /* owned */
  char *own;           /* owned; this program's file */
  gsize size;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->folder = g_dir_make_tmp ("pastiche-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "program", NULL);
  g_assert_true (g_file_get_contents ("/proc/self/exe", &f->own, &f->size, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_unlink (f->path);
  g_rmdir (f->folder);
  g_free (f->folder);
  g_free (f->path);
  g_free (f->own);
}

static char *
copy_own (const Fixture *f)
{
  char *copy = g_malloc (f->size);

  memcpy (copy, f->own, f->size);

  return copy;
}

/* What is missing for a program with these bytes; NULL: it is none. */
static char *
missing_for (const Fixture *f, const char *bytes, gsize size)
{
  g_assert_true (g_file_set_contents_full (f->path, bytes, size, G_FILE_SET_CONTENTS_NONE, 0666, NULL));

  return nst_elf_missing (f->path);
}

static ElfW (Ehdr) * header_of (char *bytes)
{
  return (ElfW (Ehdr) *) bytes;
}

/* The first segment of this type. */
static ElfW (Phdr) * segment_of (char *bytes, guint type)
{
  ElfW (Phdr) *segments = (ElfW (Phdr) *) (bytes + header_of (bytes)->e_phoff);

  for (int i = 0; i < header_of (bytes)->e_phnum; i++)
    if (segments[i].p_type == type)
      return &segments[i];
  g_assert_not_reached ();
}

static void
test_own (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *missing = missing_for (f, f->own, f->size);

  g_assert_cmpstr (missing, ==, "");
}

/* Names of libraries in the file are changed to one that nobody has. */
static void
test_missing (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *missing = NULL;
  char            *name = NULL;

  for (gsize i = 0; i + 12 < f->size && name == NULL; i++)
    if (memcmp (f->own + i, "\0libglib-2.0.so.0", 17) == 0)
      name = f->own + i + 1;
  g_assert_nonnull (name);
  memcpy (name, "libgone", 7);
  missing = missing_for (f, f->own, f->size);
  g_assert_cmpstr (missing, ==, "libgone-2.0.so.0");
}

/* No dynamic section: a static program, which needs nothing. */
static void
test_static (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *missing = NULL;

  segment_of (f->own, PT_DYNAMIC)->p_type = PT_NULL;
  missing = missing_for (f, f->own, f->size);
  g_assert_cmpstr (missing, ==, "");
}

/* Programs for another processor, and files that are no program. */
static void
test_foreign (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const gsize at[] = { 0, EI_CLASS, EI_DATA, G_STRUCT_OFFSET (ElfW (Ehdr), e_machine),
                       G_STRUCT_OFFSET (ElfW (Ehdr), e_type) };

  for (gsize i = 0; i < G_N_ELEMENTS (at); i++)
    {
      g_autofree char *copy = copy_own (f);

      copy[at[i]] ^= 0x1b;
      g_assert_null (missing_for (f, copy, f->size));
    }
  g_assert_null (missing_for (f, "", 0));
  g_assert_null (missing_for (f, "#!/bin/sh\n", 10));
  g_assert_null (nst_elf_missing (f->folder));
  g_assert_null (nst_elf_missing ("/dev/zero"));
  g_assert_null (nst_elf_missing ("/nowhere"));
}

/* Cut off before the end of what is read. */
static void
test_truncated (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const ElfW (Phdr) *dynamic = segment_of (f->own, PT_DYNAMIC);
  const gsize end = dynamic->p_offset + dynamic->p_filesz;

  for (gsize size = 0; size < 1000; size += 7)
    g_assert_null (missing_for (f, f->own, size));
  g_assert_null (missing_for (f, f->own, end - 1));
}

/* Random bytes in the header, the segments and the dynamic section; some of the values are extreme. */
static void
test_random (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const ElfW (Phdr) *dynamic = segment_of (f->own, PT_DYNAMIC);
  const gsize places[][2] = { { 0, sizeof (ElfW (Ehdr)) },
                              { header_of (f->own)->e_phoff,
                                header_of (f->own)->e_phnum * sizeof (ElfW (Phdr)) },
                              { dynamic->p_offset, dynamic->p_filesz } };

  for (int i = 0; i < 300; i++)
    {
      g_autofree char *copy = copy_own (f);
      g_autofree char *missing = NULL;

      for (int k = g_test_rand_int_range (1, 4); k > 0; k--)
        {
          const gsize  *place = places[g_test_rand_int_range (0, G_N_ELEMENTS (places))];
          const gsize   at = place[0] + g_test_rand_int_range (0, place[1] / 8) * 8;
          const guint64 values[] = { 0,
                                     1,
                                     f->size,
                                     G_MAXUINT64,
                                     G_MAXINT64,
                                     G_MAXUINT32,
                                     (guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int () };
          const guint64 value = values[g_test_rand_int_range (0, G_N_ELEMENTS (values))];

          memcpy (copy + at, &value, g_test_rand_bit () ? 8 : 2);
        }
      missing = missing_for (f, copy, f->size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/cli/elf/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("own", test_own);
  ADD ("missing", test_missing);
  ADD ("static", test_static);
  ADD ("foreign", test_foreign);
  ADD ("truncated", test_truncated);
  ADD ("random", test_random);

  return g_test_run ();
}
